"""How the work on one item can end. Knows no screen and no queue.

RobotError
├── BusinessException   what was asked for is wrong or missing there: never tried again, a person decides
├── SystemException     the screen, the network or the system failed: tried again with a fresh target
├── NotReady            the robot lacks something here: it is paused, an administrator sees to it, nothing is counted
└── Stopped             somebody stopped the robot, refused the last click, or its lease is lost
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Successful:
    """`output`: what the screen said, as plain values (the number there, what was read back)."""

    output: Mapping[str, Any] = field(default_factory=dict)


class RobotError(Exception):
    """The work on an item ended otherwise. `code` is stable, snake_case, and has its sentence in the texts."""

    def __init__(self, code: str, detail: str = "", **data: Any) -> None:
        self.code, self.detail, self.data = code, detail, data
        super().__init__(f"{code}: {detail}" if detail else code)


class BusinessException(RobotError):
    """The data are wrong or missing; trying again would end the same way."""


class SystemException(RobotError):
    """Not the data's fault: a page that failed, a session that ended, an element that never came."""


class NotReady(RobotError):
    """A library, a browser, a credential or a setting that is missing or wrong: no retry mends it."""


class Stopped(RobotError):
    """The robot was told to stop between two steps. Let it pass: the target is closed and nothing is counted."""
