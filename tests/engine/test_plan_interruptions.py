"""What can happen beside the flow: messages, timers and failures at a node, called processes, sub-processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from deskhand.engine import (
    Change,
    DecisionFailed,
    Event,
    Refusal,
    possible_events,
    start,
    undo,
)
from tests.engine.diagrams import (
    END,
    ERROR,
    FORK,
    MESSAGE,
    START,
    TERMINATE,
    TIMER,
    boundary,
    extended,
    flow,
    path,
    rule,
    service,
    user,
)
from tests.engine.stepping import NOW, SYSTEM, begin, case_of, step, table_of


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


def test_a_timer_that_leads_back_to_its_own_node_reminds_again_and_again() -> None:
    table = table_of(*row_with(bounded("remind", TIMER)), service("tell"), *path("remind", "tell", "ask"))
    case, now = begin(table), NOW

    for _ in range(3):
        early = step(table, case, "timer", actor=SYSTEM, now=now + timedelta(minutes=119))
        assert isinstance(early, Refusal)
        now += timedelta(hours=2)
        result = step(table, case, "timer", actor=SYSTEM, now=now)
        assert isinstance(result, Change)
        assert (result.after, len(result.effects), result.due_at) == ({"ask"}, 1, now + timedelta(hours=2))
        case = case_of(result)


def test_a_timer_of_a_fixed_moment_that_leads_back_to_its_own_node_fires_once() -> None:
    at = "<bpmn:timeDate>2026-11-22T09:00:00+00:00</bpmn:timeDate>"
    fixed = f"<bpmn:timerEventDefinition>{at}</bpmn:timerEventDefinition>"
    table = table_of(*row_with(bounded("remind", fixed)), service("tell"), *path("remind", "tell", "ask"))
    later = NOW + timedelta(hours=3)

    first = step(table, begin(table), "timer", actor=SYSTEM, now=later)
    assert isinstance(first, Change)

    assert (first.after, first.due_at) == ({"ask"}, None)
    assert isinstance(step(table, case_of(first), "timer", actor=SYSTEM, now=later), Refusal)


def test_a_timer_reads_its_moment_from_what_the_case_keeps() -> None:
    timer = boundary("late", "ask", "<bpmn:timerEventDefinition/>", inner=extended('<deskhand:timer due="needed_by"/>'))
    table = table_of(*row_with(timer), user("chase"), flow("late", "chase"), flow("chase", "end"))
    begun = start(table, "c1", {}, NOW, params={"needed_by": (NOW + timedelta(days=2)).isoformat()})

    assert begun.due_at == NOW + timedelta(days=2)
    for odd in ("soon", "2026-11-22T08:00:00", 5, None):
        assert start(table, "c1", {}, NOW, params={"needed_by": odd}).due_at is None


def test_a_timer_of_a_sub_process_takes_all_of_its_tokens() -> None:
    table = table_of(
        *[START, sub_process(*INSIDE), boundary("late", "sub", TIMER), user("after"), user("chase"), END],
        *[*path("start", "sub", "after", "end"), *path("late", "chase", "end")],
    )
    case = begin(table)
    half = step(table, case, "a", now=NOW + timedelta(hours=1))
    assert isinstance(half, Change)

    result = step(table, case_of(half), "timer", actor=SYSTEM, now=NOW + timedelta(hours=2))

    assert (half.due_at, case.due_at) == (case.due_at, NOW + timedelta(hours=2))
    assert isinstance(result, Change) and (result.after, result.due_at) == ({"chase"}, None)


def test_an_error_within_a_sub_process_leaves_it_by_one_way_also_where_another_token_has_just_ended() -> None:
    def decide(name: str, values: object) -> dict[str, object]:
        raise DecisionFailed("no rule")

    inside = [
        *['<bpmn:startEvent id="in"/>', FORK, rule("rate", "level"), '<bpmn:endEvent id="out_a"/>'],
        *['<bpmn:endEvent id="out_b"/>', *path("in", "fork", "out_a"), *path("fork", "rate", "out_b")],
    ]
    table = table_of(
        *[START, user("ask"), sub_process(*inside), boundary("broken", "sub", ERROR), user("after"), user("repair")],
        *[END, *path("start", "ask", "sub", "after", "end"), *path("broken", "repair", "end")],
    )

    result = step(table, begin(table), "ask", decide=decide)

    assert isinstance(result, Change) and result.after == {"repair"}


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


ORDERED = table_of(
    START,
    '<bpmn:serviceTask id="ask">'
    + extended('<deskhand:effect name="call"/><deskhand:param name="system" value="crm"/>')
    + "</bpmn:serviceTask>",
    boundary("late", "ask", TIMER),
    user("chase"),
    user("read"),
    END,
    *path("start", "ask", "read", "end"),
    *path("late", "chase", "end"),
    awaited={"call"},
)


def test_an_effect_that_is_awaited_holds_the_case_and_brings_something_back() -> None:
    begun = start(ORDERED, "c1", {}, NOW, params={"amount": 5})
    result = step(ORDERED, case_of(begun), Event("ask_done", {"score": 7}), actor=SYSTEM)

    assert (begun.after, begun.effects[0].params) == ({"ask"}, {"amount": 5, "system": "crm"})
    assert isinstance(result, Change)
    assert (result.after, result.data) == ({"read"}, {"amount": 5, "score": 7})


def test_people_cannot_report_an_effect_as_done() -> None:
    result = step(ORDERED, begin(ORDERED), "ask_done")

    assert isinstance(result, Refusal) and result.code == "role_not_allowed"


def test_an_awaited_effect_that_takes_too_long_is_left_by_its_timer() -> None:
    result = step(ORDERED, begin(ORDERED), "timer", actor=SYSTEM, now=NOW + timedelta(hours=2))

    assert isinstance(result, Change) and result.after == {"chase"}


def test_of_what_a_called_process_brings_the_fields_are_kept_where_the_diagram_lists_some() -> None:
    wait = extended('<deskhand:wait fields="price"/>')
    call = f'<bpmn:callActivity id="buy" calledElement="purchase">{wait}</bpmn:callActivity>'
    table = table_of(START, call, user("pay"), END, *path("start", "buy", "pay", "end"))

    result = step(table, begin(table), Event("buy_done", {"price": 3, "note": "x"}), actor=SYSTEM)

    assert isinstance(result, Change) and result.data == {"price": 3}


def test_a_called_process_that_fails_or_takes_too_long_takes_its_own_path() -> None:
    call = '<bpmn:callActivity id="buy" calledElement="purchase"/>'
    table = table_of(
        *[START, call, boundary("refused", "buy", ERROR), boundary("late", "buy", TIMER), user("a"), user("b"), END],
        *[*path("start", "buy", "end"), *path("refused", "a", "end"), *path("late", "b", "end")],
    )
    failed = step(table, begin(table), "buy_failed", actor=SYSTEM)
    late = step(table, begin(table), "timer", actor=SYSTEM, now=NOW + timedelta(hours=2))

    assert isinstance(failed, Change) and failed.after == {"a"}
    assert isinstance(late, Change) and late.after == {"b"}


def test_a_called_process_is_started_and_waited_for() -> None:
    call = '<bpmn:callActivity id="buy" calledElement="purchase"/>'
    table = table_of(START, call, END, *path("start", "buy", "end"))
    begun = start(table, "c1", {}, NOW)

    (effect,) = begun.effects
    assert (effect.name, effect.params) == ("start_case", {"process": "purchase"})
    done = step(table, case_of(begun), "buy_done", actor=SYSTEM)
    assert isinstance(done, Change) and done.ended


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


def test_undoing_an_interrupted_timer_sets_it_again() -> None:
    case = begin(LATE)
    done = step(LATE, case, "ask")
    assert isinstance(done, Change)

    back = undo(LATE, done)

    assert (back.due_at, back.data, back.after) == (case.due_at, case.data, case.marking)


def test_possible_events_tell_who_may_do_what() -> None:
    found = {each.event: (each.means, each.roles, each.requires) for each in possible_events(NESTED, frozenset({"a"}))}

    assert found == {"a": ("task", {"clerk"}, ()), "cancel": ("message", {"clerk"}, ("allowed",))}
