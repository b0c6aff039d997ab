"""Whatever people do to orders in whatever order: stock, totals, payments, statuses and chains stay right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from deskhand.orders import commands
from deskhand.orders.commands import Command, NewLine, PlaceOrder, RecordPayment, SomeOf
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import DeliveryMode
from deskhand.store import Desk
from tests.orders.living import check
from tests.support.desks import (
    ADMIN,
    CLERK,
    CUSTOMER,
    FINANCE,
    MANAGER,
    TENANT,
    WAREHOUSE,
    FakeClock,
    demo_database,
    fresh,
    open_desk,
)

GOODS = (("PAPER-A4", "box"), ("PAPER-A4", "pack"), ("CHR-200", "chair"), ("PRN-L100", "unit"))
ANYBODY = st.sampled_from([CLERK, WAREHOUSE, FINANCE, MANAGER, ADMIN, CUSTOMER])
MODES = st.sampled_from([None, *DeliveryMode])
quantities = st.integers(1, 40).map(Decimal)
amounts = st.integers(1, 4_000_000).map(lambda cents: Decimal(cents) / 100)
new_lines = st.lists(
    st.builds(lambda goods, quantity: NewLine(goods[0], quantity, goods[1]), st.sampled_from(GOODS), quantities),
    min_size=1,
    max_size=3,
).map(tuple)
some = st.lists(st.builds(SomeOf, quantities, st.integers(1, 3)), max_size=2).map(tuple)
STEPS: tuple[tuple[str, Actor], ...] = (
    ("ConfirmOrder", CLERK),
    ("ConfirmOrder", MANAGER),
    ("ApproveOrder", MANAGER),
    ("ReceiveGoods", WAREHOUSE),
    ("CompleteShipment", WAREHOUSE),
    ("StartAccountPeriod", FINANCE),
    ("SettleFreight", FINANCE),
    ("ReleaseOrder", MANAGER),
    ("SendInvoiceAgain", CLERK),
)
NEXT = {
    "pending_confirmation": "ConfirmOrder",
    "pending_approval": "ApproveOrder",
    "confirmed": "ReceiveGoods",
    "awaiting_shipment": "CompleteShipment",
    "shipped": "StartAccountPeriod",
    "settled": "SettleFreight",
    "on_hold": "ReleaseOrder",
}


class Orders(RuleBasedStateMachine):
    """A desk on a database of its own, with a few orders at a time."""

    numbers = Bundle("numbers")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = FakeClock()
        self.desk: Desk = open_desk(demo_database(Path(self.folder.name)), self.clock)
        self.happened = self.refused = self.count = 0

    def teardown(self) -> None:
        TOTALS["done"] += self.happened
        TOTALS["refused"] += self.refused
        self.desk.close()
        self.folder.cleanup()

    def attempt(self, command: Command, actor: Actor) -> bool:
        """A refusal leaves the order as it was."""
        self.count += 1
        self.clock.forward(seconds=7)
        actor = replace(actor, cause=f"message-{self.count}")
        number = getattr(command, "number", None)
        before = fresh(self.desk, number) if number else None
        try:
            self.desk.handle(command, actor)
        except DeskhandError:
            self.refused += 1
            assert number is None or fresh(self.desk, number) == before
            return False
        self.happened += 1
        return True

    @rule(
        target=numbers,
        lines=new_lines,
        mode=st.sampled_from([None, *DeliveryMode]),
        who=st.sampled_from([CLERK, CUSTOMER]),
    )
    def place(self, lines: Any, mode: Any, who: Actor) -> str:
        customer = "huaxing"
        outcome = self.desk.handle(PlaceOrder(customer, lines, delivery_mode=mode), who)
        assert outcome.order is not None
        self.happened += 1
        return outcome.order.number

    @rule(target=numbers, total=amounts)
    def place_with_a_total_only(self, total: Decimal) -> str:
        outcome = self.desk.handle(PlaceOrder("dongfang", total=total), CLERK)
        assert outcome.order is not None and outcome.order.header_only
        return outcome.order.number

    @rule(number=numbers, step=st.sampled_from(STEPS))
    def step(self, number: str, step: tuple[str, Actor]) -> None:
        name, actor = step
        self.attempt(getattr(commands, name)(number), actor)

    @rule(number=numbers, times=st.integers(1, 6))
    def go_on(self, number: str, times: int) -> None:
        """What the order waits for, by whoever may."""
        for _ in range(times):
            order = fresh(self.desk, number)
            waits_for = NEXT.get(str(order.status))
            if waits_for == "CompleteShipment" and not order.parcels:
                self.attempt(commands.GiveShipmentInformation(number, "SF", f"SF{self.count}"), WAREHOUSE)
            elif waits_for is not None:
                self.attempt(getattr(commands, waits_for)(number), dict(STEPS)[waits_for])

    @rule(number=numbers, step=st.sampled_from(STEPS), who=ANYBODY)
    def step_by_anybody(self, number: str, step: tuple[str, Actor], who: Actor) -> None:
        self.attempt(getattr(commands, step[0])(number), who)

    @rule(number=numbers, lines=some)
    def receive_a_part(self, number: str, lines: Any) -> None:
        self.attempt(commands.ReceiveGoods(number, lines=lines), WAREHOUSE)

    @rule(number=numbers, lines=some)
    def give_a_parcel(self, number: str, lines: Any) -> None:
        self.attempt(commands.GiveShipmentInformation(number, "SF", f"SF{self.count}", lines=lines), WAREHOUSE)

    @rule(number=numbers)
    def correct_a_parcel(self, number: str) -> None:
        self.attempt(commands.ChangeShipmentInformation(number, carrier="YTO"), WAREHOUSE)

    @rule(number=numbers, amount=amounts, share=st.sampled_from([None, "0.5", "1", "1.01"]))
    def pay(self, number: str, amount: Decimal, share: str | None) -> None:
        """Any sum, or a part of what the order costs, all of it, or a little more."""
        order = fresh(self.desk, number)
        if share is not None:
            amount = max((order.total * Decimal(share)).quantize(Decimal("0.01")), Decimal("0.01"))
        if self.attempt(RecordPayment(number, amount, f"ref-{self.count}"), FINANCE):
            with self.desk.unit_of_work(TENANT, read_only=True) as uow:
                assert uow.payments.paid([order.id])[order.id] <= order.total, "more is paid than is owed"

    @rule(number=numbers, who=st.sampled_from([CLERK, CUSTOMER, MANAGER]), lines=new_lines)
    def amend(self, number: str, who: Actor, lines: Any) -> None:
        self.attempt(commands.AmendOrder(number, lines), who)

    @rule(number=numbers, line=st.integers(1, 3))
    def cancel_a_line(self, number: str, line: int) -> None:
        self.attempt(commands.CancelLine(number, "no longer needed", (line,)), CLERK)

    @rule(number=numbers, lines=some, restock=st.booleans())
    def bring_back(self, number: str, lines: Any, restock: bool) -> None:
        self.attempt(commands.ReturnGoods(number, lines, "broken", restock), WAREHOUSE)

    @rule(number=numbers, who=st.sampled_from([FINANCE, MANAGER]))
    def hold(self, number: str, who: Actor) -> None:
        self.attempt(commands.HoldOrder(number, "to be looked at"), who)

    @rule(number=numbers)
    def reject(self, number: str) -> None:
        self.attempt(commands.RejectOrder(number, "too much"), MANAGER)

    @rule(number=consumes(numbers), who=st.sampled_from([CLERK, CUSTOMER]))
    def cancel(self, number: str, who: Actor) -> None:
        self.attempt(commands.CancelOrder(number, "changed my mind"), who)

    @rule(number=numbers, who=ANYBODY)
    def undo(self, number: str, who: Actor) -> None:
        self.attempt(commands.UndoLastChange(number), who)

    @rule(number=numbers)
    def settle_at_once(self, number: str) -> None:
        self.attempt(commands.SettlePayments(self.clock().date(), (number,)), FINANCE)

    @rule(hours=st.sampled_from([1, 8, 24, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        """The worker does what is due."""
        self.clock.now += timedelta(hours=hours)
        work: tuple[Callable[[str], object], ...] = (
            self.desk.run_automatic,
            self.desk.settle_due,
            self.desk.release_expired,
            self.desk.project_notifications,
        )
        for each in work:
            each(TENANT)

    @invariant()
    def everything_is_right(self) -> None:
        check(self.desk)


TOTALS = {"done": 0, "refused": 0}


def run(examples: int, steps: int, *, the_same: bool) -> str:
    """Without making a failure smaller: a shorter story would take minutes to find. `the_same`: in each run."""
    TOTALS.update(done=0, refused=0)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis says nothing of its types here
        Orders,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            derandomize=the_same,
        ),
    )
    return f"orders at random: {TOTALS['done']} commands done, {TOTALS['refused']} refused, all right after each"


def test_whatever_is_done_to_orders_everything_stays_right(tell: Callable[[str], None]) -> None:
    said = run(examples=5, steps=30, the_same=True)

    tell(said)
    assert TOTALS["done"] > 30


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_whatever_is_done_to_orders_for_long_everything_stays_right(tell: Callable[[str], None]) -> None:
    said = run(examples=300, steps=60, the_same=False)

    tell(said)
    assert TOTALS["done"] > 3_000
