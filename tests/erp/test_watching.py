"""A watched folder: only whole files, each once, whoever watches and whatever dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deskhand.erp.watching import DONE, REJECTED, SETTLED_SECONDS, WORKING, Outcome, Watch

OLD = time.time() - 60


class Taking:
    """Takes every file whose text is not `bad`, and refuses a row of those that say so."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def __call__(self, file: Path, refused: Path) -> Outcome:
        text = file.read_text()
        self.taken.append(text)
        if "refused" in text:
            refused.write_text("row\n")
        return Outcome(text != "bad", {"rows": 1})


def put(folder: Path, name: str, text: str, at: float = OLD) -> Path:
    file = folder / name
    file.write_text(text)
    os.utime(file, (at, at))
    return file


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_file()}


def test_a_file_is_moved_to_done_with_its_report_and_its_refused_rows_beside(tmp_path: Path) -> None:
    taking = Taking()
    watch = Watch(tmp_path, taking)
    put(tmp_path, "orders.csv", "refused")
    put(tmp_path, "broken.csv", "bad")

    told = [(name, outcome.taken) for name, outcome in watch.round()]

    assert told == [("broken.csv", False), ("orders.csv", True)] and names(tmp_path) == set()
    assert names(tmp_path / DONE) == {"orders.csv", "orders.csv.report.json", "orders.csv.rejected.csv"}
    assert names(tmp_path / REJECTED) == {"broken.csv", "broken.csv.report.json"}
    assert json.loads((tmp_path / DONE / "orders.csv.report.json").read_text()) == {"file": "orders.csv", "rows": 1}
    assert names(tmp_path / WORKING) == set() and [*watch.round()] == []


def test_a_file_that_is_still_written_waits(tmp_path: Path) -> None:
    now = [OLD + 100.0]
    taking = Taking()
    watch = Watch(tmp_path, taking, now=lambda: now[0])
    file = put(tmp_path, "orders.csv", "a", now[0])

    assert [*watch.round()] == []
    now[0] += SETTLED_SECONDS - 1
    put(tmp_path, "orders.csv", "ab", now[0])
    assert [*watch.round()] == []
    now[0] += SETTLED_SECONDS - 0.5
    assert [*watch.round()] == []
    now[0] += 1
    assert [name for name, _ in watch.round()] == ["orders.csv"] and taking.taken == ["ab"] and not file.exists()


@pytest.mark.parametrize("name", [".hidden.csv", "orders.csv.part", "orders.tmp", "orders.csv~", "orders.crdownload"])
def test_what_is_not_a_finished_file_is_left_alone(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "a")

    assert [*Watch(tmp_path, Taking()).round()] == [] and names(tmp_path) == {name}


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    watch = Watch(tmp_path, Taking())
    for text in ("first", "second"):
        put(tmp_path, "orders.csv", text)
        assert len([*watch.round()]) == 1

    assert {"orders.csv", "orders-2.csv"} <= names(tmp_path / DONE)


def test_two_watchers_never_take_the_same_file(tmp_path: Path) -> None:
    one, other = Taking(), Taking()
    inner = Watch(tmp_path, other)

    def take(file: Path, refused: Path) -> Outcome:
        assert [*inner.round()] == []  # while the first has it, the second finds nothing
        return one(file, refused)

    put(tmp_path, "orders.csv", "a")
    assert len([*Watch(tmp_path, take).round()]) == 1 and (one.taken, other.taken) == (["a"], [])


def test_what_one_could_not_finish_stays_for_the_next(tmp_path: Path) -> None:
    def fail(file: Path, refused: Path) -> Outcome:
        raise OSError("the disk is full")

    put(tmp_path, "orders.csv", "a")
    with pytest.raises(OSError, match="disk is full"):
        list(Watch(tmp_path, fail).round())

    taking = Taking()
    assert [name for name, _ in Watch(tmp_path, taking).round()] == ["orders.csv"] and taking.taken == ["a"]


_DIES = """
import sys, time
from pathlib import Path
from deskhand.erp.watching import Outcome, Watch

def take(file, refused):
    print("taken", flush=True)
    time.sleep(60)
    return Outcome(True, {})

list(Watch(Path(sys.argv[1]), take).round())
"""


def test_a_file_of_a_watcher_that_was_killed_is_taken_by_the_next(tmp_path: Path) -> None:
    put(tmp_path, "orders.csv", "a")
    taking = Taking()
    with subprocess.Popen([sys.executable, "-c", _DIES, str(tmp_path)], stdout=subprocess.PIPE, text=True) as dying:
        assert dying.stdout is not None and dying.stdout.readline() == "taken\n"
        assert [*Watch(tmp_path, taking).round()] == []  # it lives: the file is its own
        dying.send_signal(signal.SIGKILL)

    assert [name for name, _ in Watch(tmp_path, taking).round()] == ["orders.csv"]
    assert taking.taken == ["a"] and names(tmp_path / WORKING) == set()
