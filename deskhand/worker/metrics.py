"""Figures of the worker for Prometheus. Knows nothing of HTTP."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """One registry for each worker: nothing global."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._deliveries = Counter(
            "deskhand_worker_deliveries_total", "Deliveries by outcome", ("consumer", "outcome"), registry=self.registry
        )
        self._seconds = Histogram(
            "deskhand_worker_delivery_seconds", "Time for one delivery", ("consumer",), registry=self.registry
        )
        self._rounds = Counter(
            "deskhand_worker_rounds_total", "Rounds of each loop", ("loop", "outcome"), registry=self.registry
        )
        self._carried = Counter(
            "deskhand_worker_carried_total", "Things that loops have done", ("loop",), registry=self.registry
        )
        self._attempts = Counter(
            "deskhand_robot_attempts_total", "Attempts at work items", ("robot", "outcome"), registry=self.registry
        )
        self._attempt_seconds = Histogram(
            "deskhand_robot_attempt_seconds", "Time for one attempt", ("robot",), registry=self.registry
        )
        self._shifts = Counter("deskhand_robot_shifts_total", "Shifts that were begun", registry=self.registry)
        self._items = Gauge("deskhand_robot_items", "Work items", ("tenant", "robot", "state"), registry=self.registry)
        self._outbox = Gauge("deskhand_outbox", "Deliveries in the outbox", ("tenant", "state"), registry=self.registry)

    def delivered(self, consumer: str, outcome: str, seconds: float) -> None:
        self._deliveries.labels(consumer, outcome).inc()
        self._seconds.labels(consumer).observe(seconds)

    def round(self, loop: str, done: int | None) -> None:
        """`done` is None for a round that failed."""
        self._rounds.labels(loop, "failed" if done is None else "ok").inc()
        self._carried.labels(loop).inc(done or 0)

    def outbox(self, tenant: str, waiting: int, dead: int) -> None:
        self._outbox.labels(tenant, "waiting").set(waiting)
        self._outbox.labels(tenant, "dead").set(dead)

    def attempt(self, robot: str, outcome: str, seconds: float) -> None:
        self._attempts.labels(robot, outcome).inc()
        self._attempt_seconds.labels(robot).observe(seconds)

    def shifts(self, begun: int) -> None:
        self._shifts.inc(begun)

    def items(self, tenant: str, robot: str, state: str, count: int) -> None:
        self._items.labels(tenant, robot, state).set(count)

    def text(self) -> bytes:
        return generate_latest(self.registry)
