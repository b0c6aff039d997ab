"""One message as any messenger shows it: text, facts, lines, buttons, what became of it. Knows no messenger.

It is read from what is stored: a message with its card, or the card of a notice. What is missing or of the wrong kind
is left out; a stored card never fails to be shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.channels.sentences import sentence
from deskhand.orders.tenant import Tenant
from deskhand.store import Message

DAY = "day"  # what a message may ask for that messengers have a control for
PRIMARY, DANGER = "primary", "danger"
REASON = "reason"
OPEN = "open"
_PICTURE = re.compile(r"^!\[([^\]\n]*)\]\(([^()\s]+)\)$", re.MULTILINE)
_SHUT = {"used": "messenger_used", "expired": "messenger_expired", "superseded": "messenger_superseded"}

Json = Mapping[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Button:
    """One choice. `needs_reason`: it is asked for before anything happens."""

    id: str
    label: str
    style: str = "default"
    needs_reason: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """`subject` is what the buttons are about (`card:<id>`, `approval:<number>`, `task:<id>`).

    `says` are texts that a button sends as if they were typed: (label, text). `outcome` stands where buttons stood.
    """

    language: str
    title: str = ""
    text: str = ""
    status: str = ""
    facts: tuple[Pair, ...] = ()
    lines: tuple[str, ...] = ()
    total: Pair | None = None
    items: tuple[Pair, ...] = ()
    subject: str | None = None
    buttons: tuple[Button, ...] = ()
    says: tuple[Pair, ...] = ()
    asks: str | None = None
    outcome: str = ""

    @property
    def plain(self) -> str:
        """What a notification of the messenger shows, and a screen reader says."""
        parts = (self.title, self.text, self.outcome)
        return "\n".join(part for part in parts if part) or self.status or "…"


def face_of_message(message: Message, tenant: Tenant) -> Face:
    """What the bot, or a colleague in its place, has said."""
    language = "zh" if message.extra.get("language") == "zh" else "en"
    said = message.extra.get("quick_replies") or ()
    says = tuple((_text(each.get("title")), _text(each.get("text"))) for each in _maps(said))
    asks = DAY if message.extra.get("asks") == DAY else None
    if not isinstance(message.card, Mapping):
        return Face(language, text=_pictures_as_links(message.text or ""), says=says, asks=asks)
    face = face_of_card(message.card, tenant)
    return replace(face, text=_pictures_as_links(message.text or ""), says=says, asks=asks)


def face_of_card(card: Json, tenant: Tenant) -> Face:
    """A card as it is now; its buttons only while they work."""
    language = "zh" if card.get("language") == "zh" else "en"
    state = _text(card.get("state")) or OPEN
    outcome = outcome_said(card.get("outcome"), language, tenant)
    if not outcome and state in _SHUT and card.get("id"):
        outcome = sentence(_SHUT[state], language)
    subject = _text(card.get("subject")) or (f"card:{card['id']}" if card.get("id") else None)
    works = state == OPEN and not outcome and subject is not None
    status, total = card.get("status"), card.get("total")
    return Face(
        language,
        title=_text(card.get("title")),
        text=_text(card.get("text")),
        status=_text(status.get("label")) if isinstance(status, Mapping) else "",
        facts=tuple((_text(each.get("label")), _text(each.get("value"))) for each in _maps(card.get("facts"))),
        lines=(*_table(card.get("table")), *(_line(each) for each in _maps(card.get("lines")))),
        total=(_text(total.get("label")), _text(total.get("value"))) if isinstance(total, Mapping) else None,
        items=tuple((_text(each.get("title")), _text(each.get("subtitle"))) for each in _maps(card.get("items"))),
        subject=subject,
        buttons=tuple(_button(each) for each in _maps(card.get("actions"))) if works else (),
        outcome=outcome,
    )


def outcome_said(outcome: object, language: str, tenant: Tenant) -> str:
    """Confirm · Lin Xiao · 2026-11-22 16:05, in the company's zone."""
    if not isinstance(outcome, Mapping):
        return ""
    parts = (_text(outcome.get("text")), _text(outcome.get("by")), _moment(outcome.get("at"), tenant))
    return " · ".join(part for part in parts if part)


def _moment(at: object, tenant: Tenant) -> str:
    try:
        moment = datetime.fromisoformat(str(at)).astimezone(ZoneInfo(tenant.time_zone))
    except (ValueError, OverflowError):
        return ""
    return f"{moment:%Y-%m-%d %H:%M}"


def _button(action: Json) -> Button:
    found = _text(action.get("id"))
    needs_reason = action.get(REASON) is True
    return Button(found, _text(action.get("label")) or found, _text(action.get("style")) or "default", needs_reason)


def _line(line: Json) -> str:
    """A4纸 · 20 箱 × 100.00 = 2,000.00 (有货)."""
    said = [_text(line.get("name")) or _text(line.get("sku"))]
    counted = f"{_text(line.get('quantity'))} {_text(line.get('unit'))}".strip()
    price, amount, note = (_text(line.get(name)) for name in ("unit_price", "amount", "note"))
    if price:
        counted += f" × {price}"
    if amount:
        counted += f" = {amount}"
    said += [counted] if counted else []
    return " · ".join(said) + (f" ({note})" if note else "")


def _table(table: object) -> Sequence[str]:
    if not isinstance(table, Mapping):
        return ()
    columns = [_text(each) for each in table.get("columns") or ()]
    rows = [[_text(cell) for cell in row.get("cells") or ()] for row in _maps(table.get("rows"))]
    return [
        " · ".join([row[0], *(f"{name}: {cell}" for name, cell in zip(columns[1:], row[1:], strict=False))])
        for row in rows
        if row
    ]


def _maps(items: object) -> list[Json]:
    return [each for each in items if isinstance(each, Mapping)] if isinstance(items, list | tuple) else []


def _pictures_as_links(text: str) -> str:
    """They are behind the gateway's sign-in, so a messenger is given their address."""
    return _PICTURE.sub(r"\1: \2", text)


def _text(value: object) -> str:
    return "" if value is None else str(value)
