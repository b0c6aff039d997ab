"""What people agreed about a source becomes the rules of its table."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from deskhand.erp.cleaning import DateOrder, DecimalSign, Missing, MissingRule, Rules
from deskhand.erp.cleaning.agreed import habits, order_used_in, rules_for, sign_used_in
from deskhand.erp.columns import propose
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.mapping import DateOrder as Agreed
from deskhand.erp.mapping import Mapping, OnMissing
from deskhand.erp.mapping import Missing as OnNothing
from deskhand.erp.sources import Source, open_tables
from tests.erp.cleaning.tables import NOW

FILE = b"Order No,Customer,Email,Order Date,Total\n1001,Acme,a@b.com,2024-01-05,12.50\n"


def rules_of(mapping: Mapping | None, guest: str | None = None) -> Rules:
    (table,) = open_tables(Source.held("orders.csv", FILE))
    zone = ZoneInfo("Asia/Shanghai")
    return rules_for(
        table, propose(table, Kind.ORDERS, mapping), mapping, zone=zone, currency="CNY", now=NOW, guest=guest
    )


def test_without_a_mapping_the_tenants_own_zone_currency_and_habits_count() -> None:
    rules = rules_of(None)

    assert (str(rules.zone), rules.currency, rules.date_order, rules.decimal_sign) == (
        "Asia/Shanghai",
        "CNY",
        None,
        None,
    )
    assert (rules.order_hints, rules.sign_hint) == ((DateOrder.YMD, DateOrder.MDY), DecimalSign.POINT)
    assert (rules.columns[Field.ORDER_NUMBER], rules.column(Field.TOTAL)) == (0, "Total")


def test_what_a_mapping_says_goes_before() -> None:
    mapping = Mapping(
        Kind.ORDERS, constants={Field.CARRIER: "DHL"}, dropped=frozenset({Field.EMAIL}), date_order=Agreed.MONTH_FIRST,
        decimal=",", zone="Europe/Berlin", currency="EUR", excel_1904=True,
        missing={Field.CUSTOMER_NAME: OnNothing(OnMissing.ABOVE), Field.ADDRESS: OnNothing(OnMissing.FILL, "-")},
    )  # fmt: skip

    rules = rules_of(mapping)

    assert (str(rules.zone), rules.currency, rules.excel_1904) == ("Europe/Berlin", "EUR", True)
    assert (rules.date_order, rules.decimal_sign) == (DateOrder.MDY, DecimalSign.COMMA)
    assert (rules.order_hints, rules.sign_hint) == ((DateOrder.DMY, DateOrder.MDY), DecimalSign.COMMA)
    assert rules.constants == {Field.CARRIER: "DHL"}
    assert Field.EMAIL not in rules.columns
    assert rules.missing == {
        Field.CUSTOMER_NAME: MissingRule(Missing.ABOVE), Field.ADDRESS: MissingRule(Missing.CONSTANT, "-")
    }  # fmt: skip


def test_habits_are_the_zones_then_the_currencys_then_the_spreadsheets() -> None:
    assert habits("Asia/Shanghai", "GBP") == (DateOrder.YMD, DateOrder.DMY, DateOrder.MDY)
    assert habits("UTC", "EUR") == (DateOrder.DMY, DateOrder.MDY)
    assert habits("America/New_York", "USD") == (DateOrder.MDY,)


def test_a_guest_is_the_customer_of_orders_that_name_none() -> None:
    assert rules_of(None, guest="Guest").missing == {Field.CUSTOMER_NAME: MissingRule(Missing.CONSTANT, "Guest")}


@pytest.mark.parametrize("wanted", list(OnMissing))
def test_every_rule_for_what_is_missing_is_known(wanted: OnMissing) -> None:
    assert Field.EMAIL in rules_of(Mapping(Kind.ORDERS, missing={Field.EMAIL: OnNothing(wanted, "x")})).missing


@pytest.mark.parametrize(
    ("zone", "order", "sign"),
    [("Asia/Shanghai", "ymd", "."), ("Europe/London", "dmy", "."), ("America/New_York", "mdy", "."),
     ("Europe/Berlin", "dmy", ","), ("UTC", None, None)],
)  # fmt: skip
def test_habits_are_those_of_the_zones_country(zone: str, order: str | None, sign: str | None) -> None:
    assert (order_used_in(zone), sign_used_in(zone)) == (order, sign)
