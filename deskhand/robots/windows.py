"""Programs on a Windows desktop as a target, by pywinauto behind the same interface. Written from its documentation;
it has not been run by Deskhand's own tests, which run on Linux.

Ways to find a spot: `TITLE > auto_id=ID`, `TITLE > name=TEXT` or `TITLE > class=NAME`; TITLE is a part of the window's
title. Needs the extra `robots-windows` and Python on that Windows machine, with somebody's session unlocked.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from deskhand.robots.evidence import Evidence
from deskhand.robots.outcome import BusinessException, NotReady, SystemException
from deskhand.robots.screen import PATIENCE, Spot
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session

_KINDS = {"auto_id": "auto_id", "name": "title", "class": "class_name"}


@dataclass(frozen=True)
class WindowsDesktop:
    """A program on Windows; `command` is the setting that holds how it is started."""

    command: str = "command"
    patience: float = PATIENCE

    def screen(self, session: Session) -> WindowsScreen:
        return WindowsScreen(self, session)


class WindowsScreen:
    """One program, found by its windows."""

    def __init__(self, target: WindowsDesktop, session: Session) -> None:
        self._target, self._session = target, session
        self._evidence: Evidence = session.evidence
        self._application: Any = None
        self._secret_spots: list[Spot] = []

    def start(self) -> None:
        try:
            from pywinauto import Application
        except ImportError as problem:
            raise NotReady("robot_library_missing", "pip install pywinauto, on Windows") from problem
        self._application = Application(backend="uia").start(self._session.settings.get(self._target.command, ""))

    def end(self) -> None:
        try:
            if self._application is not None:
                self._application.kill()
        except Exception as problem:  # it may have ended already, which is what was wanted
            self._evidence.log("end", "failed", error=type(problem).__name__)
        self._application = None

    def fill(self, spot: Spot, text: str | Secret) -> None:
        field = self._found(spot)
        if isinstance(text, Secret):
            self._evidence.mask.add(text)
            self._secret_spots.append(spot)
            field.set_edit_text(text.reveal())
            return
        field.set_edit_text(text)
        shown = str(field.get_value())
        if shown != text:
            raise BusinessException("field_refused", spot.name, field=spot.name, wanted=text[:200], shown=shown[:200])

    def choose(self, spot: Spot, option: str) -> None:
        self._found(spot).select(option)

    def press(self, spot: Spot) -> None:
        self._found(spot).click_input()

    def submit(self, spot: Spot, *, accept: bool = False) -> None:
        self.press(spot)

    def read(self, spot: Spot) -> str:
        found = self._found(spot)
        return str(found.get_value() if hasattr(found, "get_value") else found.window_text())

    def shows(self, *spots: Spot, within: float = 0.0) -> Spot | None:
        until = time.monotonic() + within
        while True:
            for each in spots:
                if any(self._there(way) is not None for way in each.ways):
                    return each
            if time.monotonic() >= until:
                return None
            self._rest()

    def table(self, spot: Spot) -> list[list[str]]:
        return [[str(cell.window_text()) for cell in row.children()] for row in self._found(spot).children()]

    @contextmanager
    def window(self, opener: Spot) -> Iterator[None]:
        """Spots name their window, so nothing else is meant inside."""
        self.press(opener)
        yield

    def begin(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def picture(self) -> bytes:
        image: Image.Image = self._application.top_window().capture_as_image()
        origin, brush = self._application.top_window().rectangle(), ImageDraw.Draw(image)
        for spot in self._secret_spots:
            for found in filter(None, map(self._there, spot.ways)):
                box = found.rectangle()
                left, top = box.left - origin.left, box.top - origin.top
                brush.rectangle((left, top, left + box.width(), top + box.height()), fill="black")
        written = io.BytesIO()
        image.save(written, "PNG")
        return written.getvalue()

    def keep(self, name: str, *, whole: bool = False) -> None:
        try:
            self._evidence.screenshot(name, self.picture())
            if whole:
                self._evidence.note("windows", "\n".join(str(each) for each in self._application.windows()))
        except Exception as problem:  # evidence is never the reason for which work fails
            self._evidence.log("evidence", "failed", name=name, error=type(problem).__name__)

    def finish(self, *, failed: bool) -> None:
        """There is no trace: the log of steps and the pictures are it."""

    def _found(self, spot: Spot) -> Any:
        until = time.monotonic() + self._target.patience
        while True:
            for way in spot.ways:
                found = self._there(way)
                if found is not None and found.is_enabled():
                    self._evidence.log(spot.name, "found", way=way)
                    return found
            if time.monotonic() >= until:
                raise SystemException("not_found", f"{spot.name}: {', '.join(spot.ways)}", spot=spot.name)
            self._rest()

    def _there(self, way: str) -> Any:
        title, _, place = way.rpartition(">")
        kind, _, words = place.strip().partition("=")
        window = self._application.window(title_re=f".*{re.escape(title.strip())}.*")
        found = window.child_window(**{_KINDS[kind]: words}) if kind in _KINDS else window
        return found.wrapper_object() if found.exists(timeout=0) and found.is_visible() else None

    def _rest(self) -> None:
        self._session.control.obey()
        time.sleep(0.05)
