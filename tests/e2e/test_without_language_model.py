"""The language model server is absent: everything works, with the templates, and the record says so."""

from __future__ import annotations

import re
import uuid

from tests.support.deskhand import Running, until
from tests.support.talk import Talker


def test_an_order_is_placed_and_invoiced_with_templates(deskhand: Running) -> None:
    clerk = Talker.sign_in(deskhand, "clerk")
    clerk.say("算了")
    old = deskhand.kill("llm_server")

    clerk.say("华星要1台打印机，送到上海浦东张江路1号，快递，下周五送到")
    number = re.findall(r"SO-\d+", clerk.press("confirm"))[-1]
    clerk.client.post(f"/api/orders/{number}/confirm", json={}, headers={"Idempotency-Key": str(uuid.uuid4())})

    def invoice() -> dict[str, object] | None:
        found: dict[str, object] | None = clerk.client.get(f"/api/orders/{number}").json()["invoice"]
        return found if found and found["sent_count"] else None

    sent = until(invoice, 60, "the invoice is sent")
    deskhand.wait_restarted("llm_server", old)
    assert sent["number"]


def test_one_json_order_is_answered_with_its_receipt(deskhand: Running) -> None:
    clerk = deskhand.session("clerk")
    order = {"number": f"X-{uuid.uuid4().hex[:6]}", "customer": "华星科技有限公司", "total": "1234.5"}

    response = clerk.post("/api/orders/import?source=mail", json=order, headers={"Idempotency-Key": str(uuid.uuid4())})

    assert response.status_code in (200, 201), response.text
    body = response.json()
    assert body["receipt"]["source"] in ("llm", "template")
    assert order["number"] in body["receipt"]["text"] or body["order"]["number"] in body["receipt"]["text"]
    assert "1,234.50" in body["receipt"]["text"] or "1234.50" in body["receipt"]["text"]
