"""What reading one cell came to. Plain data, shared by all readers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from deskhand.erp.cleaning.model import Change, Value
from deskhand.erp.findings import Reason


@dataclass(frozen=True, slots=True)
class Read:
    """One cell read.

    Attributes:
        value: None where it is missing, or `reason` says why it can't be had.
        warning: the value is taken, and this is told of it.
        about: what the sentence of `reason` or `warning` needs.
        original: an amount before it was rounded.
        currencies: those that the cell's own sign can stand for; empty when it has none.
        unit: what a quantity counts, where the cell says it.
    """

    value: Value | None
    changes: tuple[Change, ...] = ()
    reason: Reason | None = None
    warning: Reason | None = None
    about: str = ""
    original: Decimal | None = None
    currencies: frozenset[str] = frozenset()
    unit: str = ""

    @property
    def is_remarkable(self) -> bool:
        """Whether there is anything to say beyond the value."""
        return bool(self.changes or self.reason or self.warning or self.currencies or self.unit)


class Refusal(Exception):
    """The cell can't be read. Raised by readers, caught where they are called."""

    def __init__(self, reason: Reason, about: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.about = about
