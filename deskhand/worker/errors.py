"""Why an effect failed.

EffectError
├── NotDeliverable    business: the data is wrong; a person must look, nothing is tried again
└── (anything else)   system: tried again with back-off, then given up
"""

from __future__ import annotations

from typing import ClassVar


class EffectError(Exception):
    """An effect could not be carried out."""

    code: ClassVar[str] = "effect_failed"


class NotDeliverable(EffectError):
    """The address or the content was refused for good."""

    code = "not_deliverable"
