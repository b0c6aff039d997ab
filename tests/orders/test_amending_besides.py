"""Contact, telephone, note, time of delivery and terms of a placed order are amended, and undone."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.orders.commands import AmendOrder, UndoLastChange
from deskhand.orders.errors import NothingAmended
from deskhand.orders.model import HistoryRow
from deskhand.store import Desk
from tests.support.desks import CLERK, TENANT, done, fresh, placed, told

SAID = {"contact": "李娜", "phone": "13912345678", "note": "送前打电话", "delivery_time": "15:00", "payment_days": 20}
WANTED = {"contact": "王芳", "phone": "13800138000", "note": "放门卫", "delivery_time": "morning", "payment_days": 10}


def besides(desk: Desk, number: str) -> dict[str, object]:
    return {name: value for name, value in fresh(desk, number).data.items() if name in SAID}


def last_row(desk: Desk, order_id: str) -> HistoryRow:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.orders.verify_chain(order_id)
        return uow.orders.history(order_id)[-1]


@pytest.mark.parametrize("name", SAID)
def test_each_is_amended_alone_and_the_rest_stays(desk: Desk, name: str) -> None:
    order = placed(desk, **SAID)

    done(desk, AmendOrder(order.number, **{name: WANTED[name]}), CLERK)  # type: ignore[arg-type]  # one of five fields

    assert besides(desk, order.number) == SAID | {name: WANTED[name]}


def test_the_history_keeps_old_and_new_and_what_is_personal_only_beside_the_hash(desk: Desk) -> None:
    order = placed(desk, **SAID)
    more: dict[str, Any] = WANTED

    done(desk, AmendOrder(order.number, **more), CLERK)

    detail = last_row(desk, order.id).detail
    assert (detail["old"], detail["new"]) == (
        {"delivery_time": "15:00", "payment_days": 20}, {"delivery_time": "morning", "payment_days": 10},
    )  # fmt: skip
    assert (detail["old_phone"], detail["new_phone"], detail["old_contact"]) == ("13912345678", "13800138000", "李娜")
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        hashed = str([row["detail"] for row in uow.orders._links(order.id)])
    assert not any(word in hashed for word in ("13800138000", "13912345678", "王芳", "李娜", "放门卫"))


def test_those_who_hear_of_it_are_told_old_and_new(desk: Desk) -> None:
    order = placed(desk, **SAID)

    done(desk, AmendOrder(order.number, contact="王芳", delivery_time="morning"), CLERK)

    said = [text for kind, text in told(desk, "customer:huaxing") if kind == "OrderAmended"][-1]
    assert "送达时刻：15:00 → 上午" in said and "联系人：李娜 → 王芳" in said


@pytest.mark.parametrize("before", [SAID, {}])
def test_undo_brings_back_what_was_said_before(desk: Desk, before: dict[str, object]) -> None:
    order = placed(desk, **before)
    more: dict[str, Any] = WANTED
    done(desk, AmendOrder(order.number, **more), CLERK)

    done(desk, UndoLastChange(order.number), CLERK)

    assert fresh(desk, order.number).data == order.data


def test_an_empty_text_takes_away_what_there_was_and_nothing_new_is_no_amendment(desk: Desk) -> None:
    order = placed(desk, **SAID)

    done(desk, AmendOrder(order.number, note="", phone=" "), CLERK)

    assert set(besides(desk, order.number)) == set(SAID) - {"note", "phone"}
    with pytest.raises(NothingAmended):
        desk.handle(AmendOrder(order.number, note="", contact="李娜", payment_days=20), CLERK)
