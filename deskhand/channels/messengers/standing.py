"""A stored message with its card as it stands now: what the message says of its card is of when it was shown."""

from __future__ import annotations

from dataclasses import replace

from deskhand.channels.transcript import card_json
from deskhand.store import Message, UnitOfWork


def standing_now(uow: UnitOfWork, message: Message, user_id: str) -> Message:
    """For the card's owner, `user_id`. A card that is gone, or somebody else's, has no buttons.

    Raises:
        CardUnknown: it is not theirs.
    """
    card_id = (message.card or {}).get("id")
    if message.card is None or not card_id:
        return message
    card = uow.cards.get(str(card_id), user_id)
    by = uow.users.get(card.used_by) if card.used_by is not None else None
    return replace(message, card={**message.card, **card_json(card, by.name if by is not None else None)})


def expired(message: Message) -> Message:
    """Its card was forgotten."""
    return replace(message, card={**(message.card or {}), "state": "expired"})
