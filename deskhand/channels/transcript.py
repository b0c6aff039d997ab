"""How a stored message, a card and the person behind it look to a client. Knows nothing of transports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deskhand.store import Card, Message, UnitOfWork


def messages_json(uow: UnitOfWork, messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Several messages; colleagues are looked up by name only where some wrote in the bot's place."""
    people = {each.written_by for each in messages if each.written_by is not None}
    names = {user.id: user.name for user in uow.users.many(people)} if people else {}
    return [message_json(each, names) for each in messages]


def message_json(message: Message, names: Mapping[str, str]) -> dict[str, Any]:
    """One message, whichever way it went. `by`: the colleague who wrote it; `note`: what the desk itself says."""
    return {
        "id": message.id,
        "client_id": message.client_id,
        "seq": message.seq,
        "direction": message.direction,
        "text": message.text,
        "card": message.card,
        "quick_replies": message.extra.get("quick_replies") or [],
        "language": message.extra.get("language"),
        "turn": message.turn,
        "by": names.get(message.written_by, message.written_by) if message.written_by else None,
        "note": message.extra.get("note"),
        "at": message.created_at.isoformat(),
    }


def card_json(card: Card, who: str | None) -> dict[str, Any]:
    """The change of a card, for every tab that shows it."""
    return {"id": card.id, "state": card.state, "outcome": outcome(card, who)}


def outcome(card: Card, who: str | None) -> dict[str, Any] | None:
    """What was pressed, by whom and when; None while nothing was."""
    if card.used_at is None or card.action is None:
        return None
    return {"text": label(card, card.action), "by": who or card.used_by, "at": card.used_at.isoformat()}


def label(card: Card, action: str) -> str:
    """The words on the button, as the card showed them."""
    buttons = card.payload.get("actions") or ()
    for button in buttons if isinstance(buttons, list | tuple) else ():
        if isinstance(button, Mapping) and button.get("id") == action:
            return str(button.get("label") or action)
    return action
