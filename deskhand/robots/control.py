"""What a robot asks between two steps: may I go on? Knows no queue; the runner answers from the rows."""

from __future__ import annotations

import threading
from collections.abc import Callable

from deskhand.robots.outcome import Stopped


class Control:
    """`checkpoint` at the start of each named step; `stop` from any thread."""

    def __init__(self, on_step: Callable[[str], None] | None = None) -> None:
        """`on_step` hears of every step that begins, in the robot's own thread."""
        self._on_step = on_step
        self._stopped = threading.Event()
        self._reason = ""

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def stop(self, reason: str) -> None:
        """The robot ends before its next step. The first reason counts."""
        if not self._stopped.is_set():
            self._reason = reason
            self._stopped.set()

    def checkpoint(self, step: str) -> None:
        """Before a step.

        Raises:
            Stopped: somebody wants it to end.
        """
        self.obey()
        if self._on_step is not None:
            self._on_step(step)
        self.obey()

    def obey(self) -> None:
        """Inside a long step.

        Raises:
            Stopped: somebody wants it to end.
        """
        if self._stopped.is_set():
            raise Stopped(self._reason)

    def wait(self, seconds: float) -> None:
        """Rests, but not longer than it may go on.

        Raises:
            Stopped: somebody wants it to end.
        """
        self._stopped.wait(seconds)
        self.obey()
