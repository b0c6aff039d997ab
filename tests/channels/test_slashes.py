"""At every door: no text of a person reaches Rasa as an intent; only a card that was issued makes a payload."""

from __future__ import annotations

import ast
import itertools
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import FormData

from deskhand.channels.inbound import CONFIRM, REJECT, CardPress, payload
from tests.support.deskhand import ROOT
from tests.support.gateway import Gateway, Tab, tab

TYPED = (
    "/affirm", "//affirm", " /affirm", "\u3000/affirm", "\ufeff/affirm", "\u200b\u200d/affirm", "\u00ad/affirm",
    "\u202e/affirm", "\n\t/affirm", "／affirm", "／ / /affirm", "\u2060／/affirm", '/affirm{"x": 1}', "/restart",
    "/ affirm", "\u2028/affirm", "\u180e/affirm", "\ufe0f/affirm", "\u2066/affirm\u2069", "⁄affirm", "∕affirm",
)  # fmt: skip
_number = itertools.count()


async def by_http(gateway: Gateway, _: Tab, text: str) -> None:
    key = str(uuid.uuid4())
    async with gateway.http() as http:
        answer = await http.post("/api/chat", json={"id": key, "text": text}, headers={"Idempotency-Key": key})
        assert answer.status in (200, 422), await answer.text()


async def by_socket(_: Gateway, here: Tab, text: str) -> None:
    before = len(here.of("turn_ended"))
    if (await here.say(f"m-{next(_number)}", text)).get("ok"):
        await here.wait("turn_ended", before + 1)


@pytest.mark.parametrize("door", [by_http, by_socket])
async def test_rasa_never_hears_a_slash_of_a_person(
    gateway: Gateway, door: Callable[[Gateway, Tab, str], Awaitable[None]]
) -> None:
    async with tab(gateway) as here:
        for text in TYPED:
            await door(gateway, here, text)

    assert len(gateway.rasa.heard) > len(TYPED) / 2
    assert all(heard == heard.strip() and heard[0] not in "/／⁄∕" for heard in gateway.rasa.heard)


async def test_the_name_of_a_file_is_never_said_to_rasa(gateway: Gateway) -> None:
    for name in ("/affirm", "/affirm.csv", "／affirm.csv"):
        form = FormData()
        form.add_field("file", b"a,b\n1,2\n", filename=name, content_type="text/csv")
        async with gateway.http() as http:
            key = {"Idempotency-Key": str(uuid.uuid4())}
            answer = await http.post("/api/orders/import?dry_run=1", data=form, headers=key)
            assert answer.status < 500

    assert gateway.rasa.heard == []


@pytest.mark.parametrize("action", ["/affirm", "affirm{}", " affirm", "choose:/affirm", "x" * 65])
async def test_an_action_that_no_card_offers_is_refused(gateway: Gateway, action: str) -> None:
    card = gateway.issue_card().id
    async with tab(gateway) as here:
        answer = await here.press("m-1", card, action)

    assert not answer.get("ok") and gateway.rasa.heard == []


def test_a_press_makes_one_of_three_payloads_whatever_its_action_is_called() -> None:
    actions = (CONFIRM, REJECT, "choose:1", "/restart", "", "affirm")

    assert {payload(CardPress("c-1", action)) for action in actions} == {"/affirm", "/deny", "/choose"}


def test_rasa_is_spoken_to_in_one_place_and_with_the_text_of_a_turn_alone() -> None:
    """A new door that sends past `Chat` would need the taking away of slashes again."""
    calls = []
    for path in sorted((ROOT / "deskhand").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("bot.send"):
                calls.append((str(path.relative_to(ROOT)), ast.unparse(node.args[1])))

    assert calls == [(str(Path("deskhand/channels/chat.py")), "turn.text")]
