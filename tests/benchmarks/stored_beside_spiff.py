"""The same process stored, synced to disk at each commit: the table one case at a time, the table for many cases in one
transaction, and SpiffWorkflow, which loads, steps and saves. Part of the benchmark `engine`.

Each transition also publishes one event, whoever makes it.

How many times faster many at once are depends on the disk: one at a time each transition waits for it, at once only
each set. Hence the ratio of processor time beside that of time. Of a transition in a set two thirds are SQLite's own:
four rows (the case, its event, two deliveries) and thirteen entries of their indexes. Larger caches, rarer checkpoints
and several rows in one INSERT were tried; each changed less than a tenth of it.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from sqlalchemy import text

from deskhand.engine import Actor, Case, Event, TransitionTable, compile_bpmn, plan, start
from deskhand.orders.events import DomainEvent, EventName
from deskhand.store import Desk, UnitOfWork
from tests.benchmarks.bench import CLERK, TENANT, Bench
from tests.benchmarks.beside_spiff import NOW
from tests.benchmarks.figures import Row, interleaved_ratio, spread
from tests.engine.blocks import TASK, Block
from tests.engine.drawing import Drawing
from tests.engine.spiff import Oracle, specification

ROUNDS, ALONE, AT_ONCE = 5, 8, 500
LARGER = (2_000, 10_000)
SIX_STEPS: Block = ("row", [TASK, TASK, ("choice", [TASK, ("nothing",)]), TASK, TASK, TASK])


class Both:
    """One diagram, its path, and where both keep their cases."""

    def __init__(self, desk: Desk) -> None:
        drawing = Drawing(SIX_STEPS)
        self.desk = desk
        self.values = dict.fromkeys(drawing.values, 1)
        self.table: TransitionTable = compile_bpmn(drawing.xml, "six.bpmn")
        self.spiff = specification(drawing.for_spiff)
        self.serializer = BpmnWorkflowSerializer()
        self.path = self._path()
        self.roles = {each.node: sorted(each.roles)[0] for each in self.table.transitions}
        with desk.unit_of_work(TENANT) as uow:
            uow.connection.execute(text("CREATE TABLE spiff_state (id TEXT PRIMARY KEY, state TEXT)"))
            uow.commit()

    def _path(self) -> list[str]:
        oracle, path = Oracle(self.spiff, self.values), []
        while not oracle.ended:
            path.append(oracle.waiting()[0])
            oracle.complete(path[-1])
        return path

    def begin(self, ids: Sequence[str]) -> None:
        changes = [start(self.table, each, self.values, NOW) for each in ids]
        state = json.dumps(self.serializer.to_dict(Oracle(self.spiff, self.values).workflow))
        with self.desk.unit_of_work(TENANT) as uow:
            uow.cases.begin("six", 1, changes, "chat")
            rows = [{"id": each, "state": state} for each in ids]
            uow.connection.execute(text("INSERT INTO spiff_state VALUES (:id, :state)"), rows)
            uow.commit()

    def by_table(self, ids: Sequence[str]) -> None:
        """All of the path, the cases of each step in one transaction."""
        for node in self.path:
            actor = Actor("clerk", self.roles[node], TENANT, "chat", "benchmark")
            facts = dict.fromkeys(ids, {**self.values, **{g: True for g in self.table.nodes[node].requires}})
            with self.desk.unit_of_work(TENANT) as uow:
                cases = list(uow.cases.many(ids).values())
                done = plan(self.table, cases, Event(node), actor, facts, NOW)
                assert len(done.changes) == len(ids), done.refusals[:1]
                uow.cases.apply(done.changes)
                _tell(uow, ids)
                uow.commit()

    def by_spiff(self, ids: Sequence[str]) -> float:
        """The same, one case at a time; returns the processor's seconds of loading, stepping and saving alone."""
        spent = 0.0
        for case in ids:
            for node in self.path:
                with self.desk.unit_of_work(TENANT) as uow:
                    row = uow.connection.execute(text("SELECT state FROM spiff_state WHERE id = :id"), {"id": case})
                    state = row.scalar_one()
                    began = time.process_time()
                    oracle = Oracle(self.spiff, self.values)
                    oracle.workflow = self.serializer.from_dict(json.loads(state))
                    oracle.workflow.script_engine = oracle.scripts
                    oracle.complete(node)
                    saved = json.dumps(self.serializer.to_dict(oracle.workflow))
                    spent += time.process_time() - began
                    change = text("UPDATE spiff_state SET state = :state WHERE id = :id")
                    uow.connection.execute(change, {"id": case, "state": saved})
                    _tell(uow, [case])
                    uow.commit()
        return spent


