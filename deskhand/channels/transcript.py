"""How a stored message, a card and the person behind it look to a client. Knows nothing of transports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deskhand.store import Card, Message


def message_json(message: Message) -> dict[str, Any]:
    """One message, whichever way it went."""
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
