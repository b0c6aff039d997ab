"""Programs on an X display as a target. Ways to find a spot: `TITLE > KEY` or `TITLE > X,Y`.

TITLE is a part of the window's title, KEY what leads to the field or presses the button there (`alt+r`, `F8`), X,Y a
place in the window. Knows no program in particular; a program without keys of its own is worked by places.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deskhand.robots.display import EMPTY, Display, Window
from deskhand.robots.evidence import Evidence
from deskhand.robots.outcome import BusinessException, NotReady, SystemException
from deskhand.robots.screen import PATIENCE, Spot
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session

_TRIES = 3  # of putting a text into a field: something may come in front meanwhile


@dataclass(frozen=True)
class Desktop:
    """A program on a display of its own.

    Attributes:
        command: the setting that holds how it is started.
        select_all, delete: what marks a field's whole text, and what empties it.
        ends_lines: what is copied of a field of several lines has one line end more than was put into it.
        answers: seconds after which a field of which nothing was copied is taken for empty.
        nuisances: windows that come by themselves; pressed away whenever one is there.
        failures: windows that say that the program failed; pressed away, then the step has failed.
        question: what says yes in the window that the last click opens.
        signed_out: the window that shows that the session has ended, once `open` is through.
    """

    command: str = "command"
    select_all: str = "ctrl+a"
    delete: str = "BackSpace"
    ends_lines: bool = False
    answers: float = 6.0
    nuisances: tuple[Spot, ...] = ()
    failures: tuple[Spot, ...] = ()
    question: Spot | None = None
    signed_out: Spot | None = None
    patience: float = PATIENCE
    size: tuple[int, int] = (1024, 768)

    def screen(self, session: Session) -> DesktopScreen:
        return DesktopScreen(self, session)


class DesktopScreen:
    """One display, one program, one clipboard."""

    def __init__(self, target: Desktop, session: Session) -> None:
        self._target, self._session = target, session
        self._evidence: Evidence = session.evidence
        self._display = Display(target.size)
        self._secret_spots: list[Spot] = []
        self._is_open = False

    def start(self) -> None:
        command = self._session.settings.get(self._target.command, "")
        if not command:
            raise NotReady("setting_missing", self._target.command, setting=self._target.command)
        self._display.open(headed=self._session.settings.get("headed") == "yes")
        try:
            self._program = self._display.program(shlex.split(command))
        except OSError as problem:
            raise SystemException("target_not_reached", f"{shlex.split(command)[0]}: {problem.strerror}") from problem

    def end(self) -> None:
        self._display.close()

    # Doing

    def fill(self, spot: Spot, text: str | Secret) -> None:
        if isinstance(text, Secret):
            return self._fill_secret(spot, text)
        if "\0" in text or not text.isascii() and not _can_be_sent(text):
            raise BusinessException("field_refused", spot.name, field=spot.name, wanted=repr(text)[:200], shown="")
        shown = ""
        for _ in range(_TRIES):
            self._put(spot, text)
            shown = self._copied(spot)
            if shown == text:
                return
        raise BusinessException("field_refused", spot.name, field=spot.name, wanted=text[:200], shown=shown[:200])

    def choose(self, spot: Spot, option: str) -> None:
        self.fill(spot, option)

    def press(self, spot: Spot) -> None:
        window, key = self._found(spot)
        self._display.keys(window, key)

    def submit(self, spot: Spot, *, accept: bool = False) -> None:
        """What the program shows next is waited for by the next spot, and a failure that it shows by `looks_well`."""
        self.press(spot)
        if accept and self._target.question is not None:
            self.press(self._target.question)

    @contextmanager
    def window(self, opener: Spot) -> Iterator[None]:
        """Spots name their window, so nothing else is meant inside."""
        self.press(opener)
        yield

    # Looking

    def read(self, spot: Spot) -> str:
        return self._copied(spot)

    def shows(self, *spots: Spot, within: float = 0.0) -> Spot | None:
        until = time.monotonic() + within
        while True:
            windows = self._cleared()
            for each in spots:
                if any(_named(windows, way) for way in each.ways):
                    return each
            if time.monotonic() >= until:
                return None
            self._rest()

    def table(self, spot: Spot) -> list[list[str]]:
        """Lines of the text, cells between tabs."""
        return [line.split("\t") for line in self.read(spot).split("\n") if line]

    # What is kept

    def begin(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def picture(self) -> bytes:
        windows = self._display.windows()
        ways = [way for spot in self._secret_spots for way in spot.ways]
        return self._display.picture([each for way in ways for each in windows if _title(way) in each.title])

    def keep(self, name: str, *, whole: bool = False) -> None:
        try:
            self._evidence.screenshot(name, self.picture())
            if whole:
                windows = [f"{each.id} {each.title!r} {each.x},{each.y} {each.width}x{each.height}"
                           for each in self._display.windows()]  # fmt: skip
                self._evidence.note("windows", "\n".join(windows))
        except Exception as problem:  # evidence is never the reason for which work fails
            self._evidence.log("evidence", "failed", name=name, error=f"{type(problem).__name__}: {problem}"[:300])

    def finish(self, *, failed: bool) -> None:
        """A display leaves no trace of its own: the log of steps and the pictures are it."""
        self._is_open = True  # `open` is through: a window that asks to sign in means that the session has ended

    # How

    def _put(self, spot: Spot, text: str) -> None:
        window, key = self._found(spot)
        self._display.put_clipboard(text)
        paste = ("ctrl+v",) if text else ()
        self._display.keys(window, key, self._target.select_all, self._target.delete, *paste)

    def _copied(self, spot: Spot) -> str:
        """The field's whole text. Empty is believed only after a while: a busy program answers late, not never."""
        self._display.put_clipboard(EMPTY)
        until = time.monotonic() + self._target.answers
        while time.monotonic() < until:
            window, key = self._found(spot)
            self._display.keys(window, key, self._target.select_all, "ctrl+c")
            again = time.monotonic() + self._target.answers / 3
            while time.monotonic() < again:
                said = self._display.clipboard()
                if said != EMPTY:
                    return said.removesuffix("\n") if self._target.ends_lines else said
                self._rest()
        return ""

    def _fill_secret(self, spot: Spot, secret: Secret) -> None:
        self._evidence.mask.add(secret)
        if spot not in self._secret_spots:
            self._secret_spots.append(spot)
        window, key = self._found(spot)
        self._display.keys(window, key, self._target.select_all, self._target.delete)
        self._display.typed(secret.reveal())

    def _found(self, spot: Spot) -> tuple[Window, str]:
        """The window of the first way that leads to one, once it stands still; and the key or the place in it."""
        until = time.monotonic() + self._target.patience
        before: Window | None = None
        while True:
            windows = self._cleared()
            way, window = next(((way, each) for way in spot.ways for each in _named(windows, way)), ("", None))
            if window is not None and window == before:
                self._evidence.log(spot.name, "found", way=way)
                return window, way.rpartition(">")[2].strip()
            before = window
            if time.monotonic() >= until:
                self._dead()
                raise SystemException("not_found", f"{spot.name}: {', '.join(spot.ways)}", spot=spot.name)
            if window is None:
                self._rest()

    def _cleared(self) -> list[Window]:
        """The windows, once those that came by themselves are gone.

        Raises:
            SystemException: `page_failed`, `session_ended`.
        """
        while True:
            windows = self._display.windows()
            gone = self._target.signed_out
            if self._is_open and gone and any(_named(windows, way) for way in gone.ways):
                raise SystemException("session_ended")
            for failure in self._target.failures:
                for window, key in _matching(windows, failure):
                    self._press_away(failure, window, key)
                    raise SystemException("page_failed", window.title)
            nuisance = [(each, *found) for each in self._target.nuisances for found in _matching(windows, each)]
            if not nuisance:
                return windows
            self._press_away(*nuisance[0])

    def _press_away(self, spot: Spot, window: Window, key: str) -> None:
        self._evidence.log(spot.name, "pressed away", title=window.title)
        try:
            self._display.keys(window, key)
        except SystemException:  # it closed by itself meanwhile
            self._rest()

    def _rest(self) -> None:
        self._session.control.obey()
        time.sleep(0.02)

    def _dead(self) -> None:
        if self._program.poll() is not None:
            raise SystemException("target_not_reached", f"the program ended with {self._program.returncode}")


def _title(way: str) -> str:
    return way.rpartition(">")[0].strip()


def _named(windows: list[Window], way: str) -> list[Window]:
    return [each for each in windows if _title(way) in each.title][-1:]


def _matching(windows: list[Window], spot: Spot) -> list[tuple[Window, str]]:
    return [(each, way.rpartition(">")[2].strip()) for way in spot.ways for each in _named(windows, way)]


def _can_be_sent(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
