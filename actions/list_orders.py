"""The orders that wait for the asker's role, or in the state that was named."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from actions import cards
from actions.desk_action import DeskAction
from actions.order_money import open_notes
from actions.order_reference import named_customers, orders_meant
from actions.turn import Event, Turn
from deskhand.language import normalise
from deskhand.orders.report import OF_MONEY, Concern
from deskhand.orders.status import OrderStatus, Role

S = OrderStatus
_ALIVE = frozenset(OrderStatus) - {S.DRAFT, S.SETTLED, S.CANCELLED}
_DESK = {
    Role.SALES: frozenset({S.PENDING_CONFIRMATION, S.CONFIRMED, S.ON_HOLD}),
    Role.WAREHOUSE: frozenset({S.CONFIRMED, S.AWAITING_SHIPMENT}),
    Role.FINANCE: frozenset({S.SHIPPED, S.IN_ACCOUNT_PERIOD, S.ON_HOLD}),
    Role.MANAGER: frozenset({S.PENDING_APPROVAL, S.ON_HOLD}),
    Role.ADMIN: frozenset({S.PENDING_APPROVAL}),
}


class ListOrdersAction(DeskAction):
    """ "Which orders wait for me?", "待发运的订单"."""

    action_name = "action_list_orders"
    read_only = True

    def act(self, turn: Turn) -> list[Event]:
        for concern in map(Concern, turn.wording.codes_in("concern_words", normalise(turn.text))):
            return _concerning(turn, concern)
        named = [OrderStatus(code) for code in turn.wording.codes_in("status_words", normalise(turn.text))]
        if not _shown(turn, [(named, "utter_orders_in_status")] if named else _tried(turn)):
            turn.say("utter_no_orders")
        return []


def show_desk(turn: Turn) -> bool:
    """The orders that wait for the speaker's role; False when there are none."""
    desk = _DESK.get(turn.claims.role)
    return desk is not None and _shown(turn, [(desk, "utter_orders_at_desk")])


def _shown(turn: Turn, tried: Iterable[tuple[Collection[OrderStatus] | None, str]]) -> bool:
    """Of these groups the first that has any orders."""
    for states, response in tried:
        if found := orders_meant(turn, states):
            turn.say(response, count=len(found), status=_in_words(turn, states))
            turn.show(cards.orders_card(turn, found))
            return True
    return False


def _concerning(turn: Turn, concern: Concern) -> list[Event]:
    """The orders behind a figure of the report; of the customer who is named, if one is."""
    asked, orders = (concern, turn.today), turn.uow.orders
    customers: list[str | None] = [*named_customers(turn)] or [turn.own_customer]
    found = [order for each in customers for order in orders.list(each, limit=cards.MOST_ITEMS, concern=asked).items]
    if not found:
        turn.say("utter_no_orders")
        return []
    named = turn.wording.say("figures", str(concern), turn.language)
    turn.say("utter_orders_in_status", count=len(found), status=named)
    turn.show(cards.orders_card(turn, found, open_notes(turn, found) if concern in OF_MONEY else None))
    return []


def _tried(turn: Turn) -> list[tuple[Collection[OrderStatus] | None, str]]:
    """What waits for the role, else what is under way; all of them for or of a customer, or if "all" is said."""
    if turn.is_customer or named_customers(turn) or turn.wording.codes_in("list_words", normalise(turn.text)):
        return [(None, "utter_orders_found")]
    under_way = (_ALIVE, "utter_orders_under_way")
    desk = _DESK.get(turn.claims.role)
    return [(desk, "utter_orders_at_desk"), under_way] if desk else [under_way]


def _in_words(turn: Turn, states: Collection[OrderStatus] | None) -> str:
    said = [turn.wording.say("statuses", str(state), turn.language) for state in OrderStatus if state in (states or ())]
    return ("、" if turn.language == "zh" else "; ").join(said)
