"""The extension elements of Deskhand (`urn:deskhand:bpmn:1`) and the timers of BPMN, read from one element.

Knows nothing of the graph. A name that is not known is a fault: a misspelt guard must not be a guard that is absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from deskhand.engine.model import Raci, Timer
from deskhand.engine.xmlfile import Element, child, namespace_of, tag_of, text_of

NAMESPACE = "urn:deskhand:bpmn:1"
KNOWN: Mapping[str, frozenset[str]] = {
    "wait": frozenset({"event", "status", "requires", "roles", "fields"}),
    "effect": frozenset({"name"}),
    "param": frozenset({"name", "value"}),
    "decision": frozenset({"name"}),
    "end": frozenset({"status"}),
    "give": frozenset({"field", "from"}),
    "take": frozenset({"field", "from"}),
    "raci": frozenset({"responsible", "accountable", "consulted", "informed"}),
    "timer": frozenset({"due"}),
    "lane": frozenset({"role"}),
}
RACI = ("responsible", "accountable", "consulted", "informed")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class Extensions:
    """What the extension elements of one element say, and what is wrong with them."""

    def __init__(self, element: Element) -> None:
        self.faults: list[str] = []
        self.parameters: dict[str, str] = {}
        self.handed: dict[str, dict[str, str]] = {"give": {}, "take": {}}
        self._attributes: dict[str, dict[str, str]] = {}
        holder = child(element, "extensionElements")
        for extension in holder if holder is not None else ():
            if namespace_of(extension) == NAMESPACE:
                self._read(extension)
        self.raci = Raci(*(self.words("raci", part) for part in RACI))
        if self.has("raci") and len(self.raci.accountable) != 1:
            self.faults.append("deskhand:raci names exactly one role as accountable")

    def _read(self, extension: Element) -> None:
        tag = tag_of(extension)
        attributes = {str(key): str(value).strip() for key, value in extension.attrib.items()}
        if tag not in KNOWN:
            self.faults.append(f"deskhand:{tag} is not known; known are {', '.join(sorted(KNOWN))}")
            return
        for name in sorted(attributes.keys() - KNOWN[tag]):
            self.faults.append(f"deskhand:{tag} has no attribute {name!r}")
        if tag == "param":
            self._parameter(attributes)
        elif tag in self.handed:
            self._hand(tag, attributes)
        elif tag in self._attributes:
            self.faults.append(f"deskhand:{tag} is given twice")
        self._attributes[tag] = attributes

    def _parameter(self, attributes: Mapping[str, str]) -> None:
        name = attributes.get("name", "")
        if not name or name in self.parameters:
            self.faults.append(f"deskhand:param {name!r} is given twice" if name else "deskhand:param has no name")
        self.parameters[name] = attributes.get("value", "")

    def _hand(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A field of the called process, or of the caller, and the expression for it; its own name where none is."""
        name = attributes.get("field", "")
        if not name or name in self.handed[tag]:
            self.faults.append(f"deskhand:{tag} {name!r} is given twice" if name else f"deskhand:{tag} has no field")
        self.handed[tag][name] = attributes.get("from") or name

    def has(self, tag: str) -> bool:
        return tag in self._attributes

    def text(self, tag: str, attribute: str) -> str | None:
        return self._attributes.get(tag, {}).get(attribute) or None

    def words(self, tag: str, attribute: str) -> tuple[str, ...]:
        return tuple((self.text(tag, attribute) or "").split())


def timer_of(definition: Element, extensions: Extensions, *, start: bool) -> Timer:
    """Raises ValueError with the reason where the timer cannot be read."""
    if fact := extensions.text("timer", "due"):
        return Timer(fact=fact)
    duration, at, cycle = (text_of(child(definition, tag)) for tag in ("timeDuration", "timeDate", "timeCycle"))
    if duration:
        return Timer(after=span(duration))
    if at:
        return Timer(at=_moment(at))
    if start:
        return Timer(cycle=cycle or None)
    raise ValueError("a timer needs deskhand:timer due, a timeDuration or a timeDate; a timeCycle only starts cases")


def span(text: str) -> timedelta:
    """An ISO 8601 duration of weeks to seconds; months and years have no fixed length."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration such as P3D or PT4H30M")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a moment such as 2027-01-31T08:00:00+08:00") from None
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return at
