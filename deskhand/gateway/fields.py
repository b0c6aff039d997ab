"""Reads the body of a request field by field; what is wrong is refused by name. Knows nothing of commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from aiohttp import web

from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.json_body import json_object

E = TypeVar("E", bound=StrEnum)
MOST_CHARACTERS = 2_000
_PLAIN = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?")  # no exponent: 1E+999999 has a million digits
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # and what turns text round


class Fields:
    """A JSON object; each field is asked for once, and what nobody asked for is refused by `done`."""

    def __init__(self, body: Mapping[str, Any], prefix: str = "") -> None:
        self._body = body
        self._prefix = prefix
        self._asked: set[str] = set()

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if value is None:
            raise self._wrong(name, "is missing")
        return value

    def raw(self, name: str) -> object:
        """As it was given, for whoever reads it strictly."""
        return self._take(name)

    def changed_text(self, name: str, pattern: str | None = None) -> str | None:
        """As `optional_text`; an empty one takes away what there was."""
        return "" if self._body.get(name) == "" and self._take(name) == "" else self.optional_text(name, pattern)

    def optional_text(self, name: str, pattern: str | None = None) -> str | None:
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(name, "must be a text")
        if len(value) > MOST_CHARACTERS:
            raise self._wrong(name, f"has more than {MOST_CHARACTERS} characters")
        if _UNSEEN.search(value):
            raise self._wrong(name, "has control characters")
        if pattern is not None and not re.search(pattern, value.strip()):
            raise self._wrong(name, f"must be like {pattern}")
        return value.strip()

    def integer(self, name: str) -> int | None:
        value = self._take(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**53):
            raise self._wrong(name, "must be a whole number")
        return value

    def flag(self, name: str) -> bool:
        return bool(self.optional_flag(name))

    def optional_flag(self, name: str) -> bool | None:
        value = self._take(name)
        if value is not None and not isinstance(value, bool):
            raise self._wrong(name, "must be true or false")
        return value

    def decimal(self, name: str) -> Decimal | None:
        """From a text such as "12.50", or a whole number; a JSON fraction is not exact and is refused."""
        value = self._take(name)
        if value is None:
            return None
        plain = isinstance(value, str | int) and not isinstance(value, bool) and _PLAIN.fullmatch(str(value))
        if not plain:
            raise self._wrong(name, 'must be a number in quotes, like "12.50"')
        return Decimal(str(value))

    def day(self, name: str) -> date | None:
        value = self.optional_text(name)
        try:
            return None if value is None else date.fromisoformat(value)
        except ValueError as error:
            raise self._wrong(name, "must be a date like 2026-11-27") from error

    def moment(self, name: str) -> datetime | None:
        """With its time zone: no company's clock is guessed."""
        value = self.optional_text(name)
        try:
            found = None if value is None else datetime.fromisoformat(value)
        except ValueError as error:
            raise self._wrong(name, "must be a moment like 2026-11-27T08:00:00+08:00") from error
        if found is not None and found.tzinfo is None:
            raise self._wrong(name, "names no time zone")
        return found

    def one_of(self, name: str, choices: type[E]) -> E | None:
        value = self.optional_text(name)
        try:
            return None if value is None else choices(value)
        except ValueError as error:
            raise self._wrong(name, f"must be one of {', '.join(choices)}") from error

    def texts(self, name: str) -> tuple[str, ...] | None:
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self._wrong(name, "must be a list of texts")
        return tuple(value)

    def objects(self, name: str) -> list[Fields]:
        return self.optional_objects(name) or []

    def optional_objects(self, name: str) -> list[Fields] | None:
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value) or len(value) > 1000:
            raise self._wrong(name, "must be a list of objects")
        return [Fields(item, f"{self._prefix}{name}[{index}].") for index, item in enumerate(value)]

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt field must not be passed over in silence."""
        for name in self._body:
            if name not in self._asked:
                raise self._wrong(name, "is not known here")

    def _take(self, name: str) -> Any:
        self._asked.add(name)
        return self._body.get(name)

    def _wrong(self, name: str, what: str) -> InvalidRequest:
        return InvalidRequest(field=f"{self._prefix}{name}", problem=what)


async def fields_of(request: web.Request) -> Fields:
    """The JSON object in the body; an empty body is an empty object.

    Raises:
        InvalidRequest.
    """
    return Fields(await json_object(request))


def query_number(request: web.Request, name: str, default: int, most: int) -> int:
    """A whole number of the query, held between 0 and `most`."""
    value = request.query.get(name, str(default))
    if not value.isdecimal() or not value.isascii() or len(value) > 18:
        raise InvalidRequest(field=name, problem="must be a whole number")
    return min(int(value), most)
