"""How tokens move, on diagrams small enough to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deskhand.engine import (
    Actor,
    Case,
    Change,
    DecisionFailed,
    Event,
    NoPath,
    Refusal,
    StartUnknown,
    TransitionTable,
    compile_bpmn,
    plan,
    possible_events,
    start,
    start_at,
    undo,
    waiting,
)
from tests.engine.diagrams import (
    END,
    ERROR,
    MESSAGE,
    START,
    TERMINATE,
    TIMER,
    boundary,
    diagram,
    extended,
    flow,
    path,
    rule,
    service,
    user,
)

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
CLERK = Actor("u1", "clerk", "t1", "chat", "m1")
SYSTEM = replace(CLERK, role="system")


def table_of(*elements: str, roots: str = "") -> TransitionTable:
    return compile_bpmn(diagram(*elements, roots=roots), "p.bpmn")


def case_of(change: Change, **more: Any) -> Case:
    given = {"marking": change.after, "row_version": 1, "due_at": change.due_at, "data": change.data}
    return Case("c1", "t1", "p", 1, **{**given, **more})


def step(
    table: TransitionTable,
    case: Case,
    event: str | Event,
    facts: Mapping[str, Any] | None = None,
    actor: Actor = CLERK,
    now: datetime = NOW,
    **more: Any,
) -> Change | Refusal:
    named = Event(event) if isinstance(event, str) else event
    result = plan(table, [case], named, actor, {"c1": facts or {}}, now, **more)
    return (*result.changes, *result.refusals)[0]


def begin(table: TransitionTable, **facts: Any) -> Case:
    return case_of(start(table, "c1", facts, NOW))


ROW = table_of(START, user("ask"), service("tell"), user("check"), END, *path("start", "ask", "tell", "check", "end"))


def test_an_event_carries_the_token_to_the_next_node_that_waits_and_collects_effects_on_the_way() -> None:
    result = step(ROW, begin(ROW), Event("ask", {"text": "hello"}))

    assert isinstance(result, Change)
    assert (result.before, result.after, result.node, result.event) == ({"ask"}, {"check"}, "ask", "ask")
    assert (result.status, result.ended) == ("at_check", False)
    assert [(each.name, each.node, each.params) for each in result.effects] == [("tell", "tell", {"text": "hello"})]


def test_the_last_event_ends_the_case() -> None:
    result = step(ROW, case_of(start_at(ROW, "check", case_id="c1", facts={}, now=NOW)), "check")

    assert isinstance(result, Change)
    assert (result.after, result.ended, result.status) == (frozenset(), True, None)


def test_an_event_that_is_not_possible_is_refused_with_the_present_status_and_what_would_be() -> None:
    result = step(ROW, begin(ROW), "check")

    assert result == Refusal("c1", "not_now", None, "at_ask", ("ask",), "check is not possible now")


def test_a_role_without_the_lane_is_refused_and_no_role_is_above_the_file() -> None:
    for role in ("warehouse", "manager", "admin", "system", ""):
        result = step(ROW, begin(ROW), "ask", actor=replace(CLERK, role=role))
        assert isinstance(result, Refusal)
        assert (result.code, result.node) == ("role_not_allowed", "ask")


def test_the_worker_may_act_only_where_the_node_is_automatic() -> None:
    assert isinstance(step(ROW, begin(ROW), "ask", actor=SYSTEM, automatic={"check"}), Refusal)
    assert isinstance(step(ROW, begin(ROW), "ask", actor=SYSTEM, automatic={"ask"}), Change)


def test_another_tenants_case_is_refused() -> None:
    result = step(ROW, replace(begin(ROW), tenant="t2"), "ask")

    assert isinstance(result, Refusal)
    assert result.code == "wrong_tenant"


GUARDED = table_of(START, user("ask", more='requires="paid known"'), END, *path("start", "ask", "end"))


@pytest.mark.parametrize(
    ("facts", "unmet"),
    [
        ({"paid": False, "known": False}, ("paid", "known")),
        ({"paid": True, "known": False}, ("known",)),
        ({"paid": True}, ("missing:known",)),
        ({"paid": True, "known": None}, ("missing:known",)),
        ({"paid": 1, "known": "yes"}, ("paid", "known")),
    ],
)
def test_every_guard_that_does_not_hold_is_named(facts: dict[str, Any], unmet: tuple[str, ...]) -> None:
    result = step(GUARDED, begin(GUARDED), "ask", facts)

    assert isinstance(result, Refusal)
    assert (result.code, result.unmet) == (unmet[0], unmet)


def test_a_guard_is_not_met_by_what_the_user_sends_or_the_case_remembers() -> None:
    case = replace(begin(GUARDED), data={"paid": True, "known": True})

    assert isinstance(step(GUARDED, case, Event("ask", {"paid": True, "known": True})), Refusal)


CHOICE = table_of(
    START,
    user("ask", more='fields="approved"'),
    '<bpmn:exclusiveGateway id="gate" default="gate_no"/>',
    user("yes"),
    user("no"),
    END,
    *path("start", "ask", "gate"),
    flow("gate", "yes", "approved and amount &lt; 10"),
    flow("gate", "no"),
    *path("yes", "end"),
    *path("no", "end"),
)


@pytest.mark.parametrize(("approved", "amount", "node"), [(True, 5, "yes"), (True, 10, "no"), (False, 5, "no")])
def test_a_gateway_reads_the_fields_of_the_event_and_the_facts(approved: bool, amount: int, node: str) -> None:
    result = step(CHOICE, begin(CHOICE), Event("ask", {"approved": approved, "odd": 1}), {"amount": amount})

    assert isinstance(result, Change)
    assert result.after == {node}
    assert result.data == {"approved": approved}


def test_without_a_default_flow_a_case_that_fits_no_condition_stays_where_it_is() -> None:
    table = table_of(
        START,
        user("ask"),
        '<bpmn:exclusiveGateway id="gate"/>',
        END,
        *path("start", "ask", "gate"),
        flow("gate", "end", "n = 1"),
        flow("gate", "ask", "n = 2"),
    )

    result = step(table, begin(table), "ask", {"n": 3})

    assert isinstance(result, Refusal)
    assert (result.code, result.node) == ("no_path", "gate")


FORK, JOIN = '<bpmn:parallelGateway id="fork"/>', '<bpmn:parallelGateway id="join"/>'
PARALLEL = table_of(
    START,
    FORK,
    user("a"),
    user("b"),
    JOIN,
    user("last"),
    END,
    *path("start", "fork", "a", "join", "last", "end"),
    *path("fork", "b", "join"),
)


def test_a_join_waits_for_every_branch() -> None:
    case = begin(PARALLEL)
    first = step(PARALLEL, case, "b")
    assert isinstance(first, Change)
    second = step(PARALLEL, case_of(first), "a")

    assert isinstance(second, Change)
    assert (case.marking, first.after, second.after) == ({"a", "b"}, {"a", "b_join"}, {"last"})
    assert [node.id for node in waiting(PARALLEL, case_of(first))] == ["a"]


def test_a_join_within_a_loop_waits_for_every_branch_in_every_round() -> None:
    again = '<bpmn:exclusiveGateway id="again" default="again_end"/>'
    table = table_of(
        *[START, '<bpmn:exclusiveGateway id="top"/>', FORK, user("a"), user("b"), user("c"), JOIN, again, END],
        *path("start", "top", "fork", "a", "join", "again", "end"),
        *path("fork", "b", "join"),
        *path("fork", "c", "join"),
        flow("again", "top", "more"),
    )
    case = begin(table)

    for order in ("abc", "cab", "bca"):
        for done, event in enumerate(order):
            assert len(waiting(table, case)) == 3 - done
            result = step(table, case, event, {"more": True})
            assert isinstance(result, Change)
            case = case_of(result)
        assert case.marking == {"a", "b", "c"}


def test_an_event_that_two_nodes_wait_for_can_name_its_node() -> None:
    table = table_of(
        START,
        FORK,
        user("a").replace('event="a"', 'event="sign"'),
        user("b").replace('event="b"', 'event="sign"'),
        JOIN,
        END,
        *path("start", "fork", "a", "join", "end"),
        *path("fork", "b", "join"),
    )
    result = step(table, begin(table), Event("sign", node="b"))

    assert isinstance(result, Change)
    assert result.after == {"a", "b_join"}


def row_with(event: str) -> list[str]:
    return [START, user("ask"), END, event, *path("start", "ask", "end")]


def bounded(name: str, definition: str, more: str = "", roles: str = "clerk") -> str:
    inner = extended(f'<deskhand:wait event="{name}" roles="{roles}"/>')
    return boundary(name, "ask", definition, more=more, inner=inner)


def test_an_interrupting_message_takes_the_token_away() -> None:
    table = table_of(*row_with(bounded("stop", MESSAGE)), user("other"), flow("stop", "other"), flow("other", "end"))

    result = step(table, begin(table), "stop")

    assert isinstance(result, Change)
    assert (result.after, result.node, result.event) == ({"other"}, "stop", "stop")


def test_a_message_that_does_not_interrupt_leaves_the_token_and_can_come_again() -> None:
    note = bounded("note", MESSAGE, 'cancelActivity="false"')
    table = table_of(*row_with(note), service("tell"), '<bpmn:endEvent id="told"/>', *path("note", "tell", "told"))
    case = begin(table)

    for _ in range(2):
        result = step(table, case, "note")
        assert isinstance(result, Change)
        assert (result.after, result.status) == ({"ask"}, "at_ask")
        assert [each.name for each in result.effects] == ["tell"]
        case = case_of(result)


LATE = table_of(*row_with(bounded("late", TIMER)), user("chase"), flow("late", "chase"), flow("chase", "end"))


def test_a_timer_is_due_after_its_time_and_fires_once_only_then() -> None:
    case = begin(LATE)
    early = step(LATE, case, "timer", actor=SYSTEM, now=NOW + timedelta(minutes=119))
    on_time = step(LATE, case, "timer", actor=SYSTEM, now=NOW + timedelta(hours=2))

    assert case.due_at == NOW + timedelta(hours=2)
    assert isinstance(early, Refusal) and early.code == "not_now"
    assert isinstance(on_time, Change)
    assert (on_time.after, on_time.event, on_time.due_at, on_time.data) == ({"chase"}, "late", None, {})


def test_only_the_worker_lets_a_timer_fire() -> None:
    result = step(LATE, begin(LATE), "timer", now=NOW + timedelta(hours=3))

    assert isinstance(result, Refusal)
    assert result.code == "role_not_allowed"


def test_a_timer_that_does_not_interrupt_fires_once() -> None:
    remind = bounded("remind", TIMER, 'cancelActivity="false"')
    table = table_of(*row_with(remind), service("tell"), '<bpmn:endEvent id="told"/>', *path("remind", "tell", "told"))
    case = begin(table)

    first = step(table, case, "timer", actor=SYSTEM, now=NOW + timedelta(hours=2))
    assert isinstance(first, Change)
    again = step(table, case_of(first), "timer", actor=SYSTEM, now=NOW + timedelta(hours=9))

    assert (first.after, first.due_at) == ({"ask"}, None)
    assert isinstance(again, Refusal) and again.code == "not_now"


def test_a_timer_whose_moment_is_a_fact_follows_the_fact() -> None:
    timer = boundary("late", "ask", "<bpmn:timerEventDefinition/>", inner=extended('<deskhand:timer due="pay_by"/>'))
    table = table_of(*row_with(timer), user("chase"), flow("late", "chase"), flow("chase", "end"))
    case = begin(table, pay_by=NOW + timedelta(days=1))
    later = NOW + timedelta(days=1)

    assert case.due_at == later
    assert isinstance(step(table, case, "timer", {"pay_by": later + timedelta(days=1)}, SYSTEM, later), Refusal)
    assert isinstance(step(table, case, "timer", {"pay_by": later}, SYSTEM, later), Change)
    assert isinstance(step(table, case, "timer", {}, SYSTEM, later), Refusal)


def test_a_service_whose_failure_has_a_path_waits_until_the_worker_reports() -> None:
    caught = boundary("broken", "send", ERROR)
    table = table_of(
        START,
        service("send"),
        caught,
        user("repair"),
        END,
        *path("start", "send", "end"),
        *path("broken", "repair", "end"),
    )
    begun = start(table, "c1", {}, NOW)
    case = case_of(begun)

    assert (begun.after, [each.name for each in begun.effects]) == ({"send"}, ["send"])
    assert isinstance(step(table, case, "send_done"), Refusal)
    done, failed = (step(table, case, event, actor=SYSTEM) for event in ("send_done", "send_failed"))
    assert isinstance(done, Change) and done.ended
    assert isinstance(failed, Change) and failed.after == {"repair"}


def test_a_called_process_is_started_and_waited_for() -> None:
    call = '<bpmn:callActivity id="buy" calledElement="purchase"/>'
    table = table_of(START, call, END, *path("start", "buy", "end"))
    begun = start(table, "c1", {}, NOW)

    (effect,) = begun.effects
    assert (effect.name, effect.params) == ("start_case", {"process": "purchase"})
    done = step(table, case_of(begun), "buy_done", actor=SYSTEM)
    assert isinstance(done, Change) and done.ended


DECIDED = table_of(
    START,
    user("ask"),
    rule("rate", "level"),
    service("tell"),
    '<bpmn:exclusiveGateway id="gate" default="gate_low"/>',
    user("high"),
    user("low"),
    END,
    *path("start", "ask", "rate", "tell", "gate"),
    flow("gate", "high", "level &gt; 1"),
    flow("gate", "low"),
    *path("high", "end"),
    *path("low", "end"),
)


def test_a_decision_is_kept_steers_the_gateway_and_is_shown_to_the_effect() -> None:
    asked: list[tuple[str, Any]] = []

    def decide(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        asked.append((name, values["amount"]))
        return {"level": 2}

    result = step(DECIDED, begin(DECIDED), "ask", {"amount": 7}, decide=decide)

    assert isinstance(result, Change)
    assert asked == [("level", 7)]
    assert (result.after, result.data) == ({"high"}, {"level": 2})
    assert result.effects[0].params == {"level": 2}


def test_a_decision_that_fails_takes_its_error_path_or_leaves_the_case_where_it_is() -> None:
    def decide(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        raise DecisionFailed("two rules apply")

    caught = table_of(
        START,
        user("ask"),
        rule("rate", "level"),
        boundary("broken", "rate", ERROR),
        user("hand"),
        END,
        *path("start", "ask", "rate", "end"),
        *path("broken", "hand", "end"),
    )
    uncaught = step(DECIDED, begin(DECIDED), "ask", decide=decide)
    handled = step(caught, begin(caught), "ask", decide=decide)

    assert isinstance(uncaught, Refusal)
    assert (uncaught.code, uncaught.node, uncaught.detail) == ("no_path", "rate", "two rules apply")
    assert isinstance(handled, Change) and handled.after == {"hand"}


def sub_process(*elements: str) -> str:
    return f'<bpmn:subProcess id="sub">{"".join(elements)}</bpmn:subProcess>'


INSIDE = [
    '<bpmn:startEvent id="in"/>',
    FORK,
    user("a"),
    user("b"),
    '<bpmn:endEvent id="out_a"/>',
    '<bpmn:endEvent id="out_b"/>',
    *path("in", "fork", "a", "out_a"),
    *path("fork", "b", "out_b"),
]
CANCEL = boundary(
    "cancel", "sub", MESSAGE, inner=extended('<deskhand:wait event="cancel" roles="clerk" requires="allowed"/>')
)
NESTED = table_of(
    START,
    sub_process(*INSIDE),
    CANCEL,
    user("after"),
    END,
    f'<bpmn:endEvent id="void">{TERMINATE}</bpmn:endEvent>',
    *path("start", "sub", "after", "end"),
    *path("cancel", "void"),
)


def test_a_sub_process_is_over_when_its_last_token_is() -> None:
    case = begin(NESTED)
    first = step(NESTED, case, "a")
    assert isinstance(first, Change)
    second = step(NESTED, case_of(first), "b")

    assert (case.marking, first.after) == ({"a", "b"}, {"b"})
    assert isinstance(second, Change) and second.after == {"after"}


def test_cancelling_a_sub_process_takes_all_of_its_tokens_and_is_over_with_it() -> None:
    case = begin(NESTED)
    cancelled = step(NESTED, case, "cancel", {"allowed": True})
    refused = step(NESTED, case, "cancel", {"allowed": False})
    too_late = step(NESTED, replace(case, marking=frozenset({"after"})), "cancel", {"allowed": True})

    assert isinstance(cancelled, Change) and cancelled.ended
    assert isinstance(refused, Refusal) and refused.code == "allowed"
    assert isinstance(too_late, Refusal) and too_late.code == "not_now"


def test_a_terminate_end_inside_a_sub_process_ends_only_the_sub_process() -> None:
    inside = [
        each.replace('<bpmn:endEvent id="out_a"/>', f'<bpmn:endEvent id="out_a">{TERMINATE}</bpmn:endEvent>')
        for each in INSIDE
    ]
    table = table_of(START, sub_process(*inside), user("after"), END, *path("start", "sub", "after", "end"))

    result = step(table, begin(table), "a")

    assert isinstance(result, Change) and result.after == {"after"}


def test_a_place_holds_one_token() -> None:
    table = table_of(
        START,
        FORK,
        user("a"),
        user("b"),
        user("c"),
        END,
        *path("start", "fork", "a", "c", "end"),
        *path("fork", "b", "c"),
    )
    first = step(table, begin(table), "a")
    assert isinstance(first, Change)

    second = step(table, case_of(first), "b")

    assert isinstance(second, Refusal) and second.code == "no_path"


def test_a_step_is_undone_with_its_effects_in_reverse_and_its_data_as_before() -> None:
    case = replace(begin(DECIDED), row_version=4)
    done = step(DECIDED, case, "ask", decide=lambda name, values: {"level": 2})
    assert isinstance(done, Change)

    back = undo(DECIDED, done)

    assert (back.row_version, back.before, back.after, back.data) == (5, {"high"}, {"ask"}, {})
    assert (back.event, back.status, back.ended) == ("undo_ask", "at_ask", False)
    assert [(each.name, each.undo) for each in back.effects] == [("tell", True)]


def test_undoing_an_interrupted_timer_sets_it_again() -> None:
    case = begin(LATE)
    done = step(LATE, case, "ask")
    assert isinstance(done, Change)

    back = undo(LATE, done)

    assert (back.due_at, back.data, back.after) == (case.due_at, case.data, case.marking)


def test_a_message_starts_a_case_by_its_name_and_another_does_not() -> None:
    named = f'<bpmn:startEvent id="start">{MESSAGE.replace("/>", """ messageRef="m"/>""")}</bpmn:startEvent>'
    table = table_of(
        named, user("ask"), END, *path("start", "ask", "end"), roots='<bpmn:message id="m" name="placed"/>'
    )

    assert start(table, "c1", {}, NOW, event="placed").event == "placed"
    with pytest.raises(StartUnknown):
        start(table, "c1", {}, NOW, event="paid")


def test_a_case_begins_in_the_middle_only_where_a_token_can_rest() -> None:
    begun = start_at(ROW, ROW.node_for_status("at_check"), case_id="c1", facts={}, now=NOW)
    closed = start_at(ROW, "end", case_id="c1", facts={}, now=NOW)

    assert (begun.after, begun.effects, begun.status) == ({"check"}, (), "at_check")
    assert (closed.after, closed.ended) == (frozenset(), True)
    with pytest.raises(StartUnknown):
        start_at(ROW, "tell", case_id="c1", facts={}, now=NOW)
    with pytest.raises(KeyError):
        ROW.node_for_status("elsewhere")


def test_a_case_that_cannot_reach_its_first_node_does_not_begin() -> None:
    table = table_of(START, rule("rate", "level"), END, *path("start", "rate", "end"))

    with pytest.raises(NoPath):
        start(table, "c1", {}, NOW)


def test_possible_events_tell_who_may_do_what() -> None:
    found = {each.event: (each.means, each.roles, each.requires) for each in possible_events(NESTED, frozenset({"a"}))}

    assert found == {"a": ("task", {"clerk"}, ()), "cancel": ("message", {"clerk"}, ("allowed",))}
