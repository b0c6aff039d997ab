"""The recorded calls of a connector played again: does its file still make of them what was made then? No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from deskhand.worker.connectors.mapping import json_of, request_of, results_of
from deskhand.worker.connectors.model import Connector, Json, Recorded
from deskhand.worker.errors import EffectError


def contradictions(connector: Connector) -> list[str]:
    """What differs, in words; an operation that was never recorded is one too."""
    said = [f"{each.name}: {problem}" for each in connector.recorded for problem in _differs(connector, each)]
    known = {each.operation for each in connector.recorded}
    return [*said, *(f"{name}: no call is recorded" for name in connector.operations if name not in known)]


def _differs(connector: Connector, call: Recorded) -> Iterator[str]:
    operation = connector.operations[call.operation]
    try:
        request = request_of(connector, operation, call.params)
    except EffectError as error:
        yield str(error)
        return
    asked = {"method": request.method, "path": request.path, "query": dict(request.query), "body": request.body}
    for part, value in asked.items():
        if (value or None) != (call.request.get(part) or None):
            yield f"{part} is now {value!r}, it was {call.request.get(part)!r}"
    yield from _answered(connector, call)


def _answered(connector: Connector, call: Recorded) -> Iterator[str]:
    operation = connector.operations[call.operation]
    refused = operation.blames(call.status)
    if refused is not (call.results is None):
        yield f"status {call.status} is {'' if refused else 'not '}a refusal now"
    if call.results is None or refused:
        return
    try:
        results = results_of(connector, operation, json_of(json.dumps(call.body, default=str).encode()))
    except EffectError as error:
        yield str(error)
        return
    if plain(results) != plain(call.results):
        yield f"results are now {plain(results)}, they were {plain(call.results)}"


def plain(value: Any) -> Json:
    """As it may be compared with what a file says."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return Decimal(str(value)).normalize()
    return value.isoformat() if isinstance(value, date) else value
