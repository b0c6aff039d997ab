"""The events of Rasa's own Socket.IO channel, so that a chat window that was made for it can be used. Knows no socket.

Such a window says `session_request`, `user_uttered` {message} and hears `bot_uttered` {text, quick_replies}. Who it
speaks for is decided by its token alone: a session id that it names is never looked at.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from deskhand.channels.messengers.face import Face, face_of_card
from deskhand.orders.tenant import Tenant

PRESSED = "/deskhand"  # a button's payload: which card, which action; looked up like any press
_INTENT = re.compile(r"/[\w-]+(\{.*\})?", re.DOTALL)


def is_theirs(data: object) -> bool:
    """Whether an utterance has their form; ours has an id."""
    return isinstance(data, Mapping) and "message" in data and "id" not in data


def as_ours(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Their utterance in our form, under a new id; None for a bare intent, which such windows send to begin with."""
    message = data["message"]
    identifier = uuid.uuid4().hex
    if not isinstance(message, str) or not _INTENT.fullmatch(message.strip()):
        return {"id": identifier, "text": message}
    pressed = message.strip().removeprefix(PRESSED)
    if pressed == message.strip():
        return None
    return {"id": identifier, "card": _card(pressed)}


def as_theirs(message: Mapping[str, Any], tenant: Tenant) -> dict[str, Any]:
    """What the bot said, with its card in words and its buttons as quick replies."""
    face = face_of_card(message["card"], tenant) if isinstance(message.get("card"), Mapping) else Face("en")
    parts = [*([str(message["text"])] if message.get("text") else ()), *_in_words(face)]
    replies = [_reply(each["title"], each["text"]) for each in message.get("quick_replies") or ()]
    if face.subject and face.subject.startswith("card:"):
        card = face.subject.removeprefix("card:")
        replies += [_reply(each.label, _payload(card, each.id)) for each in face.buttons]
    said: dict[str, Any] = {"text": "\n".join(parts)}
    return said | ({"quick_replies": replies} if replies else {})


def _in_words(face: Face) -> Iterator[str]:
    if face.title:
        yield f"{face.title} ({face.status})" if face.status else face.title
    if face.text:
        yield face.text
    yield from (f"{label}: {value}" for label, value in face.facts)
    yield from face.lines
    yield from (" · ".join(part for part in item if part) for item in face.items)
    if face.total:
        yield ": ".join(face.total)
    if face.outcome:
        yield face.outcome


def _reply(title: str, payload: str) -> dict[str, str]:
    return {"content_type": "text", "title": title, "payload": payload}


def _payload(card: str, action: str) -> str:
    return PRESSED + json.dumps({"card": card, "action": action})


def _card(written: str) -> dict[str, Any]:
    """An empty one, which is refused, when it is not what `_payload` wrote."""
    try:
        read = json.loads(written)
    except ValueError:
        return {}
    return {"id": read.get("card"), "action": read.get("action")} if isinstance(read, Mapping) else {}