def _tell(uow: UnitOfWork, ids: Sequence[str]) -> None:
    uow.outbox.publish([DomainEvent(EventName.TASK_DECIDED, each, {"number": each}) for each in ids], CLERK)


def measure(bench: Bench) -> Iterator[Row]:
    both = Both(bench.new_desk("beside_spiff"))
    steps = len(both.path)
    alone, spiff, at_once, own, theirs, processor = [], [], [], [], [], []
    for number in range(ROUNDS):
        few, other, mass = (_named(kind, number, many) for kind, many in (("a", ALONE), ("b", ALONE), ("c", AT_ONCE)))
        both.begin([*few, *other, *mass])
        one = _spent(lambda few=few: [both.by_table([each]) for each in few], ALONE * steps)
        began = time.perf_counter()
        theirs.append(both.by_spiff(other) / (ALONE * steps))
        spiff.append(ALONE * steps / (time.perf_counter() - began))
        many = _spent(lambda mass=mass: both.by_table(mass), AT_ONCE * steps)
        alone.append(1 / one.seconds)
        at_once.append(1 / many.seconds)
        processor.append((one.processor, many.processor))
        own.append(_planned(both))
    unit = "transitions/s"
    yield Row("stored one by one", statistics.median(alone), unit, f"durable SQLite; {spread(alone)}")
    yield Row(f"stored {AT_ONCE} at once", statistics.median(at_once), unit, f"durable SQLite; {spread(at_once)}")
    yield from _larger(both, steps)
    yield Row("SpiffWorkflow: load, step, save", statistics.median(spiff), unit, f"the same; {spread(spiff)}")
    yield Row("at once : one by one", interleaved_ratio(at_once, alone), "x", f"the same process, {ROUNDS} rounds")
    each = [many * 1e6 for _, many in processor]
    yield Row(
        f"stored {AT_ONCE} at once, each", statistics.median(each), "us CPU", f"the database's too; {spread(each)}"
    )
    ratio = interleaved_ratio(*map(list, zip(*processor, strict=True)))
    yield Row("at once : one by one, processor", ratio, "x", "without waiting for the disk")
    yield Row("at once : SpiffWorkflow", interleaved_ratio(at_once, spiff), "x", "the same process")
    yield Row("SpiffWorkflow : own cost", interleaved_ratio(theirs, own), "x", "processor, without the database")


def _larger(both: Both, steps: int) -> Iterator[Row]:
    """Once each: a set of ten thousand makes sixty thousand transitions."""
    for count in LARGER:
        ids = _named("d", count, count)
        both.begin(ids)
        spent = _spent(lambda ids=ids: both.by_table(ids), count * steps)
        note = f"durable SQLite; {spent.processor * 1e6:.1f} us CPU each"
        yield Row(f"stored {count} at once", 1 / spent.seconds, "transitions/s", note)


def _named(kind: str, number: int, count: int) -> list[str]:
    return [f"{kind}{number}-{each}" for each in range(count)]


class Spent(NamedTuple):
    """Of one transition."""

    seconds: float
    processor: float


def _spent(work: Callable[[], object], transitions: int) -> Spent:
    began, processor = time.perf_counter(), time.process_time()
    work()
    return Spent((time.perf_counter() - began) / transitions, (time.process_time() - processor) / transitions)


def _planned(both: Both) -> float:
    """The processor's seconds that the engine itself takes for a transition of one case."""
    times, begun = 100, start(both.table, "x", both.values, NOW)
    began = time.process_time()
    for _ in range(times):
        marking = begun.after
        for node in both.path:
            facts = {"x": {**both.values, **{g: True for g in both.table.nodes[node].requires}}}
            actor = Actor("clerk", both.roles[node], TENANT, "chat", "benchmark")
            case = Case("x", TENANT, "six", 1, marking, 1)
            marking = plan(both.table, [case], Event(node), actor, facts, NOW).changes[0].after
    return (time.process_time() - began) / (times * len(both.path))
