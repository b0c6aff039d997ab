"""The shipped robots over the old ERP in the real Chromium: entered once, read back, and what is kept of it."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Error

from deskhand.erp.importing import ImportOptions, run
from deskhand.erp.sources import Source
from deskhand.robots.browser import browser, is_headed
from deskhand.robots.evidence import Evidence, Kind
from deskhand.robots.outcome import BusinessException, NotReady, Stopped, SystemException
from deskhand.robots.rows import csv_of
from deskhand.robots.screen import Spot, spot
from deskhand.robots.scrubbing import written
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session
from deskhand.robots.shipped.legacy_web import LegacyEntry, LegacyFetch
from deskhand.robots.web import Web, WebScreen
from deskhand.robots.work_item import WorkItem, made_by_hand
from examples.legacy_erp.web import USER
from tests.support.desks import ADMIN, TENANT, demo_database, open_desk
from tests.support.legacy_erp import FIFTY, Served, entered, order, served, session
from tests.support.naughty import ODD, SCRIPTS, STATEMENTS, TEMPLATES

pytestmark = pytest.mark.browser
Elsewhere = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="module")
def erp() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def robot(erp: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LegacyEntry]:
    """One that works item after item, as in a queue."""
    made = LegacyEntry(session(tmp_path_factory.mktemp("evidence"), {"url": erp.address}))
    made.start()
    yield made
    made.end()


@pytest.fixture(autouse=True)
def kept(robot: LegacyEntry, tmp_path: Path) -> Evidence:
    """Every test's items have evidence of their own."""
    robot.session.evidence = Evidence(tmp_path / "kept")
    robot.session.dry_run, robot.session.confirm = False, None
    return robot.session.evidence


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """Calls something in a thread of its own: Playwright has one synchronous browser in a thread."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda act: thread.submit(act).result()


def work(robot: LegacyEntry, said: dict[str, Any]) -> dict[str, Any]:
    return dict(robot.work(made_by_hand(said["number"], said)).output)


def steps(kept: Evidence) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (kept.folder / "steps.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("count", [2, FIFTY])
def test_every_field_of_an_order_that_is_entered_is_the_one_that_was_wanted(
    robot: LegacyEntry, erp: Served, count: int, tell: Callable[[str], None]
) -> None:
    orders = [order(number) for number in range(count * 100, count * 101)]

    for said in orders:
        assert work(robot, said)["entered_now"]

    assert [entered(erp.book, said) for said in orders] == [[said] for said in orders]
    tell(f"web: {count} orders entered, each field read back equal")


def test_an_order_that_is_there_is_read_back_and_never_entered_again(robot: LegacyEntry, erp: Served) -> None:
    """The same: done. Otherwise: a business exception with both values. Twice: for a person."""
    said = order(7001, deliver_on="2026-12-24")
    first = work(robot, said)

    assert work(robot, said) == {**first, "entered_now": False}

    with pytest.raises(BusinessException) as refusal:
        work(robot, {**said, "deliver_on": "2026-12-31"})
    assert refusal.value.code == "read_back_differs"
    assert refusal.value.data["differences"] == [{"field": "deliver_on", "wanted": "31.12.2026", "shown": "24.12.2026"}]
    assert entered(erp.book, said) == [said]

    erp.book.post(erp.book.by_reference("SO-7001")[0], "somebody")
    with pytest.raises(BusinessException, match="entered_twice"):
        work(robot, said)


def test_a_dry_run_ends_before_the_last_click(robot: LegacyEntry, erp: Served, kept: Evidence) -> None:
    robot.session.dry_run = True

    assert work(robot, order(7004)) == {"dry_run": True}

    assert not erp.book.by_reference("SO-7004")
    assert [piece.name for piece in kept.pieces] == ["before post the order", "end"]


def test_whoever_attends_is_asked_with_the_picture_and_may_say_no(robot: LegacyEntry, erp: Served) -> None:
    asked: list[tuple[str, bytes]] = []

    def no(what: str, png: bytes) -> None:
        asked.append((what, png))
        raise Stopped("refused")

    robot.session.confirm = no
    with pytest.raises(Stopped):
        work(robot, order(7005))
    assert not erp.book.by_reference("SO-7005")
    assert asked[0][0] == "post the order" and asked[0][1].startswith(b"\x89PNG")


def test_a_customer_that_the_erp_does_not_know_is_a_business_exception_with_evidence(
    robot: LegacyEntry, erp: Served, kept: Evidence
) -> None:
    with pytest.raises(BusinessException) as refusal:
        work(robot, order(7006, customer="Nobody & Sons"))

    assert (refusal.value.code, refusal.value.data) == ("customer_unknown_there", {"customer": "Nobody & Sons"})
    assert {piece.kind for piece in kept.finished()} == {
        Kind.SCREENSHOT, Kind.DOM, Kind.NOTE, Kind.TRACE, Kind.STEPS,
    }  # fmt: skip
    assert not erp.book.by_reference("SO-7006")


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"address": ""}, "field_missing"),
        ({"lines": []}, "field_missing"),
        ({"note": "长" * 10_000}, "text_too_long"),
        ({"address": "one\ntwo"}, "field_refused"),
        ({"note": "half of a character: \ud83d"}, "field_refused"),
        ({"ordered_on": "tomorrow"}, "field_refused"),
        ({"total": "1.00"}, "total_differs"),
        ({"number": "SO-1\0"}, "field_refused"),
    ],
)
def test_what_the_erp_can_not_hold_is_refused_before_it_is_written(
    robot: LegacyEntry, erp: Served, other: dict[str, Any], code: str
) -> None:
    with pytest.raises(BusinessException) as refusal:
        work(robot, {**order(7007), **other})

    assert refusal.value.code == code
    assert not erp.book.by_reference("SO-7007")


def test_hostile_texts_are_entered_as_texts(robot: LegacyEntry, erp: Served) -> None:
    texts = [*SCRIPTS, *STATEMENTS, *TEMPLATES, *ODD, "=1+1", "@SUM(A1)", "🙂" * 900]
    said = order(7008, address=" / ".join(texts)[:290], note="\n".join(text.strip() for text in texts)[:1900])

    work(robot, said)

    assert entered(erp.book, said) == [said]


def test_in_chinese_with_windows_in_front_the_log_says_each_step_and_how_a_spot_was_found(
    robot: LegacyEntry, erp: Served
) -> None:
    robot.screen.go("/language/zh")
    said = order(7010)
    erp.faults.pop_ups = 1.0
    try:
        work(robot, said)
    finally:
        erp.faults.pop_ups = 0.0
        robot.screen.go("/language/en")

    lines = steps(robot.session.evidence)
    ended = [line["step"] for line in lines if line["what"] == "ended"]
    assert ended == [
        "look the reference up", "enter the header", "enter the lines", "enter the delivery", "check the review",
        "last click: post the order", "look the reference up", "read every field back",
    ]  # fmt: skip
    assert {"step": "reference", "way": "label=客户单号"}.items() <= next(
        line for line in lines if line["step"] == "reference" and line["what"] == "found"
    ).items()
    assert sum(line["what"] == "pressed away" for line in lines) > 5
    assert entered(erp.book, said) == [said]


def test_a_robot_that_is_told_to_stop_stops_before_its_next_step(robot: LegacyEntry, erp: Served) -> None:
    before = robot.session.control

    class Stopping(type(before)):  # type: ignore[misc] # its class is only known here
        def checkpoint(self, step: str) -> None:
            if step == "enter the lines":
                self.stop("switched off")
            super().checkpoint(step)

    robot.session.control = Stopping()
    try:
        with pytest.raises(Stopped):
            work(robot, order(7011))
    finally:
        robot.session.control = before

    assert not erp.book.by_reference("SO-7011")


def test_a_last_click_whose_page_failed_is_uncertain_and_the_next_attempt_sees_what_came_of_it(
    robot: LegacyEntry, erp: Served
) -> None:
    said = order(7012)
    control = robot.session.control

    def failing(step: str) -> None:
        erp.faults.failing = 1.0 if step == "post the order" else 0.0

    robot.session.control = type(control)(failing)
    try:
        with pytest.raises(SystemException) as failure:
            work(robot, said)
    finally:
        erp.faults.failing, robot.session.control = 0.0, control

    assert failure.value.code == "page_failed" and failure.value.data["uncertain"]
    there = len(entered(erp.book, said))
    assert work(robot, said)["entered_now"] is (there == 0)
    assert entered(erp.book, said) == [said]


def test_no_secret_stands_in_anything_that_is_kept(erp: Served, tmp_path: Path, elsewhere: Elsewhere) -> None:
    """Neither in the log, nor in the page's text, nor in the trace, where what was typed and sent is written."""
    refused = session(tmp_path, {"url": erp.address})
    refused.secrets = lambda name: Secret({"legacy_user": USER, "legacy_password": "wr0ng pass/wörd+&"}[name])

    def refuse() -> None:
        robot = LegacyEntry(refused)
        try:
            with pytest.raises(NotReady, match="sign_in_refused"):
                robot.start()
        finally:
            robot.end()

    elsewhere(refuse)

    kinds = {piece.kind for piece in refused.evidence.finished()}
    assert {Kind.TRACE, Kind.DOM, Kind.SCREENSHOT, Kind.STEPS} <= kinds
    trace = next(piece for piece in refused.evidence.pieces if piece.kind is Kind.TRACE)
    with zipfile.ZipFile(refused.evidence.folder / trace.file) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist())
    assert b"/signin" in inside  # it is the trace of that very page
    others = b"".join(path.read_bytes() for path in refused.evidence.folder.glob("*.*") if path.suffix != ".zip")
    for way in (*written("wr0ng pass/wörd+&"), *written(USER)):
        assert way not in inside + others, way


