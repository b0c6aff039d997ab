"""A process that settles what is due, or one order's freight, and may die in the middle: for tests that kill it.

    python -m tests.support.settler URL WHAT DIES_AT     WHAT: `payments`, or the number of an order whose freight it is

It dies by SIGKILL at its DIES_AT-th statement (0: never; -1: right after its commit). It says how many statements it
sent, and what came of it.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from deskhand.orders.commands import SettleFreight
from deskhand.orders.errors import DeskhandError
from deskhand.store import Desk
from tests.support.desks import FINANCE, NOW, TENANT, FakeClock, open_desk

LATER = NOW + timedelta(days=60, hours=9)  # every account period is over, and the day's cut-off has passed
AFTER_COMMIT = -1


class Doomed:
    """Counts what is sent to the database, and ends the process at one of them."""

    def __init__(self, dies_at: int) -> None:
        self.dies_at = dies_at
        self.sent = 0

    def __call__(self, *arguments: Any) -> None:
        self.sent += 1
        if self.sent == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def settle(desk: Desk, what: str) -> str:
    if what == "payments":
        outcome = desk.settle_due(TENANT)
        return "nothing" if outcome is None else f"settled {len(outcome.orders)}"
    try:
        desk.handle(SettleFreight(what), FINANCE)
    except DeskhandError as error:
        return error.code
    return "settled 1"


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(url: str, what: str, dies_at: int) -> None:
    desk = open_desk(url, FakeClock(LATER))
    doomed = Doomed(dies_at)
    event.listen(desk.database.engine, "before_cursor_execute", doomed)
    tell("ready")
    sys.stdin.readline()
    said = settle(desk, what)
    if dies_at == AFTER_COMMIT:
        os.kill(os.getpid(), signal.SIGKILL)
    tell(f"{doomed.sent} {said}")
    desk.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
