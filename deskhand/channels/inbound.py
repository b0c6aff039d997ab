"""What people send: a text or a press of a card's button, checked before anything is stored.

Knows nothing of who sent it. What Rasa is given differs from what is stored in one point: a leading slash, which
Rasa would take for an intent, is taken off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from deskhand.channels.errors import MessageEmpty, MessageInvalid, MessageNotText, MessageTooLong

MAX_TEXT = 4_000  # what `deskhand.language` reads of one message
_MAX_ID = 64
_IDENTIFIER = re.compile(r"[A-Za-z0-9_:.-]{1,64}")
_SLASHES = re.compile(  # and whatever can't be seen before them
    r"^[\s\x00-\x1f\x7f-\x9f/／⁄∕\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]+"
)
_REFUSED = {"Cc", "Cs", "Co", "Cn"}  # control, surrogate, private use, unassigned: not what a keyboard makes
_LAYOUT = "\n\r\t"

CONFIRM, REJECT = "confirm", "reject"
FILE_DROPPED = "/import_orders"  # what a file that was sent in is to Rasa; which import it is stands in the token


@dataclass(frozen=True, slots=True)
class CardPress:
    """One press of a button: which card, which of its actions."""

    card: str
    action: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message: `id` is the client's and makes a repeat recognisable; text or a press, never both.

    `place`: where in its messenger it was said. `file`: an import that was made of a file; only the gateway says so.
    """

    id: str
    text: str | None = None
    press: CardPress | None = None
    place: Mapping[str, object] | None = None
    file: str | None = None


def read_inbound(data: object) -> Inbound:
    """Check what came over the wire: `{id, text}` or `{id, card: {id, action}}`.

    Raises:
        MessageInvalid, MessageEmpty, MessageTooLong, MessageNotText.
    """
    if not isinstance(data, Mapping):
        raise MessageInvalid(field="message")
    identifier = _identifier(data, "id")
    card = data.get("card")
    if card is None:
        return Inbound(identifier, text=read_text(data.get("text")))
    if not isinstance(card, Mapping):
        raise MessageInvalid(field="card")
    return Inbound(identifier, press=CardPress(_identifier(card, "id"), _identifier(card, "action")))


def read_text(text: object) -> str:
    """The text as it was typed; refused when empty, too long or not text.

    A text of slashes and blanks only counts as empty: nothing of it would reach the bot.
    """
    if not isinstance(text, str):
        raise MessageNotText() if isinstance(text, bytes | bytearray) else MessageEmpty()
    if len(text) > MAX_TEXT:
        raise MessageTooLong(length=len(text), limit=MAX_TEXT)
    if any(_is_binary(character) for character in text):
        raise MessageNotText()
    if not for_rasa(text):
        raise MessageEmpty()
    return text


def for_rasa(text: str) -> str:
    """The text without its leading slashes: only the gateway may name an intent."""
    return _SLASHES.sub("", text).rstrip()


def payload(press: CardPress) -> str:
    """The intent that a button stands for; which card and which choice is in the turn's token."""
    return {CONFIRM: "/affirm", REJECT: "/deny"}.get(press.action, "/choose")


def _is_binary(character: str) -> bool:
    return character == "\ufffd" or (character not in _LAYOUT and unicodedata.category(character) in _REFUSED)


def _identifier(data: Mapping[str, object], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str) or len(value) > _MAX_ID or not _IDENTIFIER.fullmatch(value):
        raise MessageInvalid(field=field)
    return value
