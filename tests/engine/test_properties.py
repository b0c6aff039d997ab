"""What holds for every plan, whatever happens to whichever cases."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.engine import Case, Event, plan, waiting
from tests.engine.test_order_to_cash import ALLOWED, EVENTS, FACTS, NOW, ROLES, TABLE, actor, decide

flags = sorted(name for name, value in FACTS.items() if value is True)
some_facts = st.fixed_dictionaries(
    {name: st.sampled_from([True, False, None]) for name in flags},
    optional={"weight_kg": st.integers(0, 200), "region": st.sampled_from(["local", "remote", ["odd"]])},
)
some_cases = st.lists(st.tuples(st.sampled_from([*ALLOWED, ""]), some_facts), max_size=12)


def batch(drawn: list[tuple[str, dict[str, Any]]]) -> tuple[list[Case], dict[str, dict[str, Any]]]:
    cases = [
        Case(str(at), "acme", "order_to_cash", 1, frozenset({node} if node else ()), at, None, {"at": at})
        for at, (node, _) in enumerate(drawn)
    ]
    return cases, {str(at): facts for at, (_, facts) in enumerate(drawn)}


@settings(max_examples=150, deadline=None)
@given(some_cases, st.sampled_from(EVENTS), st.sampled_from(ROLES))
def test_a_plan_for_many_cases_is_the_sum_of_the_plans_for_each(drawn: Any, event: str, role: str) -> None:
    cases, facts = batch(drawn)

    together = plan(TABLE, cases, Event(event), actor(role), facts, NOW, decide=decide)
    alone = [plan(TABLE, [case], Event(event), actor(role), facts, NOW, decide=decide) for case in cases]

    assert together.changes == tuple(change for each in alone for change in each.changes)
    assert together.refusals == tuple(refusal for each in alone for refusal in each.refusals)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from(ROLES), some_facts), max_size=30))
def test_a_case_waits_somewhere_until_it_has_ended_and_then_nothing_happens_to_it(steps: Any) -> None:
    case, ended = Case("1", "acme", "order_to_cash", 1, frozenset({"confirm_order"}), 0), False

    for event, role, facts in steps:
        for change in plan(TABLE, [case], Event(event), actor(role), {"1": facts}, NOW, decide=decide).changes:
            assert not ended
            assert change.before == case.marking and change.row_version == case.row_version
            ended = change.ended
            case = Case("1", "acme", "order_to_cash", 1, change.after, case.row_version + 1, change.due_at, change.data)
            assert bool(case.marking) is not ended
            assert bool(waiting(TABLE, case)) is not ended


def test_ten_thousand_cases_share_the_work_of_one() -> None:
    cases, facts = batch([("settle_payment", dict(FACTS))] * 10_000)

    changes = plan(TABLE, cases, Event("settle_payment"), actor("finance"), facts, NOW).changes

    assert len(changes) == 10_000
    assert len({id(change.effects) for change in changes}) == 1
