"""Files of other systems, by talking: the preview of one, how its import goes, and the rows that it refused."""

from __future__ import annotations

from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.orders.actions import IMPORT_ORDERS


class ImportOrdersAction(DeskAction):
    """ "导入今天的订单", "how is the import going?", "show me the refused rows", and a file that was dropped."""

    action_name = "action_import_orders"

    def act(self, turn: Turn) -> list[Event]:
        turn.attempted = IMPORT_ORDERS
        turn.services.desk.acting(turn.uow, IMPORT_ORDERS, turn.actor)
        turn.attempted = None
        turn.say("utter_import_how")
        return []
