"""Importing by talking: a file or the configured source, one preview, one yes; how it goes, and what was refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.import_orders import ImportOrdersAction
from actions.services import Services
from deskhand.erp.jobs import ImportPlaces, Wanted
from deskhand.store.repositories.import_jobs import ImportJob, JobState
from deskhand.store.work_item import WorkItem
from tests.support.bench import Bench, services_on
from tests.support.desks import CLERK, TENANT, FakeClock, demo_database, open_desk

GOOD = (
    "Order number,Customer name,SKU,Quantity,Unit price,Created at\n"
    "A-1,Globex,PAPER-A4,2,10.00,2026-11-18 09:00:00\n"
    "A-2,Initech,PAPER-A4,x,10.00,2026-11-19 09:00:00\n"
)
SHOP = "tenant: demo\nsource: shop\nfiles: ../../drop/{day}*.csv\n"


@pytest.fixture
def bench(tmp_path: Path):  # type: ignore[no-untyped-def]  # a generator of a fixture
    clock = FakeClock()
    desk = open_desk(demo_database(tmp_path), clock)
    (tmp_path / "erp" / "sources").mkdir(parents=True)
    (tmp_path / "drop").mkdir()
    services: Services = replace(services_on(desk), places=ImportPlaces(tmp_path / "imports", tmp_path / "erp"))
    yield Bench(services, clock)
    desk.close()


def configure(tmp_path: Path, text: str = GOOD) -> None:
    (tmp_path / "erp" / "sources" / "shop.yml").write_text(SHOP)
    (tmp_path / "drop" / "2026-11-20.csv").write_text(text)


def dropped(bench: Bench, text: str = GOOD) -> ImportJob:
    imports = bench.services.imports
    place = imports.kept.keep(TENANT, text.encode())
    return imports.look(CLERK, [("shop.csv", place)], Wanted("upload"), "zh", f"file-{len(text)}", None)


def states(bench: Bench) -> list[JobState]:
    with bench.desk.unit_of_work(TENANT, read_only=True) as uow:
        return [job.state for job in uow.import_jobs.list()]


def placed(bench: Bench) -> int:
    with bench.desk.unit_of_work(TENANT, read_only=True) as uow:
        return len(uow.orders.list().items)


async def test_without_a_source_it_is_said_how_files_come_in(bench: Bench) -> None:
    said = await bench.run(ImportOrdersAction, "clerk", "导入今天的订单", intent="import_orders")

    assert said.responses == ["utter_import_how"] and states(bench) == []


async def test_todays_orders_come_from_the_configured_source_after_one_yes(bench: Bench, tmp_path: Path) -> None:
    configure(tmp_path)

    said = await bench.run(ImportOrdersAction, "clerk", "导入今天的订单", intent="import_orders", language="zh")
    preview = said.values("utter_import_preview")
    assert (preview["good"], preview["refused"], placed(bench), states(bench)) == (1, 1, 0, [JobState.READY])
    assert [action["id"] for action in said.card["actions"]] == ["confirm", "reject"]
    assert "第 3 行" in said.card["items"][0]["title"]

    yes = await bench.run(AnswerCardAction, "clerk", intent="affirm", card=said.card["id"], action="confirm")
    assert yes.responses == ["utter_import_started"] and yes.card["id"].startswith("import:")
    assert (states(bench), placed(bench)) == ([JobState.WAITING], 0)

    assert bench.services.imports.work(TENANT) == 1 and placed(bench) == 1
    how = await bench.run(ImportOrdersAction, "clerk", "导入得怎么样了", intent="import_orders", language="zh")
    assert how.responses == ["utter_import_state", "utter_import_rejected_rows"]
    refused = await bench.run(ImportOrdersAction, "clerk", "show me the refused rows", intent="import_orders")
    assert refused.values("utter_import_rejected_rows")["link"].startswith("/api/imports/")


ROBOT = """
title: {zh: 老ERP当日订单, en: the old ERP's orders of the day}
class: deskhand.robots.robot:Robot
input: plain
"""


@pytest.fixture
def fetching(bench: Bench, tmp_path: Path) -> Bench:
    """A robot reads the orders of one of the sources."""
    (tmp_path / "robots").mkdir()
    (tmp_path / "robots" / "legacy_fetch.yml").write_text(ROBOT, encoding="utf-8")
    (tmp_path / "erp" / "sources" / "legacy.yml").write_text("tenant: demo\nsource: legacy\nrobot: legacy_fetch\n")
    bench.services = replace(bench.services, robots_dir=tmp_path / "robots")
    return bench


def items(bench: Bench) -> list[WorkItem]:
    with bench.desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.work_items.newest()


async def test_todays_orders_of_a_system_without_an_api_are_read_by_its_robot(fetching: Bench) -> None:
    said = await fetching.run(ImportOrdersAction, "clerk", "导入今天的订单", intent="import_orders", language="zh")

    (item,) = items(fetching)
    assert said.responses == ["utter_robot_begun"] and states(fetching) == []
    begun = said.values("utter_robot_begun")
    assert (begun["number"], begun["case"]) == ("2026-11-20 10:00:00", "老ERP当日订单")
    assert (item.robot, item.owner, item.language) == ("legacy_fetch", "clerk", "zh")
    assert item.input == {"day": "2026-11-20", "import_source": "legacy"} and item.conversation_id is not None


async def test_a_robot_that_is_reading_for_somebody_is_not_begun_again_for_them(fetching: Bench) -> None:
    await fetching.run(ImportOrdersAction, "clerk", "导入今天的订单", intent="import_orders")

    again = await fetching.run(ImportOrdersAction, "clerk", "import today's orders", intent="import_orders")

    assert again.responses == ["utter_robot_has_it"] and len(items(fetching)) == 1


async def test_beside_a_robot_the_other_sources_are_looked_at_at_once(fetching: Bench, tmp_path: Path) -> None:
    configure(tmp_path)

    said = await fetching.run(ImportOrdersAction, "clerk", "导入今天的订单", intent="import_orders")
    alone = await fetching.run(ImportOrdersAction, "clerk", "导入 shop 今天的订单", intent="import_orders")

    assert said.responses[:2] == ["utter_robot_begun", "utter_import_preview"] and len(items(fetching)) == 1
    assert alone.responses[0] == "utter_import_preview"


async def test_a_robot_that_is_not_there_is_said(fetching: Bench, tmp_path: Path) -> None:
    (tmp_path / "robots" / "legacy_fetch.yml").unlink()

    said = await fetching.run(ImportOrdersAction, "clerk", "导入今天的订单", intent="import_orders")

    assert said.responses == ["utter_robot_not_known"] and items(fetching) == []


async def test_a_file_that_was_dropped_is_shown_to_who_dropped_it_and_to_nobody_else(bench: Bench) -> None:
    job = dropped(bench)

    said = await bench.run(ImportOrdersAction, "clerk", "shop.csv", intent="import_orders", file=job.id)
    other = await bench.run(ImportOrdersAction, "manager", "shop.csv", intent="import_orders", file=job.id)

    assert said.responses[0] == "utter_import_preview" and said.values("utter_import_preview")["files"] == "shop.csv"
    assert other.responses == ["utter_import_gone"] and other.cards == []


async def test_a_no_deletes_the_file_and_a_second_answer_finds_nothing(bench: Bench) -> None:
    job = dropped(bench)
    said = await bench.run(ImportOrdersAction, "clerk", "shop.csv", intent="import_orders", file=job.id)

    no = await bench.run(AnswerCardAction, "clerk", intent="deny", card=said.card["id"], action="reject")
    assert no.responses == ["utter_import_discarded"] and states(bench) == []
    again = await bench.run(ImportOrdersAction, "clerk", "shop.csv", intent="import_orders", file=job.id)
    assert again.responses == ["utter_import_gone"]

    bench.services.imports.sweep(TENANT)
    assert [*(bench.services.imports.kept.path(TENANT, "0" * 32).parent).iterdir()] == []


async def test_all_configured_sources_are_taken_together_and_one_that_is_named_alone(
    bench: Bench, tmp_path: Path
) -> None:
    configure(tmp_path)
    other = SHOP.replace("source: shop", "source: finance").replace("drop/", "drop/finance-")
    (tmp_path / "erp" / "sources" / "finance.yml").write_text(other)
    (tmp_path / "drop" / "finance-2026-11-20.csv").write_text(GOOD.replace("A-2", "F-9").replace(",x,", ",4,"))

    said = await bench.run(ImportOrdersAction, "clerk", "导入今天的订单", intent="import_orders")
    await bench.run(AnswerCardAction, "clerk", intent="affirm", card=said.card["id"], action="confirm")
    bench.services.imports.work(TENANT)

    assert said.responses[0] == "utter_import_preview" and _source(said.card) == "finance, shop"
    with bench.desk.unit_of_work(TENANT, read_only=True) as uow:
        orders = {(order.source, order.external_number) for order in uow.orders.list().items}
        sayings = {one.source for one in uow.source_records.all_of("orders") if one.key == "A-1"}
    assert {number for _, number in orders} == {"A-1", "F-9"} and sayings == {"finance", "shop"}
    alone = await bench.run(ImportOrdersAction, "clerk", "导入 finance 今天的订单", intent="import_orders")
    assert _source(alone.card) == "finance"


def _source(card: dict[str, Any]) -> str:
    return next(str(fact["value"]) for fact in card["facts"] if fact["key"] == "source")


async def test_a_yes_that_comes_twice_counts_once(bench: Bench) -> None:
    job = dropped(bench)
    said = await bench.run(ImportOrdersAction, "clerk", "shop.csv", intent="import_orders", file=job.id)
    answer = {"intent": "affirm", "card": said.card["id"], "action": "confirm"}

    first = await bench.run(AnswerCardAction, "clerk", **answer)
    second = await bench.run(AnswerCardAction, "clerk", **answer)

    assert first.responses == ["utter_import_started"] and second.responses == ["utter_card_used"]
    assert states(bench) == [JobState.WAITING]


async def test_a_file_without_a_good_row_has_no_button(bench: Bench) -> None:
    job = dropped(bench, GOOD.replace(",x,", ",3,").replace("Globex", "").replace("Initech", ""))

    said = await bench.run(ImportOrdersAction, "clerk", "shop.csv", intent="import_orders", file=job.id)

    assert said.responses == ["utter_import_nothing_good"] and said.card["actions"] == []


async def test_who_may_not_import_is_refused_and_nothing_is_looked_at(bench: Bench, tmp_path: Path) -> None:
    configure(tmp_path)

    for login in ("warehouse", "customer"):
        said = await bench.run(ImportOrdersAction, login, "导入今天的订单", intent="import_orders")
        assert said.responses == ["utter_role_not_allowed"]
    assert states(bench) == []


async def test_a_source_that_cannot_be_read_is_named_with_the_reason(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "erp" / "sources" / "shop.yml").write_text(SHOP)

    said = await bench.run(ImportOrdersAction, "clerk", "import today's orders", intent="import_orders")

    assert said.responses == ["utter_import_unreadable"] and said.values("utter_import_unreadable")["problem"]


async def test_questions_before_any_import_are_answered(bench: Bench) -> None:
    for text, answer in (("导入到哪了", "utter_import_none"), ("怎么导入", "utter_import_how")):
        said = await bench.run(ImportOrdersAction, "clerk", text, intent="import_orders")
        assert said.responses == [answer]


def two_alike(bench: Bench, *numbers: str) -> None:
    """Orders of one customer, day and amount, each from a system of its own."""
    head, row = GOOD.splitlines()[:2]
    for number in numbers:
        imports = bench.services.imports
        place = imports.kept.keep(TENANT, f"{head}\n{row.replace('A-1', number)}\n".encode())
        job = imports.look(CLERK, [("x.csv", place)], Wanted(f"system-{number}"), "zh", f"file-{number}", None)
        with bench.desk.unit_of_work(TENANT) as uow:
            imports.agree(uow, CLERK, job.id)
            uow.commit()
        imports.work(TENANT)


async def test_orders_that_may_be_one_are_decided_by_a_button_and_taken_back_by_a_word(bench: Bench) -> None:
    two_alike(bench, "A-1", "B-7")

    asked = await bench.run(ImportOrdersAction, "clerk", "有没有疑似重复的订单", intent="import_orders")
    card = asked.card
    assert asked.responses == ["utter_candidates"] and [item["subtitle"][:12] for item in card["items"]] == [
        "system-A-1 A", "system-B-7 B"
    ]  # fmt: skip
    done = await bench.run(AnswerCardAction, "clerk", card=card["id"], action="confirm")
    assert done.responses == ["utter_candidate_same"]
    none = await bench.run(ImportOrdersAction, "clerk", "possible duplicates", intent="import_orders")
    assert none.responses == ["utter_no_candidates"]

    back = await bench.run(ImportOrdersAction, "clerk", "撤回重复订单的判断", intent="import_orders")
    assert back.responses == ["utter_candidate_open"]
    again = await bench.run(ImportOrdersAction, "clerk", "重复订单", intent="import_orders")
    apart = await bench.run(AnswerCardAction, "clerk", card=again.card["id"], action="reject")
    assert apart.responses == ["utter_candidate_apart"]


async def test_the_next_two_follow_the_answer(bench: Bench) -> None:
    two_alike(bench, "A-1", "B-7", "C-9")
    asked = await bench.run(ImportOrdersAction, "clerk", "重复订单", intent="import_orders")

    apart = await bench.run(AnswerCardAction, "clerk", card=asked.card["id"], action="reject")

    assert apart.responses == ["utter_candidate_apart", "utter_candidates"]
