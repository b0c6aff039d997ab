"""A robot: what it works on, and its steps. Authors write `open`, `process` and `close`; the rest is seen to here.

Knows no queue, no database and no library of screens.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar, cast

from deskhand.robots.outcome import BusinessException, RobotError, Stopped, Successful, SystemException
from deskhand.robots.screen import Screen, Spot
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session
from deskhand.robots.work_item import WorkItem

P = ParamSpec("P")
R = TypeVar("R")
Self_ = TypeVar("Self_", bound="Robot")


class Target(Protocol):
    """What a robot works on, as its class declares it."""

    def screen(self, session: Session) -> Screen:
        """Opens nothing yet."""


class DryRunEnded(Exception):
    """Everything up to the last click was done."""


class Robot:
    """Made anew after every system exception, with a fresh target; works one item after the other until then.

    Attributes:
        settles: seconds for which the target may still be at it after a last click whose end nobody saw.
        keep_traces: also those of items that went well.
    """

    name: ClassVar[str]
    target: ClassVar[Target]
    settles: ClassVar[int] = 30
    keep_traces: ClassVar[bool] = False

    def __init__(self, session: Session) -> None:
        self.session = session
        self.screen = self.target.screen(session)
        self._secrets: list[Secret] = []
        self._clicked = False

    # What authors write

    def open(self) -> None:
        """Sign in, and get to where every item begins."""

    def process(self, item: WorkItem) -> Successful | Mapping[str, Any]:
        """One item: look whether it is there, enter it, read it back.

        Raises:
            BusinessException, SystemException.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Sign out; what fails here is of no importance."""

    # What whoever runs it calls

    def start(self) -> None:
        """The target and `open`. Raises what `work` raises."""
        self.screen.begin(self.session.evidence)
        self.session.evidence.log("open", "began")  # a robot that is killed while its target starts leaves this
        with self._watched("open"):
            self.screen.start()
            self.open()
            self.screen.finish(failed=False)

    def work(self, item: WorkItem) -> Successful:
        """`process`, with everything that is kept of it.

        Raises:
            BusinessException, SystemException, Stopped: nothing else.
        """
        self._clicked = False
        for secret in self._secrets:
            self.session.evidence.mask.add(secret)
        self.screen.begin(self.session.evidence)
        self.session.evidence.log("process", "began", reference=item.reference, attempt=item.attempts)
        with self._watched("process"):
            try:
                output = self.process(item)
            except DryRunEnded:
                output = {"dry_run": True}
            self.screen.keep("end")
            self.screen.finish(failed=self.keep_traces)
        return output if isinstance(output, Successful) else Successful(dict(output))

    def end(self) -> None:
        """Never raises."""
        try:
            self.close()
        except Exception as problem:  # the work is over; a window that is gone already is no failure of it
            self.session.evidence.log("close", "failed", error=type(problem).__name__)
        self.screen.end()

    # What steps are written with

    @contextmanager
    def step(self, name: str, *, picture: bool = False) -> Iterator[None]:
        """`with self.step("look the reference up"): ...`"""
        self.session.control.checkpoint(name)
        with self.session.evidence.step(name):
            yield
            if picture:
                self.screen.keep(name)

    def secret(self, name: str) -> Secret:
        """A credential, which is masked from now on wherever it shows."""
        secret = self.session.secrets(name)
        self._secrets.append(secret)
        self.session.evidence.mask.add(secret)
        return secret

    def value(self, item: WorkItem, field: str) -> str:
        """A text of the item's input.

        Raises:
            BusinessException: `field_missing`.
        """
        if item.input.get(field) is None:
            raise refuse("field_missing", field=field)
        return str(item.input[field])

    def last_click(self, spot: Spot, what: str, *, accept: bool = False) -> None:
        """What can't be taken back: kept in a picture, asked for in attended mode, left out in a dry run.

        Raises:
            Stopped: whoever was asked said no.
        """
        self.screen.keep(f"before {what}")
        if self.session.dry_run:
            raise DryRunEnded
        if self.session.confirm is not None:
            self.session.confirm(what, self.screen.picture())
        self.session.control.checkpoint(what)
        with self.session.evidence.step(f"last click: {what}"):
            self._clicked = True
            self.screen.submit(spot, accept=accept)

    @contextmanager
    def _watched(self, what: str) -> Iterator[None]:
        """Whatever goes wrong inside leaves evidence, and is one of the three ends that there are."""
        try:
            yield
        except Stopped:
            self.screen.keep("stopped", whole=True)
            self.screen.finish(failed=True)
            raise
        except Exception as problem:  # also those of the library: a robot's author can't name them all
            error = problem if isinstance(problem, RobotError) else SystemException("unexpected", _named(problem))
            if self._clicked and isinstance(error, SystemException):
                error.data["uncertain"] = True
            self.session.evidence.log(what, "failed", error=str(error), kind=type(error).__name__, data=error.data)
            self.screen.keep("failure", whole=True)
            self.screen.finish(failed=True)
            raise error from problem


def step(
    name: str, *, picture: bool = False, tries: int = 1
) -> Callable[[Callable[Concatenate[Self_, P], R]], Callable[Concatenate[Self_, P], R]]:
    """Names a method as a step. One that changes nothing for good may be tried again when the system fails it."""

    def named(method: Callable[Concatenate[Self_, P], R]) -> Callable[Concatenate[Self_, P], R]:
        @functools.wraps(method)
        def stepped(self: Self_, *arguments: P.args, **named: P.kwargs) -> R:
            for left in range(tries - 1, -1, -1):
                try:
                    with self.step(name, picture=picture):
                        return method(self, *arguments, **named)
                except SystemException as problem:
                    if not left or problem.code == "session_ended":
                        raise
            raise AssertionError("tries is at least 1")

        return cast("Callable[Concatenate[Self_, P], R]", stepped)

    return named


def refuse(code: str, **data: Any) -> BusinessException:
    """`raise refuse("field_missing", field="address")`"""
    return BusinessException(code, ", ".join(f"{key}={str(value)[:80]}" for key, value in data.items()), **data)


def _named(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"[:500]
