"""Which row of a table is its header, and which rows are none of its records. Knows no format.

Above a header stand titles and remarks, below it sometimes a second one; between and below the records stand sums,
the header once more (a new page), lines of dashes and remarks.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from deskhand.erp.header_names import is_header_word
from deskhand.erp.sources.model import Cell, Why

LOOKED_AT = 60  # rows in which the header is looked for
_DATA_LIKE = re.compile(
    r"""[-+(]?\s*[¥￥$€£]?\s*\d[\d\s.,]*\)?\s*%?            # a number, an amount
    | \d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?([T\s].*)?      # a day
    | (?=[^\s]*\d)[A-Za-z0-9#='"][\w\-./#'"]{3,40}         # a code with digits in it
    | [^@\s]+@[^@\s]+\.\w+ | true | false | [A-Z]{3}""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER_LIKE = re.compile(r"[-+(]?\s*[¥￥$€£]?\s*\d[\d\s.,:/T\-年月日]*\)?\s*%?")
_TOTALS = (
    r"本?页?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*和|汇\s*总|合\s*計|總\s*計|小\s*計|共\s*計)(?:\s*[(（][^)）]*[)）])?"
    r"|(?:grand|sub|overall|report|page|column|order|line)?[\s-]*totals?|sum|summe|gesamt|totaux|insgesamt"
)
_DASHES = re.compile(r"[\s|+]*[-=_*~─━]{2}[\s|+\-=_*~─━]*")
TOTALS = re.compile(rf"\s*(?:{_TOTALS})\s*[:：]?\s*(?:[-+]?[¥￥$€£]?[\d.,\s]+)?(?:元|笔|条|件|单)?\s*", re.IGNORECASE)
_MAY_NOT = re.compile(
    rf"(?:{TOTALS.pattern})$|[\s\-=_+*#~─━|(]|[^\x00-\x7f]"
    r"|(?:page|printed|generated|exported|end of|report|note|confid)",
    re.IGNORECASE,
)
_BEGINNINGS = frozenset("合总小共累本页汇總匯-=_+*#~─━ |\t(GgSsOoRrPpCcLlTtIiEeNn制打导审备说注以第数统查报製列匯備")
_REMARK = re.compile(
    r"\s*(?:[-=_*+|#~─━\s]{3,}$|#|\*{2,}|-{3,}|/{2,}|制表|打印|导出|制单人|审核人|审批|备注[:：]|说明[:：]|注[:：]|注意|以上|以下|共\s*\d+|第\s*\d+\s*页|页码|"
    r"数据来源|统计时间|查询条件|报表"
    r"|\(?\d+ (?:rows?|records?|of)\b|page\s+\d|printed|generated|exported|created by|end of|report|"
    r"note[:s ]|source[:：]|confidential|"
    r"製表|列印|匯出|備註|總共)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a header stands among the first rows, by their positions.

    Attributes:
        first, last: of its rows, when it has two; -1: there is none.
        names: what the columns are called.
    """

    first: int
    last: int
    names: tuple[str, ...]
    two_rows: bool = False


def find_heading(rows: Sequence[Sequence[Cell]], at: int | None = None) -> Heading:
    """`at`: the position of the header, where somebody said it; -1: said that there is none."""
    rows = rows[:LOOKED_AT] if at is None else rows
    width = _width(rows)
    place = at if at is not None else _best(rows, width)
    if place < 0 or place >= len(rows):
        return Heading(-1, -1, tuple(f"#{number}" for number in range(1, width + 1)))
    width = max(width, _filled_to(rows[place]))
    written = _written(rows[place + 1 :])
    if written == len(rows[place]) + 1 and _are_numbered(rows[place + 1 :]):
        rows = [*rows[:place], ["", *rows[place]], *rows[place + 1 :]]
    elif written > max(width, len(rows[place])) and _lacks_names(rows[place + 1 :], width):
        width = written
    return _with_second(rows, place, max(width, _filled_to(rows[place])))


def _written(body: Sequence[Sequence[Cell]]) -> int:
    """Of how many values, empty or not, nearly all rows are."""
    lengths = Counter(len(row) for row in body if _filled_to(row))
    usual, times = lengths.most_common(1)[0] if lengths else (0, 0)
    return usual if times >= max(2, lengths.total() * 0.8) else 0


def _are_numbered(body: Sequence[Sequence[Cell]]) -> bool:
    """Whether rows begin with their own number, or nothing, that the header has no name for."""
    firsts = [str(row[0] or "").strip() for row in body if _filled_to(row)]
    if not any(firsts):
        return True
    numbers = [int(first) for first in firsts if first.isascii() and first.isdigit() and len(first) < 10]
    return len(numbers) == len(firsts) and all(after == one + 1 for one, after in pairwise(numbers))


def _lacks_names(body: Sequence[Sequence[Cell]], width: int) -> bool:
    """Whether columns stand beyond the header's: filled in some rows, empty in others; a comma too much is in all."""
    beyond = [_filled_to(row) > width for row in body if len(row) > width]
    return any(beyond) and not all(beyond)


def _width(rows: Sequence[Sequence[Cell]]) -> int:
    """How many columns most rows have; of equally many the wider."""
    lengths = Counter(_filled_to(row) for row in rows if row)
    lengths.pop(0, None)
    if not lengths:
        return 0
    usual = max(lengths, key=lambda length: (lengths[length], length))
    often = [length for length, times in lengths.items() if times >= 2 or length <= usual]
    return max([usual, *often]) if lengths[usual] < len(rows) * 0.6 else usual


def _filled_to(row: Sequence[Cell]) -> int:
    return next((place for place in range(len(row), 0, -1) if not is_blank(row[place - 1])), 0)


def _best(rows: Sequence[Sequence[Cell]], width: int) -> int:
    scored = [(_score(rows, place, width), -place) for place in range(min(len(rows), 40))]
    if not scored:
        return -1
    score, place = max(scored)
    return -place if score > 0 else -1


def _score(rows: Sequence[Sequence[Cell]], place: int, width: int) -> float:
    """How much a row looks like a header: words for columns, no values, and values below it."""
    row = rows[place]
    filled = [(index, cell) for index, cell in enumerate(row) if not is_blank(cell)]
    texts = [str(cell).strip() for _, cell in filled]
    if not filled or len(filled) < min(2, width) or len(filled) < width * 0.3:
        return 0.0
    known = sum(map(is_header_word, texts))
    values = sum(_is_value(cell) and not is_header_word(str(cell).strip()) for _, cell in filled)
    if known == 0 and (values > 0 or place > 10):
        return 0.0
    below = rows[place + 1 : place + 25]
    contrast = sum(_holds_values(below, index) for index, cell in filled if not _is_value(cell))
    if known < 2 and contrast == 0 and below and width > 1:
        return 0.0
    repeated = len(texts) - len(set(texts))
    long = sum(len(text) > 60 for text in texts)
    part = len(filled) / max(width, 1)
    size = math.sqrt(len(filled))
    return max(0.0, 2.5 * known - 3 * values + contrast - repeated * 0.3 - 2 * long + 1.5 * min(part, 1)) / size


def _holds_values(rows: Sequence[Sequence[Cell]], index: int) -> bool:
    cells = [row[index] for row in rows if index < len(row) and not is_blank(row[index])]
    return bool(cells) and sum(map(_is_value, cells)) >= 0.6 * len(cells)


def _is_value(cell: Cell) -> bool:
    """Whether it is a number, a day, a code: what no header is."""
    if isinstance(cell, str):
        return _DATA_LIKE.fullmatch(cell.strip()) is not None and not is_header_word(cell.strip())
    return cell is not None


def _with_second(rows: Sequence[Sequence[Cell]], place: int, width: int) -> Heading:
    """A second row of the header: below it, or above it with the names of groups."""
    names = _names(rows[place], width)
    below = _names(rows[place + 1], width) if place + 1 < len(rows) else ()
    if _is_second(names, below, rows[place + 2 : place + 20]):
        groups = any(not name for name in names) or len(set(names)) < len(names)
        joined = _joined(names, below) if groups else _better(names, below)
        return Heading(place, place + 1, joined, two_rows=True)
    above = _names(rows[place - 1], width) if place else ()
    if _is_group_row(above, names):
        return Heading(place - 1, place, _joined(above, names), two_rows=True)
    return Heading(place, place, names)


def _is_second(names: Sequence[str], below: Sequence[str], body: Sequence[Sequence[Cell]]) -> bool:
    filled = [name for name in below if name]
    if len(filled) < 2 or not body or any(_is_value(name) for name in filled):
        return False
    known = sum(map(is_header_word, filled))
    gaps = [index for index, name in enumerate(names) if not name or names.count(name) > 1]
    fills = sum(bool(below[index]) for index in gaps)
    return known >= max(2, len(filled) * 0.5) and (fills > 0 or len(filled) >= len(names) * 0.6)


def _is_group_row(above: Sequence[str], names: Sequence[str]) -> bool:
    """`Ship to, , , Bill to, , ` over `Name, City, Zip, Name, City, Zip`."""
    filled = [name for name in above if name]
    named = [name for name in names if name]
    gaps = any(not after for name, after in zip(above, above[1:], strict=False) if name) or len(set(filled)) < len(
        filled
    )
    return (
        len(set(filled)) >= 2
        and gaps
        and len(set(filled)) <= len(named) / 1.5
        and not any(_is_value(name) or ":" in name or "：" in name or len(name) > 20 for name in filled)
    )


def _joined(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """The group's name before each of its columns'; it reaches to where the next begins, as merged cells do."""
    names, group = [], ""
    for upper, lower in zip(above, below, strict=True):
        group = upper or (group if lower else "")
        names.append(lower if not group or group == lower else group if not lower else f"{group}: {lower}")
    return tuple(names)


def _better(names: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """Two whole headers, in two languages or a technical one: the one whose words are known."""
    first, second = (sum(map(is_header_word, each)) for each in (names, below))
    return tuple(names) if first >= second else tuple(below)


def _names(row: Sequence[Cell], width: int) -> tuple[str, ...]:
    cells = [*row[:width], *[None] * (width - len(row))]
    return tuple("" if is_blank(cell) else " ".join(str(cell).replace("\ufeff", "").split()) for cell in cells)


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def may_be_no_record(first: str) -> bool:
    """Whether a row that begins with this text needs a look; most don't."""
    return not first or first[0] in _BEGINNINGS and _MAY_NOT.match(first) is not None


def why_no_record(row: Sequence[Cell], header: Sequence[str], whole: bool = True) -> Why | None:
    """Why a row is none of the table's records; None when it is one.

    `whole`: it was written with a value, or the lack of one, for each column; remarks are not.
    """
    filled = [cell for cell in row if not is_blank(cell)]
    if not filled:
        return Why.BLANK
    first = filled[0]
    if not isinstance(first, str):
        return None
    if _is_sum(first, filled, header):
        return Why.TOTALS
    if _is_header_again(filled, header):
        return Why.REPEATED_HEADER
    few = len(filled) <= max(1, len(header) // 5)
    code = _DATA_LIKE.fullmatch(first.strip()) is not None  # "#1001" is no remark
    if few and len(header) > 2 and not code and (_REMARK.match(first) or not whole):
        return Why.FOOTER
    return Why.FOOTER if all(isinstance(cell, str) and _DASHES.fullmatch(cell) for cell in filled) else None


def _is_sum(first: str, filled: Sequence[Cell], header: Sequence[str]) -> bool:
    """It begins with a word for sums, and lacks what every record has."""
    if TOTALS.fullmatch(first) is None or len(filled) > max(2, len(header) * 0.75):
        return False
    rest = filled[1:]
    return all(not isinstance(cell, str) or _may_stand_in_a_sum(cell.strip()) for cell in rest)


def _may_stand_in_a_sum(text: str) -> bool:
    """A number, another word for sums, a unit."""
    return len(text) <= 3 or _NUMBER_LIKE.fullmatch(text) is not None or TOTALS.fullmatch(text) is not None


def _is_header_again(filled: Sequence[Cell], header: Sequence[str]) -> bool:
    names = [name for name in header if name]
    texts = [" ".join(cell.split()) if isinstance(cell, str) else cell for cell in filled]
    return len(names) > 1 and (texts == names or (len(texts) > 1 and texts == names[: len(texts)]))
