"""The decision itself, on random tables: deny unless listed, conditions only narrow, own is own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.orders.actions import ACTIONS
from deskhand.orders.errors import AmountAboveLimit, DeskhandError, FourEyesNeeded, RoleNotAllowed, StatusNotAllowed
from deskhand.orders.model import Actor, Order
from deskhand.orders.permissions import Grant, Permissions, Reach
from deskhand.orders.status import OrderStatus, PaymentStatus, Role

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ORDER = Order(
    "o1", "demo", "SO-1001", "huaxing", "Huaxing", OrderStatus.PENDING_CONFIRMATION, PaymentStatus.UNPAID, "CNY",
    Decimal(100), (), 1, NOW, NOW, "main",
)  # fmt: skip

people = st.sampled_from(["ann", "bo", "cy"])
customers = st.sampled_from(["huaxing", "acme-ltd", "", None])
actions = st.sampled_from([*ACTIONS, "launch_rocket"])
roles = st.sampled_from(Role)
grants = st.builds(
    Grant,
    reach=st.sampled_from(Reach),
    only=st.none() | st.frozensets(st.sampled_from(OrderStatus), min_size=1),
    up_to=st.dictionaries(st.sampled_from(["CNY", "USD"]), st.integers(0, 200).map(Decimal)),
    not_own=st.booleans(),
)
tables = st.dictionaries(actions, st.dictionaries(roles, grants, max_size=4), max_size=8).map(Permissions)
actors = st.builds(
    Actor, people, roles, st.just("demo"), st.just("chat"), st.just("m"), customers, st.none() | people
)  # fmt: skip
orders = st.builds(
    lambda status, currency, total, customer: replace(
        ORDER, status=status, currency=currency, total=total, customer_id=customer
    ),
    st.sampled_from(OrderStatus), st.sampled_from(["CNY", "USD", "EUR"]), st.integers(0, 300).map(Decimal),
    st.sampled_from(["huaxing", "acme-ltd"]),
)  # fmt: skip
hands = st.frozensets(people)


def allowed(table: Permissions, action: str, actor: Actor, order: Order, touched: frozenset[str]) -> bool:
    try:
        table.require_for(action, actor, order, touched)
    except DeskhandError:
        return False
    return True


@given(tables, actions, actors, orders, hands)
def test_what_is_not_listed_is_denied(
    table: Permissions, action: str, actor: Actor, order: Order, touched: frozenset[str]
) -> None:
    listed = actor.role in table.rules.get(action, {})

    if not listed:
        with pytest.raises(RoleNotAllowed):
            table.require(action, actor)
        with pytest.raises(RoleNotAllowed):
            table.require_customer(action, actor, order.customer_id)
        with pytest.raises(RoleNotAllowed):
            table.only_customer(action, actor)
    assert listed or not allowed(table, action, actor, order, touched)


@given(tables, actions, roles, grants, actions, actors, orders, hands)
def test_one_more_rule_takes_no_right_from_another_role_or_action(
    table: Permissions,
    action: str,
    role: Role,
    grant: Grant,
    asked: str,
    actor: Actor,
    order: Order,
    touched: frozenset[str],
) -> None:
    more = Permissions({**table.rules, action: {**table.rules.get(action, {}), role: grant}})

    if (asked, actor.role) != (action, role):
        assert allowed(more, asked, actor, order, touched) == allowed(table, asked, actor, order, touched)
        assert more.grant(asked, actor.role) == table.grant(asked, actor.role)


@given(actions, actors, orders, hands, grants)
def test_own_never_reaches_others_orders(
    action: str, actor: Actor, order: Order, touched: frozenset[str], grant: Grant
) -> None:
    table = Permissions({action: {actor.role: replace(grant, reach=Reach.OWN)}})
    limit = table.only_customer(action, actor)

    assert limit is not None
    if actor.customer_id != order.customer_id:
        assert limit != order.customer_id
        assert not allowed(table, action, actor, order, touched)


@given(actions, actors, orders, hands, grants)
def test_a_condition_only_narrows(
    action: str, actor: Actor, order: Order, touched: frozenset[str], grant: Grant
) -> None:
    narrow = Permissions({action: {actor.role: grant}})
    wide = Permissions({action: {actor.role: Grant(grant.reach)}})

    assert allowed(wide, action, actor, order, touched) or not allowed(narrow, action, actor, order, touched)
    if grant.whole:
        assert allowed(narrow, action, actor, order, touched)


@pytest.mark.parametrize(
    ("grant", "order", "refusal"),
    [
        (Grant(Reach.ANY, only=frozenset({OrderStatus.ON_HOLD})), ORDER, StatusNotAllowed),
        (Grant(Reach.ANY, up_to={"CNY": Decimal("99.99")}), ORDER, AmountAboveLimit),
        (Grant(Reach.ANY, up_to={"USD": Decimal(1000)}), ORDER, AmountAboveLimit),
        (Grant(Reach.ANY, not_own=True), ORDER, FourEyesNeeded),
    ],
)
def test_a_refusal_says_which_condition_is_not_met(grant: Grant, order: Order, refusal: type[RoleNotAllowed]) -> None:
    table = Permissions({"ConfirmOrder": {Role.SALES: grant}})
    ann = Actor("ann", Role.SALES, "demo", "chat", "m")

    with pytest.raises(refusal) as caught:
        table.require_for("ConfirmOrder", ann, order, {"ann"})
    assert caught.value.data["number"] == "SO-1001" and "?" not in str(caught.value)


def test_the_limit_itself_is_within_it() -> None:
    table = Permissions({"ConfirmOrder": {Role.SALES: Grant(Reach.ANY, up_to={"CNY": Decimal(100)})}})

    table.require_for("ConfirmOrder", Actor("ann", Role.SALES, "demo", "chat", "m"), ORDER)


@pytest.mark.parametrize(("user", "away"), [("ann", None), ("bo", "ann"), ("ann", "bo")])
def test_four_eyes_see_through_a_delegate(user: str, away: str | None) -> None:
    table = Permissions({"ConfirmOrder": {Role.SALES: Grant(Reach.ANY, not_own=True)}})
    actor = Actor(user, Role.SALES, "demo", "chat", "m", on_behalf_of=away)

    with pytest.raises(FourEyesNeeded):
        table.require_for("ConfirmOrder", actor, ORDER, {"ann"})
    table.require_for("ConfirmOrder", actor, ORDER, {"cy"})
