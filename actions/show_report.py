"""How the orders stand today, or stood in the days that were named: figures for the asker's role, as words and a table.

Counts nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from actions import cards
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.language import normalise, read_moments
from deskhand.orders.actions import SHOW_REPORT
from deskhand.orders.money import in_places
from deskhand.orders.report import Concern, Days, Flow, Report, Tally
from deskhand.orders.status import OrderStatus, Role

S = OrderStatus
_STATUSES = (
    S.PENDING_CONFIRMATION, S.PENDING_APPROVAL, S.CONFIRMED, S.AWAITING_SHIPMENT, S.ON_HOLD, S.SHIPPED,
    S.IN_ACCOUNT_PERIOD,
)  # fmt: skip
_Row = OrderStatus | Concern | Flow

_ALL: Sequence[_Row] = (*_STATUSES, Concern.DUE, Concern.LATE, Concern.UNPAID, Concern.OVERDUE, Concern.PAYABLE, *Flow)


@dataclass(frozen=True)
class _View:
    """What a desk looks at, and whether it is shown amounts."""

    sentence: str = "utter_report"
    rows: Sequence[_Row] = _ALL
    priced: bool = True


_OF_ROLE: Mapping[Role, _View] = {  # whoever is not named sees all of it
    Role.WAREHOUSE: _View(
        "utter_report_warehouse",
        (S.CONFIRMED, S.AWAITING_SHIPMENT, S.ON_HOLD, Concern.DUE, Concern.LATE, Flow.SHIPPED),
        priced=False,
    ),
    Role.FINANCE: _View(
        "utter_report_finance",
        (S.SHIPPED, S.IN_ACCOUNT_PERIOD, Concern.UNPAID, Concern.OVERDUE, Concern.PAYABLE, *Flow),
    ),
    Role.CUSTOMER: _View(
        rows=(*_STATUSES[:-1], Concern.DUE, Concern.LATE, Concern.UNPAID, Flow.NEW, Flow.SHIPPED),
    ),
}
_ASKED_FURTHER = 3


class ShowReportAction(DeskAction):
    """ "今天的报表", "how did we do yesterday?"."""

    action_name = "action_show_report"
    read_only = True

    def act(self, turn: Turn) -> list[Event]:
        turn.attempted = SHOW_REPORT
        customer = turn.services.desk.only_customer(turn.uow, SHOW_REPORT, turn.actor)
        days, when = _days(turn)
        report = turn.uow.reports.report(days, turn.today, turn.uow.tenant.time_zone, customer)
        view = _OF_ROLE.get(turn.claims.role, _View())
        turn.say(view.sentence, when=when, **_figures(turn, report))
        turn.show(_card(turn, report, view, when))
        _offer(turn, report, view.rows)
        return []


def _days(turn: Turn) -> tuple[Days, str]:
    """The days that are meant, none of them to come, and how they are said back; today if none is named."""
    text, today = normalise(turn.text), turn.today
    for code in turn.wording.codes_in("period_words", text):
        days = _period(code, today)
        first, last = (turn.wording.day(day, turn.language) for day in (days.first, days.last))
        return days, turn.wording.say("periods", code, turn.language, first=first, last=last)
    zone = ZoneInfo(turn.uow.tenant.time_zone)
    read = (each.date for each in read_moments(text, turn.language, turn.uow.now, zone, prefer="past"))
    day = next((day for day in read if day is not None and day <= today), today)
    key = "today" if day == today else "day"
    return Days.one(day), turn.wording.say("periods", key, turn.language, day=turn.wording.day(day, turn.language))


def _period(code: str, today: date) -> Days:
    """this_week, last_month and their like, up to today."""
    which, _, span = code.partition("_")
    around = {"week": Days.week_of, "month": Days.month_of, "year": Days.year_of}[span]
    now = around(today)
    return now.until(today) if which == "this" else Days.before(now)


def _figures(turn: Turn, report: Report) -> dict[str, object]:
    flows, concerns, statuses = report.flows, report.concerns, report.statuses
    return {
        **{str(flow): flows.get(flow, Tally()).count for flow in Flow},
        **{str(concern): concerns.get(concern, Tally()).count for concern in Concern},
        "under_way": report.under_way.count,
        "receive": statuses.get(S.CONFIRMED, Tally()).count,
        "ship": statuses.get(S.AWAITING_SHIPMENT, Tally()).count,
        "value": _money(turn, flows.get(Flow.NEW, Tally())),
        "received": _money(turn, flows.get(Flow.PAID, Tally())),
        "owed": _money(turn, concerns.get(Concern.UNPAID, Tally())),
    }


def _card(turn: Turn, report: Report, view: _View, when: str) -> dict[str, Any]:
    say, language = turn.wording.say, turn.language
    columns = ["figure", "orders", *(["amount"] if view.priced else [])]
    rows = _tallies(_standing(turn, report), report, view.rows)
    table = {
        "columns": [say("labels", f"report_{column}", language) for column in columns],
        "rows": [{"key": str(row), "cells": _cells(turn, row, tally, view.priced)} for row, tally in rows],
    }
    return cards.face(turn, "report", cards.title(turn, "report", when=when), table=table)


def _cells(turn: Turn, row: _Row, tally: Tally, priced: bool) -> list[str]:
    label = turn.wording.say("statuses" if isinstance(row, OrderStatus) else "figures", str(row), turn.language)
    return [label, str(tally.count), *([_money(turn, tally) if tally.count else ""] if priced else [])]


def _standing(turn: Turn, report: Report) -> Mapping[OrderStatus, Tally]:
    """To a customer, goods in the books' hands have shipped."""
    if not turn.is_customer or S.IN_ACCOUNT_PERIOD not in report.statuses:
        return report.statuses
    return {
        **report.statuses,
        S.SHIPPED: report.statuses.get(S.SHIPPED, Tally()) + report.statuses[S.IN_ACCOUNT_PERIOD],
    }


def _tallies(
    standing: Mapping[OrderStatus, Tally], report: Report, rows: Sequence[_Row]
) -> Iterator[tuple[_Row, Tally]]:
    """A status in which there is nothing is left out."""
    for row in rows:
        if isinstance(row, OrderStatus):
            if row in standing:
                yield row, standing[row]
        else:
            found = report.concerns.get(row) if isinstance(row, Concern) else report.flows.get(row)
            yield row, found or Tally()


def _offer(turn: Turn, report: Report, rows: Sequence[_Row]) -> None:
    """What lies behind the figures that somebody should look at, to be asked for with a tap."""
    asked = [row for row in rows if isinstance(row, Concern) and row in report.concerns][:_ASKED_FURTHER]
    if asked:
        texts = [turn.wording.say("ask_further", str(row), turn.language) for row in asked]
        turn.say("utter_report_further")
        turn.replies[-1]["buttons"] = [{"title": text, "payload": text} for text in texts]


def _money(turn: Turn, tally: Tally) -> str:
    """One amount for each currency; nothing is nothing of the company's own."""
    amounts = tally.amounts or {turn.uow.tenant.currency: in_places(Decimal(0), turn.uow.tenant.currency)}
    return " + ".join(turn.wording.money(amount, each, turn.language) for each, amount in sorted(amounts.items()))
