"""The orders that wait for the asker's role, or in the state that was named."""

from __future__ import annotations

from collections.abc import Collection

from actions import cards
from actions.desk_action import DeskAction
from actions.order_reference import orders_meant
from actions.turn import Event, Turn
from deskhand.language import normalise
from deskhand.orders.status import OrderStatus, Role

S = OrderStatus
_ALIVE = frozenset(OrderStatus) - {S.DRAFT, S.SETTLED, S.CANCELLED}
_DESK = {
    Role.SALES: frozenset({S.PENDING_CONFIRMATION, S.CONFIRMED, S.ON_HOLD}),
    Role.WAREHOUSE: frozenset({S.CONFIRMED, S.AWAITING_SHIPMENT}),
    Role.FINANCE: frozenset({S.SHIPPED, S.IN_ACCOUNT_PERIOD}),
}


class ListOrdersAction(DeskAction):
    """ "Which orders wait for me?", "待发运的订单"."""

    action_name = "action_list_orders"
    read_only = True

    def act(self, turn: Turn) -> list[Event]:
        named = [OrderStatus(code) for code in turn.wording.codes_in("status_words", normalise(turn.text))]
        found = orders_meant(turn, named or _desk(turn)) or ([] if named else orders_meant(turn, _ALIVE))
        if not found:
            turn.say("utter_no_orders")
            return []
        turn.say("utter_orders_found", count=len(found))
        turn.show(cards.orders_card(turn, found))
        return []


def _desk(turn: Turn) -> Collection[OrderStatus]:
    """What waits for the role; a customer sees all of its own."""
    return frozenset(OrderStatus) if turn.is_customer else _DESK.get(turn.claims.role, _ALIVE)
