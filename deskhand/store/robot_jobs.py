"""Robots' jobs on PostgreSQL: Procrastinate wakes a worker when there is something for a robot, and when it is due.

A job says only "look at this item": the item's row is the truth, so that a job that is lost, doubled or late does no
harm. Its tables lie in a schema of their own, over all companies: ids and names of robots, nothing else. On SQLite
there are no jobs, the worker looks, and the library is not loaded. Knows no screen and no item's content.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, text

if TYPE_CHECKING:
    from procrastinate import App

SCHEMA = "deskhand_jobs"
QUEUE = "robots"
WORK = "work_on_item"
MOST_CONNECTIONS = 3  # of a worker, besides the one that listens

_SEEN = text(f"SELECT set_config('search_path', current_setting('search_path') || ', {SCHEMA}', true)")
_LOOK_THERE = f"SET search_path TO {SCHEMA}"


def defer(
    connection: Connection, tenant: str, robot: str, item: str | None, due: datetime | None = None, priority: int = 0
) -> None:
    """In the caller's transaction: no job without its row, and none of what is rolled back. On SQLite nothing.

    Once for each item and moment. `item` None: the robot, for whatever waits for it; `due` None: at once.
    """
    if connection.dialect.name != "postgresql":
        return
    from procrastinate.exceptions import AlreadyEnqueued

    asked = _deferring().configure_task(
        WORK,
        queue=QUEUE,
        queueing_lock=":".join((tenant, robot, item or "", due.isoformat() if due else "")),
        schedule_at=due,
        priority=priority,
        connection=connection.connection.driver_connection,
    )
    try:
        with connection.begin_nested():
            connection.execute(_SEEN)
            asked.defer(tenant=tenant, robot=robot, item=item)
    except AlreadyEnqueued:
        return


def listening(engine: Engine) -> App:
    """Procrastinate over connections of its own to the same database, for a worker to open; it has no tasks yet."""
    from procrastinate import App, PsycopgConnector

    _be_quiet()
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    pool: dict[str, Any] = {"min_size": 1, "max_size": MOST_CONNECTIONS, "configure": _look_there}
    return App(connector=PsycopgConnector(conninfo=address, **pool))


@cache
def _deferring() -> App:
    """Never opened: it is handed the transaction's connection each time."""
    from procrastinate import App, SyncPsycopgConnector

    _be_quiet()
    return App(connector=SyncPsycopgConnector())


async def _look_there(connection: Any) -> None:
    await connection.execute(_LOOK_THERE)
    await connection.commit()


def _be_quiet() -> None:
    """A line for each job says nothing that the item's audit does not."""
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
