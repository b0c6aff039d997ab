"""A file from the chat to the orders, through every service: preview, yes, report, the refused rows corrected."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2 as httpx

from tests.support.deskhand import Running, until
from tests.support.talk import Talker

HEAD = "订单号,客户名称,商品编号,数量,单价,下单时间\n"


def rows(number: str) -> str:
    good = f"{number}-1,环球贸易,PAPER-A4,2,10.00,2026-11-18 09:00:00\n"
    good += f"{number}-2,环球贸易,CHR-200,1,99.50,2026-11-18 10:00:00\n"
    return HEAD + good + f"{number}-3,,PAPER-A4,3,10.00,2026-11-19 09:00:00\n"


def sent(client: httpx.Client, name: str, data: bytes) -> dict[str, Any]:
    answer = client.post(
        "/api/imports", files={"file": (name, data)}, data={"chat": "1", "language": "zh", "source": "shop"}
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def shown(client: httpx.Client, words: str) -> dict[str, Any] | None:
    """The newest message of the conversation with these words."""
    conversation = client.get("/api/conversations").json()["items"][0]["id"]
    messages = client.get(f"/api/conversations/{conversation}").json()["messages"]
    return next((each for each in reversed(messages) if words in (each["text"] or "")), None)


def card_of(client: httpx.Client) -> dict[str, Any] | None:
    conversation = client.get("/api/conversations").json()["items"][0]["id"]
    messages = client.get(f"/api/conversations/{conversation}").json()["messages"]
    cards = [each["card"] for each in messages if (each["card"] or {}).get("kind") == "import"]
    return next((card for card in reversed(cards) if card["actions"] and card["state"] == "open"), None)


def confirmed(clerk: Talker) -> None:
    card = until(lambda: card_of(clerk.client), 60, "the preview is shown")
    body = {"id": uuid.uuid4().hex, "card": {"id": card["id"], "action": "confirm"}}
    clerk.client.post("/api/chat", json=body)


def orders_of(client: httpx.Client, number: str) -> set[str]:
    found = client.get("/api/orders?limit=200").json()["items"]
    return {order["external_number"] for order in found if str(order["external_number"]).startswith(number)}


def test_a_file_is_dropped_previewed_imported_and_its_refused_rows_come_in_corrected(deskhand: Running) -> None:
    clerk, number = Talker.sign_in(deskhand, "clerk"), f"E{uuid.uuid4().hex[:6].upper()}"
    clerk.say("算了")

    job = sent(clerk.client, "订单.csv", rows(number).encode())
    assert (job["preview"]["good"], job["preview"]["refused"], orders_of(clerk.client, number)) == (2, 1, set())
    confirmed(clerk)
    report = until(lambda: shown(clerk.client, "订单.csv 导入完成"), 60, "the report is told")
    assert orders_of(clerk.client, number) == {f"{number}-1", f"{number}-2"}
    assert f"/api/imports/{job['id']}/rejected" in report["text"]

    refused = clerk.client.get(f"/api/imports/{job['id']}/rejected").content.decode("utf-8-sig")
    corrected = refused.replace(f"{number}-3,,", f"{number}-3,环球贸易,")
    assert corrected != refused
    sent(clerk.client, "改好.csv", corrected.encode())
    confirmed(clerk)
    until(lambda: shown(clerk.client, "改好.csv 导入完成"), 60, "the second report is told")
    assert orders_of(clerk.client, number) == {f"{number}-1", f"{number}-2", f"{number}-3"}

    assert "导入" in clerk.say("刚才导入得怎么样了")
