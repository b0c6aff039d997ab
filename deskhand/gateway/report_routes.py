"""The report over HTTP: the figures that the bot says, for programs. Knows no SQL and no words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from aiohttp import web

from deskhand.gateway.door import actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.order_json import plain
from deskhand.orders.actions import SHOW_REPORT
from deskhand.orders.model import Actor
from deskhand.orders.report import UNDER_WAY, Concern, Days, Flow, Report, Tally
from deskhand.orders.status import OrderStatus
from deskhand.store import Desk

_FIRST, _LAST = date(1900, 1, 1), date(9000, 1, 1)  # beyond, no zone can say when midnight is
_DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
QUERY: Mapping[str, Mapping[str, Any]] = {"since": _DAY, "until": _DAY}


async def show_report(request: web.Request) -> web.Response:
    """How the orders stand now, and what became of them from `since` to `until`; both are today if not given."""
    at, who = door(request), actor(request)
    since, until = _day(request, "since"), _day(request, "until")
    return web.json_response(await at.threads.run(_report, at.desk, who, since, until))


def _report(desk: Desk, who: Actor, since: date | None, until: date | None) -> dict[str, Any]:
    who = desk.require(SHOW_REPORT, who)
    with desk.unit_of_work(who.tenant, read_only=True) as uow:
        today = uow.tenant.today(uow.now)
        days = _days(since, until, today)
        mine = desk.only_customer(uow, SHOW_REPORT, who)
        return {"time_zone": uow.tenant.time_zone} | _json(
            uow.reports.report(days, today, uow.tenant.time_zone, mine),
        )


def _days(since: date | None, until: date | None, today: date) -> Days:
    last = until or max(since or today, today)
    first = since or min(last, today)
    if first > last:
        raise InvalidRequest(field="until", problem="must not be before `since`")
    return Days(first, last)


def _json(report: Report) -> dict[str, Any]:
    return {
        "today": report.today.isoformat(),
        "since": report.days.first.isoformat(),
        "until": report.days.last.isoformat(),
        "statuses": {str(status): _tally(report.statuses.get(status)) for status in OrderStatus if status in UNDER_WAY},
        "concerns": {str(concern): _tally(report.concerns.get(concern)) for concern in Concern},
        "flows": {str(flow): _tally(report.flows.get(flow)) for flow in Flow},
    }


def _tally(tally: Tally | None) -> dict[str, Any]:
    found = tally or Tally()
    return {"orders": found.count, "amounts": {each: plain(amount) for each, amount in sorted(found.amounts.items())}}


def _day(request: web.Request, name: str) -> date | None:
    text = request.query.get(name)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(field=name, problem="must be a day as in 2026-11-20") from error
    if not _FIRST <= found <= _LAST:
        raise InvalidRequest(field=name, problem=f"must be from {_FIRST} to {_LAST}")
    return found
