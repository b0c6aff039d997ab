"""How tokens move, on diagrams small enough to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from deskhand.engine import (
    Change,
    DecisionFailed,
    Event,
    NoPath,
    Refusal,
    StartUnknown,
    start,
    start_at,
    undo,
    waiting,
)
from tests.engine.diagrams import (
    END,
    ERROR,
    FORK,
    JOIN,
    MESSAGE,
    START,
    boundary,
    flow,
    path,
    rule,
    service,
    user,
)
from tests.engine.stepping import CLERK, NOW, SYSTEM, begin, case_of, step, table_of

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


def test_a_token_that_never_rests_ends_the_step_and_does_not_hold_the_worker() -> None:
    """No file compiles to this; a table with a fault might."""
    back = ROW.flows[ROW.nodes["tell"].outgoing[0]]
    faulty = replace(ROW, flows={**ROW.flows, back.id: replace(back, target="tell")})

    result = step(faulty, begin(ROW), "ask")

    assert isinstance(result, Refusal)
    assert (result.code, result.node) == ("no_path", "ask")


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


def test_a_message_starts_a_case_by_its_name_and_another_does_not() -> None:
    named = f'<bpmn:startEvent id="start">{MESSAGE.replace("/>", """ messageRef="m"/>""")}</bpmn:startEvent>'
    table = table_of(
        named, user("ask"), END, *path("start", "ask", "end"), roots='<bpmn:message id="m" name="placed"/>'
    )

    assert start(table, "c1", {}, NOW, event="placed").event == "placed"
    with pytest.raises(StartUnknown):
        start(table, "c1", {}, NOW, event="paid")


def timed(name: str, definition: str) -> str:
    timer = f"<bpmn:timerEventDefinition>{definition}</bpmn:timerEventDefinition>"
    return f'<bpmn:startEvent id="{name}">{timer}</bpmn:startEvent>'


def test_each_of_several_starts_is_taken_by_its_id_and_without_one_the_first() -> None:
    table = table_of(
        *[START, timed("nightly", "<bpmn:timeCycle>R/PT24H</bpmn:timeCycle>"), timed("shift", ""), user("ask")],
        *[user("look"), user("sign"), END, *path("start", "ask", "end")],
        *[*path("nightly", "look", "end"), *path("shift", "sign", "end")],
    )

    assert {each: start(table, "c1", {}, NOW, event=each).after for each in ("start", "nightly", "shift")} == {
        "start": {"ask"},
        "nightly": {"look"},
        "shift": {"sign"},
    }
    assert start(table, "c1", {}, NOW).after == {"ask"}


def test_a_manual_task_and_a_receive_task_wait_like_any_other() -> None:
    wait = '<bpmn:extensionElements><deskhand:wait roles="clerk"/></bpmn:extensionElements>'
    table = table_of(
        *[START, f'<bpmn:manualTask id="pack">{wait}</bpmn:manualTask>'],
        *[f'<bpmn:receiveTask id="hear" messageRef="m">{wait}</bpmn:receiveTask>', END],
        *path("start", "pack", "hear", "end"),
        roots='<bpmn:message id="m" name="answered"/>',
    )
    packed = step(table, begin(table), "pack")
    assert isinstance(packed, Change)

    heard = step(table, case_of(packed), "answered")

    assert packed.after == {"hear"}
    assert isinstance(heard, Change) and heard.ended


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
