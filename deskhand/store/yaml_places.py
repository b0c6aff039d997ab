"""Places in a YAML file that people write: what stands there, and the fault with its line where it can't stand there.

Faults are collected, so that several are told at once. Knows no setting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

from deskhand.orders.tenant import LANGUAGES
from deskhand.store.file_faults import Fault, NotYaml, composed, line_of

Path = tuple[str, ...]
Localised = Mapping[str, str]


class Place:
    """A value, where it stands, and all that is found to be wrong with the file."""

    def __init__(self, value: Any, path: Path, lines: Mapping[Path, int], file: str, faults: list[Fault]) -> None:
        self.value = value
        self.path = path
        self.file = file
        self.faults = faults
        self._lines = lines

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""

    def fault(self, problem: str) -> None:
        """Told with the line of the nearest thing that is there."""
        path = self.path
        while path and path not in self._lines:
            path = path[:-1]
        self.faults.append(Fault(self.file, self._lines.get(path, 1), ".".join(self.path), problem))

    def at(self, name: str) -> Place:
        inner = self.value.get(name) if isinstance(self.value, dict) else None
        return Place(inner, (*self.path, name), self._lines, self.file, self.faults)

    def items(self) -> Iterator[tuple[str, Place]]:
        """The names of a mapping, with what they stand for; none where nothing is said."""
        if self.value is None:
            return
        if not isinstance(self.value, dict):
            self.fault("expected names, each with what it stands for")
            return
        yield from ((str(name), self.at(name)) for name in self.value)

    def each(self) -> Iterator[Place]:
        """The items of a list; none where nothing is said."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.fault("expected a list")
            return
        for position, value in enumerate(self.value):
            yield Place(value, (*self.path, str(position)), self._lines, self.file, self.faults)

    def only(self, *known: str) -> None:
        """A name that is not known is a fault: a misspelt setting must not be one that is absent."""
        for name, place in self.items():
            if name not in known:
                place.fault(f"{name} is not known here; known are {', '.join(known)}")

    def text(self, default: str | None = None) -> str:
        """What is missing without a default is a fault."""
        if self.value is None and default is not None:
            return default
        if not isinstance(self.value, str) or not self.value.strip():
            self.fault("expected a text")
            return default or ""
        return self.value.strip()

    def flag(self, default: bool = False) -> bool:
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            self.fault("expected true or false")
        return self.value is True

    def number(self) -> Decimal | None:
        if self.value is None:
            return None
        try:
            if isinstance(self.value, bool):
                raise InvalidOperation
            return Decimal(str(self.value))
        except InvalidOperation:
            self.fault(f"{self.value} is not a number")
            return None

    def whole(self) -> int | None:
        number = self.number()
        if number is None:
            return None
        if number != number.to_integral_value():
            self.fault(f"{self.value} is not a whole number")
        return int(number)

    def one_of(self, known: Collection[str], default: str | None = None) -> str:
        if self.value is None and default is not None:
            return default
        said = str(self.value) if self.value is not None else ""
        if said not in known:
            self.fault(f"{said or 'nothing'} is not one of {', '.join(known)}")
        return said

    def several_of(self, known: Collection[str]) -> tuple[str, ...]:
        """One, or a list of them."""
        found = self.words()
        for each in found:
            if each not in known:
                self.fault(f"{each} is not one of {', '.join(known)}")
        return tuple(each for each in found if each in known)

    def words(self) -> tuple[str, ...]:
        """One text, or a list of texts."""
        values = self.value if isinstance(self.value, list) else [] if self.value is None else [self.value]
        if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in values):
            self.fault("expected a text, or a list of texts")
            return ()
        return tuple(str(each).strip() for each in values)

    def localised(self, required: bool = True) -> Localised:
        """A text in each language."""
        if self.value is None and not required:
            return {}
        if not isinstance(self.value, dict):
            self.fault(f"expected a text in {' and '.join(LANGUAGES)}")
            return {}
        self.only(*LANGUAGES)
        return {language: self.at(language).text() for language in LANGUAGES}


def read_places(text: str, file: str, faults: list[Fault]) -> Place:
    """The whole file; a name that stands twice is a fault, since YAML would let the second silently win."""
    try:
        root = composed(text)
        lines: dict[Path, int] = {}
        if root is not None:
            _note(root, (), lines, file, faults)
        value = yaml.safe_load(text)
    except NotYaml as error:
        faults.append(Fault(file, error.line, "", str(error)))
        lines, value = {}, {}
    except yaml.YAMLError as error:
        faults.append(Fault(file, 1, "", str(error)))
        lines, value = {}, {}
    return Place({} if value is None else value, (), lines, file, faults)


def _note(node: yaml.Node, path: Path, lines: dict[Path, int], file: str, faults: list[Fault]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            if inner in lines:
                faults.append(Fault(file, line_of(key), ".".join(inner), "is said twice"))
            lines[inner] = line_of(key)
            _note(value, inner, lines, file, faults)
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            lines[(*path, str(position))] = line_of(value)
            _note(value, (*path, str(position)), lines, file, faults)
