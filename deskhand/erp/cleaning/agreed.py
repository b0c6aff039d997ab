"""What people agreed about a source (its mapping, or the proposal) -> the rules of one table. Knows no cells."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_decimal_symbol

from deskhand.erp import mapping as agreed
from deskhand.erp.cleaning.rules import DateOrder, DecimalSign, Missing, MissingRule, Rules
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.mapping import Mapping, OnMissing
from deskhand.erp.proposal import Proposal
from deskhand.erp.sources.model import Table

_ORDERS = {
    agreed.DateOrder.YEAR_FIRST: DateOrder.YMD,
    agreed.DateOrder.DAY_FIRST: DateOrder.DMY,
    agreed.DateOrder.MONTH_FIRST: DateOrder.MDY,
}
_MISSING = {
    OnMissing.REFUSE: Missing.REFUSE,
    OnMissing.LEAVE: Missing.EMPTY,
    OnMissing.FILL: Missing.CONSTANT,
    OnMissing.ABOVE: Missing.ABOVE,
}


def rules_for(
    table: Table, proposal: Proposal, mapping: Mapping | None, *, zone: ZoneInfo, currency: str, now: datetime,
    guest: str | None = None,
) -> Rules:  # fmt: skip
    """`zone` and `currency` are the tenant's, or the import's own: a mapping's go before them.

    `guest` is the customer of orders that name none.
    """
    columns = {field: column.index for field, column in proposal.columns.items()}
    rules = Rules(
        proposal.kind, columns, table.header, zone, currency, now, table.name,
        order_hints=habits(zone.key, currency), sign_hint=sign_used_in(zone.key),
    )  # fmt: skip
    rules = _with_mapping(rules, mapping) if mapping else rules
    if guest and proposal.kind is Kind.ORDERS and Field.CUSTOMER_NAME not in rules.missing:
        return replace(rules, missing={**rules.missing, Field.CUSTOMER_NAME: MissingRule(Missing.CONSTANT, guest)})
    return rules


def _with_mapping(rules: Rules, mapping: Mapping) -> Rules:
    zone = ZoneInfo(mapping.zone) if mapping.zone else None
    return replace(
        rules,
        zone=zone or rules.zone,
        currency=mapping.currency or rules.currency,
        columns={field: index for field, index in rules.columns.items() if field not in mapping.dropped},
        constants=mapping.constants,
        missing={field: MissingRule(_MISSING[rule.do], rule.value) for field, rule in mapping.missing.items()},
        date_order=_ORDERS[mapping.date_order] if mapping.date_order else None,
        decimal_sign=DecimalSign(mapping.decimal) if mapping.decimal else None,
        order_hints=habits(str(zone or rules.zone), mapping.currency or rules.currency),
        sign_hint=sign_used_in(zone.key) if zone else rules.sign_hint,
        excel_1904=mapping.excel_1904,
    )


@lru_cache(maxsize=64)
def habits(zone: str, currency: str) -> tuple[DateOrder, ...]:
    """In which orders a date may be meant that leaves it open, the likeliest first: as in the zone's country, as in the
    currency's, and as spreadsheets write that nobody told where they are.
    """
    country = "DE" if currency == "EUR" else currency[:2]  # ISO 4217 begins with the country
    orders = (order_used_in(zone), _order_of(_locale(country)), DateOrder.MDY)
    return tuple(order for order in dict.fromkeys(orders) if order)


def order_used_in(zone: str) -> DateOrder | None:
    """How people of a zone's country write dates: Europe/London day first, America/New_York month first."""
    return _order_of(_locale_of(zone))


def _order_of(locale: Locale | None) -> DateOrder | None:
    if locale is None:
        return None
    pattern = str(locale.date_formats["short"].pattern).lower()
    letters = "".join(sorted({"y", "m", "d"}, key=pattern.find))
    return DateOrder(letters) if letters in set(DateOrder) else None


@lru_cache(maxsize=64)
def sign_used_in(zone: str) -> DecimalSign | None:
    """What people of a zone's country write before the fraction: Europe/Berlin a comma, Asia/Shanghai a point."""
    locale = _locale_of(zone)
    sign = get_decimal_symbol(locale) if locale else None
    return DecimalSign(sign) if sign in set(DecimalSign) else None


def _locale_of(zone: str) -> Locale | None:
    return _locale(get_global("zone_territories").get(zone) or "")


def _locale(country: str) -> Locale | None:
    if not country or country == "001":
        return None
    try:
        return Locale.parse(f"und_{country}")
    except (UnknownLocaleError, ValueError):
        return None
