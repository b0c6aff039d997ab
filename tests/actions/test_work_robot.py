"""Robots by talking: asked for with a card, told of, stopped at once, tried again; bare words find their addressee."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.ask_policy import DeclineAction
from actions.work_robot import WorkRobotAction
from deskhand.cases import UnknownCase
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import ItemState, WorkItem
from tests.support.bench import Bench, Said
from tests.support.robots import FILE

DESKTOP = FILE.replace("老ERP, 老系统", "桌面版").replace("old ERP, legacy system", "desktop ERP")


@pytest.fixture
def robots(bench: Bench, tmp_path: Path) -> Bench:
    folder = tmp_path / "robots"
    folder.mkdir()
    (folder / "legacy_entry.yml").write_text(FILE, encoding="utf-8")
    bench.services = replace(bench.services, robots_dir=folder)
    return bench


async def say(bench: Bench, text: str, login: str = "clerk", language: str = "en", **more: Any) -> Said:
    return await bench.run(WorkRobotAction, login, text, intent="work_robot", language=language, **more)


async def press(bench: Bench, said: Said, action: str = "confirm", login: str = "clerk") -> Said:
    return await bench.run(AnswerCardAction, login, card=said.card["id"], action=action)


def item_of(bench: Bench, number: str, state: ItemState | None = None, **values: Any) -> WorkItem:
    with bench.desk.unit_of_work("demo") as uow:
        item, _ = uow.work_items.add("legacy_entry", number, {"order": number}, owner="clerk", **values)
        if state is not None:
            taken = uow.work_items.claim("legacy_entry", "robot", 60, 9)
            assert taken is not None
            if state is not ItemState.IN_PROGRESS:
                uow.work_items.finish(taken, state, problem={"kind": "system", "code": "page_failed", "detail": ""})
        uow.commit()
    return fresh(bench, item.id)


def fresh(bench: Bench, item_id: str) -> WorkItem:
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        found = uow.work_items.get(item_id)
    assert found is not None
    return found


async def test_a_robot_is_asked_by_a_card_that_says_what_it_will_do(robots: Bench) -> None:
    number = robots.placed().number

    asked = await say(robots, f"enter order {number} into the old ERP")
    assert asked.responses == ["utter_card_check"] and asked.card["order"] == number
    shown = {fact["key"]: fact["value"] for fact in asked.card["facts"]}
    assert shown["robot"] == "old ERP" and "saved by the robot" in shown["last_step"]
    done = await press(robots, asked)

    assert done.responses == ["utter_robot_begun"] and done.values("utter_robot_begun")["case"] == "SE-1001"
    state = await say(robots, "what is the robot doing?")
    assert state.responses == ["utter_robot_state"] and number in state.card["title"]


async def test_a_robot_that_always_asks_asks_though_nobody_said_so(robots: Bench, tmp_path: Path) -> None:
    file = tmp_path / "robots" / "legacy_entry.yml"
    file.write_text(file.read_text(encoding="utf-8") + "attended: true\n", encoding="utf-8")
    number = robots.placed().number

    await press(robots, await say(robots, f"enter order {number} into the old ERP"))

    with robots.desk.unit_of_work("demo", read_only=True) as uow:
        (item,) = uow.work_items.newest()
    assert item.attended


async def test_the_explicit_yes_is_asked_for_before_the_last_step_where_somebody_wants_that(robots: Bench) -> None:
    number = robots.placed().number

    asked = await say(robots, f"enter {number} into the old ERP but ask me before you save")
    await press(robots, asked)

    assert "you are shown a picture" in str(asked.card["facts"])
    with robots.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.case_files.get("SE-1001").case.data["attended"] is True


async def test_no_begins_nothing(robots: Bench) -> None:
    asked = await say(robots, f"把{robots.placed().number}录到老ERP里", language="zh")

    said = await press(robots, asked, "reject")

    assert said.responses == ["utter_command_rejected"]
    with robots.desk.unit_of_work("demo", read_only=True) as uow, pytest.raises(UnknownCase):
        uow.case_files.get("SE-1001")


async def test_a_dry_run_is_an_item_of_its_own(robots: Bench) -> None:
    number = robots.placed().number

    asked = await say(robots, f"do a dry run with the robot for {number}")
    await press(robots, asked)

    with robots.desk.unit_of_work("demo", read_only=True) as uow:
        (item,) = uow.work_items.newest()
    assert item.dry_run and item.reference.startswith(f"{number}/dry/") and item.input["number"] == number


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (None, "utter_robot_has_it"),
        (ItemState.IN_PROGRESS, "utter_robot_has_it"),
        (ItemState.SUCCESSFUL, "utter_robot_done_already"),
        (ItemState.FAILED, "utter_card_check"),
    ],
)
async def test_what_is_on_its_way_or_done_is_not_asked_for_twice(
    robots: Bench, state: ItemState | None, said: str
) -> None:
    number = robots.placed().number
    item_of(robots, number, state)

    assert (await say(robots, f"enter {number} into the old ERP")).responses[0] == said


async def test_how_far_it_is(robots: Bench) -> None:
    idle = await say(robots, "what is the robot doing?")
    number = robots.placed().number
    item = item_of(robots, number, ItemState.IN_PROGRESS)
    with robots.desk.unit_of_work("demo") as uow:
        uow.work_items.at_step(item, "fill in the lines")
        uow.commit()

    said = await say(robots, "what is the robot doing?")
    chinese = await say(robots, "机器人在干什么", language="zh")

    assert idle.responses == ["utter_robot_idle"]
    assert "fill in the lines" in str(said.card["facts"]) and said.card["title"] == f"old ERP: {number}"
    assert chinese.card["title"] == f"老ERP：{number}"


async def test_it_is_stopped_at_once_without_a_card(robots: Bench) -> None:
    at_it = item_of(robots, robots.placed().number, ItemState.IN_PROGRESS)

    said = await say(robots, "stop the robot")

    assert said.responses == ["utter_robot_stopping"] and fresh(robots, at_it.id).wish == "stop"
    waiting = item_of(robots, robots.placed().number)
    await say(robots, f"don't enter {waiting.reference} into the old ERP after all")
    assert fresh(robots, waiting.id).state is ItemState.ABANDONED


@pytest.mark.parametrize(
    ("text", "intent"), [("stop it", "deny"), ("stop", "deny"), ("停下", "deny"), ("打住！", "deny")]
)
async def test_a_bare_stop_is_the_robot_s_where_no_card_waits(robots: Bench, text: str, intent: str) -> None:
    item = item_of(robots, robots.placed().number)

    said = await robots.run(AnswerCardAction, "clerk", text, intent=intent, language="en")

    assert said.responses == ["utter_robot_stopped"] and fresh(robots, item.id).state is ItemState.ABANDONED


async def test_a_bare_stop_is_nobody_s_where_no_robot_is_at_work(robots: Bench) -> None:
    said = await robots.run(AnswerCardAction, "clerk", "stop it", intent="deny", language="en")

    assert said.responses == ["utter_nothing_pending"]


async def test_a_stop_answers_the_card_that_waits_first(robots: Bench) -> None:
    item = item_of(robots, robots.placed().number)
    asked = await say(robots, f"enter {robots.placed().number} into the old ERP")
    assert asked.card["actions"]

    said = await robots.run(AnswerCardAction, "clerk", "stop it", intent="deny", language="en")

    assert said.responses == ["utter_command_rejected"] and fresh(robots, item.id).state is ItemState.NEW


async def test_what_failed_is_tried_again_after_a_yes(robots: Bench) -> None:
    item = item_of(robots, robots.placed().number, ItemState.FAILED)

    asked = await say(robots, "let the robot try again")
    said = await press(robots, asked)

    assert asked.card["order"] == item.reference and said.responses == ["utter_robot_begun"]
    assert fresh(robots, item.id).state is ItemState.NEW and fresh(robots, item.id).input["number"] == item.reference
    assert (await say(robots, "robot try again")).responses == ["utter_robot_nothing_to_retry"]


async def test_two_systems_are_told_apart_by_their_words(robots: Bench) -> None:
    (robots.services.robots_dir / "desktop_entry.yml").write_text(DESKTOP, encoding="utf-8")
    number = robots.placed().number

    which = await say(robots, f"have the robot enter {number}")
    desktop = await say(robots, f"enter {number} into the desktop ERP")

    assert which.responses == ["utter_robot_which"]
    assert which.values("utter_robot_which")["robots"] in ("desktop ERP, old ERP", "old ERP, desktop ERP")
    with robots.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.cards.get(desktop.card["id"], "clerk").payload["robot"] == "desktop_entry"


@pytest.mark.parametrize("login", ["customer", "warehouse", "finance"])
async def test_who_may_not_have_robots_work_is_refused_and_noted(robots: Bench, login: str) -> None:
    number = robots.placed().number
    for text in (f"enter {number} into the old ERP", "stop the robot", "what is the robot doing?", "pause the robot"):
        assert (await say(robots, text, login)).responses == ["utter_role_not_allowed"]


async def test_a_manager_pauses_a_robot_and_a_clerk_does_not(robots: Bench) -> None:
    refused = await say(robots, "pause the robot")
    await say(robots, "pause the robot", "manager")
    with robots.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.robots.mode("legacy_entry") is Mode.PAUSED
    await say(robots, "let the robot run again", "manager")

    assert refused.responses == ["utter_role_not_allowed"]
    with robots.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.robots.mode("legacy_entry") is Mode.RUNNING


@pytest.mark.parametrize(("action", "answer"), [("confirm", "yes"), ("reject", "no")])
async def test_the_question_before_the_last_click_is_answered_once(robots: Bench, action: str, answer: str) -> None:
    item = item_of(robots, robots.placed().number, ItemState.IN_PROGRESS)
    robots.message_id("clerk", "hello")
    with robots.desk.unit_of_work("demo") as uow:
        uow.work_items.ask(item, {"id": "q-1", "what": "save", "picture": "p-1", "expires_at": uow.now.isoformat()})
        payload = {"kind": "robot_click", "item": item.id, "question": "q-1", "order": item.reference}
        expires = uow.now.replace(year=2030)
        card = uow.cards.issue(
            "command", "clerk", robots.conversations["clerk"], payload, ["confirm", "reject"], expires
        )
        uow.commit()

    said = await robots.run(AnswerCardAction, "clerk", card=card.id, action=action)
    again = await robots.run(AnswerCardAction, "clerk", card=card.id, action="confirm")

    assert said.responses == ["utter_robot_goes_on" if answer == "yes" else "utter_robot_ends"]
    assert again.responses == ["utter_card_used"]
    question = fresh(robots, item.id).question or {}
    assert (question["answer"], question["by"]) == (answer, "clerk")


@pytest.mark.parametrize("text", ["try again", "再试一次", "重试", "stop it", "停下"])
async def test_bare_words_reach_the_robot_whatever_they_are_taken_for(robots: Bench, text: str) -> None:
    retries = text not in {"stop it", "停下"}
    item = item_of(robots, robots.placed().number, ItemState.FAILED if retries else None)

    said = await robots.run(DeclineAction, "clerk", text, intent="out_of_scope", language="en")

    if retries:
        assert said.card["order"] == item.reference
    else:
        assert said.responses == ["utter_robot_stopped"] and fresh(robots, item.id).state is ItemState.ABANDONED


async def test_bare_words_are_nobody_s_where_the_speaker_has_nothing_with_a_robot(robots: Bench) -> None:
    said = await robots.run(DeclineAction, "clerk", "try again", intent="out_of_scope", language="en")

    assert not said.cards and "utter_robot_begun" not in said.responses
