"""Money, stock, history, errors, permissions: the parts of the domain that need no store."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.orders import errors
from deskhand.orders.chains import Fault, Walk
from deskhand.orders.errors import DeskhandError, RoleNotAllowed, UnknownOrder
from deskhand.orders.history import GENESIS, personal_digest, row_hash, salts
from deskhand.orders.model import Actor
from deskhand.orders.money import Money, in_places, round_amount
from deskhand.orders.permissions import Grant, Permissions, Reach
from deskhand.orders.status import Role
from deskhand.orders.stock import StockLevel
from deskhand.orders.tenant import Tenant
from deskhand.orders.units import UNIT_NAMES, unit_label

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CLERK = Actor("clerk", Role.SALES, "demo", "chat", "m1")
RULES = Permissions({"query_orders": {Role.CUSTOMER: Grant(Reach.OWN), Role.SALES: Grant(Reach.ANY)}})


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("2.345", "CNY", "2.35"), ("2.344", "CNY", "2.34"), ("2.5", "JPY", "3"), ("1.0005", "KWD", "1.001")],
)
def test_money_is_rounded_half_up_to_the_places_of_its_currency(amount: str, currency: str, rounded: str) -> None:
    assert str(round_amount(Decimal(amount), currency)) == rounded


def test_amounts_are_padded_but_finer_prices_are_kept() -> None:
    assert str(in_places(Decimal(20), "CNY")) == "20.00"
    assert str(in_places(Decimal("0.0042"), "CNY")) == "0.0042"


def test_money_of_two_currencies_is_not_added() -> None:
    with pytest.raises(ValueError, match="USD"):
        Money(Decimal(1), "CNY") + Money(Decimal(1), "USD")


@given(on_hand=st.integers(0, 50), others=st.integers(0, 50), wanted=st.integers(1, 50))
def test_what_is_missing_comes_in_and_never_more(on_hand: int, others: int, wanted: int) -> None:
    level = StockLevel(Decimal(on_hand), Decimal(others + wanted))

    missing = level.missing_for(Decimal(wanted))

    assert 0 <= missing <= wanted
    assert level.on_hand + missing >= min(level.reserved, wanted)


def test_stock_that_is_promised_twice_is_not_available() -> None:
    assert StockLevel(Decimal(5), Decimal(9)).available == 0


def test_a_chain_breaks_when_a_row_is_changed_removed_or_inserted() -> None:
    digest = personal_digest("salt", None)
    first = row_hash(("o1", 1, "place_order", None, "draft"), CLERK, NOW, {}, digest, GENESIS)
    second = row_hash(("o1", 2, "confirm_order", "draft", "confirmed"), CLERK, NOW, {}, digest, first)
    changed = row_hash(("o1", 2, "confirm_order", "draft", "shipped"), CLERK, NOW, {}, digest, first)

    def fault_in(*links: tuple[int, str, str, str]) -> Fault | None:
        walk = Walk("o1")
        for seq, previous, stored, computed in links:
            walk.step(seq, previous, stored, computed)
        walk.end(2, second)
        return walk.fault

    assert fault_in((1, GENESIS, first, first), (2, first, second, second)) is None
    assert fault_in((1, GENESIS, first, first), (2, first, second, changed)) == Fault("o1", 2, "changed")
    assert fault_in((1, GENESIS, first, first)) == Fault("o1", 2, "cut_off")
    assert fault_in((2, first, second, second)) == Fault("o1", 1, "missing")
    assert fault_in((1, first, second, second)) == Fault("o1", 1, "not_linked")


def test_personal_data_is_hashed_with_salt() -> None:
    assert personal_digest("a", {"name": "Li"}) != personal_digest("b", {"name": "Li"})


def test_the_bytes_that_are_hashed_stay_the_same_so_that_old_rows_can_be_verified() -> None:
    detail = {"b": [1, None, True], "a": {"é": '\u2028\x7f\x01"'}}
    digest = personal_digest("salt", {"customer_name": "华兴贸易", "address": None})

    row = row_hash(("o1", 2, "confirm_order", "draft", "confirmed"), CLERK, NOW, detail, digest, GENESIS)

    assert personal_digest("salt", None) == "3b4669e090f454e40183bf45abbf7098860f6701bc89c55d39ea4dbe556c8a60"
    assert digest == "37b1aae78e74b2511224cbb5701ed2d5646cf2e03b8e24ef1b7003e937b68d18"
    assert row == "121336e1b514609cd8d11176ac35f4196ad311f0d702403d41afe40b7f507bc9"


def test_every_row_has_a_salt_of_its_own() -> None:
    drawn = salts(1000)

    assert len(set(drawn)) == 1000
    assert {len(salt) for salt in drawn} == {32}
    assert salts(0) == []


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn = dict(re.findall(r"[├└]── (\w+) +(\w+)", errors.__doc__ or ""))
    leaves = {
        error.__name__: error.code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, DeskhandError) and not error.__name__.endswith("Error")
    }

    assert {name: code for name, code in drawn.items() if not name.endswith("Error")} == leaves
    assert len(set(leaves.values())) == len(leaves)


def test_an_error_says_what_it_is_about_and_lacks_nothing_it_was_not_given() -> None:
    assert str(UnknownOrder(number="SO-9")) == "There is no order SO-9."
    assert str(UnknownOrder()) == "There is no order ?."


def test_nothing_is_permitted_that_is_not_listed() -> None:
    with pytest.raises(RoleNotAllowed):
        RULES.require("query_orders", Actor("w", Role.WAREHOUSE, "demo", "chat", "m"))
    with pytest.raises(RoleNotAllowed):
        RULES.require("launch_rocket", CLERK)


def test_a_customer_without_a_customer_id_sees_nothing() -> None:
    nobody = Actor("c", Role.CUSTOMER, "demo", "chat", "m")

    assert RULES.only_customer("query_orders", nobody) == ""
    assert RULES.only_customer("query_orders", CLERK) is None


def test_the_day_of_a_tenant_is_the_day_in_its_zone() -> None:
    tenant = Tenant("demo", "Demo", "Asia/Shanghai", settlement_cut_off=time(18, 0))

    assert tenant.today(datetime(2026, 11, 19, 17, 0, tzinfo=UTC)).isoformat() == "2026-11-20"
    assert not tenant.cut_off_passed(datetime(2026, 11, 20, 9, 59, tzinfo=UTC))
    assert tenant.cut_off_passed(datetime(2026, 11, 20, 10, 0, tzinfo=UTC))


def test_units_have_names_in_both_languages() -> None:
    assert (unit_label("box", "zh"), unit_label("box", "en"), unit_label("box", "en", one=True)) == (
        "箱",
        "boxes",
        "box",
    )
    assert unit_label("furlong", "zh") == "furlong"
    assert all(name.zh and name.en and name.en_plural for name in UNIT_NAMES.values())
