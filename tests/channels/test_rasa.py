"""The client of Rasa's webhook: what counts as an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from deskhand.channels.rasa import BotReply, RasaClient, RasaFailed
from tests.support.deskhand import free_ports
from tests.support.gateway import RASA_TOKEN, FakeRasa


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    fake = FakeRasa(free_ports(1)[0])
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def client(rasa: FakeRasa) -> AsyncIterator[RasaClient]:
    client = RasaClient(rasa.url + "/", RASA_TOKEN, timeout_seconds=0.5)
    yield client
    await client.close()


async def _reason(client: RasaClient) -> str:
    with pytest.raises(RasaFailed) as failed:
        await client.send("c-1", "hello", {})
    return failed.value.reason


async def test_texts_cards_and_quick_replies_come_back_in_order(rasa: FakeRasa, client: RasaClient) -> None:
    card = {"id": None, "kind": "notice", "title": "T"}
    buttons = [{"title": "Help", "payload": "/help"}, {"title": "Paper", "payload": "A4 paper"}, {"payload": "x"}]
    rasa.answer = lambda body: [
        {"text": "one"},
        {"custom": {"card": card}},
        {"text": "two", "buttons": buttons},
        {"image": "http://x/y.png"},
    ]

    replies = await client.send("c-1", "hello", {"token": "t"})

    assert replies == [
        BotReply("one"),
        BotReply(card=card),
        BotReply("two", quick_replies=({"title": "Help", "text": "Help"}, {"title": "Paper", "text": "A4 paper"})),
    ]
    assert rasa.requests == [{"sender": "c-1", "message": "hello", "metadata": {"token": "t"}}]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([], "empty"),
        ([{"recipient_id": "c-1"}], "empty"),
        ([{"custom": {}}], "empty"),
        ({"status": "failure"}, "broken"),
        (b"<html>", "broken"),
        (b"[" + b" " * (2 << 20) + b"]", "broken"),
    ],
)
async def test_an_answer_without_a_message_is_a_failure(
    rasa: FakeRasa, client: RasaClient, answer: Any, reason: str
) -> None:
    rasa.answer = lambda body: answer

    assert await _reason(client) == reason


async def test_errors_slowness_and_absence_are_told_apart(rasa: FakeRasa, client: RasaClient) -> None:
    rasa.status = 500
    assert await _reason(client) == "broken"

    rasa.status, rasa.delay = 200, 2.0
    assert await _reason(client) == "slow"
    assert await client.ready()

    await rasa.stop()
    assert await _reason(client) == "down"
    assert not await client.ready()


async def test_who_shows_another_token_is_not_answered_and_not_ready(rasa: FakeRasa) -> None:
    stranger = RasaClient(rasa.url, "another-token-than-that-of-the-gateway")

    assert (await _reason(stranger), await stranger.ready()) == ("refused", False)
    assert not rasa.requests
    await stranger.close()
