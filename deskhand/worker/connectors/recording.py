"""The recorded calls of a connector made anew: the live system is asked once more, and its file says what it answered.

Knows the text of the file and how to reach the system; no case. What the system repeats of our secret is not written.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import yaml

from deskhand.worker.connectors.http import Caller
from deskhand.worker.connectors.mapping import json_of, request_of, results_of
from deskhand.worker.connectors.model import Connector, Json, Recorded
from deskhand.worker.connectors.recorded import plain

_BLOCK = re.compile(r"^recorded:[^\n]*\n(?:(?:[ \t#-][^\n]*)?\n|[ \t#-][^\n]*\Z)*", re.MULTILINE)
_HEAD = (
    "recorded:                             # calls as they once were: played again by `deskhand doctor` and by tests\n"
)


async def recorded_anew(connector: Connector, caller: Caller, calls: Sequence[Recorded]) -> list[Recorded]:
    """Each call as it is answered now; with a key of its own, since the system is to act on it.

    Raises:
        EffectError: a call can't be made from its parameters, or the answer is not what the file says.
        SystemNotReached, aiohttp.ClientError, TimeoutError: there was no answer.
    """
    return [await _once(connector, caller, each) for each in calls]


async def _once(connector: Connector, caller: Caller, call: Recorded) -> Recorded:
    operation = connector.operations[call.operation]
    request = request_of(connector, operation, call.params)
    status, answer = await caller.sent(connector, request, f"record-{uuid.uuid4().hex}")
    body = _body(answer, caller.secret)
    refused = operation.blames(status)
    results = None if refused else results_of(connector, operation, json_of(json.dumps(body).encode()))
    asked: dict[str, Json] = {"method": request.method, "path": request.path}
    asked |= {"query": dict(request.query)} if request.query else {}
    asked |= {"body": request.body} if request.body is not None else {}
    return replace(call, request=asked, status=status, body=body, results=results)


def rewritten(text: str, calls: Sequence[Recorded]) -> str:
    """The file with these calls in the place of those that it had; all else stays as it is written."""
    said = yaml.safe_dump([_said(each) for each in calls], allow_unicode=True, sort_keys=False, width=120)
    block = _HEAD + "".join(f"  {line}\n" for line in said.splitlines())
    if _BLOCK.search(text) is None:
        return f"{text.rstrip()}\n{block}"
    return _BLOCK.sub(lambda _: block, text, count=1)


def _said(call: Recorded) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": call.name,
        "operation": call.operation,
        "params": _written(call.params),
        "request": _written(call.request),
        "answer": {"status": call.status, "body": _written(call.body)},
    }
    return found | ({} if call.results is None else {"results": _written(plain(dict(call.results)))})


def _written(value: Any) -> Any:
    """Exact numbers as YAML has them."""
    return json.loads(json.dumps(value, default=float, ensure_ascii=False))


def _body(answer: bytes, secret: str) -> Json:
    said = answer.decode("utf-8", "replace")
    said = said.replace(secret, "***") if secret else said
    try:
        found: Json = json.loads(said)
    except ValueError:
        return said[:2000] or None
    return found
