"""A robot's shift: what it takes, what it obeys, and what is written of every way in which its work can end."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from deskhand.robots.evidence import STEPS
from deskhand.robots.outcome import BusinessException, SystemException
from deskhand.robots.robots_file import RobotLibraryMissing, Robots, RobotUnusable
from deskhand.robots.secret import MASK
from deskhand.robots.shift import folder_of
from deskhand.robots.words import problem_said, said_of
from deskhand.store import Desk
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import ItemState
from tests.support.desks import TENANT, FakeClock
from tests.support.robots import FILE, House


@pytest.fixture
def house(desk: Desk, tmp_path: Path) -> House:
    return House(desk, tmp_path)


def switch(house: House, mode: Mode) -> None:
    with house.desk.unit_of_work(TENANT) as uow:
        uow.robots.switch("legacy_entry", mode, "manager")
        uow.commit()


def evidence(house: House, reference: str) -> list[tuple[int, str]]:
    with house.desk.unit_of_work(TENANT, read_only=True) as uow:
        return [(row.attempt, row.kind) for row in uow.robots.evidence_of(house.item(reference).id)]


def events(house: House) -> list[str]:
    with house.desk.unit_of_work(TENANT, read_only=True) as uow:
        rows = uow.connection.execute(text("SELECT name FROM outbox_event ORDER BY id"))  # tests may look everywhere
        return [name for (name,) in rows if name.startswith("Robot")]


def test_what_waits_is_done_the_urgent_first_and_each_reference_once(house: House) -> None:
    house.add("SO-1", "SO-2")
    house.add("SO-3", priority=5)
    again = house.add("SO-2")[0]

    assert house.shift().run() == 3

    assert house.system.entered == ["SO-3", "SO-1", "SO-2"]
    assert house.item("SO-2").id == again.id and house.item("SO-2").output == {"entered_as": "L-SO-2"}
    assert [kind for _, kind in evidence(house, "SO-1")] == ["screenshot", "steps"]
    assert house.system.sessions == 0


def test_a_business_exception_is_never_tried_again_and_keeps_its_evidence(house: House, clock: FakeClock) -> None:
    def refuse(*_: Any) -> None:
        raise BusinessException("customer_unknown_there", customer="Huaxing")

    house.system.happens = refuse
    house.add("SO-1")
    house.shift().run()
    clock.forward(hours=2)

    assert house.shift().run() == 0
    item = house.item("SO-1")
    assert item.is_business and item.problem is not None
    assert (item.problem["code"], item.problem["data"]) == ("customer_unknown_there", {"customer": "Huaxing"})
    assert events(house) == ["RobotOutcome"]  # a person will be asked


def test_a_system_exception_is_tried_again_later_each_time_then_somebody_is_told(
    house: House, clock: FakeClock
) -> None:
    def fail(*_: Any) -> None:
        raise SystemException("page_failed", "500")

    house.system.happens = fail
    house.add("SO-1")
    waits = []
    while house.item("SO-1").state is ItemState.NEW:
        assert house.shift().run() == 1
        item = house.item("SO-1")
        if item.state is ItemState.NEW:
            assert item.not_before is not None
            waits.append((item.not_before - clock()).total_seconds())
            assert house.shift().run() == 0  # not before its time
            clock.now = item.not_before

    assert len(waits) == 4 and all(5 / 2 * 2**n <= each <= 5 * 2**n for n, each in enumerate(waits))
    assert house.item("SO-1").state is ItemState.FAILED and not house.item("SO-1").is_business
    assert {attempt for attempt, _ in evidence(house, "SO-1")} == {1, 2, 3, 4, 5}
    assert events(house) == ["RobotFailed", "RobotFailed"]  # for sales and for administrators


def test_a_fault_of_the_robot_s_own_is_a_system_exception(house: House) -> None:
    def stumble(*_: Any) -> None:
        raise ZeroDivisionError("no")

    house.system.happens = stumble
    house.add("SO-1")
    house.shift().run(most=1)

    problem = house.item("SO-1").problem
    assert problem is not None and (problem["kind"], problem["code"]) == ("system", "unexpected")


def test_a_robot_whose_library_is_not_installed_says_what_to_do(house: House) -> None:
    (house.files / "needy.py").write_text("import no_such_library_of_screens\n", encoding="utf-8")
    real = Robots(house.files, {})

    with pytest.raises(RobotLibraryMissing, match="no_such_library_of_screens"):
        real.class_of(replace(real.read("legacy_entry"), class_name="needy:Needy"))
    with pytest.raises(RobotUnusable) as unusable:
        real.class_of(replace(real.read("legacy_entry"), class_name="deskhand.robots.no_such:Robot"))

    assert type(unusable.value) is RobotUnusable
    for language, words in {"zh": "管理员", "en": "administrator"}.items():
        assert words in said_of(RobotLibraryMissing.code, language)


def test_what_no_retry_mends_pauses_the_robot_and_an_administrator_hears_of_it_once(house: House) -> None:
    def lack(item: Any, session: Any) -> None:
        session.secrets("legacy_password")

    (house.files / "legacy_entry.yml").write_text(FILE.replace("[legacy_user]", "[legacy_user, legacy_password]"))
    house.system.happens = lack
    house.add("SO-1", "SO-2")

    assert house.shift().run() == 1
    item = house.item("SO-1")
    assert (item.state, item.attempts, (item.problem or {})["code"]) == (ItemState.NEW, 0, "credential_unknown")
    assert "deskhand vault set legacy_password" in problem_said(item.problem, "en")
    with house.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.robots.mode("legacy_entry") is Mode.PAUSED
    assert events(house) == ["RobotFailed"]

    house.system.happens = lambda *_: None
    switch(house, Mode.RUNNING)
    assert house.shift().run() == 2 and house.system.entered == ["SO-1", "SO-2"]


@pytest.mark.parametrize("class_name", ["needy:Needy", "deskhand.robots.no_such:Robot"])
def test_a_class_that_can_t_be_had_is_not_tried_again_and_again(house: House, class_name: str) -> None:
    (house.files / "needy.py").write_text("import no_such_library_of_screens\n", encoding="utf-8")
    text = (house.files / "legacy_entry.yml").read_text(encoding="utf-8")
    (house.files / "legacy_entry.yml").write_text(text.replace("deskhand.robots.robot:Robot", class_name))
    house.shop = replace(house.shop, robots=Robots(house.files, {}))
    house.add("SO-1")

    assert house.shift().run() == 1 and house.shift().run() == 0
    assert house.item("SO-1").state is ItemState.NEW
    assert (house.item("SO-1").problem or {})["kind"] == "system"


def test_every_sentence_is_said_in_both_languages_under_a_key_that_is_a_text() -> None:
    words = yaml.safe_load(Path("deskhand/robots/words.yml").read_text(encoding="utf-8"))

    assert {key for key, said in words.items() if not isinstance(key, str) or set(said) != {"zh", "en"}} == set()


@pytest.mark.parametrize("robot", ["legacy_entry", "legacy_fetch", "legacy_desktop_entry", "legacy_desktop_fetch"])
def test_the_steps_of_the_shipped_robots_have_their_names(robot: str) -> None:
    spec = Robots(Path("robots"), {}).read(robot)
    module, _, _ = spec.class_name.partition(":")
    source = Path(module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")

    named = re.findall(r'@step\("([^"]+)"|last_click\(\w+(?:\([^)]*\))?, "([^"]+)"', source)
    assert {first or second for first, second in named} >= set(spec.steps) and spec.steps


def test_every_way_in_which_a_robot_is_not_ready_has_its_sentence() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in Path("deskhand/robots").rglob("*.py"))
    codes = {*re.findall(r'NotReady\(\s*"([a-z_]+)"', source), RobotUnusable.code, RobotLibraryMissing.code}

    assert len(codes) >= 6
    assert {code for code in codes if said_of(code, "en") == said_of("unexpected", "en", code=code)} == set()


def test_a_robot_that_died_leaves_its_item_to_the_next_one_with_what_it_had_kept(
    house: House, clock: FakeClock
) -> None:
    class Killed(BaseException):
        pass

    def die(item: Any, session: Any) -> None:
        session.evidence.screenshot("before the end", b"png")
        session.evidence.log("fill in", "began")
        raise Killed

    house.system.happens = die
    house.add("SO-1")
    shift = house.shift("dead")
    with pytest.raises(Killed):
        shift.run()
    house.system.happens = lambda *_: None
    with house.desk.unit_of_work(TENANT) as uow:  # a process that is killed gives no licence back
        uow.robots.hold("legacy_entry", 1, "dead", 60)
        uow.commit()

    assert house.shift("next").run() == 0
    clock.forward(seconds=61)
    assert house.shift("next").run() == 1

    assert house.system.entered == ["SO-1"] and house.item("SO-1").attempts == 2
    assert (1, "screenshot") in evidence(house, "SO-1") and (2, "screenshot") in evidence(house, "SO-1")


def test_what_robots_die_of_again_and_again_is_given_up(house: House, clock: FakeClock) -> None:
    house.add("SO-1", priority=9)
    house.add("SO-2")
    for _ in range(10):
        with house.desk.unit_of_work(TENANT) as uow:
            assert uow.work_items.claim("legacy_entry", "killed", 60, 10) is not None
            uow.commit()
        clock.forward(seconds=61)

    house.shift().run()

    assert house.item("SO-1").state is ItemState.FAILED and house.item("SO-2").state is ItemState.SUCCESSFUL
    assert (house.item("SO-1").problem or {})["code"] == "robot_died"


def test_whoever_has_lost_the_lease_writes_nothing(house: House, clock: FakeClock) -> None:
    """As after a pause of the whole machine: somebody else has done the item meanwhile."""

    def sleep(item: Any, session: Any) -> None:
        clock.forward(seconds=120)
        with house.desk.unit_of_work(TENANT) as uow:
            other = uow.work_items.claim("legacy_entry", "other", 60, 10)
            assert other is not None and uow.work_items.finish(other, ItemState.SUCCESSFUL, {"by": "other"})
            uow.commit()

    house.system.happens = sleep
    house.add("SO-1")
    house.shift().run()

    assert house.item("SO-1").output == {"by": "other"} and house.system.entered == []


@pytest.mark.parametrize("mode", [Mode.PAUSED, Mode.STOPPED])
def test_a_robot_that_is_switched_off_takes_nothing(house: House, mode: Mode) -> None:
    house.add("SO-1")
    switch(house, mode)

    assert house.shift().run() == 0
    switch(house, Mode.RUNNING)
    assert house.shift().run() == 1


def test_a_pause_lets_the_item_be_finished_and_the_kill_switch_ends_it_before_its_next_step(house: House) -> None:
    modes = {"SO-1": Mode.PAUSED, "SO-2": Mode.STOPPED}
    house.system.happens = lambda item, session: switch(house, modes[item.reference])
    house.add("SO-1", "SO-2")

    house.shift().run()
    assert house.system.entered == ["SO-1"] and house.item("SO-2").state is ItemState.NEW

    switch(house, Mode.RUNNING)
    house.shift().run()
    assert house.item("SO-2").state is ItemState.NEW and house.item("SO-2").attempts == 0
    assert house.system.entered == ["SO-1"]


def test_somebody_stops_an_item_while_it_is_worked_on_or_while_it_waits(house: House) -> None:
    def stop(item: Any, session: Any) -> None:
        with house.desk.unit_of_work(TENANT) as uow:
            assert uow.work_items.stop(item.id, "clerk") is not None
            uow.commit()

    house.system.happens = stop
    house.add("SO-1")
    house.shift().run()
    (waiting,) = house.add("SO-2")
    with house.desk.unit_of_work(TENANT) as uow:
        uow.work_items.stop(waiting.id, "clerk")
        uow.commit()

    assert house.shift().run() == 0 and house.system.entered == []
    assert {house.item(each).state for each in ("SO-1", "SO-2")} == {ItemState.ABANDONED}


def test_what_is_past_its_deadline_is_not_begun(house: House, clock: FakeClock) -> None:
    house.add("SO-1", deadline=clock() + timedelta(minutes=5))
    clock.forward(minutes=6)

    assert house.shift().run() == 0
    assert (house.item("SO-1").problem or {})["code"] == "deadline_passed"


def test_there_is_one_session_for_each_licence(house: House) -> None:
    began, go_on = threading.Event(), threading.Event()

    def wait(*_: Any) -> None:
        began.set()
        assert go_on.wait(30)

    house.system.happens = wait
    house.add("SO-1", "SO-2")
    first = threading.Thread(target=house.shift("one").run)
    first.start()
    assert began.wait(30)

    assert house.shift("two").run() == 0
    go_on.set()
    first.join(60)
    assert sorted(house.system.entered) == ["SO-1", "SO-2"] and house.system.most_sessions == 1


def test_robots_keep_to_their_hours_in_the_company_s_zone(desk: Desk, tmp_path: Path, clock: FakeClock) -> None:
    house = House(desk, tmp_path, 'working_hours: {days: [fri], from: "22:00", to: "02:00"}\n')
    house.add("SO-1")

    assert house.shift().run() == 0  # ten in the morning of a Friday in Shanghai
    clock.forward(hours=13)
    assert house.shift().run() == 1
    house.add("SO-2")
    clock.forward(hours=2.5)
    assert house.shift().run() == 1  # half past one in the night that began on Friday


def test_a_credential_is_had_only_where_the_robot_s_file_names_it_and_is_written_nowhere(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def sign_in(item: Any, session: Any) -> None:
        secret = session.secrets("legacy_user")
        session.evidence.mask.add(secret)
        session.evidence.dom("page", f"<input value='{secret.reveal()}'>")
        session.evidence.log("sign in", "typed", value=secret.reveal(), shown=secret)
        session.secrets("another_systems_password")

    house.system.happens = sign_in
    house.add("SO-1")
    house.shift().run(most=1)

    item = house.item("SO-1")
    assert (item.problem or {})["code"] == "credential_unknown"
    folder = folder_of(house.shop.folder, TENANT, item.id, 1)
    kept = b"".join(file.read_bytes() for file in folder.iterdir())
    assert MASK.encode() in kept and b"s3cret-word" not in kept
    assert "s3cret-word" not in caplog.text and "s3cret-word" not in json.dumps(item.problem)
    assert (folder / STEPS).exists()


@pytest.mark.parametrize(("says", "state"), [("yes", ItemState.SUCCESSFUL), ("no", ItemState.ABANDONED)])
def test_in_attended_mode_the_last_click_waits_for_a_yes(house: House, says: str, state: ItemState) -> None:
    house.add("SO-1", attended=True)
    worked = threading.Thread(target=house.shift().run)
    worked.start()
    while (question := house.item("SO-1").question) is None:
        assert worked.is_alive()
    with house.desk.unit_of_work(TENANT) as uow:
        picture = uow.robots.evidence(question["picture"])
        assert picture is not None and picture.kind == "screenshot"
        assert uow.work_items.answer(house.item("SO-1").id, question["id"], says == "yes", "clerk")
        assert not uow.work_items.answer(house.item("SO-1").id, question["id"], True, "clerk")  # once
        uow.commit()
    worked.join(60)

    assert house.item("SO-1").state is state
    assert house.system.entered == (["SO-1"] if says == "yes" else [])


def test_nobody_s_answer_is_no_yes(house: House, clock: FakeClock) -> None:
    house.add("SO-1", attended=True)
    house.shop = replace(house.shop, question_seconds=30)
    worked = threading.Thread(target=house.shift().run)
    worked.start()
    while house.item("SO-1").question is None:
        assert worked.is_alive()
    clock.forward(seconds=31)
    worked.join(60)

    assert house.system.entered == [] and house.item("SO-1").state is ItemState.ABANDONED
    assert (house.item("SO-1").problem or {})["code"] == "not_answered"


def test_a_dry_run_saves_nothing(house: House) -> None:
    house.add("SO-1", dry_run=True)
    house.shift().run()

    assert house.item("SO-1").state is ItemState.SUCCESSFUL and house.system.entered == []
