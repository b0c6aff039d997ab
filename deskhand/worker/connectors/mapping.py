"""Parameters -> request; answer -> results. Pure: what a connector's file says, and nothing else, decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from deskhand.worker.connectors.errors import ConnectorChanged, ConnectorUnknown
from deskhand.worker.connectors.model import Connector, Json, Kind, Operation, Request, Sent, Taken

LONGEST_TEXT = 2_000


def request_of(connector: Connector, operation: Operation, params: Mapping[str, Json]) -> Request:
    """What is sent for a call.

    Raises:
        ConnectorUnknown: a parameter is missing, or can't stand in an address.
    """
    missing = [name for name in operation.required if params.get(name) in (None, "")]
    if missing:
        raise ConnectorUnknown(f"{connector.name}.{operation.name}: {', '.join(missing)} is not known")
    query = {name: _sent(each, params) for name, each in operation.query.items()}
    body: dict[str, Json] = {}
    for path, each in operation.body.items():
        _put(body, path.split("."), _sent(each, params))
    return Request(
        operation.method,
        _path(connector, operation, params),
        {name: _text(value) for name, value in query.items() if value is not None},
        body if operation.body else None,
    )


def results_of(connector: Connector, operation: Operation, answer: Json) -> dict[str, Any]:
    """What the case keeps of an answer.

    Raises:
        ConnectorChanged: naming what is not there, or is not what it should be.
    """
    return {name: _taken(connector, operation, each, answer) for name, each in operation.answer.items()}


def json_of(text: bytes) -> Json:
    """Numbers keep their digits. Raises ValueError."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal) if text.strip() else None


def _path(connector: Connector, operation: Operation, params: Mapping[str, Json]) -> str:
    """Each parameter is one part of the address: it can't lead out of its place."""
    parts = []
    for part in operation.path.split("/"):
        if part.startswith("{") and part.endswith("}"):
            value = _text(params.get(part[1:-1]))
            if value in ("", ".", ".."):
                raise ConnectorUnknown(f"{connector.name}.{operation.name}: {part[1:-1]} can't stand in an address")
            part = quote(value, safe="")
        parts.append(part)
    return "/".join(parts)


def _sent(each: Sent, params: Mapping[str, Json]) -> Json:
    value = params.get(each.parameter) if each.parameter else each.value
    if each.kind is Kind.NUMBER and value is not None:
        number = Decimal(str(value))
        return int(number) if number == number.to_integral_value() else float(number)
    return _text(value) if each.kind is Kind.TEXT and value is not None else value


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _put(body: dict[str, Json], path: list[str], value: Json) -> None:
    for part in path[:-1]:
        body = body.setdefault(part, {})
    body[path[-1]] = value


def _taken(connector: Connector, operation: Operation, each: Taken, answer: Json) -> Any:
    where = ".".join(each.path)
    value = answer
    for part in each.path:
        if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    if value is None and not each.required:
        return None
    read = _read(each, value)
    if read is None:
        said = "nothing" if value is None else f"{str(value)[:60]!r}"
        raise ConnectorChanged(f"{connector.name}.{operation.name}: {where} of the answer is {said}, not {each.kind}")
    if each.values and str(read) not in each.values:
        raise ConnectorChanged(f"{connector.name}.{operation.name}: {where} is {read!r}, none of {each.values}")
    return read


def _read(each: Taken, value: Json) -> Any:
    """None where it is not of its kind."""
    if each.kind is Kind.BOOLEAN:
        return value if isinstance(value, bool) else None
    if each.kind is Kind.NUMBER:
        return _number(value)
    if isinstance(value, Decimal) and each.kind is Kind.TEXT:
        return str(value)
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        return None
    if each.kind is Kind.DATE:
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return value


def _number(value: Json) -> Decimal | None:
    """Systems write money as text as well."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
