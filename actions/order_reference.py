"""Which order is meant: a number in the text, a customer's, the last one. Customers see their own and no other."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from actions.turn import Turn
from deskhand.language import (
    customers_of_orders,
    is_of_order,
    normalise,
    read_moments,
    read_order_numbers,
    read_shipment,
    starts_with_no,
)
from deskhand.orders.actions import QUERY_ORDERS
from deskhand.orders.errors import UnknownOrder
from deskhand.orders.model import Order
from deskhand.orders.report import Days
from deskhand.orders.status import OrderStatus
from deskhand.store import Card

_BARE = re.compile(  # not days to pay, nor how many
    r"(?<![A-Za-z0-9-])\d{3,9}(?![A-Za-z0-9-])"
    r"(?! ?(?:天|箱|台|包|把|个|件|盒|元|块|(?:days?|boxes|packs|units|pcs|pieces)\b))",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"最近|最后|最新|上(?:一)?[个单张次](?!星期|礼拜|月)|刚才|刚刚|刚下|\b(?:latest|newest|recent|previous|just)\b|"
    r"\blast\b(?! (?:week|month|year|night|mon|tue|wed|thu|fri|sat|sun))",
    re.IGNORECASE,
)


def visible_order(turn: Turn, said: str) -> Order:
    """The order with this number.

    Raises:
        UnknownOrder: there is none, or it is another customer's: both sound the same.
    """
    found = turn.uow.orders.find(said, turn.own_customer)
    if not found:
        raise _unknown(turn, said)
    return found[0]


def named_orders(turn: Turn) -> list[Order]:
    """The orders whose numbers stand in the text.

    Raises:
        UnknownOrder: a number was said that is nobody's, or not this customer's.
    """
    numbers, bare = _numbers_in(turn)
    if numbers:
        return [visible_order(turn, number) for number in numbers]
    known = [order for number in bare for order in turn.uow.orders.find(number, turn.own_customer)]
    if bare and not known:
        raise _unknown(turn, bare[0])
    return known


def _unknown(turn: Turn, said: str) -> UnknownOrder:
    """Asking for somebody else's order, or for one that there is not, stands in the audit, as it does over HTTP."""
    turn.attempted = turn.attempted or QUERY_ORDERS
    return UnknownOrder(number=said)


def card_of_another_order(turn: Turn) -> Card | None:
    """The command card that waits, if this text names an order that is not the card's."""
    numbers, bare = _numbers_in(turn)
    said = numbers or (bare if starts_with_no(turn.text) else [])
    card = turn.uow.cards.open_of(turn.user_id) if said else None
    if card is None or card.kind != "command" or "case_command" in card.payload:
        return None
    found = [turn.uow.orders.find(number, turn.own_customer) for number in said]
    payload: Any = card.payload
    own = set(payload.get("orders") or [payload.get("order")])
    its_own = all(orders and orders[0].number in own for orders in found)
    return None if its_own else card


def _numbers_in(turn: Turn) -> tuple[list[str], list[str]]:
    """Order numbers that are said as such, and bare digits that may be some; a tracking number is neither."""
    tracking = read_shipment(turn.text, turn.today).tracking_number
    numbers = [number for number in read_order_numbers(turn.text) if number != tracking]
    return numbers, [digits for digits in _BARE.findall(normalise(turn.text)) if digits != tracking]


def orders_meant(turn: Turn, states: Collection[OrderStatus] | None = None) -> list[Order]:
    """By number, else by customer and by the day it was made, else the last, else every order in these states."""
    named = named_orders(turn)
    if named:
        return named
    customers: list[str | None] = [*named_customers(turn)]
    days, last = placed_days(turn), says_last(turn)
    if last and not customers and not days:
        latest = last_order(turn)
        return [latest] if latest else []
    listed, limit = turn.uow.orders.list, 1 if last else 10
    owners = customers or [turn.own_customer]
    return [order for owner in owners for order in listed(owner, states, limit=limit, created=days).items]


def placed_days(turn: Turn) -> tuple[datetime, datetime] | None:
    """From when and before when the order that is spoken of was made: 上周二华星那单, yesterday's orders."""
    text, zone = normalise(turn.text), ZoneInfo(turn.uow.tenant.time_zone)
    week, month = Days.week_of(turn.today), Days.month_of(turn.today)
    whole = {"last_week": Days.before(week), "last_month": Days.before(month)}
    days = next((whole[code] for code in turn.wording.codes_in("period_words", text) if code in whole), None)
    for each in read_moments(text, turn.language, turn.uow.now, zone, prefer="past"):
        if each.date is not None and each.date <= turn.today and is_of_order(text, each.span):
            days = Days.one(each.date)
    if days is None:
        return None
    ends = days.first, days.last + timedelta(days=1)
    first, after = (datetime.combine(day, time(), zone) for day in ends)
    return first, after


def says_last(turn: Turn) -> bool:
    return bool(_LAST.search(normalise(turn.text)))


def last_order(turn: Turn) -> Order | None:
    """The one that a member of staff changed last, else the newest that the speaker may see."""
    if turn.own_customer is None and (changed := turn.uow.orders.last_changed_by(turn.user_id)):
        return changed
    found = turn.uow.orders.list(turn.own_customer, limit=1).items
    return found[0] if found else None


def named_customers(turn: Turn) -> list[str]:
    """The customers whose names stand in the text of somebody who may see more than one."""
    if turn.own_customer is not None:
        return []
    return [customer.id for customer in customers_of_orders(normalise(turn.text), turn.catalogue.names)]
