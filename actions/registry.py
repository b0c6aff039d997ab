"""Every action of the bot, made with the services it needs."""

from __future__ import annotations

from actions.amend_order import AmendOrderAction, ValidateAmendOrderForm
from actions.answer_card import AnswerCardAction
from actions.ask_help import AskHelpAction
from actions.ask_policy import AskPolicyAction, DeclineAction
from actions.cancel_order import CancelOrderAction
from actions.change_status import ChangeStatusAction
from actions.complete_shipment import CompleteShipmentAction
from actions.confirm_order import ConfirmOrderAction
from actions.correct_case import CorrectCaseAction
from actions.decide_task import DecideTaskAction
from actions.desk_action import DeskAction
from actions.did_you_mean import DidYouMeanAction
from actions.draft_text import DraftTextAction
from actions.give_shipment import GiveShipmentAction, ValidateGiveShipmentForm
from actions.hold_order import HoldOrderAction
from actions.import_orders import ImportOrdersAction
from actions.list_orders import ListOrdersAction
from actions.list_tasks import ListTasksAction
from actions.order_command import ValidateOrderCommandForm
from actions.place_order import ChangeDraftAction, FinishPlaceOrderAction, ValidatePlaceOrderForm
from actions.process_form import ValidateProcessForm
from actions.query_case import QueryCaseAction
from actions.query_order import QueryOrderAction
from actions.receive_goods import ReceiveGoodsAction
from actions.record_payment import RecordPaymentAction
from actions.release_order import ReleaseOrderAction
from actions.return_goods import ReturnGoodsAction
from actions.send_invoice import SendInvoiceAction
from actions.services import Services
from actions.session_start import SessionStartAction
from actions.set_notifications import SetNotificationsAction
from actions.settle_freight import SettleFreightAction
from actions.settle_payment import SettlePaymentAction
from actions.several_requests import ValidateSeveralRequestsForm
from actions.show_report import ShowReportAction
from actions.start_process import StartProcessAction
from actions.talk_to_person import TalkToPersonAction
from actions.undo_change import UndoChangeAction
from actions.withdraw_case import WithdrawCaseAction
from actions.work_robot import WorkRobotAction

ACTIONS: tuple[type[DeskAction], ...] = (
    SessionStartAction,
    ValidatePlaceOrderForm,
    FinishPlaceOrderAction,
    ChangeDraftAction,
    ConfirmOrderAction,
    ReceiveGoodsAction,
    ReturnGoodsAction,
    CompleteShipmentAction,
    CancelOrderAction,
    HoldOrderAction,
    ReleaseOrderAction,
    SendInvoiceAction,
    RecordPaymentAction,
    SettlePaymentAction,
    SettleFreightAction,
    ChangeStatusAction,
    ValidateOrderCommandForm,
    AmendOrderAction,
    ValidateAmendOrderForm,
    GiveShipmentAction,
    ValidateGiveShipmentForm,
    ValidateSeveralRequestsForm,
    AnswerCardAction,
    QueryOrderAction,
    ListOrdersAction,
    ShowReportAction,
    SetNotificationsAction,
    UndoChangeAction,
    ImportOrdersAction,
    AskHelpAction,
    AskPolicyAction,
    DeclineAction,
    DidYouMeanAction,
    TalkToPersonAction,
    StartProcessAction,
    ValidateProcessForm,
    ListTasksAction,
    DecideTaskAction,
    QueryCaseAction,
    WithdrawCaseAction,
    CorrectCaseAction,
    DraftTextAction,
    WorkRobotAction,
)


def all_actions(services: Services) -> list[DeskAction]:
    """One of each; domain.yml names the same."""
    return [action(services) for action in ACTIONS]
