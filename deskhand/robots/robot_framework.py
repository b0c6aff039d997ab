"""A Robot Framework suite as a robot: whoever has such tasks goes on using them, from the same queue.

The suite runs in a process of its own. It finds the item's input at `%{ROBOT_ITEM}` (JSON), writes its output to
`%{ROBOT_OUTPUT}` (JSON) and finds each credential in a variable `ROBOT_SECRET_NAME`. A failure whose message begins
with `BUSINESS code` is a business exception, any other a system exception. Needs the extra `robots-framework`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from lxml import etree

from deskhand.robots.evidence import Evidence
from deskhand.robots.outcome import BusinessException, NotReady, RobotError, Stopped, SystemException
from deskhand.robots.robot import Robot
from deskhand.robots.screen import Screen, Spot
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session
from deskhand.robots.work_item import WorkItem

ITEM, OUTPUT = "ROBOT_ITEM", "ROBOT_OUTPUT"
SECRETS = "ROBOT_SECRET_"
PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "DISPLAY", "XAUTHORITY", "VIRTUAL_ENV", "TMPDIR")
_BUSINESS = re.compile(r"BUSINESS[: ]+([a-z_]+)[: ]*(.*)", re.DOTALL)


class NoScreen:
    """The suite opens and closes what it works on itself, and takes its own pictures."""

    def start(self) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""

    def begin(self, evidence: Evidence) -> None:
        """Nothing."""

    def keep(self, name: str, *, whole: bool = False) -> None:
        """Nothing."""

    def finish(self, *, failed: bool) -> None:
        """Nothing."""

    def picture(self) -> bytes:
        """There is none."""
        return b""

    def fill(self, spot: Spot, text: str | Secret) -> None:
        raise NotImplementedError("the suite does it")

    def choose(self, spot: Spot, option: str) -> None:
        raise NotImplementedError("the suite does it")

    def press(self, spot: Spot) -> None:
        raise NotImplementedError("the suite does it")

    def submit(self, spot: Spot, *, accept: bool = False) -> None:
        raise NotImplementedError("the suite does it")

    def read(self, spot: Spot) -> str:
        raise NotImplementedError("the suite does it")

    def shows(self, *spots: Spot, within: float = 0.0) -> Spot | None:
        raise NotImplementedError("the suite does it")

    def table(self, spot: Spot) -> list[list[str]]:
        raise NotImplementedError("the suite does it")

    @contextmanager
    def window(self, opener: Spot) -> Iterator[None]:
        raise NotImplementedError("the suite does it")
        yield


class Suite:
    """The target."""

    def screen(self, session: Session) -> Screen:
        return NoScreen()


class RobotFrameworkRobot(Robot):
    """`suite` in the robot's settings names the file or folder; `seconds` how long it may take."""

    name = "robot_framework"
    target = Suite()
    credentials: ClassVar[tuple[str, ...]] = ()

    def open(self) -> None:
        if importlib.util.find_spec("robot") is None:
            raise NotReady("robot_library_missing", "Robot Framework is not here: pip install robotframework")
        if not Path(self.session.settings.get("suite", "")).exists() or not self.session.settings.get("suite"):
            raise NotReady("robot_invalid", f"there is no suite {self.session.settings.get('suite', '')!r}")

    def process(self, item: WorkItem) -> Mapping[str, Any]:
        with tempfile.TemporaryDirectory(prefix="deskhand-suite-") as folder, self.step("run the suite"):
            given, written, results = Path(folder, "item.json"), Path(folder, "output.json"), Path(folder, "results")
            said = {**item.input, "reference": item.reference, "dry_run": self.session.dry_run}
            given.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
            code = self._run(["--outputdir", str(results), self.session.settings["suite"]], given, written)
            failure = self._kept(results, code)
            if failure is not None:
                raise failure
            output = json.loads(written.read_text(encoding="utf-8")) if written.exists() else {}
            return output if isinstance(output, dict) else {"output": output}

    def _run(self, options: list[str], given: Path, written: Path) -> int:
        """Looks at every tenth of a second whether it may go on; what it prints is not kept, its own log is."""
        names = self.session.settings.get("credentials", "").split() or self.credentials
        secrets = {f"{SECRETS}{name.upper()}": self.secret(name).reveal() for name in names}
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment = {**passed, **secrets, ITEM: str(given), OUTPUT: str(written)}
        process = subprocess.Popen(
            [sys.executable, "-m", "robot", "--console", "none", *options], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + float(self.session.settings.get("seconds", "600"))
        try:
            while process.poll() is None:
                self.session.control.wait(0.1)
                if time.monotonic() > until:
                    raise SystemException("time_out", "the suite")
            return int(process.returncode)
        finally:
            process.kill()
            process.wait()

    def _kept(self, results: Path, code: int) -> RobotError | None:
        """The suite's log and pictures; and what went wrong, if anything did."""
        evidence = self.session.evidence
        for picture in sorted(results.rglob("*.png")):
            evidence.screenshot(picture.stem, picture.read_bytes())
        report = results / "output.xml"
        if not report.exists():
            return SystemException("robot_invalid", f"the suite did not run ({code})")
        evidence.note("output.xml", report.read_text(encoding="utf-8", errors="replace"))
        tree = etree.parse(report, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
        for keyword in tree.iterfind(".//test/kw"):
            status = keyword.find("status")
            evidence.log(str(keyword.get("name")), str(status.get("status") if status is not None else ""))
        failed = [test.findtext("status") or "" for test in tree.iterfind(".//test") if _status(test) == "FAIL"]
        if not failed:
            return None if code == 0 else SystemException("robot_invalid", f"the suite ended with {code}")
        return _error(evidence.mask.masked(failed[0]))


def _status(test: Any) -> str:
    status = test.find("status")
    return "" if status is None else str(status.get("status"))


def _error(message: str) -> RobotError:
    match = _BUSINESS.match(message)
    if match:
        return BusinessException(match[1], match[2][:300])
    return Stopped(message[:300]) if message.startswith("STOPPED") else SystemException("suite_failed", message[:300])
