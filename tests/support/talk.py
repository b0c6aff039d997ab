"""One person at the chat API, as an engineer who embeds Deskhand would use it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from tests.support.deskhand import Running


def patiently(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """Asks again, when it was too often, after as long as the answer says: as a well-behaved client does."""
    while (response := ask()).status_code == 429:
        time.sleep(response.json()["data"]["seconds"])
    return response


@dataclass
class Talker:
    """Says things over `POST /api/chat` and remembers the cards."""

    client: httpx.Client
    conversation: str | None = None
    cards: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def sign_in(cls, deskhand: Running, login: str) -> Talker:
        return cls(deskhand.session(login))

    def post(self, **payload: Any) -> httpx.Response:
        body = {"id": str(uuid.uuid4()), "conversation": self.conversation, **payload}
        given = {key: value for key, value in body.items() if value is not None}
        return patiently(lambda: self.send(given))

    def send(self, body: dict[str, Any]) -> httpx.Response:
        return self.client.post("/api/chat", json=body, headers={"Idempotency-Key": str(body["id"])})

    def say(self, text: str, **payload: Any) -> str:
        """Returns the answers' texts and card titles, a line each."""
        return self._heard(self.post(text=text, **payload))

    def press(self, action: str) -> str:
        return self._heard(self.post(card={"id": self.cards[-1]["id"], "action": action}))

    def _heard(self, response: httpx.Response) -> str:
        assert response.status_code == 200, response.text
        body = response.json()
        self.conversation = body["conversation"]
        answers = [message for message in body["messages"] if message.get("direction", "out") == "out"]
        self.cards += [message["card"] for message in answers if message.get("card")]
        return "\n".join(
            [*(message["text"] for message in answers if message.get("text"))]
            + [f"[{message['card']['title']}]" for message in answers if message.get("card")]
        )

    @property
    def card(self) -> dict[str, Any]:
        return self.cards[-1]
