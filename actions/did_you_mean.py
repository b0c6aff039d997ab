"""Not sure enough: the two likeliest meanings as buttons, and what the chosen one does with the words that were said.

Knows which skills there are; how sure one has to be is decided where Rasa recognises (config.yml).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions import cards, case_turns
from actions.amend_order import AmendOrderAction
from actions.ask_help import AskHelpAction
from actions.ask_policy import AskPolicyAction, answer_from_files
from actions.cancel_order import CancelOrderAction
from actions.change_status import ChangeStatusAction
from actions.complete_shipment import CompleteShipmentAction
from actions.confirm_order import ConfirmOrderAction
from actions.correct_case import CorrectCaseAction
from actions.decide_task import DecideTaskAction
from actions.desk_action import DeskAction, Reply
from actions.draft_text import DraftTextAction
from actions.give_shipment import GiveShipmentAction
from actions.hold_order import HoldOrderAction
from actions.import_orders import ImportOrdersAction
from actions.list_orders import ListOrdersAction
from actions.list_tasks import ListTasksAction
from actions.place_order import ChangeDraftAction, begin_with
from actions.query_case import QueryCaseAction
from actions.query_order import QueryOrderAction
from actions.receive_goods import ReceiveGoodsAction
from actions.record_payment import RecordPaymentAction
from actions.release_order import ReleaseOrderAction
from actions.return_goods import ReturnGoodsAction
from actions.send_invoice import SendInvoiceAction
from actions.set_notifications import SetNotificationsAction
from actions.settle_freight import SettleFreightAction
from actions.settle_payment import SettlePaymentAction
from actions.show_report import ShowReportAction
from actions.start_process import StartProcessAction
from actions.talk_to_person import TalkToPersonAction
from actions.turn import MEANING_CHOICE, MEANT, Event, Meant, Turn
from actions.undo_change import UndoChangeAction
from actions.withdraw_case import WithdrawCaseAction
from actions.work_robot import WorkRobotAction
from deskhand.channels.turn_token import TurnClaims
from deskhand.store import follow_files

MOST = 2
LEAST = 0.12  # likelier than this, or it is not offered

# What can be offered: the permission that it needs, if any, and the action that the intent has.
_SKILLS: Mapping[str, tuple[str | None, type[DeskAction] | None]] = {
    "place_order": ("PlaceOrder", None),  # a form, which reads the words itself
    "change_draft": ("PlaceOrder", ChangeDraftAction),
    "amend_order": ("AmendOrder", AmendOrderAction),
    "cancel_order": ("CancelOrder", CancelOrderAction),
    "confirm_order": ("ConfirmOrder", ConfirmOrderAction),
    "receive_goods": ("ReceiveGoods", ReceiveGoodsAction),
    "give_shipment": ("GiveShipmentInformation", GiveShipmentAction),
    "change_shipment": ("ChangeShipmentInformation", GiveShipmentAction),
    "complete_shipment": ("CompleteShipment", CompleteShipmentAction),
    "return_goods": ("ReturnGoods", ReturnGoodsAction),
    "hold_order": ("HoldOrder", HoldOrderAction),
    "release_order": ("ReleaseOrder", ReleaseOrderAction),
    "send_invoice": ("SendInvoiceAgain", SendInvoiceAction),
    "change_status": (None, ChangeStatusAction),
    "record_payment": ("RecordPayment", RecordPaymentAction),
    "settle_payment": ("SettlePayments", SettlePaymentAction),
    "settle_freight": ("SettleFreight", SettleFreightAction),
    "undo_change": ("UndoLastChange", UndoChangeAction),
    "import_orders": ("import_orders", ImportOrdersAction),
    "work_robot": ("work_robot", WorkRobotAction),
    "query_order": ("query_orders", QueryOrderAction),
    "list_orders": ("query_orders", ListOrdersAction),
    "draft_text": ("draft_texts", DraftTextAction),
    "show_report": ("show_report", ShowReportAction),
    "start_process": ("StartCase", StartProcessAction),
    "list_tasks": ("query_cases", ListTasksAction),
    "decide_task": ("DecideTask", DecideTaskAction),
    "query_case": ("query_cases", QueryCaseAction),
    "withdraw_case": ("WithdrawCase", WithdrawCaseAction),
    "correct_case": ("GiveFields", CorrectCaseAction),
    "ask_help": (None, AskHelpAction),
    "ask_policy": (None, AskPolicyAction),
    "set_notifications": (None, SetNotificationsAction),
    "talk_to_person": (None, TalkToPersonAction),
}


class DidYouMeanAction(DeskAction):
    """ "1042那个处理一下": 修改订单, or 确认订单?"""

    action_name = "action_did_you_mean"

    def _perform(self, claims: TurnClaims, tracker: Tracker) -> Reply:
        follow_files(self.services.desk, self.services.knowledge, claims.tenant)
        return super()._perform(claims, tracker)

    def act(self, turn: Turn) -> list[Event]:
        """Something else that waits for an answer is never pushed aside by a question of ours."""
        if (of_case := case_turns.of_case(turn)) is not None:
            return of_case
        if answer_from_files(turn):
            return []
        meanings = list(_likely(turn))[:MOST]
        if not meanings or turn.form is not None or turn.uow.cards.open_of(turn.user_id) is not None:
            turn.say("utter_not_understood")
            return []
        options = [cards.Option(each, turn.wording.say("meanings", each, turn.language)) for each in meanings]
        turn.say("utter_did_you_mean")
        payload = {"purpose": MEANING_CHOICE, "said": turn.text, "message": turn.claims.message_id}
        cards.ask_which(turn, cards.title(turn, "did_you_mean"), options, payload)
        return []


def take_up(turn: Turn, intent: str, said: str, message: str = "") -> list[Event]:
    """The button was pressed: the skill reads the words as if it had been sure of them. What they meant is noted."""
    turn.meant = Meant(said, intent)
    turn.uow.misunderstood.note_chosen(message, intent)
    _, action = _SKILLS[intent]
    if action is None:
        return begin_with(said)
    return [SlotSet(MEANT, {"text": said, "intent": intent}), *action(turn.services).act(turn)]


def _likely(turn: Turn) -> Iterator[str]:
    for intent, confidence in turn.ranking:
        needed, _ = _SKILLS.get(intent, ("", None))
        if needed != "" and confidence >= LEAST and _may(turn, needed):
            yield intent


def _may(turn: Turn, needed: str | None) -> bool:
    return needed is None or turn.services.desk.granted(turn.uow, needed, turn.actor) is not None
