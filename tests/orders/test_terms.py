"""Days to pay that are agreed for one order: who may grant how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskhand.orders.commands import AmendOrder
from deskhand.orders.errors import TermsNotGranted, TermsOutOfRange
from deskhand.orders.model import Actor
from deskhand.store import Desk
from tests.support.desks import CLERK, CUSTOMER, MANAGER, ROOT, TENANT, done, fresh, placed, placing

USUAL = 30  # Huaxing's own
ROWS = "grant_terms: {sales: any, finance: any, manager: any}"


def narrowed(desk: Desk, tmp_path: Path, row: str) -> Desk:
    """The same desk with another row for terms."""
    rows = (ROOT / "permissions.yml").read_text(encoding="utf-8")
    assert ROWS in rows
    file = tmp_path / "permissions.yml"
    file.write_text(rows.replace(ROWS, f"grant_terms: {row}"), encoding="utf-8")
    return Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, file)


def agreed(desk: Desk, number: str) -> object:
    return fresh(desk, number).data.get("payment_days")


@pytest.mark.parametrize("days", [0, USUAL - 1, USUAL])
def test_no_more_days_than_the_customer_always_has_are_anybody_s_to_say(desk: Desk, days: int) -> None:
    order = done(desk, placing(payment_days=days), CUSTOMER)

    assert agreed(desk, order.number) == days


@pytest.mark.parametrize(("actor", "row"), [(CUSTOMER, "{sales: any}"), (CLERK, "{finance: any, manager: any}")])
def test_more_days_are_refused_to_who_may_not_grant_them_and_nothing_is_placed(
    desk: Desk, tmp_path: Path, actor: Actor, row: str
) -> None:
    with pytest.raises(TermsNotGranted) as refused:
        narrowed(desk, tmp_path, row).handle(placing(payment_days=USUAL + 1), actor)

    assert (refused.value.code, refused.value.data["days"], refused.value.data["usual"]) == (
        "terms_not_granted", USUAL + 1, USUAL,
    )  # fmt: skip
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.of_customer("huaxing") == []
        assert [row.detail["code"] for row in uow.audit.list() if row.outcome == "refused"] == ["terms_not_granted"]


def test_an_amendment_needs_the_right_too_and_what_was_agreed_stays_agreed(desk: Desk, tmp_path: Path) -> None:
    limited = narrowed(desk, tmp_path, "{manager: any}")
    order = done(limited, placing(payment_days=60), MANAGER)

    with pytest.raises(TermsNotGranted):
        limited.handle(AmendOrder(order.number, payment_days=61), CLERK)
    done(limited, AmendOrder(order.number, payment_days=60, note="轻放"), CLERK)

    assert agreed(desk, order.number) == 60
    assert fresh(desk, order.number).data["note"] == "轻放"


def test_the_right_may_end_at_an_amount(desk: Desk, tmp_path: Path) -> None:
    limited = narrowed(desk, tmp_path, "{sales: {reach: any, up_to: 5000 CNY}}")
    number = done(limited, placing("2"), CLERK).number

    done(limited, AmendOrder(number, payment_days=45), CLERK)
    with pytest.raises(TermsNotGranted):
        limited.handle(placing("20", payment_days=45), CLERK)

    assert agreed(desk, number) == 45


@pytest.mark.parametrize("days", [-1, 731, 10**9])
def test_days_that_nobody_means_are_refused(desk: Desk, days: int) -> None:
    with pytest.raises(TermsOutOfRange):
        desk.handle(placing(payment_days=days), MANAGER)
    with pytest.raises(TermsOutOfRange):
        desk.handle(AmendOrder(placed(desk).number, payment_days=days), MANAGER)
