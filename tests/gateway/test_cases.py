"""Cases and tasks over HTTP: started, seen, decided, withdrawn; what is refused, and how."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.cases.spending import open_spending
from tests.support.desks import FakeClock, demo_database
from tests.support.gateway import Gateway, running_gateway

START = "/api/processes/spend_request/cases"
SMALL = {"fields": {"item": "Chairs", "amount": "900"}}
LARGE = {"fields": {"item": "Laptops", "amount": "8000", "kind": "it", "salary_code": "S-7"}}


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Gateway]:
    clock = FakeClock()
    desk = open_spending(demo_database(tmp_path), clock, tmp_path)
    async with running_gateway(tmp_path, clock, desk) as running:
        yield running
    desk.close()


async def post(at: Gateway, login: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    async with at.http(login, **headers) as http, http.post(path, json=body or {}) as response:
        return response.status, await response.json(content_type=None)


async def get(at: Gateway, login: str, path: str) -> tuple[int, Any]:
    async with at.http(login) as http, http.get(path) as response:
        return response.status, await response.json(content_type=None)


async def begun(at: Gateway, body: Any = None, login: str = "clerk") -> str:
    status, answer = await post(at, login, START, body or SMALL)
    assert status == 201, answer
    return str(answer["case"]["number"])


async def test_a_case_goes_its_whole_way_over_http(at: Gateway) -> None:
    _, processes = await get(at, "clerk", "/api/processes")
    [process] = [each for each in processes["items"] if each["name"] == "spend_request"]
    assert process["title"] == {"zh": "花费申请", "en": "Spend request"}
    asked = [each["name"] for each in process["fields"]]
    assert asked == ["item", "amount", "kind", "needed_by", "salary_code"]
    assert process["fields"][1]["question"]["zh"] == "多少钱？"

    number = await begun(at, LARGE)
    _, listed = await get(at, "manager", "/api/tasks?process=spend_request")
    [task] = listed["items"]
    assert (task["id"], task["decisions"]) == (f"{number}.approve_by_manager", ["approve", "reject"])
    assert task["facts"]["amount"] == "8000.00"

    status, answer = await post(
        at, "manager", f"/api/tasks/{task['id']}/approve", {"expected_version": task["version"]}
    )
    assert (status, answer["case"]["status"]) == (200, "waiting_finance")
    budget = {"fields": {"budget": "2026"}}
    status, answer = await post(at, "finance", f"/api/tasks/{number}.approve_by_finance/approve", budget)
    assert (status, answer["case"]["status_name"]["zh"]) == (200, "已批准")
    assert answer["events"] == ["TaskDecided", "DocumentWritten", "CaseEnded"]

    _, case = await get(at, "clerk", f"/api/cases/{number}")
    assert (case["fields"]["budget"], case["waits_at"]) == ("2026", [])
    assert [each["name"] for each in case["documents"]] == ["slip"]
    async with at.http("clerk") as http, http.get(f"/api/cases/{number}/documents/slip?language=en") as response:
        assert (response.status, response.content_type) == (200, "text/plain")
        assert (await response.text()).startswith(f"{number}: Laptops, CNY 8,000.00, Equipment.")
    _, history = await get(at, "clerk", f"/api/cases/{number}/history")
    rows = history["items"]
    assert [row["event"] for row in rows] == ["start_case", "approve_by_manager", "approve_by_finance"]
    assert (rows[0]["rules"][0]["decision"], rows[0]["rules"][0]["rule"]) == ("level", 2)
    assert [row["previous_hash"] for row in rows[1:]] == [row["hash"] for row in rows[:-1]]


async def test_a_field_for_some_is_in_nobody_elses_answer(at: Gateway) -> None:
    number = await begun(at, LARGE)
    for login, seen in (("clerk", True), ("finance", True), ("manager", False), ("warehouse", False)):
        for path in (f"/api/cases/{number}", f"/api/cases/{number}/history", "/api/tasks", "/api/cases"):
            status, body = await get(at, login, path)
            assert status == 200
            shown = seen and path.startswith(f"/api/cases/{number}")
            assert ("S-7" in str(body)) == shown, (login, path)


REFUSED: list[tuple[str, str, Any, tuple[int, str]]] = [
    ("finance", START, SMALL, (404, "unknown_process")),
    ("clerk", "/api/processes/order_to_cash/cases", SMALL, (404, "unknown_process")),
    ("clerk", START, {"fields": {"item": "x"}}, (422, "field_missing")),
    ("clerk", START, {"fields": {"item": "x", "amount": "-1"}}, (422, "field_invalid")),
    ("clerk", START, {"fields": {"item": "x", "amount": "1", "y": 1}}, (422, "field_unknown")),
    ("clerk", START, {"fields": [1]}, (422, "invalid_request")),
    ("clerk", START, {"item": "x"}, (422, "invalid_request")),
    ("manager", "/api/tasks/SR-1001.approve_by_manager/reject", {}, (422, "reason_needed")),
    ("manager", "/api/tasks/SR-1001.approve_by_manager/complete", {}, (422, "decision_unknown")),
    ("manager", "/api/tasks/SR-1001.approve_by_finance/approve", {}, (404, "unknown_task")),
    ("manager", "/api/tasks/SR-1001/approve", {}, (404, "unknown_task")),
    ("manager", "/api/tasks/SR-9.approve_by_manager/approve", {}, (404, "unknown_case")),
    ("clerk", "/api/tasks/SR-1001.approve_by_manager/approve", {}, (403, "role_not_allowed")),
    ("manager", "/api/tasks/SR-1001.approve_by_manager/approve", {"expected_version": 7}, (409, "case_changed")),
    ("manager", "/api/cases/SR-1001/withdraw", {}, (403, "role_not_allowed")),
    ("customer", "/api/cases/SR-1001/withdraw", {}, (404, "unknown_case")),
]


async def test_a_refusal_has_its_code_and_changes_nothing(at: Gateway) -> None:
    await begun(at)
    _, before = await get(at, "manager", "/api/cases/SR-1001")

    for login, path, body, expected in REFUSED:
        status, answer = await post(at, login, path, body)
        assert (status, answer["code"]) == expected, (login, path, body)

    assert (await get(at, "manager", "/api/cases/SR-1001"))[1] == before


async def test_a_repeat_starts_nothing_and_decides_nothing(at: Gateway) -> None:
    once = {"Idempotency-Key": "k-1"}
    first = await post(at, "clerk", START, SMALL, **once)
    assert await post(at, "clerk", START, SMALL, **once) == first
    number = first[1]["case"]["number"]
    approve = f"/api/tasks/{number}.approve_by_manager/approve"
    done = await post(at, "manager", approve, **once)
    assert await post(at, "manager", approve, **once) == done
    assert done[0] == 200

    _, listed = await get(at, "clerk", "/api/cases")
    assert [each["number"] for each in listed["items"]] == [number]
    status, _ = await post(at, "manager", approve)
    assert status == 404


async def test_claiming_and_withdrawing(at: Gateway) -> None:
    number = await begun(at)
    task = f"/api/tasks/{number}.approve_by_manager"
    status, answer = await post(at, "manager", f"{task}/claim")
    assert (status, answer["case"]["waits_at"][0]["claimed_by"]) == (200, "赵敏 Zhao Min")
    assert (await post(at, "manager", f"{task}/release"))[0] == 200
    assert (await post(at, "manager", f"{task}/release"))[1]["code"] == "unknown_task"

    status, answer = await post(at, "clerk", f"/api/cases/{number}/withdraw", {"reason": "not needed"})
    assert (status, answer["case"]["status"]) == (200, "withdrawn")


async def test_pages_and_filters(at: Gateway) -> None:
    numbers = [await begun(at) for _ in range(3)]
    mine = await begun(at, login="warehouse")

    _, first = await get(at, "clerk", "/api/cases?limit=2")
    _, second = await get(at, "clerk", f"/api/cases?limit=2&cursor={first['next_cursor']}")
    shown = [each["number"] for each in first["items"] + second["items"]]
    assert shown == [mine, *reversed(numbers)]
    assert second["next_cursor"] is None
    _, own = await get(at, "warehouse", "/api/cases?mine=1&open=1")
    assert [each["number"] for each in own["items"]] == [mine]
    assert (await get(at, "clerk", "/api/cases?open=yes"))[0] == 422
    assert (await get(at, "customer", "/api/cases"))[1]["items"] == []


async def test_an_orders_task_is_completed_like_any_other(at: Gateway) -> None:
    line = {"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "1"}]}
    _, placed = await post(at, "clerk", "/api/orders", line)
    number = placed["order"]["number"]
    _, listed = await get(at, "clerk", "/api/tasks")
    assert [each["id"] for each in listed["items"]] == [f"{number}.confirm_order"]

    status, answer = await post(at, "clerk", f"/api/tasks/{number}.confirm_order/complete")

    assert (status, answer["order"]["status"]) == (200, "confirmed")
    assert (await post(at, "clerk", f"/api/tasks/{number}.confirm_order/complete"))[1]["code"] == "unknown_task"
    assert (await post(at, "clerk", f"/api/tasks/{number}.receive_goods/approve"))[0] == 422


async def test_an_orders_approval_is_decided_and_a_rejection_says_why(at: Gateway) -> None:
    _, placed = await post(at, "clerk", "/api/orders", {"customer": "huaxing", "total": "300000"})
    number = placed["order"]["number"]
    task = f"/api/tasks/{number}.approve_order"
    await post(at, "clerk", f"/api/tasks/{number}.confirm_order/complete")
    _, listed = await get(at, "manager", "/api/tasks")
    assert [(each["id"], each["decisions"], each["reason_for"]) for each in listed["items"]] == [
        (f"{number}.approve_order", ["approve", "reject"], ["reject"])
    ]

    assert (await post(at, "clerk", f"{task}/approve"))[0] == 403
    assert (await post(at, "manager", f"{task}/complete"))[0] == 422
    assert (await post(at, "manager", f"{task}/reject"))[1]["code"] == "reason_needed"
    _, rejected = await post(at, "manager", f"{task}/reject", {"reason": "too cheap"})
    assert rejected["order"]["status"] == "pending_confirmation"
    await post(at, "clerk", f"/api/tasks/{number}.confirm_order/complete")
    _, approved = await post(at, "manager", f"{task}/approve")

    assert approved["order"]["status"] == "confirmed"


async def test_without_a_sign_in_nothing_is_told(at: Gateway) -> None:
    number = await begun(at)
    for path in ("/api/cases", f"/api/cases/{number}", "/api/tasks", "/api/processes"):
        async with at.http(None) as http, http.get(path) as response:
            assert response.status == 401


async def test_a_case_that_calls_another_one_goes_its_way_over_http(at: Gateway) -> None:
    trip = {"fields": {"place": "Hangzhou", "people": 3, "each": "100"}}
    status, answer = await post(at, "clerk", "/api/processes/team_trip/cases", trip)
    assert status == 201, answer
    [waits] = answer["case"]["waits_at"]
    assert (waits["node"], waits["called"], answer["case"]["called_by"]) == ("ask_for_money", "SR-1001", None)

    _, called = await get(at, "clerk", "/api/cases/SR-1001")
    assert (called["called_by"], called["fields"]["amount"]) == (answer["case"]["number"], "300.00")
    await post(at, "manager", "/api/tasks/SR-1001.approve_by_manager/approve")

    _, after = await get(at, "clerk", f"/api/cases/{answer['case']['number']}")
    assert (after["fields"]["granted"], [each["node"] for each in after["waits_at"]]) == ("300.00", ["book"])
