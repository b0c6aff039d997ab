"""A conversation begins, or goes on after a pause: the open draft and its question are put back from the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActionExecuted, SessionStarted, SlotSet

from actions import amend_order, case_draft, forms, give_shipment, order_command, place_order, several_requests
from actions.desk_action import DeskAction
from actions.order_draft import OrderDraft
from actions.turn import Event, Turn
from deskhand.channels.turn_token import TurnClaims
from deskhand.store import Draft

_FORMS = {
    place_order.DRAFT: place_order.FORM,
    give_shipment.DRAFT: give_shipment.FORM,
    order_command.DRAFT: order_command.FORM,
    amend_order.DRAFT: amend_order.FORM,
    several_requests.DRAFT: several_requests.FORM,
    case_draft.DRAFT: case_draft.FORM,
}
_STALE = timedelta(hours=1)  # a half-asked command is forgotten sooner than an order that was being written


class SessionStartAction(DeskAction):
    """Rasa runs this before the first message of a session; the message itself is not there yet."""

    action_name = "action_session_start"
    may_offer_person = False
    read_only = True
    hears_several = False

    def claims(self, tracker: Tracker) -> TurnClaims:
        return self.verified(tracker.get_slot("session_started_metadata"), tracker)

    def act(self, turn: Turn) -> list[Event]:
        events: list[Event] = [SessionStarted(), SlotSet("language", turn.language)]
        draft = turn.uow.drafts.open_of(turn.user_id)
        if draft and draft.asked and self._worth_restoring(turn, draft):
            events += forms.opening(_FORMS[draft.kind], _slots(draft), draft.asked)
        return [*events, ActionExecuted("action_listen")]

    def when_failed(self) -> list[Event]:
        return [SessionStarted(), ActionExecuted("action_listen")]

    def _worth_restoring(self, turn: Turn, draft: Draft) -> bool:
        recent = turn.uow.now - draft.updated_at < _STALE
        return draft.kind in _FORMS and (recent or draft.kind == place_order.DRAFT)


def _slots(draft: Draft) -> dict[str, Any]:
    if draft.kind == place_order.DRAFT:
        return OrderDraft.from_state(draft.state).slots()
    if draft.kind == case_draft.DRAFT:
        return {case_draft.SLOTS[0]: draft.state.get("process")}
    return {order_command.ORDER_NUMBER: draft.state.get("order")}
