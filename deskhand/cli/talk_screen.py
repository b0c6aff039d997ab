"""Messages, cards and notices as lines of text, with numbers before what can be pressed. Knows no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rich.cells import cell_len

from deskhand.logs import one_line

Json = Mapping[str, Any]
INDENT = "  "


@dataclass
class Shown:
    """What one answer of the bot looks like; `choices[n - 1]` is what the number n sends."""

    lines: list[str] = field(default_factory=list)
    choices: list[Json] = field(default_factory=list)


def word(key: str, language: str, **values: object) -> str:
    """What the client itself says."""
    both = _words()[key]
    return str(both.get(language) or both["en"]).format(**values)


@cache
def _words() -> dict[str, dict[str, str]]:
    file = Path(__file__).with_name("talk.yml")
    words: dict[str, dict[str, str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return words


def shown(messages: Sequence[Json], language: str) -> Shown:
    """The bot's messages of one turn; what can be pressed is numbered through."""
    made = Shown()
    for message in messages:
        if message.get("by"):
            made.lines.append(f"[{word('colleague', language, name=_safe(message['by']))}]")
        made.lines += safe_lines(message.get("text"))
        if card := message.get("card"):
            _add_card(made, card)
        for reply in message.get("quick_replies") or ():
            _add_choice(made, reply["title"], {"text": reply["text"]})
    return made


def notice_lines(notice: Json, language: str) -> list[str]:
    """A notification, in the reader's language."""
    content = notice.get("content")
    text = content.get(language) or next(iter(content.values()), "") if isinstance(content, Mapping) else content
    order = f" {_safe(notice['order'])}" if notice.get("order") and str(notice["order"]) not in str(text) else ""
    first, *rest = safe_lines(text) or [""]
    return [f"[{word('notice', language)}{order}] {first}", *(INDENT + line for line in rest)]


def safe_lines(text: object) -> list[str]:
    """Lines in which nothing is left that a terminal would obey."""
    return [one_line(line) for line in str(text).split("\n")] if text else []


def _safe(text: object) -> str:
    return one_line(str(text))


def _add_card(made: Shown, card: Json) -> None:
    status = f" [{_safe(card['status']['label'])}]" if card.get("status") else ""
    made.lines.append(f"== {_safe(card['title'])}{status} ==")
    made.lines += [INDENT + line for line in _body(card)]
    _add_items(made, card)
    if card.get("id") and card.get("state", "open") == "open":
        for action in card.get("actions") or ():
            if not (_picks_item(card) and action["id"].startswith("choose:")):
                _add_choice(made, action["label"], {"card": {"id": card["id"], "action": action["id"]}})


def _body(card: Json) -> Iterator[str]:
    yield from _columns([[f"{fact['label']}:", fact["value"]] for fact in card.get("facts") or ()])
    if table := card.get("table"):
        yield from _columns([table["columns"], *(row["cells"] for row in table["rows"])], numbers=True)
    yield from _columns([_line(line) for line in card.get("lines") or ()])
    if total := card.get("total"):
        yield f"{_safe(total['label'])}: {_safe(total['value'])}"
    if outcome := card.get("outcome"):
        yield f"-> {_safe(outcome['text'])}"


def _line(line: Json) -> list[str]:
    price = f"× {line['unit_price']}" if line.get("unit_price") else ""
    amount = f"= {line['amount']}" if line.get("amount") else ""
    return [line["name"], f"{line['quantity']} {line['unit']}", price, amount, line.get("note") or ""]


def _add_items(made: Shown, card: Json) -> None:
    """What stands in a list: picked by its button, or asked about by its order's number."""
    for place, item in enumerate(card.get("items") or (), 1):
        text = " · ".join(_safe(part) for part in (item["title"], item.get("subtitle")) if part)
        if _picks_item(card):
            _add_choice(made, text, {"card": {"id": card["id"], "action": f"choose:{place}"}})
        elif item.get("order"):
            _add_choice(made, text, {"text": item["order"]})
        else:
            made.lines.append(INDENT + text)


def _picks_item(card: Json) -> bool:
    return bool(card.get("id")) and any(each["id"].startswith("choose:") for each in card.get("actions") or ())


def _add_choice(made: Shown, label: str, sends: Json) -> None:
    made.choices.append(sends)
    made.lines.append(f"{INDENT}{len(made.choices)}) {_safe(label)}")


def _columns(rows: Sequence[Sequence[object]], numbers: bool = False) -> Iterator[str]:
    """Rows with their cells under one another; a Chinese character is two columns wide.

    Args:
        numbers: all but the first column end on the right.
    """
    cells = [[_safe(cell) for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        filled = (
            _filled(cell, width, numbers and place > 0)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(filled).rstrip()


def _filled(cell: str, width: int, right: bool) -> str:
    blanks = " " * (width - cell_len(cell))
    return blanks + cell if right else cell + blanks
