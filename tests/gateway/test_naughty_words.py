"""Whatever people, customers' names, notes and files say is text: kept and shown as it is, and widens no right."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from deskhand.channels.messengers import adaptive_cards, block_kit
from deskhand.channels.messengers.face import face_of_card
from deskhand.gateway.limits import Rate
from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.model import Actor, Customer
from deskhand.orders.status import Role
from deskhand.store import load_tenants
from tests.gateway.test_sign_in_browser import signed_in
from tests.support.browser import browser
from tests.support.deskhand import ROOT
from tests.support.gateway import TENANT, Gateway, running_gateway
from tests.support.naughty import NAUGHTY, SCRIPTS, STATEMENTS

__all__ = ["browser"]

CLERK = Actor("clerk", Role.SALES, TENANT, "http", "request-1")


def named(gateway: Gateway, names: tuple[str, ...]) -> list[str]:
    """A customer of each name, with an order and a note that says the same; the orders' numbers."""
    with gateway.desk.unit_of_work(TENANT) as uow:
        uow.customers.add(*(Customer(f"odd-{number}", name) for number, name in enumerate(names)))
        uow.commit()
    numbers = []
    for number, name in enumerate(names):
        placing = PlaceOrder(f"odd-{number}", (NewLine("PAPER-A4", Decimal(1)),), note=name[:500])
        placed = gateway.desk.handle(placing, CLERK)
        assert placed.order is not None
        numbers.append(placed.order.number)
    return numbers


def counts(gateway: Gateway) -> tuple[int, ...]:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        return len(uow.customers.all()), len(uow.products.all()), len(uow.users.all())


async def test_names_and_notes_come_back_as_they_are(gateway: Gateway) -> None:
    numbers = named(gateway, NAUGHTY)
    before = counts(gateway)
    async with gateway.http() as http:
        for number, name in zip(numbers, NAUGHTY, strict=True):
            async with http.get(f"/api/orders/{number}") as response:
                order = await response.json()
                assert name in json.dumps(order, ensure_ascii=False).replace('\\"', '"').replace("\\\\", "\\")
                assert order["note"] == name[:500]
        for words in (*STATEMENTS, *SCRIPTS):
            async with http.get("/api/orders", params={"cursor": words}) as response:
                assert response.status in {200, 422}

    assert counts(gateway) == before


async def test_what_is_said_is_stored_as_it_is_and_no_command(tmp_path: Path) -> None:
    """In the role that the session has, whatever the words say; a slash is never taken for an intent."""
    plenty = Rate(burst=1_000, per_second=1_000)
    async with running_gateway(tmp_path, chat_rate=plenty) as gateway, gateway.http("customer") as http:
        for number, words in enumerate(NAUGHTY):
            async with http.post("/api/chat", json={"id": f"said-{number}", "text": words}) as response:
                said = await response.json()
                assert response.status == 200, (words, said)
            heard, claims = gateway.rasa.requests[-1], gateway.rasa.claims()
            assert (claims["role"], claims["sub"], claims.get("card")) == ("customer", "customer", None)
            assert not heard["message"].startswith("/")
        async with http.get(f"/api/conversations/{said['conversation']}") as response:
            kept = [each["text"] for each in (await response.json())["messages"] if each["direction"] == "in"]

    assert [words.strip() for words in kept] == [words.strip() for words in NAUGHTY]


def card_saying(words: str) -> dict[str, Any]:
    return {
        "kind": "order", "language": "en", "title": words, "id": "c-1", "state": "open", "note": words,
        "facts": [[words, words]], "lines": [words], "items": [[words, words]], "total": [words, words],
        "actions": [{"id": "confirm", "label": words}],
    }  # fmt: skip


def test_messengers_are_sent_no_mention_no_link_and_no_mark_that_people_typed() -> None:
    tenant = load_tenants(ROOT / "tenants")[TENANT]
    for words in NAUGHTY:
        face = face_of_card(card_saying(words), tenant)
        for text in _texts(block_kit.blocks(face), "mrkdwn"):
            assert not any(mark in text for mark in ("<!", "<@", "<http", "<mailto", "<script", "<img")), words
        for text in _texts(adaptive_cards.card(face), "TextBlock"):
            assert "](" not in text.replace("\\](", "") and "<at>" not in text.replace("\\<", ""), words


def _texts(part: Any, kind: str) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if part.get("type") == kind else []
        return own + [text for value in part.values() for text in _texts(value, kind)]
    return [text for each in part for text in _texts(each, kind)] if isinstance(part, list) else []


@pytest.mark.browser
async def test_in_a_browser_all_of_it_is_text(gateway: Gateway, browser: Browser) -> None:
    """Said by the person, by the bot, on a card and in the notifications: under the page's own policy."""
    numbers = named(gateway, SCRIPTS)
    gateway.rasa.answer = lambda body: [
        {"recipient_id": body["sender"], "text": f"heard: {body['message']}"},
        {"recipient_id": body["sender"], "custom": {"card": card_saying(body["message"])}},
    ]
    context = await browser.new_context(locale="en-GB")
    page, complaints = await context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await signed_in(page, gateway)

    for words in SCRIPTS:
        gateway.clock.forward(seconds=10)
        await page.locator("deskhand-chat textarea").fill(words)
        await page.keyboard.press("Enter")
        await expect(page.locator("deskhand-chat .message.in").last).to_contain_text(_first_of(words))
        await expect(page.locator("deskhand-chat .typing")).to_have_count(0)
    gateway.desk.project_notifications(TENANT)
    gateway.notify("role:sales", SCRIPTS[1])
    await expect(page.locator("deskhand-chat .message.out").last).to_be_visible()

    assert await page.evaluate("window.pwned") is None
    assert await made_of_words(page) == 0
    assert [each for each in complaints if "401" not in each] == [] and len(numbers) == len(SCRIPTS)
    await context.close()


async def made_of_words(page: Page) -> int:
    """Elements that only the words could have made, wherever they are."""
    return int(
        await page.evaluate(
            """() => {
              const bad = "script:not([src]), iframe, math, [onerror], [onload], a[href^='javascript:']";
              let found = document.querySelectorAll(bad).length;
              for (const each of document.querySelectorAll('*'))
                if (each.shadowRoot) found += each.shadowRoot.querySelectorAll(bad + ', img[src="x"]').length;
              return found;
            }"""
        )
    )


def _first_of(words: str) -> str:
    """Markdown may dress what stands around it."""
    return next(part for part in words.replace("[", " ").replace("!", " ").split() if part)[:8]
