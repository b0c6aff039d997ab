"""Tasks over HTTP: what waits for the caller, and claiming, releasing and deciding it. Orders' tasks are among them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, dataclass
from dataclasses import fields as fields_of_class
from typing import Any

from aiohttp import web

from deskhand.cases import CaseCommand, ClaimTask, DecideTask, ReasonNeeded, ReleaseTask, UnknownTask
from deskhand.engine.model import PERSON_TASKS
from deskhand.gateway.case_json import task_json
from deskhand.gateway.case_routes import LONG, TEXT, VALUES, VERSION, carry_out, values_of
from deskhand.gateway.door import Door, actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import fields_of, query_number
from deskhand.gateway.once import once
from deskhand.gateway.order_json import order_summary
from deskhand.gateway.orders import LARGEST_PAGE, PAGE, idempotency, visible
from deskhand.orders.actions import COMMANDS, action_of_event
from deskhand.orders.commands import Command, RejectOrder
from deskhand.orders.model import Actor
from deskhand.store import Desk, UnitOfWork
from deskhand.store.waiting import APPROVAL, waiting_for

Handler = Callable[[web.Request], Awaitable[web.Response]]
QUERY: Mapping[str, Mapping[str, Any]] = {
    "process": TEXT,
    "cursor": TEXT,
    "limit": {"type": "integer", "minimum": 0},
}
DECISION_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"reason": LONG, "fields": VALUES, "expected_version": VERSION},
}
ANY_DECISION_SCHEMA: Mapping[str, Any] = {
    **DECISION_SCHEMA,
    "required": ["decision"],
    "properties": {**DECISION_SCHEMA["properties"], "decision": TEXT},
}
NOTHING: Mapping[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}
ORDERS = "SO-"
COMPLETE, APPROVE, REJECT = "complete", "approve", "reject"


async def list_tasks(request: web.Request) -> web.Response:
    """What the caller may do now, themselves or for a colleague who is away; the oldest first."""
    at = door(request)
    asked: dict[str, Any] = {name: request.query.get(name) or None for name in ("process", "cursor")}
    asked["limit"] = max(1, query_number(request, "limit", PAGE, LARGEST_PAGE))
    return web.json_response(await at.threads.run(_list, at.desk, actor(request), asked))


async def claim(request: web.Request) -> web.Response:
    return await _about(request, ClaimTask)


async def release(request: web.Request) -> web.Response:
    return await _about(request, ReleaseTask)


def decide(decision: str | None) -> Handler:
    """The handler of one decision; None: the body names it."""

    async def handle(request: web.Request) -> web.Response:
        fields = await fields_of(request)
        said = decision or fields.text("decision")
        reason, values = fields.optional_text("reason"), values_of(fields)
        version = fields.integer("expected_version")
        fields.done()
        number, task = _id(request)
        if number.upper().startswith(ORDERS):
            return await _of_order(request, number, task, _Said(said, reason, version))
        return await carry_out(request, DecideTask(number, task, said, reason, values, version))

    return handle


async def _about(request: web.Request, kind: Callable[[str, str], CaseCommand]) -> web.Response:
    (await fields_of(request)).done()
    return await carry_out(request, kind(*_id(request)))


def _id(request: web.Request) -> tuple[str, str]:
    """Number and node: PA-1001.approve_by_manager."""
    number, dot, node = request.match_info["id"].partition(".")
    if not dot or not node:
        raise UnknownTask(number=number, task=node)
    return number, node


@dataclass(frozen=True)
class _Said:
    """A decision as the request has it."""

    decision: str
    reason: str | None
    version: int | None


async def _of_order(request: web.Request, number: str, task: str, said: _Said) -> web.Response:
    at, key = door(request), await idempotency(request)

    def done(uow: UnitOfWork, who: Actor) -> dict[str, Any]:
        outcome = at.desk.handle_in(uow, _command(at, uow, who, number, task, said), who)
        return {
            "order": order_summary(outcome.order) if outcome.order else None,
            "events": [str(event.name) for event in outcome.events],
            "on_behalf_of": outcome.on_behalf_of,
        }

    status, body = await at.threads.run(once, at, actor(request), done, key, 200)
    return web.json_response(body, status=status)


def _command(at: Door, uow: UnitOfWork, who: Actor, number: str, task: str, said: _Said) -> Command:
    """The command that stands for the task at which the order waits.

    Raises:
        UnknownOrder: there is none, or it is somebody else's.
        UnknownTask: it does not wait there.
        InvalidRequest: the task knows no such decision, or more has to be said for it than that it is done.
    """
    order = visible(at.desk, uow, who, number)
    case = uow.cases.many([order.id])[order.id]
    node = at.desk.process_of(uow.tenant.id, case.version).table.nodes.get(task)
    kind = None if node is None or node.kind not in PERSON_TASKS else COMMANDS.get(action_of_event(node.event))
    if node is None or kind is None or task not in case.marking:
        raise UnknownTask(number=order.number, task=task, status=str(order.status))
    if node.event == APPROVAL and said.decision == REJECT:
        if not said.reason:
            raise ReasonNeeded(number=order.number, decision=REJECT)
        return RejectOrder(order.number, said.reason, said.version)
    if said.decision != (APPROVE if node.event == APPROVAL else COMPLETE):
        raise InvalidRequest(field="decision", problem="is none of this task's")
    return _done(kind, order.number, said.version)


def _done(kind: Any, number: str, version: int | None) -> Command:
    """Raises InvalidRequest: more has to be said for it than that it is done."""
    known = {each.name: each for each in fields_of_class(kind)}
    needed = {name for name, each in known.items() if each.default is MISSING and each.default_factory is MISSING}
    if needed != {"number"}:
        raise InvalidRequest(field="id", problem=f"is done at /api/orders/{number}")
    values = {"number": number, "expected_version": version}
    command: Command = kind(**{name: value for name, value in values.items() if name in known})
    return command


def _list(desk: Desk, who: Actor, asked: dict[str, Any]) -> dict[str, Any]:
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        page = waiting_for(desk, uow, who, **asked)
        names = uow.names_of({each.claimed_by for each in page.items if each.claimed_by})
    return {"items": [task_json(each, names) for each in page.items], "next_cursor": page.next_cursor}
