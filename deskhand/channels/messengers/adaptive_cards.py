"""A face as an Adaptive Card for Teams, within its limits. Pure; what people wrote is shown and never obeyed.

Buttons are Action.Execute, so that the answer replaces the card; a client that does not know it sends the same data by
Action.Submit. Teams takes messages of about 28 kB with six buttons; where something is cut, the reader is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from deskhand.channels.messengers.face import DANGER, DAY, PRIMARY, Button, Face
from deskhand.channels.sentences import sentence

Element = dict[str, Any]

CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
VERSION = "1.5"
MOST_BYTES, MOST_BUTTONS, MOST_CHOICES = 25_000, 6, 100
PRESS, SAY, REFRESH = "press", "say", "refresh"
REASON_INPUT, CHOICE_INPUT, DAY_INPUT = "reason", "choice", "day"
LONGEST_REASON = 500
_TEXT, _TITLE, _LABEL = 4_000, 500, 120
_STYLES = {PRIMARY: "positive", DANGER: "destructive"}
_ELLIPSIS = "…"
_MARKS = re.compile(r"[\\`*_\[\]~|<>]")
_AT_LINE = re.compile(r"(?m)^(\s*)([#+-]|\d{1,9}[.)])")
_TEMPLATE = re.compile(r"([{$])(?=\{)")


def escaped(text: str) -> str:
    """No markdown, no link, no `{{DATE()}}`, whatever it says."""
    marked = _MARKS.sub(lambda found: "\\" + found[0], _TEMPLATE.sub("\\1\u2060", text))
    return _AT_LINE.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", marked)


def card(face: Face, people: Sequence[str] = ()) -> Element:
    """The card; `people` are those for whom Teams asks for a view of their own."""
    made = _card(face, people)
    while len(json.dumps(made, ensure_ascii=False).encode()) > MOST_BYTES:
        smaller = _shortened(face)
        if smaller == face:
            return _card(Face(face.language, title=_ELLIPSIS, outcome=face.outcome[:_LABEL]), ())
        face, made = smaller, _card(smaller, people)
    return made


def _card(face: Face, people: Sequence[str]) -> Element:
    made: Element = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": VERSION,
        "fallbackText": face.plain[:_TITLE],
        "body": list(_body(face)) or [_block(_ELLIPSIS)],
    }
    if actions := list(_actions(face)):
        made["actions"] = actions[:MOST_BUTTONS]
    if people and face.subject is not None:
        made["refresh"] = {"action": _execute("", REFRESH, {"subject": face.subject}), "userIds": [*people][:60]}
    return made


def _body(face: Face) -> Iterator[Element]:
    if face.text.strip():
        yield _block(face.text)
    yield from _told(face)
    if face.outcome.strip():
        yield _block(face.outcome, most=_TITLE) | {"isSubtle": True, "separator": True}
    else:
        yield from _inputs(face)


def _told(face: Face) -> Iterator[Element]:
    if face.title.strip():
        yield _block(face.title, most=_TITLE) | {"weight": "Bolder", "size": "Medium"}
    if face.status.strip():
        yield _block(face.status, most=_TITLE) | {"isSubtle": True}
    if facts := [{"title": escaped(label), "value": escaped(value)} for label, value in face.facts if label or value]:
        yield {"type": "FactSet", "facts": facts}
    for line in face.lines:
        yield _block(line) | {"spacing": "Small"}
    if face.total is not None:
        yield _block(f"{face.total[0]}  {face.total[1]}", most=_TITLE) | {"weight": "Bolder"}
    for title, more in face.items:
        yield _block(f"{title} — {more}" if more else title) | {"spacing": "Small"}


def _inputs(face: Face) -> Iterator[Element]:
    if _is_long(face):
        choices = [{"title": each.label[:_LABEL], "value": each.id} for each in face.buttons[:MOST_CHOICES]]
        asked = sentence("messenger_pick", face.language)
        yield {"type": "Input.ChoiceSet", "id": CHOICE_INPUT, "isRequired": True, "placeholder": asked,
               "label": asked, "errorMessage": asked, "choices": choices}  # fmt: skip
    if face.asks == DAY:
        asked = sentence("messenger_pick_day", face.language)
        yield {"type": "Input.Date", "id": DAY_INPUT, "isRequired": True, "label": asked, "errorMessage": asked}


def _actions(face: Face) -> Iterator[Element]:
    if face.subject is not None and not face.outcome:
        if _is_long(face):
            yield _execute(sentence("messenger_choose", face.language), PRESS, {"subject": face.subject})
        else:
            for button in face.buttons:
                yield _button(face, face.subject, button)
    if face.asks == DAY:
        yield _execute(sentence("messenger_choose", face.language), SAY, {})
    for label, text in face.says:
        if label.strip() and text.strip():
            yield _execute(label[:_LABEL], SAY, {"text": text[:_TEXT]})


def _button(face: Face, subject: str, button: Button) -> Element:
    data = {"subject": subject, "action": button.id}
    if not button.needs_reason:
        return _execute(button.label[:_LABEL], PRESS, data, button.style)
    asked = sentence("messenger_reason", face.language)
    reason = {"type": "Input.Text", "id": REASON_INPUT, "isRequired": True, "isMultiline": True, "label": asked,
              "errorMessage": asked, "maxLength": LONGEST_REASON}  # fmt: skip
    inner = {"type": "AdaptiveCard", "body": [reason],
             "actions": [_execute(button.label[:_LABEL], PRESS, data, button.style)]}  # fmt: skip
    return {"type": "Action.ShowCard", "title": button.label[:_LABEL] or _ELLIPSIS, "card": inner}


def _execute(title: str, verb: str, data: dict[str, str], style: str = "default") -> Element:
    """The verb stands in the data too: a Submit has none of its own."""
    said: Element = {"title": title or _ELLIPSIS} | ({"style": _STYLES[style]} if style in _STYLES else {})
    data = {**data, "verb": verb}
    submit = {"type": "Action.Submit", **said, "data": data}
    return {"type": "Action.Execute", **said, "verb": verb, "data": data, "fallback": submit}


def _is_long(face: Face) -> bool:
    return len(face.buttons) > MOST_BUTTONS - min(3, len(face.says)) - (face.asks is not None)


def _shortened(face: Face) -> Face:
    """The longest of its parts halved; what was left out is counted."""
    more = sentence("messenger_cut", face.language)
    if len(face.lines) > 4:
        return replace(face, lines=(*face.lines[: len(face.lines) // 2], more))
    if len(face.items) > 4:
        return replace(face, items=(*face.items[: len(face.items) // 2], (more, "")))
    if len(face.facts) > 4:
        return replace(face, facts=(*face.facts[: len(face.facts) // 2], (more, "")))
    if len(face.text) > 500:
        return replace(face, text=face.text[: len(face.text) // 2] + _ELLIPSIS)
    return replace(
        face,
        title=face.title[:_LABEL],
        status=face.status[:_LABEL],
        facts=tuple((label[:_LABEL], value[:_TITLE]) for label, value in face.facts[:4]),
        lines=tuple(line[:_TITLE] for line in face.lines[:4]),
        items=tuple((title[:_LABEL], more[:_LABEL]) for title, more in face.items[:4]),
        buttons=tuple(replace(each, id=each.id[:64], label=each.label[:_LABEL]) for each in face.buttons[:25]),
        says=tuple((label[:40], text[:_TITLE]) for label, text in face.says[:3]),
        outcome=face.outcome[:_TITLE],
        total=face.total and (face.total[0][:_LABEL], face.total[1][:_LABEL]),
    )


def _block(text: str, most: int = _TEXT) -> Element:
    kept = text if len(text) <= most else text[: most - 1] + _ELLIPSIS
    return {"type": "TextBlock", "text": escaped(kept), "wrap": True}
