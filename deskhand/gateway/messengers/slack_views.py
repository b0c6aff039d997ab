"""Slack's own forms and the Home tab, as its views. Pure; what is chosen in them is read elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deskhand.channels.messengers import block_kit
from deskhand.channels.messengers.block_kit import Block, cut, literal
from deskhand.channels.messengers.face import Button, Face
from deskhand.channels.sentences import sentence
from deskhand.gateway.messengers.choices import CUSTOMER, PRODUCT, Choice

REASON_VIEW, ORDER_VIEW = "reason", "order"
NEW_ORDER = "new_order"  # the button of the Home tab
INPUT = "said"
QUANTITY, LINES = "quantity", "lines"
MODES = ("direct", "courier", "own", "pickup")
LONGEST_REASON = 500
_MOST_ROWS = 20
_TITLE = 24
_OPTION = 75


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the Home tab: an order, or something to decide with its buttons."""

    text: str
    subject: str | None = None
    buttons: tuple[Button, ...] = ()


def reason_view(language: str, kept: Mapping[str, str]) -> Block:
    """Why something is rejected; `kept` comes back with the answer."""
    asked = _input("reason", sentence("messenger_reason", language), multiline=True)
    asked["element"]["max_length"] = LONGEST_REASON
    return {**_modal(language, REASON_VIEW, "messenger_reason_title", [asked]), "private_metadata": json.dumps(kept)}


def order_view(language: str, for_customers: bool, kept: Mapping[str, str]) -> Block:
    """`for_customers`: who fills it in orders for somebody else."""
    customer = _block(CUSTOMER, sentence("messenger_order_customer", language), _typeahead(language))
    modes = [{"text": _plain(sentence(f"messenger_mode_{each}", language)), "value": each} for each in MODES]
    day = {"type": "datepicker", "action_id": INPUT}
    mode = {"type": "static_select", "action_id": INPUT, "options": modes,
            "placeholder": _plain(sentence("messenger_pick", language))}  # fmt: skip
    asked = [
        *([{**customer, "optional": False}] if for_customers else []),
        _block(PRODUCT, sentence("messenger_order_product", language), _typeahead(language)),
        _block(QUANTITY, sentence("messenger_order_quantity", language), _typed(most=60)),
        _block(LINES, sentence("messenger_order_lines", language), _typed(multiline=True)),
        _block("day", sentence("messenger_order_day", language), day),
        _block("mode", sentence("messenger_order_mode", language), mode),
    ]
    view = _modal(language, ORDER_VIEW, "messenger_order_title", asked)
    return {**view, "private_metadata": json.dumps(kept)}


def order_said(values: Mapping[str, str], language: str) -> str:
    """What was filled in, as a sentence like those that people type."""
    first = "messenger_said_customer" if values.get(CUSTOMER) else "messenger_said_lines"
    picked = [f"{values.get(QUANTITY, '1')} {values[PRODUCT]}"] if values.get(PRODUCT) else []
    lines = ("，" if language == "zh" else ", ").join([*picked, *([values[LINES]] if values.get(LINES) else [])])
    parts = [sentence(first, language, customer=values.get(CUSTOMER, ""), lines=lines)]
    if values.get("day"):
        parts.append(sentence("messenger_said_day", language, day=values["day"]))
    if values.get("mode") in MODES:
        parts.append(sentence(f"messenger_mode_{values['mode']}", language))
    return ("，" if language == "zh" else ", ").join(parts)


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """By the names of the blocks; what was left empty is left out."""
    found: dict[str, str] = {}
    for name, given in ((view.get("state") or {}).get("values") or {}).items():
        said = given.get(INPUT) or {}
        picked = (said.get("selected_option") or {}).get("value")
        value = said.get("value") or said.get("selected_date") or picked
        if isinstance(value, str) and value.strip():
            found[str(name)] = value.strip()
    return found


def options(found: Sequence[Choice]) -> list[Block]:
    """As Slack lists them while somebody types; what is too long for it is not offered."""
    return [
        {"text": {"type": "plain_text", "text": cut(shown, _OPTION)}, "value": value}
        for shown, value in found
        if len(value) <= _OPTION
    ]


def home_view(language: str, orders: Sequence[Row], tasks: Sequence[Row]) -> Block:
    """What one can do, what waits for the person, then their orders."""
    new = {"type": "button", "action_id": NEW_ORDER, "style": "primary",
           "text": _plain(sentence("messenger_order_title", language))}  # fmt: skip
    settings = sentence("messenger_home_settings", language)
    words = {"type": "button", "action_id": f"{block_kit.SAY}0", "value": settings, "text": _plain(settings)}
    made: list[Block] = [{"type": "actions", "elements": [new, words]}]
    for title, rows in (("messenger_home_tasks", tasks), ("messenger_home_orders", orders)):
        made.append({"type": "header", "text": _plain(sentence(title, language))})
        for row in rows[:_MOST_ROWS]:
            made += _row(row, language)
        if not rows:
            made.append(_text(sentence("messenger_home_none", language)))
    return {"type": "home", "blocks": made[:100]}


def unlinked_view(language: str) -> Block:
    return {"type": "home", "blocks": [_text(sentence("messenger_link_privately", language))]}


def link_blocks(language: str, address: str) -> list[Block]:
    """For the person alone."""
    button = {"type": "button", "action_id": "link", "url": address, "style": "primary",
              "text": _plain(sentence("messenger_link_button", language))}  # fmt: skip
    said = _text(sentence("messenger_link_first", language))
    return [said, {"type": "actions", "elements": [button]}]


def _row(row: Row, language: str) -> list[Block]:
    made = [_text(literal(row.text))]
    if row.subject is not None and row.buttons:
        face = Face(language, title=row.text, subject=row.subject, buttons=row.buttons)
        made += [block for block in block_kit.blocks(face) if block["type"] == "actions"]
    return made


def _modal(language: str, name: str, title: str, blocks: Sequence[Block]) -> Block:
    return {
        "type": "modal",
        "callback_id": name,
        "title": _plain(sentence(title, language)),
        "submit": _plain(sentence("messenger_order_send", language)),
        "close": _plain(sentence("messenger_back", language)),
        "blocks": [*blocks],
    }


def _input(name: str, label: str, multiline: bool = False) -> Block:
    return {**_block(name, label, _typed(multiline)), "optional": False}


def _typed(multiline: bool = False, most: int = 3000) -> Block:
    return {"type": "plain_text_input", "action_id": INPUT, "multiline": multiline, "max_length": most}


def _typeahead(language: str) -> Block:
    """Slack asks us for what goes with each few letters."""
    placeholder = _plain(sentence("messenger_pick", language))
    return {"type": "external_select", "action_id": INPUT, "min_query_length": 1, "placeholder": placeholder}


def _block(name: str, label: str, element: Block) -> Block:
    text = {"type": "plain_text", "text": cut(label, 150)}
    return {"type": "input", "block_id": name, "optional": True, "label": text, "element": element}


def _text(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, 3000)}}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": cut(text, _TITLE)}
