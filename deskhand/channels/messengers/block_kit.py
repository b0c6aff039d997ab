"""A face as blocks of Slack's Block Kit, within its limits. Pure; what people wrote is shown and never obeyed.

Limits (docs.slack.dev/reference/block-kit): 50 blocks, headers 150 characters, sections 3,000, ten fields of 2,000,
25 buttons with 75 characters each, 100 options with values of 150. Where something is cut, the reader is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from deskhand.channels.messengers.face import DANGER, DAY, PRIMARY, Button, Face
from deskhand.channels.sentences import sentence

Block = dict[str, Any]

MOST_BLOCKS, MOST_BUTTONS, MOST_OPTIONS, MOST_FIELDS = 50, 25, 100, 10
HEADER, SECTION, FIELD, LABEL, VALUE, OPTION, FALLBACK = 150, 3_000, 2_000, 75, 2_000, 150, 3_000
MOST_BYTES = 40_000
AS_BUTTONS = 5  # more choices than this are a list to pick from
PRESS, PICK, SAY, PICK_DAY, REASON = "press:", "pick", "say:", "pick_day", "reason:"
_ELLIPSIS = "…"
_SHOWN_LINES = 60
_AT = re.compile(r"@(?=(?:channel|here|everyone|group)\b)", re.IGNORECASE)
_MARK = re.compile(r"(?<![0-9A-Za-z])([*_~`])(?=\S)")
_UNSEEN = "\u2060"


def mrkdwn(text: str) -> str:
    """Text for a `mrkdwn` object: no link, no mention, no channel is called, whatever it says."""
    return _AT.sub(f"@{_UNSEEN}", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def literal(text: str) -> str:
    """As `mrkdwn`, and no bold or code either: for what people have entered."""
    return _MARK.sub(rf"\1{_UNSEEN}", mrkdwn(text))


def fallback(face: Face) -> str:
    """The message's `text`: what notifications show."""
    return cut(mrkdwn(face.plain), FALLBACK)


def blocks(face: Face) -> list[Block]:
    """At least one block, at most fifty."""
    made, foot = list(_body(face)), list(_foot(face))
    room, kept = MOST_BYTES - _size(foot) - SECTION, []
    for block in made[: MOST_BLOCKS - len(foot) - 1]:
        room -= _size([block])
        if room < 0:
            break
        kept.append(block)
    if len(kept) < len(made):
        kept.append(_context(sentence("messenger_cut", face.language)))
    return [*kept, *foot] or [_section(_ELLIPSIS)]


def _size(some: Sequence[Block]) -> int:
    return len(json.dumps(some, ensure_ascii=False).encode())


def cut(text: str, most: int) -> str:
    """At most so many characters; an entity (`&amp;`) is not cut in half."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    amp = kept.rfind("&", len(kept) - 5)
    return (kept[:amp] if amp >= 0 and ";" not in kept[amp:] else kept) + _ELLIPSIS


def _body(face: Face) -> Iterator[Block]:
    if face.text.strip():
        yield _section(mrkdwn(face.text))
    if face.title.strip():
        yield {"type": "header", "text": _plain(face.title, HEADER)}
    if face.status.strip():
        yield _context(literal(face.status))
    yield from _facts(face)
    yield from _paragraphs([f"• {literal(line)}" for line in face.lines], face.language)
    if face.total is not None:
        yield _section(f"*{literal(face.total[0])}*  {literal(face.total[1])}")
    numbered = (f"{n}. {literal(title)}" + (f" — {literal(more)}" if more else "")
                for n, (title, more) in enumerate(face.items, 1))  # fmt: skip
    yield from _paragraphs(list(numbered), face.language)


def _facts(face: Face) -> Iterator[Block]:
    told = [pair for pair in face.facts if any(pair)]
    for start in range(0, len(told), MOST_FIELDS):
        fields = [
            {"type": "mrkdwn", "text": cut(f"*{literal(label)}*\n{literal(value)}", FIELD)}
            for label, value in told[start : start + MOST_FIELDS]
        ]
        yield {"type": "section", "fields": fields}


def _paragraphs(lines: Sequence[str], language: str) -> Iterator[Block]:
    """As few sections as hold them; of very many the rest is counted."""
    shown, rest = lines[:_SHOWN_LINES], len(lines) - _SHOWN_LINES
    if rest > 0:
        shown = [*shown, sentence("messenger_more", language, count=rest)]
    paragraph = ""
    for line in (cut(each, SECTION // 4) for each in shown):
        if paragraph and len(paragraph) + len(line) + 1 > SECTION:
            yield _section(paragraph)
            paragraph = ""
        paragraph += f"\n{line}" if paragraph else line
    if paragraph:
        yield _section(paragraph)


def _foot(face: Face) -> Iterator[Block]:
    if face.outcome.strip():
        yield _context(literal(face.outcome))
    elif face.buttons and face.subject is not None:
        yield _actions(face, face.subject)
    if face.asks == DAY:
        picker = {"type": "datepicker", "action_id": PICK_DAY,
                  "placeholder": _plain(sentence("messenger_pick_day", face.language), LABEL)}  # fmt: skip
        yield {"type": "actions", "elements": [picker]}
    says = [(label, text) for label, text in face.says if label.strip() and text.strip() and len(text) <= VALUE]
    if says:
        elements = [
            {"type": "button", "action_id": f"{SAY}{n}", "text": _plain(label, LABEL), "value": text}
            for n, (label, text) in enumerate(says[:MOST_BUTTONS])
        ]
        yield {"type": "actions", "elements": elements}


def _actions(face: Face, subject: str) -> Block:
    """Buttons; many equal choices are a list to pick from."""
    if len(face.buttons) > AS_BUTTONS:
        options = [{"text": _plain(each.label, LABEL), "value": each.id[:OPTION]} for each in face.buttons]
        options = options[:MOST_OPTIONS]
        pick = {"type": "static_select", "action_id": PICK, "options": options,
                "placeholder": _plain(sentence("messenger_pick", face.language), LABEL)}  # fmt: skip
        return {"type": "actions", "block_id": subject, "elements": [pick]}
    return {"type": "actions", "block_id": subject, "elements": [_button(face, each) for each in face.buttons]}


def _button(face: Face, button: Button) -> Block:
    """What can't be undone is asked about once more; what needs a reason opens a form for it."""
    name = (REASON if button.needs_reason else PRESS) + button.id
    made: Block = {
        "type": "button",
        "action_id": name,
        "text": _plain(button.label, LABEL),
        "value": button.id[:OPTION],
    }
    if button.style in (PRIMARY, DANGER):
        made["style"] = button.style
    if button.style == DANGER and not button.needs_reason:
        made["confirm"] = {
            "title": _plain(sentence("messenger_sure", face.language), 100),
            "text": _plain(face.title or face.plain, 300),
            "confirm": _plain(button.label, 30),
            "deny": _plain(sentence("messenger_back", face.language), 30),
        }
    return made


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, SECTION)}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, FIELD)}]}


def _plain(text: str, most: int) -> Block:
    """Slack reads no markup in it, but takes `:smile:` for one unless it is told not to."""
    return {"type": "plain_text", "text": cut(text.strip() or _ELLIPSIS, most), "emoji": False}
