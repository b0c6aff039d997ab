"""Undo inside and after the grace window; never on a guess."""

from __future__ import annotations

from actions.undo_change import UndoChangeAction
from deskhand.orders.commands import ConfirmOrder
from deskhand.orders.status import OrderStatus, Role
from tests.support.bench import Bench


async def test_undo_inside_the_window_takes_the_last_change_back(bench: Bench) -> None:
    number = bench.placed().number
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))

    said = await bench.run(UndoChangeAction, "clerk", "撤回刚才的操作", intent="undo_change")

    assert said.values("utter_undone")["status"] == "待确认"
    assert bench.order(number).status is OrderStatus.PENDING_CONFIRMATION


async def test_after_the_window_it_is_refused(bench: Bench) -> None:
    number = bench.placed().number
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))
    bench.clock.forward(seconds=16)

    said = await bench.run(UndoChangeAction, "clerk", "撤回", intent="undo_change")

    assert said.responses == ["utter_undo_window_over"] and bench.order(number).status is OrderStatus.CONFIRMED


async def test_an_unsure_undo_asks_first(bench: Bench) -> None:
    bench.placed()

    said = await bench.run(UndoChangeAction, "clerk", "back", intent="undo_change", confidence=0.4)

    assert said.responses == ["utter_undo_unsure"]
