"""While an import runs, clerks go on; who was imported can be forgotten, and old files don't bring them back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.erp import order_import
from deskhand.erp.importing import ImportOptions, run
from deskhand.erp.sources import Source
from deskhand.erp.steps import ImportStopped, Phase, Step
from deskhand.orders.model import Actor, Customer
from deskhand.store import Desk
from deskhand.store.loading import Loader, Prepared
from deskhand.store.privacy import RasaConversations, erase, export
from deskhand.store.privacy.documents import Documents

OPTIONS = ImportOptions("shop", currency="EUR", zone="UTC")


def orders(count: int) -> Source:
    rows = [f"{number},17,Zhang Wei,A,Lamp,2,1.50,2026-01-05,7 Elm Grove" for number in range(1, count + 1)]
    header = "Order No,Customer ID,Customer,SKU,Product,Qty,Unit Price,Order Date,Address"
    return Source.held("orders.csv", "\n".join([header, *rows, ""]).encode())


def write_something(desk: Desk, name: str) -> None:
    """As any clerk's command: it takes the database's only lock."""
    with desk.unit_of_work("demo") as uow:
        uow.customers.add(Customer(name, name))
        uow.commit()


def test_nothing_is_locked_between_two_chunks_nor_while_one_is_made_ready(
    desk: Desk, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_import, "ORDERS_A_CHUNK", 5)
    prepare, written = Loader.prepare, list[str]()

    def preparing(loader: Loader, loaded: object) -> Prepared:
        written.append(f"during-{len(written)}")
        write_something(desk, written[-1])
        return prepare(loader, loaded)  # type: ignore[arg-type]  # handed on as it came

    def told(step: Step) -> None:
        if step.phase is Phase.WRITING:
            written.append(f"between-{len(written)}")
            write_something(desk, written[-1])

    monkeypatch.setattr(Loader, "prepare", preparing)

    report = run(desk, actor, [orders(20)], OPTIONS, told=told)

    assert report.inserted == 20
    with desk.unit_of_work("demo", read_only=True) as uow:
        assert len(uow.customers.many(written)) == len(written) == 2 * 6  # the first and the last chunk hold one order


def test_an_import_that_is_stopped_leaves_whole_chunks_and_goes_on_later(
    desk: Desk, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_import, "ORDERS_A_CHUNK", 5)
    steps: list[Step] = []

    with pytest.raises(ImportStopped) as stopped:
        run(desk, actor, [orders(20)], OPTIONS, steps.append, lambda: bool(steps) and steps[-1].phase is Phase.WRITING)
    report = run(desk, actor, [orders(20)], OPTIONS)

    assert stopped.value.written == 1
    assert (report.inserted, report.unchanged, report.repeated) == (19, 1, False)


def test_what_systems_said_of_a_customer_is_in_the_copy_and_can_be_forgotten(
    desk: Desk, actor: Actor, tmp_path: Path
) -> None:
    run(desk, actor, [orders(3)], OPTIONS)
    with desk.unit_of_work("demo", read_only=True) as uow:
        customer = uow.customers.find_by_external("shop", "17")
    assert customer is not None
    papers, rasa = Documents(tmp_path, "demo"), RasaConversations(str(tmp_path / "rasa.db"))

    copied = export(desk, actor, customer.id, papers, rasa)
    erase(desk, actor, customer.id, papers, rasa)
    again = run(desk, actor, [orders(3)], replace(OPTIONS, again=True))

    assert len([row for row in copied["source_record"] if row["kind"] == "orders"]) == 3
    assert (again.inserted, again.changed, again.unchanged) == (0, 0, 3)
    with desk.unit_of_work("demo", read_only=True) as uow:
        kept = [*uow.source_records.all_of("orders"), *uow.source_records.all_of("customers")]
        names = [order.customer_name for order in uow.orders.list(source="shop").items]
        names += [one.name for one in uow.customers.all()]
    assert [dict(one.said) for one in kept] == [{}] * 4
    assert not any("Zhang" in name for name in names)