PAGE = "data:text/html,<body style='background:white'><input id=a value=''><p id=b></p><input id=c>"


def test_secrets_are_covered_on_pictures_wherever_they_show(tmp_path: Path, elsewhere: Elsewhere) -> None:
    """The field into which one was typed, though it shows what is typed; a field that holds it; a text that says it."""
    covered, boxes = elsewhere(lambda: _covered(session(tmp_path, {})))

    picture = Image.open(io.BytesIO(covered)).convert("RGB")
    assert {picture.getpixel((int(x), int(y))) for x, y in boxes} == {(255, 0, 255)}  # Playwright's colour of masks


def _covered(handed: Session) -> tuple[bytes, list[list[float]]]:
    screen = WebScreen(Web(), handed)
    screen.start()
    try:
        screen.page.goto(PAGE)
        screen.fill(spot("key", "css=#a", secret=True), Secret("hunter22-hunter22"))
        screen.page.evaluate("b.textContent = a.value; c.value = a.value")
        covered = screen.picture()
        boxes = screen.page.evaluate(
            "['a', 'b', 'c'].map(id => { const r = document.getElementById(id).getBoundingClientRect();"
            " return [r.x + 4, r.y + 4]; })"
        )
        return covered, boxes
    finally:
        screen.end()


def test_a_spot_that_never_comes_one_that_is_there_twice_and_one_that_is_switched_off_are_told_apart(
    tmp_path: Path, elsewhere: Elsewhere
) -> None:
    places = [spot("stop", "button=Stop", "css=#stop"), spot("go", "button=Go"), spot("off", "button=Off")]

    absent, double, disabled = elsewhere(lambda: _failures(session(tmp_path, {}), places))

    assert (absent.code, absent.data["ways"]) == ("not_found", ("button=Stop", "css=#stop"))
    assert (double.code, disabled.code) == ("ambiguous", "time_out")


