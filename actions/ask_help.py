"""What the asker can do here: no more than permissions.yml lets them do, by themselves or for who is away."""

from __future__ import annotations

from collections.abc import Iterator

from actions.case_reference import startable_processes
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.orders.permissions import Reach

_ABILITIES = (  # the label in cards.yml, for one's own orders only if that differs, and what has to be permitted
    ("place_order", "place_own_order", "PlaceOrder"),
    ("query_orders", "query_own_orders", "query_orders"),
    ("show_report", None, "show_report"),
    ("confirm_order", None, "ConfirmOrder"),
    ("receive_goods", None, "ReceiveGoods"),
    ("give_shipment", None, "GiveShipmentInformation"),
    ("complete_shipment", None, "CompleteShipment"),
    ("amend_order", None, "AmendOrder"),
    ("cancel_order", None, "CancelOrder"),
    ("return_goods", None, "ReturnGoods"),
    ("hold_order", None, "HoldOrder"),
    ("release_order", None, "ReleaseOrder"),
    ("send_invoice", None, "SendInvoiceAgain"),
    ("start_account_period", None, "StartAccountPeriod"),
    ("record_payment", None, "RecordPayment"),
    ("settle_payment", None, "SettlePayments"),
    ("settle_freight", None, "SettleFreight"),
    ("undo_change", None, "UndoLastChange"),
    ("import_orders", None, "import_orders"),
    ("work_robot", None, "run_robots"),
    ("draft_text", None, "draft_texts"),
    ("list_tasks", None, "DecideTask"),
    ("query_case", None, "query_cases"),
)


class AskHelpAction(DeskAction):
    """ "What can you do?"."""

    action_name = "action_ask_help"
    read_only = True

    def act(self, turn: Turn) -> list[Event]:
        said = (turn.wording.say("abilities", key, turn.language) for key in _permitted(turn))
        turn.say("utter_help", abilities="\n".join(f"• {each}" for each in said))
        return []


def _permitted(turn: Turn) -> Iterator[str]:
    for key, own_key, permission in _ABILITIES:
        grant = turn.services.desk.granted(turn.uow, permission, turn.actor)
        if grant is not None:
            yield own_key if own_key and grant.reach is Reach.OWN else key
    if startable_processes(turn):
        yield "start_process"
    yield "several_requests"
    yield "ask_policy"
    yield "talk_to_person"
