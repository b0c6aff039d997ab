"""Where is an order: status, tracking number, date. Customers hear of their own orders only."""

from __future__ import annotations

from actions import cards
from actions.desk_action import DeskAction
from actions.order_money import say_payment
from actions.order_reference import named_orders, orders_meant, placed_days, says_last
from actions.order_rules import say_why_waiting
from actions.turn import Event, Turn
from deskhand.language import normalise
from deskhand.orders.model import Order
from deskhand.orders.packing import open_of
from deskhand.orders.status import OrderStatus

MOST_TOLD = 5
_OVER = frozenset({OrderStatus.SETTLED, OrderStatus.CANCELLED})


class QueryOrderAction(DeskAction):
    """ "Where is my order?", "SO-1001 到哪了"."""

    action_name = "action_query_order"
    read_only = True

    def act(self, turn: Turn) -> list[Event]:
        if (of_case := turn.of_case()) is not None:
            return of_case
        tell(turn, asked_for(turn))
        return []


def asked_for(turn: Turn) -> list[Order]:
    """The orders named; without a name the latest that is not over, for a customer its own."""
    named = named_orders(turn)
    if named:
        return named[:MOST_TOLD]
    meant = orders_meant(turn)
    if says_last(turn) or not meant:
        return meant[:1]
    if turn.is_customer:
        open_ones = [order for order in meant if order.status not in _OVER]
        return open_ones[:MOST_TOLD] or meant[:1]
    if len({order.customer_id for order in meant}) == 1 or placed_days(turn):
        return meant[:MOST_TOLD]
    changed = turn.uow.orders.last_changed_by(turn.user_id)
    return [changed] if changed else meant[:1]


def tell(turn: Turn, orders: list[Order]) -> None:
    """A sentence for each and a card."""
    if not orders:
        turn.say("utter_no_orders")
        return
    about_money = bool(turn.wording.codes_in("payment_asked", normalise(turn.text)))
    for order in orders:
        _tell_one(turn, order)
        say_why_waiting(turn, order)
        if about_money:
            say_payment(turn, order)
    turn.show(cards.order_card(turn, orders[0]) if len(orders) == 1 else cards.orders_card(turn, orders))


def _tell_one(turn: Turn, order: Order) -> None:
    _tell_status(turn, order)
    rest = {line.number: open_of(line) for line in order.lines}
    if any(rest.values()) and any(line.shipped for line in order.lines):
        turn.say("utter_part_shipped", number=order.number, rest=cards.goods_said(turn, order, rest))


def _tell_status(turn: Turn, order: Order) -> None:
    status = cards.status(turn, order)["label"]
    if order.parcels:
        said = (turn.wording.carrier(parcel.carrier, turn.language) for parcel in order.parcels)
        carriers = list(dict.fromkeys(said))
        numbers = [parcel.tracking_number for parcel in order.parcels]
        turn.say("utter_order_shipping", number=order.number, status=status, carrier=carriers, tracking=numbers)
    elif order.delivery_date and order.status not in _OVER:
        day = turn.wording.day(order.delivery_date, turn.language)
        turn.say("utter_order_expected", number=order.number, status=status, date=day)
    else:
        turn.say("utter_order_found", number=order.number, status=status)
