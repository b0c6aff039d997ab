"""Complete the shipment of an order: everything has left the house."""

from __future__ import annotations

from actions import give_shipment
from actions.order_command import OrderCommandAction
from actions.order_step import STEPS
from actions.turn import Event, Turn
from deskhand.language import read_shipment, read_some, says_part


class CompleteShipmentAction(OrderCommandAction):
    """SO-1001 has shipped."""

    action_name = "action_complete_shipment"
    step = STEPS["complete_shipment"]

    def act(self, turn: Turn) -> list[Event]:
        """ "Shipped with DHL, number JD..." gives the parcel first: nothing is completed by that.

        So does "ship 20 boxes now, the rest later": which parcel they are in is asked.
        """
        part = says_part(turn.text) and read_some(turn.text, turn.catalogue.names)
        if part or read_shipment(turn.text, turn.today).tracking_number:
            return give_shipment.begin(turn)
        return super().act(turn)
