"""Each service is killed in the middle of a conversation and started again: nothing is lost, nothing happens twice."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from tests.support.deskhand import Running, until
from tests.support.talk import Talker, patiently


@pytest.mark.parametrize("service", ["rasa", "actions", "gateway", "worker", "llm_server"])
def test_a_draft_outlives_a_killed_service(deskhand: Running, service: str) -> None:
    clerk = Talker.sign_in(deskhand, "clerk")
    clerk.say("算了")
    clerk.say("华星要2台打印机，送到上海浦东张江路1号，快递")
    orders_before = len(clerk.client.get("/api/orders").json()["items"])

    old = deskhand.kill(service)
    deskhand.wait_restarted(service, old)
    clerk.say("打印机改成4台")
    clerk.say("下周五送到")

    assert [line["quantity"] for line in clerk.card["lines"]] == ["4"]
    placed = clerk.press("confirm")
    assert re.search(r"SO-\d+", placed), placed
    assert len(clerk.client.get("/api/orders").json()["items"]) == orders_before + 1


def test_a_message_sent_while_rasa_is_dead_is_answered_when_it_is_back(deskhand: Running) -> None:
    clerk = Talker.sign_in(deskhand, "clerk")
    clerk.say("你好")
    identifier, said = str(uuid.uuid4()), max(one["seq"] for one in _messages(clerk))

    old = deskhand.kill("rasa")
    response = clerk.post(text="帮助", id=identifier)
    deskhand.wait_restarted("rasa", old)

    def answered() -> bool:
        messages = _messages(clerk, said)
        asked = next((one for one in messages if one.get("text") == "帮助" and one["direction"] == "in"), None)
        return asked is not None and any(
            one["direction"] == "out" and one["seq"] > asked["seq"] and one.get("text") for one in messages
        )

    assert response.status_code in (200, 202, 502, 503), response.text
    until(answered, 60, "the message is answered")


def test_no_invoice_is_sent_twice_when_the_worker_dies(deskhand: Running) -> None:
    clerk = Talker.sign_in(deskhand, "clerk")
    clerk.say("算了")
    numbers = []
    for quantity in (1, 2, 3):
        clerk.say(f"华星要{quantity}台打印机，送到上海浦东张江路1号，快递，下周五送到")
        numbers.append(re.findall(r"SO-\d+", clerk.press("confirm"))[-1])
    for number in numbers:
        response = clerk.client.post(f"/api/orders/{number}/confirm", json={}, headers=_key())
        assert response.status_code == 200, response.text

    for _ in range(4):
        old = deskhand.kill("worker")
        deskhand.wait_restarted("worker", old)

    def shown(number: str) -> Any:
        return patiently(lambda: clerk.client.get(f"/api/orders/{number}")).json()

    def invoices() -> list[str]:
        known = [shown(number) for number in numbers]
        return [order["invoice"]["number"] for order in known if order["invoice"] and order["invoice"]["sent_count"]]

    def documents(invoice: str) -> list[str]:
        return [path.name for path in (deskhand.var / "outbox").rglob(f"{invoice}-*.eml")]

    until(lambda: len(invoices()) == len(numbers), 60, "every invoice is sent")
    until(lambda: all(documents(invoice) for invoice in invoices()), 60, "every document is written")
    assert {invoice: documents(invoice) for invoice in invoices()} == {
        invoice: [f"{invoice}-1.eml"] for invoice in invoices()
    }


def _key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


def _messages(talker: Talker, after: int = 0) -> list[dict[str, Any]]:
    """All of the conversation that came after this one; the gateway gives them by the page."""
    found: list[dict[str, Any]] = []
    place: int | None = after
    while place is not None:
        page = talker.client.get(f"/api/conversations/{talker.conversation}", params={"after": place}).json()
        found += page["messages"]
        place = page["next"]
    return found
