"""What a robot can do on a screen, whichever it is: a web page, a program on an X display, one on Windows.

Knows no library that does it. A place on the screen is a `Spot`: what people call it, and the ways to find it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from deskhand.robots.evidence import Evidence
from deskhand.robots.secret import Secret

PATIENCE = 15.0  # seconds until a spot that does not come is given up

ROLES = (  # of ARIA, in which a spot of a web page can be named
    *("button", "link", "textbox", "combobox", "checkbox", "radio", "option", "cell", "row", "menuitem", "tab"),
    *("searchbox", "spinbutton", "switch", "treeitem", "listitem"),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A field, a button, a table. `ways` are tried in this order, and the log says which one found it.

    Attributes:
        secret: what stands in it is covered on every picture.
    """

    name: str
    ways: tuple[str, ...]
    secret: bool = False


def spot(name: str, *ways: str, secret: bool = False) -> Spot:
    """`spot("reference", "label=Reference", "label=客户单号", "css=#f1")`; how ways are written is the target's."""
    if not ways:
        raise ValueError(f"{name}: at least one way to find it")
    return Spot(name, ways, secret)


class Screen(Protocol):
    """All of it waits until the spot is visible, enabled and stands still, and gives up after `PATIENCE`.

    Raises:
        SystemException: `not_found`, `ambiguous`, `page_failed`, `session_ended`, `time_out`, `target_not_reached`.
        BusinessException: `field_refused`: the field does not hold what was put into it.
    """

    def start(self) -> None:
        """Opens the browser or the program."""

    def end(self) -> None:
        """Closes it; never raises."""

    def fill(self, spot: Spot, text: str | Secret) -> None:
        """Puts the text into the field in place of what stands there, and looks whether it stands there now."""

    def choose(self, spot: Spot, option: str) -> None:
        """One of a list, by its value or its label."""

    def press(self, spot: Spot) -> None:
        """A button or a link that opens no other page."""

    def submit(self, spot: Spot, *, accept: bool = False) -> None:
        """A button or a link that does; `accept` says yes to the question which it asks."""

    def read(self, spot: Spot) -> str:
        """The field's value, else the text."""

    def shows(self, *spots: Spot, within: float = 0.0) -> Spot | None:
        """The first of them that is there."""

    def table(self, spot: Spot) -> list[list[str]]:
        """Rows of cells as text."""

    def window(self, opener: Spot) -> AbstractContextManager[None]:
        """Presses what opens a second window; inside, everything is meant of that."""

    def picture(self) -> bytes:
        """A PNG, secrets covered."""

    def begin(self, evidence: Evidence) -> None:
        """Work on another item begins: what is kept goes there."""

    def keep(self, name: str, *, whole: bool = False) -> None:
        """Keeps a picture, and of a `whole` screen its text too; never raises."""

    def finish(self, *, failed: bool) -> None:
        """Work on the item has ended: the trace of a failure is kept; never raises."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that shows something other than it should."""

    field: str
    wanted: str
    shown: str

    def as_data(self) -> dict[str, str]:
        return {"field": self.field, "wanted": _short(self.wanted), "shown": _short(self.shown)}


def differences(wanted: Sequence[tuple[str, str]], shown: dict[str, str]) -> list[Difference]:
    """Each field that is not shown exactly as wanted; one that is not shown at all counts as empty."""
    return [Difference(name, value, shown.get(name, "")) for name, value in wanted if shown.get(name, "") != value]


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:190]}... ({len(text)})"