def _failures(handed: Session, places: list[Spot]) -> list[SystemException]:
    screen, found = WebScreen(Web(patience=0.3), handed), []
    screen.start()
    try:
        screen.page.set_content("<button>Go</button><button>Go</button><button disabled>Off</button>")
        for place in places:
            with pytest.raises(SystemException) as failure:
                screen.press(place)
            found.append(failure.value)
        return found
    finally:
        screen.end()


def test_no_browser_is_said_with_what_to_install() -> None:
    with pytest.raises(NotReady, match="apt-get install chromium"):
        browser({"PATH": ""})


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a window needs no variable")
class Lost:
    """A place whose window is gone before the answer to a click is here, which is a race: always lost, here."""

    def __init__(self, place: Any, gone: Callable[[], None]) -> None:
        self.place, self.gone = place, gone

    def click(self) -> None:
        self.place.click()
        self.gone()
        raise Error("Locator.click: Target page, context or browser has been closed")


@pytest.mark.parametrize("way", ["press", "follow"])
def test_a_window_may_close_before_its_click_is_answered_but_no_browser(
    way: str, erp: Served, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked() -> None:
        screen = WebScreen(Web(), session(tmp_path, {"url": erp.address}))
        screen.start()
        try:
            screen.go()
            first, found = screen.page, screen._found
            first.set_content("<button onclick='window.open(location.href)'>Open</button>")
            screen.open_window(spot("open", "button=Open"))
            second = screen.page
            second.set_content("<button onclick='setTimeout(() => window.close(), 50)'>Pick</button>")
            gone = [lambda: second.is_closed() or second.wait_for_event("close"), first.context.close]
            monkeypatch.setattr(screen, "_found", lambda spot: Lost(found(spot), gone.pop(0)))

            getattr(screen, way)(spot("pick", "button=Pick"))
            assert screen.page is first
            with pytest.raises(SystemException, match="target_not_reached"):
                getattr(screen, way)(spot("open", "button=Open"))
        finally:
            screen.end()

    elsewhere(worked)


def test_a_window_is_opened_where_there_is_a_display_and_else_it_is_said_that_there_is_none() -> None:
    assert not is_headed({}, {})
    assert is_headed({"headed": "yes"}, {"DISPLAY": ":1"})
    with pytest.raises(SystemException, match="no DISPLAY"):
        is_headed({"headed": "yes"}, {"DISPLAY": ""})


def test_the_orders_of_a_day_are_read_page_by_page(erp: Served, tmp_path: Path, elsewhere: Elsewhere) -> None:
    day, one = "05.05.2026", erp.book.by_reference("SO-7001")[0]
    for number in range(11):
        erp.book.post(replace(one, reference=f"OF-{number}", ordered_on=day), "somebody")
    wanted = erp.book.of_day(day)
    item = made_by_hand("today", {"day": "2026-05-05"})

    found = elsewhere(lambda: _fetched(session(tmp_path, {"url": erp.address}), item))

    assert found["count"] == len(wanted) == 11
    exported = tmp_path / "legacy.csv"
    exported.write_text(csv_of(found["rows"]), encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(exported.read_text(encoding="utf-8"))))
    assert [(row["reference"], row["sku"], row["quantity"]) for row in rows] == [
        (each.reference, line.sku, line.quantity) for each in wanted for line in each.lines
    ]
    assert imported(exported, tmp_path) == (11, 11 * one.total)


def imported(file: Path, folder: Path) -> tuple[int, Decimal]:
    """How many orders the import takes of it, as of any other export, and what they come to."""
    desk = open_desk(demo_database(folder))
    desk.versions.first_look(TENANT)
    options = ImportOptions("legacy", currency="CNY", zone="Asia/Shanghai", kind="orders")
    report = run(desk, ADMIN, [Source.of(file)], options)
    desk.close()
    return report.inserted, report.total


def _fetched(handed: Session, item: WorkItem) -> Mapping[str, Any]:
    robot = LegacyFetch(handed)
    try:
        robot.start()
        return robot.work(item).output
    finally:
        robot.end()


def test_a_session_that_ended_is_a_system_exception(robot: LegacyEntry, erp: Served) -> None:
    erp.faults.time_outs = 1.0
    try:
        with pytest.raises(SystemException, match="session_ended"):
            work(robot, order(7013))
    finally:
        erp.faults.time_outs = 0.0  # the robot is made anew then; here it is the last one
