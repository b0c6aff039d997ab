"""Why an effect failed.

EffectError
├── NotDeliverable    business: the data is wrong; a person must look, nothing is tried again
└── (anything else)   system: tried again with back-off, then given up
NotYet                it has not failed: its turn comes later
"""

from __future__ import annotations

from typing import ClassVar


class EffectError(Exception):
    """An effect could not be carried out."""

    code: ClassVar[str] = "effect_failed"


class NotYet(Exception):
    """The other side wants to be asked later; that counts as no attempt."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"in {seconds} seconds")


class NotDeliverable(EffectError):
    """The address or the content was refused for good."""

    code = "not_deliverable"
