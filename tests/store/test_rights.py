"""A right that holds for some orders, where a command names many: what it refuses and what the look at them costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event

from deskhand.orders.commands import ConfirmOrder, SettlePayments
from deskhand.orders.errors import AmountAboveLimit, RoleNotAllowed, UnknownOrder
from deskhand.store import Desk
from tests.support.desks import FINANCE, NOW, ROOT, TENANT, WAREHOUSE, fresh, order_in

Limited = Callable[[int], Desk]


@pytest.fixture
def limited(desk: Desk, tmp_path: Path) -> Limited:
    """The same desk, where finance settles orders up to an amount."""

    def made(amount: int) -> Desk:
        line = f"SettlePayments: {{finance: {{reach: any, up_to: {amount} CNY}}, system: any}}"
        lines = (ROOT / "permissions.yml").read_text(encoding="utf-8").splitlines()
        file = tmp_path / "permissions.yml"
        file.write_text("\n".join(line if each.startswith("SettlePayments:") else each for each in lines))
        return Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, file)

    return made


def due(desk: Desk) -> tuple[str, str]:
    return order_in(desk, "in_account_period").number, order_in(desk, "in_account_period").number


def statements(desk: Desk, work: Callable[[], object]) -> list[str]:
    asked: list[str] = []
    event.listen(desk.database.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    work()
    return asked[:]


def test_a_limit_is_checked_on_the_orders_that_are_worked_on_and_loads_none_twice(desk: Desk, limited: Limited) -> None:
    first, second, third, fourth = *due(desk), *due(desk)
    day, narrow = NOW.date(), limited(1_000_000)
    narrow.versions.look(TENANT)  # as a service does when it starts

    free = statements(desk, lambda: desk.handle(SettlePayments(day, (first, second)), FINANCE))
    bound = statements(desk, lambda: narrow.handle(SettlePayments(day, (third, fourth)), FINANCE))

    assert len(free) == len(bound)


def test_one_order_above_the_limit_stops_all_of_them(desk: Desk, limited: Limited) -> None:
    numbers = due(desk)

    with pytest.raises(AmountAboveLimit):
        limited(1).handle(SettlePayments(NOW.date(), numbers), FINANCE)

    assert {fresh(desk, number).status for number in numbers} == {"in_account_period"}


def test_numbers_are_known_as_people_write_them_and_unknown_ones_are_refused(desk: Desk, limited: Limited) -> None:
    number, _ = due(desk)

    with pytest.raises(UnknownOrder):
        limited(1_000_000).handle(SettlePayments(NOW.date(), (number, "9999")), FINANCE)
    limited(1_000_000).handle(SettlePayments(NOW.date(), (number.removeprefix("SO-"),)), FINANCE)

    assert fresh(desk, number).status == "settled"


def test_a_role_without_the_right_is_refused_before_any_order_is_looked_at(desk: Desk) -> None:
    number = order_in(desk, "pending_confirmation").number

    def refused() -> None:
        with pytest.raises(RoleNotAllowed):
            desk.handle(ConfirmOrder(number), WAREHOUSE)

    assert not [each for each in statements(desk, refused) if "sales_order" in each or "SAVEPOINT" in each]
