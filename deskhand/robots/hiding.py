"""What of a web page nobody is to see: where secrets stand on it, for pictures, and what they look like in its text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from deskhand.robots.screen import Spot
from deskhand.robots.scrubbing import written
from deskhand.robots.secret import MASK, Secret

_FIELDS = "input, textarea, select"
_HOLDING = """(fields, values) => fields.flatMap((field, at) =>
    values.some(value => (field.value ?? "").includes(value)) ? [at] : [])"""


@dataclass
class Hidden:
    """The secrets that were typed, and the spots into which they were."""

    secrets: list[Secret] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)

    def add(self, spot: Spot, secret: Secret) -> None:
        if secret not in self.secrets:
            self.secrets.append(secret)
        if spot not in self.spots:
            self.spots.append(spot)

    def places(self, page: Page, locator: Callable[[str], Locator]) -> Iterator[Locator]:
        """Secret fields, fields that hold a secret, and text that shows one."""
        values = [secret.reveal() for secret in self.secrets]
        for spot in self.spots:
            yield from (locator(way) for way in spot.ways)
        for frame in page.frames if values else ():
            yield from (frame.get_by_text(value) for value in values)
            fields = frame.locator(_FIELDS)
            yield from (fields.nth(at) for at in fields.evaluate_all(_HOLDING, values))

    def taken_out(self, text: str) -> str:
        for secret in self.secrets:
            for way in sorted(written(secret.reveal()), key=len, reverse=True):
                text = text.replace(way.decode(), MASK)
        return text
