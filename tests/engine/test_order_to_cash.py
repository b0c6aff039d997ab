"""The flagship process as its file draws it: the whole way, every side way, and nothing that is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deskhand.engine import (
    Actor,
    Case,
    Change,
    Event,
    Refusal,
    compile_bpmn,
    load_decisions,
    plan,
    start,
    start_at,
    undo,
)

FOLDER = Path(__file__).resolve().parents[2] / "processes" / "order_to_cash"
EFFECTS = {
    "reserve_stock",
    "send_invoice",
    "notify_shipment_information",
    "update_freight",
    "send_delivery_notes",
    "post_payment",
    "close_freight",
    "release_stock",
    "issue_credit_note",
    "adjust_reservation",
    "send_invoice_again",
    "release_reservation",
    "restock_goods",
}
DECISIONS = [load_decisions(each.read_bytes(), each.name) for each in sorted(FOLDER.glob("*.dmn"))]
NAMES = {name for each in DECISIONS for name in each.names}
TABLE = compile_bpmn((FOLDER / "process.bpmn").read_bytes(), "process.bpmn", effects=EFFECTS, decisions=NAMES)


def decide(name: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """As the tables of the folder have it."""
    return next(each for each in DECISIONS if name in each.names).decide(name, values)


NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
FACTS = {
    "customer_known": True,
    "has_lines_or_total": True,
    "warehouse_known": True,
    "has_parcels": True,
    "goods_ready": True,
    "back_ordered": True,
    "lines_not_packed": True,
    "rest_to_ship": False,
    "reservation_due_at": NOW + timedelta(days=14),
    "no_parcels": True,
    "due_or_forced": True,
    "freight_known": True,
    "not_shipped": True,
    "delivery_mode": "courier",
    "region": "local",
    "weight_kg": Decimal(3),
    "payment_due_at": NOW + timedelta(days=30),
}
ROLES = ("customer", "sales", "warehouse", "finance", "manager", "admin", "system")
HOLDERS = {"sales", "warehouse", "finance", "manager"}
CANCELLERS = {"sales", "manager", "customer", "admin"}
AMENDERS = {"sales", "manager", "customer"}
RELEASERS = {"sales", "manager", "finance"}
APPROVERS = {"manager", "admin"}
RETURNERS = {"sales", "warehouse", "manager"}
INSIDE = {"cancel_order": CANCELLERS}
HELD = {"release_order": RELEASERS, **INSIDE}

ALLOWED: dict[str, dict[str, set[str]]] = {
    "confirm_order": {
        "confirm_order": {"sales", "manager"},
        "amend_order": AMENDERS,
        "cancel_line": CANCELLERS,
        "hold_order": HOLDERS,
        **INSIDE,
    },
    "receive_goods": {
        "receive_goods": {"warehouse"},
        "amend_order": AMENDERS,
        "cancel_line": CANCELLERS,
        "hold_order": HOLDERS,
        **INSIDE,
    },
    "complete_shipment": {
        "amend_order": AMENDERS,
        "cancel_line": CANCELLERS,
        "complete_shipment": {"warehouse"},
        "receive_goods": {"warehouse"},
        "return_goods": RETURNERS,
        "give_shipment_information": {"warehouse", "sales"},
        "hold_order": HOLDERS,
        **INSIDE,
    },
    "held_confirmation": HELD,
    "held_credit": {"release_order": {"manager", "finance"}, **INSIDE},
    "approve_order": {"approve_order": APPROVERS, "reject_order": APPROVERS, **INSIDE},
    "approve_large_order": {"approve_order": {"admin"}, "reject_order": {"admin"}, **INSIDE},
    "held_receipt": HELD,
    "held_shipment": HELD,
    "start_account_period": {"start_account_period": {"finance"}, "return_goods": RETURNERS},
    "settle_payment": {"settle_payment": {"finance"}, "return_goods": RETURNERS},
    "settle_freight": {"settle_freight": {"finance"}, "return_goods": RETURNERS},
}
EVENTS = sorted({event for events in ALLOWED.values() for event in events} | {"order_placed", "timer", "settle", ""})


def actor(role: str) -> Actor:
    return Actor("u1", role, "acme", "chat", "m1")


def at(node: str, **more: Any) -> Case:
    return Case("o1", "acme", "order_to_cash", 1, frozenset({node}), 1, **more)


def happen(case: Case, event: str, role: str, now: datetime = NOW, **facts: Any) -> Change | Refusal:
    result = plan(TABLE, [case], Event(event), actor(role), {case.id: {**FACTS, **facts}}, now, decide=decide)
    return (*result.changes, *result.refusals)[0]


def follow(case: Case, event: str, role: str, now: datetime = NOW, **facts: Any) -> tuple[Case, Change]:
    change = happen(case, event, role, now, **facts)
    assert isinstance(change, Change), change
    after = replace(
        case, marking=change.after, row_version=case.row_version + 1, due_at=change.due_at, data=change.data
    )
    return after, change


def effects(change: Change) -> list[str]:
    return [each.name for each in change.effects]


def test_an_order_goes_from_import_to_freight_settlement() -> None:
    begun = start(TABLE, "o1", FACTS, NOW, event="order_placed")
    assert (begun.status, begun.effects) == ("pending_confirmation", ())

    case = at("confirm_order")
    walked = []
    for event, role in [
        ("confirm_order", "sales"),
        ("receive_goods", "warehouse"),
        ("give_shipment_information", "sales"),
        ("complete_shipment", "warehouse"),
        ("start_account_period", "finance"),
        ("settle_payment", "finance"),
        ("settle_freight", "finance"),
    ]:
        case, change = follow(case, event, role)
        walked.append((change.status, effects(change)))

    assert walked == [
        ("confirmed", ["reserve_stock", "send_invoice"]),
        ("awaiting_shipment", []),
        ("awaiting_shipment", ["notify_shipment_information"]),
        ("shipped", ["update_freight", "send_delivery_notes"]),
        ("in_account_period", []),
        ("settled", ["post_payment"]),
        ("settled", ["close_freight"]),
    ]
    assert change.ended
    assert case.data == {"freight": Decimal(10), "credit": "go_on", "approver": "nobody"}


@pytest.mark.parametrize(
    ("facts", "node"),
    [
        ({"overdue_days": 40}, "held_credit"),
        ({"over_limit": Decimal(1)}, "held_credit"),
        ({"total": Decimal(300_000), "acting_role": "sales"}, "approve_order"),
        ({"total": Decimal(2_000_000), "acting_role": "sales"}, "approve_large_order"),
        ({"total": Decimal(300_000), "acting_role": "manager"}, "receive_goods"),
    ],
)
def test_a_confirmation_goes_where_credit_and_approval_are_decided_to_lead(facts: dict[str, Any], node: str) -> None:
    _, change = follow(at("confirm_order"), "confirm_order", str(facts.get("acting_role", "sales")), **facts)

    assert change.after == {node}


def test_the_freight_that_the_table_decides_is_handed_to_the_effect() -> None:
    _, change = follow(at("complete_shipment"), "complete_shipment", "warehouse", region="remote", weight_kg=Decimal(2))

    assert change.effects[0].params["freight"] == Decimal(36)


def test_an_order_with_number_customer_and_total_only_passes() -> None:
    case = at("confirm_order")
    little = {"weight_kg": None, "region": None, "delivery_mode": None}

    for event, role in [
        ("confirm_order", "sales"),
        ("receive_goods", "warehouse"),
        ("complete_shipment", "warehouse"),
        ("start_account_period", "finance"),
        ("settle_payment", "finance"),
        ("settle_freight", "finance"),
    ]:
        case, change = follow(case, event, role, **little)

    assert change.ended


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("node", ALLOWED)
def test_in_every_state_every_role_can_do_what_the_file_allows_and_nothing_else(node: str, role: str) -> None:
    for event in EVENTS:
        result = happen(at(node), event, role)

        if role in ALLOWED[node].get(event, ()):
            assert isinstance(result, Change), (event, result)
        else:
            assert isinstance(result, Refusal), (event, result)
            assert result.code == ("role_not_allowed" if event in ALLOWED[node] else "not_now")
            assert set(result.expected) == set(ALLOWED[node])


def test_the_matrix_covers_every_node_that_waits() -> None:
    assert set(ALLOWED) == {node.id for node in TABLE.waiting}


@pytest.mark.parametrize(
    ("node", "event", "role", "fact"),
    [
        ("confirm_order", "confirm_order", "sales", "customer_known"),
        ("confirm_order", "confirm_order", "sales", "has_lines_or_total"),
        ("receive_goods", "receive_goods", "warehouse", "warehouse_known"),
        ("complete_shipment", "complete_shipment", "warehouse", "has_parcels"),
        ("complete_shipment", "complete_shipment", "warehouse", "goods_ready"),
        ("complete_shipment", "receive_goods", "warehouse", "back_ordered"),
        ("complete_shipment", "cancel_line", "sales", "lines_not_packed"),
        ("complete_shipment", "cancel_order", "sales", "not_shipped"),
        ("complete_shipment", "amend_order", "sales", "no_parcels"),
        ("settle_payment", "settle_payment", "finance", "due_or_forced"),
        ("settle_freight", "settle_freight", "finance", "freight_known"),
    ],
)
def test_a_step_without_its_condition_is_refused_by_the_name_of_the_condition(
    node: str, event: str, role: str, fact: str
) -> None:
    result = happen(at(node), event, role, **{fact: False})

    assert isinstance(result, Refusal)
    assert (result.code, result.status) == (fact, TABLE.nodes[node].status)


def test_shipment_information_is_refused_before_the_goods_are_in_stock() -> None:
    result = happen(at("receive_goods"), "give_shipment_information", "warehouse")

    assert isinstance(result, Refusal)
    assert (result.code, result.status, result.expected[0]) == ("not_now", "confirmed", "receive_goods")


@pytest.mark.parametrize(
    ("node", "held"),
    [
        ("confirm_order", "held_confirmation"),
        ("receive_goods", "held_receipt"),
        ("complete_shipment", "held_shipment"),
    ],
)
def test_a_held_order_comes_back_to_where_it_was(node: str, held: str) -> None:
    case, holding = follow(at(node), "hold_order", "finance")
    _, released = follow(case, "release_order", "manager")

    assert (holding.after, holding.status) == ({held}, "on_hold")
    assert (released.after, released.effects) == ({node}, ())


@pytest.mark.parametrize(
    ("node", "follows"),
    [
        ("confirm_order", []),
        ("receive_goods", ["adjust_reservation", "send_invoice_again"]),
        ("complete_shipment", ["adjust_reservation", "send_invoice_again"]),
    ],
)
def test_an_amended_order_stays_where_it_is(node: str, follows: list[str]) -> None:
    _, change = follow(at(node), "amend_order", "customer")

    assert (change.after, change.status, effects(change)) == ({node}, TABLE.nodes[node].status, follows)


@pytest.mark.parametrize(
    ("node", "follows"),
    [
        ("confirm_order", []),
        ("receive_goods", ["adjust_reservation", "issue_credit_note"]),
        ("complete_shipment", ["adjust_reservation", "issue_credit_note"]),
    ],
)
def test_a_line_is_cancelled_where_the_order_waits_on_for_the_others(node: str, follows: list[str]) -> None:
    _, change = follow(at(node), "cancel_line", "customer", rest_to_ship=True)

    assert (change.after, change.status, effects(change)) == ({node}, TABLE.nodes[node].status, follows)


def test_an_order_whose_rest_is_cancelled_is_shipped() -> None:
    _, change = follow(at("complete_shipment"), "cancel_line", "sales", rest_to_ship=False)

    assert (change.after, change.status) == ({"start_account_period"}, "shipped")


def test_a_part_that_leaves_has_freight_and_notes_of_its_own_and_the_order_waits_for_the_rest() -> None:
    case, part = follow(at("complete_shipment"), "complete_shipment", "warehouse", rest_to_ship=True)
    _, rest = follow(case, "complete_shipment", "warehouse")

    assert (part.after, part.status) == ({"complete_shipment"}, "awaiting_shipment")
    assert (rest.after, rest.status) == ({"start_account_period"}, "shipped")
    assert effects(part) == effects(rest) == ["update_freight", "send_delivery_notes"]


@pytest.mark.parametrize("node", [node for node in ALLOWED if "return_goods" in ALLOWED[node]])
def test_goods_come_back_without_moving_the_order(node: str) -> None:
    _, change = follow(at(node), "return_goods", "warehouse")

    assert (change.after, effects(change)) == ({node}, ["restock_goods", "issue_credit_note"])


@pytest.mark.parametrize("node", ["receive_goods", "complete_shipment"])
def test_a_reservation_ends_once_and_the_order_stays(node: str) -> None:
    early = happen(at(node), "timer", "system", NOW + timedelta(days=13))
    case, over = follow(at(node), "timer", "system", NOW + timedelta(days=14))
    again = happen(case, "timer", "system", NOW + timedelta(days=15))

    assert isinstance(early, Refusal) and isinstance(again, Refusal)
    assert (over.after, over.event, effects(over)) == ({node}, "reservation_expired", ["release_reservation"])


def test_a_confirmed_order_is_due_when_its_reservation_is_over() -> None:
    _, change = follow(at("confirm_order"), "confirm_order", "sales")

    assert change.due_at == FACTS["reservation_due_at"]


@pytest.mark.parametrize("node", [node for node in ALLOWED if "cancel_order" in ALLOWED[node]])
def test_a_cancelled_order_gives_its_stock_back_and_is_over(node: str) -> None:
    _, change = follow(at(node), "cancel_order", "customer")

    assert (change.status, change.ended) == ("cancelled", True)
    assert effects(change) == ["release_stock", "issue_credit_note"]


def test_the_end_of_the_account_period_settles_the_payment_by_itself() -> None:
    case, opened = follow(at("start_account_period"), "start_account_period", "finance")
    early = happen(case, "timer", "system", NOW + timedelta(days=29))
    _, settled = follow(case, "timer", "system", NOW + timedelta(days=30))

    assert opened.due_at == FACTS["payment_due_at"]
    assert isinstance(early, Refusal)
    assert (settled.event, settled.status, effects(settled)) == ("settle_payment", "settled", ["post_payment"])


def test_an_import_can_begin_in_every_status_and_closed_history_has_no_effects() -> None:
    for status in TABLE.statuses:
        begun = start_at(TABLE, TABLE.node_for_status(status), case_id="o1", facts=FACTS, now=NOW)
        assert (begun.status, begun.effects) == (status, ())
    history = start_at(TABLE, "completed", case_id="o1", facts={}, now=NOW)

    assert (history.status, history.ended, history.effects) == ("settled", True, ())


def test_a_confirmation_can_be_taken_back() -> None:
    _, change = follow(at("confirm_order"), "confirm_order", "sales")
    back = undo(TABLE, change)

    assert (back.after, back.status) == ({"confirm_order"}, "pending_confirmation")
    assert [(each.name, each.undo) for each in back.effects] == [("send_invoice", True), ("reserve_stock", True)]


def test_every_person_task_names_one_accountable_role() -> None:
    tasks = [node for node in TABLE.waiting if not node.id.startswith("held_")]

    known = {node.id: node.raci.accountable for node in tasks}
    assert known.pop("approve_large_order") == ("admin",)
    assert set(known.values()) == {("manager",)}
    others = [node for node in tasks if node.id != "approve_order"]  # the admin may, the manager has to
    assert {node.id: set(node.raci.responsible) for node in others} == {node.id: set(node.roles) for node in others}


def test_every_shape_and_edge_of_the_diagram_is_drawn() -> None:
    text = (FOLDER / "process.bpmn").read_text("utf-8")

    for element in (*TABLE.nodes, *TABLE.flows):
        assert f'bpmnElement="{element}"' in text
