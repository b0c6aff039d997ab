"""Several requests in one message: questions are answered, changes are shown on one card with one yes.

Asked before any skill, whatever intent Rasa gave the whole text (`Services.heard_first`). In doubt a message is one
request, and no business of this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from actions import amend_order, forms, give_shipment, order_command, place_order, several_card, undo_change
from actions.ask_policy import answer_from_files
from actions.desk_action import DeskAction
from actions.form_drafts import FormDraft
from actions.order_draft import OrderDraft
from actions.order_reference import last_order, visible_order
from actions.order_step import STEPS, Said
from actions.query_order import tell
from actions.requested_steps import AMEND, CHANGE_SHIPMENT, UNDO, Refused, Wanted, try_all
from actions.turn import Event, Turn
from deskhand.language import RequestReading, read_amendment, read_answer, read_requests
from deskhand.orders.errors import DeskhandError
from deskhand.store import Draft

FORM, DRAFT = "several_requests_form", "several_requests"
REASON = "reason"
SLOTS = (REASON,)
_KEPT = FormDraft(FORM, DRAFT, SLOTS)
_QUERY, _POLICY = "query_order", "ask_policy"
_NUMBER = re.compile(r"\d{3}")  # a command that names its order is no reason
_SURE = 0.6
_BESIDE = 0.9  # how closely a rule must fit a question that nobody has recognised as one about rules

Base = Mapping[str, Any] | None


def taken(turn: Turn) -> list[Event] | None:
    """What becomes of a text that holds several requests; None when it holds one, or when it is the draft's."""
    said = read_requests(turn.text)
    requests = [each for each in said if each.kind != _POLICY]
    talked_of: tuple[str, Base] | None = ("", None)
    if any(each.number is None for each in requests):
        talked_of = _talked_of(turn)
    if not requests or talked_of is None or not _answer_policy(turn, said):
        return None
    turn.void_command_card()
    wanted = list(_wanted(requests, *talked_of))
    _answer(turn, [each for each in wanted if each.kind == _QUERY])
    return proceed(turn, [each for each in wanted if each.kind != _QUERY])


def _wanted(requests: Sequence[RequestReading], number: str, base: Base) -> Iterator[Wanted]:
    """What waited for its yes goes into the first amendment; the next one begins where that one ends."""
    for each in requests:
        mine = base if each.number is None and each.kind == AMEND else None
        yield Wanted(each.kind, each.number or number, each.text, each.reason, mine)
        base = None if mine else base


def _talked_of(turn: Turn) -> tuple[str, Base] | None:
    """The order that "it" is: of what is being asked, of the card that waits, else the last one.

    None where a new order is being written: "add 5 printers and confirm it" is for its form.
    """
    draft = turn.uow.drafts.open_of(turn.user_id)
    if draft is not None and draft.kind == place_order.DRAFT:
        return None
    state: Any = draft.state if draft else {}
    card = turn.uow.cards.open_of(turn.user_id)
    payload: Any = card.payload if card else {}
    for known in (payload, state):
        if known.get("order"):
            return str(known["order"]), known.get("draft")
    last = last_order(turn)
    return (last.number, None) if last else None


def _answer_policy(turn: Turn, said: Sequence[RequestReading]) -> bool:
    """A question about no order is answered if the files surely do; else the message is not for this module."""
    before = len(turn.replies)
    for each in said:
        if each.kind == _POLICY:
            with turn.as_said(each.text, each.kind):
                if not answer_from_files(turn, _BESIDE):
                    del turn.replies[before:]
                    return False
    return True


def _answer(turn: Turn, questions: list[Wanted]) -> None:
    """A question beside a change changes nothing; an order that there is not is said and the rest goes on."""
    found = []
    for each in questions:
        try:
            found.append(visible_order(turn, each.number))
        except DeskhandError as error:
            turn.refuse(error)
            turn.note_refusal(error)
    if found:
        tell(turn, found)


