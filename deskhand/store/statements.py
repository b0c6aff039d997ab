"""How many statements the database was sent, as Prometheus reads it. Knows no statement."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector

from deskhand.store.database import Database

NAME = "deskhand_db_statements"


class StatementCount(Collector):
    """For a service's own registry."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield CounterMetricFamily(NAME, "Statements sent to the database", value=self._database.statements)
