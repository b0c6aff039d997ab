"""The shipped robots over the old ERP's desktop program on an X display of their own."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from deskhand.robots.display import Display, missing_tools
from deskhand.robots.outcome import BusinessException, NotReady, SystemException
from deskhand.robots.secret import Secret
from deskhand.robots.shipped.legacy_desktop import PASSWORD as FIELD
from deskhand.robots.shipped.legacy_desktop import DesktopEntry, DesktopFetch
from deskhand.robots.work_item import made_by_hand
from examples.legacy_erp.book import Book
from examples.legacy_erp.web import PASSWORD, USER
from tests.support.legacy_erp import FIFTY, entered, order, session
from tests.support.naughty import SCRIPTS, STATEMENTS, TEMPLATES


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("erp") / "orders.db"


@pytest.fixture(scope="module")
def book(file: Path) -> Iterator[Book]:
    """What the desktop program has written, read beside it."""
    made = Book(str(file))
    yield made
    made.close()


class Impatient(DesktopEntry):
    """Over a program that fails, a window that does not come need not be waited for so long."""

    target = replace(DesktopEntry.target, patience=4.0)


def command(file: Path, *options: str) -> str:
    return shlex.join([sys.executable, "-m", "examples.legacy_erp", "--desktop", "--file", str(file), *options])


@pytest.fixture(scope="module")
def robot(file: Path, book: Book, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DesktopEntry]:
    made = DesktopEntry(session(tmp_path_factory.mktemp("evidence"), {"command": command(file)}))
    made.start()
    yield made
    made.end()


def work(robot: DesktopEntry, said: dict[str, Any]) -> dict[str, Any]:
    return dict(robot.work(made_by_hand(said["number"], said)).output)


@pytest.mark.parametrize("count", [2, FIFTY])
def test_every_field_of_an_order_that_is_entered_is_the_one_that_was_wanted(
    robot: DesktopEntry, book: Book, count: int, tell: Callable[[str], None]
) -> None:
    orders = [order(number) for number in range(count * 100, count * 101)]

    for said in orders:
        assert work(robot, said)["entered_now"]

    assert [entered(book, said) for said in orders] == [[said] for said in orders]
    tell(f"desktop: {count} orders entered, each field read back equal")


def test_an_order_that_is_there_is_read_back_and_never_entered_again(robot: DesktopEntry, book: Book) -> None:
    said = order(8001, deliver_on="2026-12-24")
    first = work(robot, said)

    assert work(robot, said) == {**first, "entered_now": False}
    with pytest.raises(BusinessException) as refusal:
        work(robot, {**said, "deliver_on": "2026-12-31"})

    assert refusal.value.data["differences"] == [{"field": "deliver_on", "wanted": "31.12.2026", "shown": "24.12.2026"}]
    assert entered(book, said) == [said]


def test_hostile_texts_are_entered_as_texts_and_what_does_not_fit_is_refused(robot: DesktopEntry, book: Book) -> None:
    texts = [*SCRIPTS, *STATEMENTS, *TEMPLATES, "=1+1", "@SUM(A1)", "$DISPLAY", "中文、日本語"]
    said = order(8002, address=" / ".join(texts)[:290], note="\n".join(texts)[:1900])

    work(robot, said)
    assert entered(book, said) == [said]

    for other in ({"note": "x" * 10_000}, {"customer": "Nobody"}):
        with pytest.raises(BusinessException):
            work(robot, {**order(8003), **other})
    assert not book.by_reference("SO-8003")


def test_an_emoji_is_entered_as_it_is_or_refused(robot: DesktopEntry, book: Book) -> None:
    """Programs of that age need not know characters beyond the first 65,536."""
    said = order(8004, note="Thanks 🙂")

    try:
        work(robot, said)
    except BusinessException:
        assert not book.by_reference("SO-8004")
    else:
        assert entered(book, said) == [said]


def test_in_chinese_with_windows_in_front_and_programs_that_fail_an_order_gets_in_once(
    file: Path, book: Book, tmp_path: Path
) -> None:
    said = order(8006)
    for attempt in range(1, 21):
        options = ("--language", "zh", "--failing", "0.05", "--pop-ups", "0.3", "--seed", str(attempt))
        handed = session(tmp_path / str(attempt), {"command": command(file, *options)})
        robot = Impatient(handed)
        try:
            robot.start()
            work(robot, said)
            break
        except SystemException:
            assert any(piece.name == "failure" for piece in handed.evidence.pieces)
        finally:
            robot.end()

    assert entered(book, said) == [said]
    logs = "".join(path.read_text() for path in tmp_path.glob("*/steps.jsonl"))
    assert "系统公告 > Escape" in logs or '"pressed away"' in logs


def test_the_orders_of_a_day_are_read(robot: DesktopEntry, book: Book, file: Path, tmp_path: Path) -> None:
    wanted = book.of_day("25.11.2026") or [book.order(1)]
    day = wanted[0].ordered_on if wanted[0] else ""
    wanted = book.of_day(day)
    other = DesktopFetch(session(tmp_path, {"command": command(file)}))
    try:
        other.start()
        found = other.work(made_by_hand("today", {"day": "-".join(reversed(day.split(".")))})).output
    finally:
        other.end()

    assert [(row["reference"], row["sku"], row["price"]) for row in found["rows"]] == [
        (each.reference, line.sku, line.price) for each in wanted for line in each.lines
    ]


def test_no_secret_stands_in_anything_that_is_kept_and_its_window_is_black(file: Path, tmp_path: Path) -> None:
    handed = session(tmp_path, {"command": command(file)})
    robot = DesktopEntry(handed)
    pictures: list[bytes] = []
    keep = robot.screen.keep
    robot.screen.keep = lambda name, whole=False: pictures.append(robot.screen.picture())  # type: ignore[method-assign]
    try:
        robot.screen.start()
        robot.screen.fill(FIELD, robot.secret("legacy_password"))
        robot.screen.keep("typed")
        keep("kept")
    finally:
        robot.end()

    image = Image.open(io.BytesIO(pictures[0])).convert("L")
    assert image.getextrema() == (0, 0)  # nothing but the sign-in window is there, and it is covered
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert PASSWORD.encode() not in kept


def test_a_display_goes_on_when_the_last_program_has_gone() -> None:
    """One that begins anew then is closed, for a moment, to the program that comes next."""
    display = Display()
    display.open()
    try:
        display.xdotool("mousemove", "5", "7")
        assert display.xdotool("getmouselocation").startswith("x:5 y:7 ")
    finally:
        display.close()


def test_a_display_ends_with_what_was_started_on_it() -> None:
    display = Display()
    display.open()
    program = display.program(["sleep", "1000"])
    name = display.environment["DISPLAY"]

    display.close()

    assert program.poll() is not None
    looked = subprocess.run(["xdotool", "getmouselocation"], env={**os.environ, "DISPLAY": name}, capture_output=True)
    assert looked.returncode != 0


def test_what_is_missing_on_a_machine_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert missing_tools() == ["xvfb", "xdotool", "xclip"]
    with pytest.raises(NotReady, match="apt-get install xvfb xdotool xclip"):
        Display().open()


def test_a_password_that_is_refused_is_an_administrator_s_matter(file: Path, tmp_path: Path) -> None:
    refused = session(tmp_path, {"command": command(file)})
    refused.secrets = lambda name: Secret({"legacy_user": USER, "legacy_password": "wrong"}[name])
    robot = DesktopEntry(refused)
    try:
        with pytest.raises(NotReady, match="sign_in_refused"):
            robot.start()
    finally:
        robot.end()


def test_a_program_that_is_not_named_is_an_administrator_s_matter(tmp_path: Path) -> None:
    robot = DesktopEntry(session(tmp_path, {"command": ""}))
    with pytest.raises(NotReady, match="setting_missing"):
        robot.start()
    robot.end()

    lines = [json.loads(line) for line in (tmp_path / "steps.jsonl").read_text().splitlines()]
    assert lines[-1]["what"] == "failed"