def proceed(turn: Turn, wanted: list[Wanted]) -> list[Event]:
    """All on one card, or the refusals and an offer to do the rest; why something is cancelled is asked before."""
    if turn.form not in {None, FORM}:  # another form asks on: the words have to do
        wanted = [each.because(each.text) for each in wanted]
    if len(wanted) == 1:
        return _alone(turn, wanted[0]) or _KEPT.left(turn)
    steps, refused = try_all(turn, wanted)
    _say_refused(turn, refused)
    if refused and steps:
        turn.say("utter_several_rest")
    if len(steps) == 1:
        return _alone(turn, steps[0].wanted) or _KEPT.left(turn)
    if lacking := [step.before.number for step in steps if step.wanted.lacks_reason]:
        turn.say("utter_question_reason_of", number=lacking)
        return _KEPT.ask(turn, REASON, {"steps": [asdict(step.wanted) for step in steps]}, {REASON: None})
    if steps:
        several_card.show(turn, steps)
    return _KEPT.left(turn)


def _say_refused(turn: Turn, refused: list[Refused]) -> None:
    for each in refused:
        name = several_card.name_of(turn, each.wanted)
        turn.say("utter_several_refused" if each.because else "utter_several_left", part=name)
        for code, values in each.because:
            turn.say_refusal(code, values)
        if each.error is not None:
            turn.attempted = each.attempted
            turn.note_refusal(each.error)


def _alone(turn: Turn, wanted: Wanted) -> list[Event]:
    """One change is its own skill's, with that skill's card and questions."""
    try:
        with turn.uow.savepoint(), turn.as_said(wanted.text, wanted.kind):
            return _by_its_skill(turn, wanted)
    except DeskhandError as error:
        turn.refuse(error)
        turn.note_refusal(error)
        return []


def _by_its_skill(turn: Turn, wanted: Wanted) -> list[Event]:
    order = visible_order(turn, wanted.number)
    if step := STEPS.get(wanted.kind):
        return order_command.proceed(turn, step, order, Said(wanted.reason))
    if wanted.kind == UNDO:
        return undo_change.proceed(turn, order.number)
    if wanted.kind == AMEND:
        draft = OrderDraft.from_state(wanted.base) if wanted.base else None
        return amend_order.changed(turn, order, read_amendment(wanted.text)[1], draft)
    change = wanted.kind == CHANGE_SHIPMENT
    details = give_shipment.details_in(turn, give_shipment.Details(change=change))
    return give_shipment.proceed(turn, details, order)


class ValidateSeveralRequestsForm(DeskAction):
    """The answer to "why?", before the card is shown."""

    action_name = "validate_several_requests_form"

    def act(self, turn: Turn) -> list[Event]:
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if stored is None or stored.asked is None:
            return forms.leaving(SLOTS)
        requests = _stored(stored)
        if turn.is_second_look:
            turn.say("utter_question_reason_of", number=[each.number for each in requests if each.lacks_reason])
        if turn.is_second_look or turn.is_opened_by_action:
            return forms.asking({REASON: None}, stored.asked)
        return self._answered(turn, requests)

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        return forms.leaving(SLOTS)

    def when_failed(self) -> list[Event]:
        return forms.leaving(SLOTS)

    def when_several(self, turn: Turn) -> list[Event]:
        return _KEPT.left(turn)

    def _answered(self, turn: Turn, requests: list[Wanted]) -> list[Event]:
        elsewhere = turn.intent in STEPS and turn.confidence > _SURE and _NUMBER.search(turn.text)
        if turn.claims.card or turn.wants_person or elsewhere:
            return forms.stepping_aside(FORM)
        answer = read_answer(turn.text, REASON, turn.catalogue.names, turn.today)
        if answer.kind == "leave":
            turn.say("utter_command_left")
            return _KEPT.left(turn)
        if answer.kind == "digression":
            return forms.stepping_aside(FORM)
        return proceed(turn, [each.because(turn.text) for each in requests])


def _stored(draft: Draft) -> list[Wanted]:
    state: Any = draft.state
    return [Wanted(**each) for each in state["steps"]]
