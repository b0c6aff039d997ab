"""What a step of the process costs: in memory, beside SpiffWorkflow, and on a durable database."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from deskhand.engine import Actor, Case, Event, TransitionTable, compile_bpmn, plan, start_at
from tests.benchmarks import beside_spiff, stored_beside_spiff, stored_steps
from tests.benchmarks.bench import TENANT, Bench
from tests.benchmarks.beside_spiff import NOW
from tests.benchmarks.figures import Row, cpu_seconds_of, spread
from tests.support.deskhand import ROOT

ROUNDS, CASES, ALONE = 5, 10_000, 500
RECEIVE, KEEPER = Event("receive_goods"), Actor("keeper", "warehouse", TENANT, "chat", "benchmark")


def measure(bench: Bench) -> Iterator[Row]:
    yield from planned()
    yield from beside_spiff.measure()
    yield from stored_beside_spiff.measure(bench)
    yield from stored_steps.measure(bench)


def planned() -> Iterator[Row]:
    """`plan()` alone, on the shipped process."""
    diagram = ROOT / "processes" / "order_to_cash" / "process.bpmn"
    table = compile_bpmn(diagram.read_bytes(), diagram.name)
    one, many = _waiting(table, 1), _waiting(table, CASES)
    alone, each = [], []
    for _ in range(ROUNDS):
        alone.append(cpu_seconds_of(_plan, table, one, ALONE) / ALONE * 1e6)
        each.append(cpu_seconds_of(_plan, table, many) / CASES * 1e6)
    yield Row("plan of 1 case", statistics.median(alone), "us CPU", spread(alone))
    yield Row(f"plan of {CASES} cases, each", statistics.median(each), "us CPU", spread(each))


def _waiting(table: TransitionTable, count: int) -> list[Case]:
    node = table.node_for_status("confirmed")
    change = start_at(table, node, case_id="c", facts={}, now=NOW)
    return [Case(f"c{n}", TENANT, table.process, 1, change.after, 1, None, change.data) for n in range(count)]


def _plan(table: TransitionTable, cases: Sequence[Case], times: int = 1) -> None:
    met = {name: True for each in table.transitions for name in each.requires}
    facts = dict.fromkeys([case.id for case in cases], met)
    for _ in range(times):
        done = plan(table, cases, RECEIVE, KEEPER, facts, NOW)
        assert len(done.changes) == len(cases), done.refusals[:1]
