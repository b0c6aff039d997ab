"""How a text table is written: what parts its values and how they are quoted. Knows no encoding and no file.

Each way that could have been meant reads a sample; the one whose rows agree most in length, and whose values look most
like values, is taken.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Protocol

from deskhand.erp.header_names import is_header_word
from deskhand.erp.sources.corrected import EXTRA_COLUMNS

SIGNS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", "^": "caret", "~": "tilde", ":": "colon",
         "\x01": "control-A", "\x1f": "unit separator", "¦": "broken bar", "，": "full-width comma"}  # fmt: skip
_DOUBLED = ("||", "|~|", "^|^", "~|~", "::", ";;", "#|#", "@@", "\t\t", "$$")
SPACES = "  "  # two or more of them
_ROWS = 200
_INNER = "\x1f"  # stands for a delimiter of several signs
_QUOTES = "'`"  # in place of "
_PAIRS = {"“": "”", "«": "»", "„": "“", "「": "」"}  # as a word processor makes of "
_WORDS_APART = re.compile(
    r"(?<=[^\W_])[^\w\s\"'().:-]{1,3}(?=[^\W_])|(?<=[^\W_])(?:_[^\w\s]_|->|=>)(?=[^\W_])|[\x1c-\x1e]|þ"
)
_SPACES = re.compile(r"(?<=\S)(?: {2,}|\t+)(?=\S)")
_VALUE = re.compile(
    r"""\s*(?:[-+(]?\s*[¥￥$€£]?\s*\d[\d\s.,'/:TZ%-]*\)?\s*(?:元|件|kg|[A-Z]{3})?|[\w一-鿿][^;|\t^~]*|="[^"]*"|)\s*""",
    re.VERBOSE,
)
# A file of refused rows is written by us or by a spreadsheet, and neither knows a backslash.
_REFUSED = re.compile(rf"\b{EXTRA_COLUMNS[0]}(.){EXTRA_COLUMNS[1]}\1")
_NUMBER = re.compile(r"\s*[-+(]?\s*[¥￥$€£]?\s*\d[\d.,' ]*\)?%?\s*")


class Reader(Protocol):
    """What csv.reader gives."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of writing rows."""

    delimiter: str
    quote: str = '"'  # "": none; of a pair the first
    backslash: bool = False  # quotes within quotes are written \" and not ""
    spaced: bool = False  # a space after each delimiter
    loose: bool = False  # every value is quoted, and quotes within them are written as they are

    def reader(self, lines: Iterable[str]) -> Reader:
        if self.delimiter == SPACES:
            lines = (_SPACES.sub(_INNER, line.strip(" ")) for line in lines)
        elif len(self.delimiter) > 1:
            lines = (line.replace(self.delimiter, _INNER) for line in lines)
        delimiter = self.delimiter if len(self.delimiter) == 1 else _INNER
        escape = "\\" if self.backslash else None
        if not self.quote:
            return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, escapechar=escape)
        quote = self.quote
        if quote in _PAIRS:
            edges, quote = _edges(delimiter, quote), '"'
            lines = (edges.sub('"', line.replace('"', '""')) for line in lines)
        if self.loose:
            within = _within(delimiter)
            lines = (within.sub('""', line) for line in lines)
        return csv.reader(
            lines,
            delimiter=delimiter,
            quotechar=quote,
            doublequote=not self.backslash,
            escapechar=escape,
            skipinitialspace=self.spaced,
        )

    def __str__(self) -> str:
        name = SIGNS.get(self.delimiter, "spaces" if self.delimiter == SPACES else repr(self.delimiter))
        return name + (f", quote {self.quote}" if self.quote not in ('"', "") else "")


def sniff(lines: Sequence[str]) -> Dialect:
    """The dialect of a table that these are the first lines of."""
    if ours := _REFUSED.search("".join(lines)):
        return Dialect(ours[1])
    said = _said(lines)
    delimiters = [said] if said else _present(lines)
    best = _best(delimiters, lines)
    if not said and (best is None or not _has_header(best, lines)):
        other = _best(_unusual(lines), lines)
        best = other if other and _has_header(other, lines) else best
    if best is None:
        return Dialect(",")
    opened = re.search(rf'(?:^|{re.escape(best.delimiter)})"', "".join(lines), re.MULTILINE)
    return replace(best, quote='"') if opened and not best.quote else best


def _best(delimiters: Sequence[str], lines: Sequence[str]) -> Dialect | None:
    candidates = [each for delimiter in delimiters for each in _quotings(delimiter, lines)]
    return max(candidates, key=lambda dialect: _worth(dialect, lines), default=None)


def _has_header(dialect: Dialect, lines: Sequence[str]) -> bool:
    return any(sum(map(is_header_word, row)) > 1 for row in _rows(dialect, lines)[:60])


def _unusual(lines: Sequence[str]) -> list[str]:
    """Other signs that part the words of a line several times, and stand in nearly all lines as often; one space."""
    signs = {sign for line in lines[:12] for sign, times in Counter(_WORDS_APART.findall(line)).items() if times > 2}
    least = len(lines) * 0.8
    return [sign for sign in sorted({*signs, " "}) if sum(line.count(sign) > 2 for line in lines) >= least]


@lru_cache(maxsize=16)
def _edges(delimiter: str, quote: str) -> re.Pattern[str]:
    """A quote of a pair where a value begins or ends."""
    sign = re.escape(delimiter)
    return re.compile(rf"(?:^|(?<={sign})){quote}|{_PAIRS[quote]}(?={sign}|\r?\n?$)")


@lru_cache(maxsize=16)
def _within(delimiter: str) -> re.Pattern[str]:
    """A quote that neither opens nor closes a value, nor is doubled."""
    sign = re.escape(delimiter)
    return re.compile(rf'(?<=[^{sign}\r\n"])"(?=[^{sign}\r\n"])')


def said_delimiter(line: str) -> str | None:
    """What a first line `sep=;` says, as Excel writes it."""
    found = re.fullmatch(r'\ufeff?"?sep=(.)"?\s*', line, re.IGNORECASE)
    return found[1] if found else None


def _said(lines: Sequence[str]) -> str | None:
    return said_delimiter(lines[0]) if lines else None


def _present(lines: Sequence[str]) -> list[str]:
    """Delimiters that stand in several lines; those of several signs before their parts."""
    least = max(1, len(lines) // 4)
    signs = [sign for sign in (*SIGNS, *_DOUBLED) if sum(sign in line for line in lines) >= least]
    text = "".join(lines)
    whole = [sign for sign in signs if len(sign) > 1 and _always_whole(sign, text)]
    if whole:  # where each of its signs stands in it alone, it is the delimiter
        return [max(whole, key=len)]
    if sum(_SPACES.search(line.strip()) is not None for line in lines) >= max(2, len(lines) // 2):
        signs.append(SPACES)
    return signs


def _always_whole(sign: str, text: str) -> bool:
    return all(text.count(part) == sign.count(part) * text.count(sign) for part in sign)


def _quotings(delimiter: str, lines: Sequence[str]) -> Iterator[Dialect]:
    text = "".join(lines)
    yield Dialect(delimiter)
    escaped = f"\\{delimiter}" in text
    if escaped:
        yield Dialect(delimiter, quote="", backslash=True)
    if not any(quote in text for quote in ('"', *_QUOTES, *_PAIRS)):
        return
    if '\\"' in text or escaped:
        yield Dialect(delimiter, backslash=True)
    elif _is_loose(delimiter, lines):
        yield Dialect(delimiter, loose=True)
    if f'{delimiter} "' in text:
        yield Dialect(delimiter, spaced=True)
    yield from _with_other_quotes(delimiter, text)
    yield Dialect(delimiter, quote="")


def _with_other_quotes(delimiter: str, text: str) -> Iterator[Dialect]:
    edge = re.escape(delimiter)
    for quote, end in (*zip(_QUOTES, _QUOTES, strict=True), *_PAIRS.items()):
        whole = rf"(?:^|{edge}){quote}[^{quote}{end}\n]*{end}(?={edge}|\r?$)"
        if len(re.findall(whole, text, re.MULTILINE)) >= 2:
            yield Dialect(delimiter, quote=quote, backslash=f"\\{quote}" in text)


def _is_loose(delimiter: str, lines: Sequence[str]) -> bool:
    """Whether all values seem to be quoted, and some have quotes within them that are not doubled."""
    filled = [line for line in lines if line.strip()]
    quoted = len(delimiter) == 1 and all(line[0] == line.rstrip()[-1] == '"' for line in filled)
    return quoted and any(map(_within(delimiter).search, filled))


def _worth(dialect: Dialect, lines: Sequence[str]) -> float:
    rows = _rows(dialect, lines)
    if not rows:
        return 0.0
    lengths = Counter(len(row) for row in rows)
    width, most = max(lengths.items(), key=lambda each: (each[1] * (each[0] > 1), each[0]))
    if width < 2:
        return 0.01
    body = [row for row in rows if len(row) == width]
    agreement = most / len(rows)
    head = max((sum(map(is_header_word, row)) for row in rows[:12]), default=0)
    return agreement * _looks(body, dialect) * (1 - 1 / width) * (1 + 0.15 * min(head, 6)) + _tie(dialect)


def _tie(dialect: Dialect) -> float:
    """Where two read alike the usual one is meant, and what tells of a quote within a value."""
    told = 1e-3 * (dialect.backslash or dialect.loose)
    usual = len(SIGNS) - [*SIGNS].index(dialect.delimiter) if dialect.delimiter in SIGNS else 0
    return told + 1e-4 * (dialect.quote == '"') + 1e-5 * usual


def _rows(dialect: Dialect, lines: Sequence[str]) -> list[list[str]]:
    try:
        return [row for row in islice(dialect.reader(lines), _ROWS) if any(row)]
    except csv.Error:
        return []


def _looks(rows: Sequence[Sequence[str]], dialect: Dialect) -> float:
    """The share of values that look like values and not like several, or like halves of one."""
    cells = [cell for row in rows[:60] for cell in row]
    return sum(_looks_like_one(cell, dialect) for cell in cells) / len(cells)


def _looks_like_one(cell: str, dialect: Dialect) -> float:
    if not cell or cell.isspace():
        return 0.9
    if _NUMBER.fullmatch(cell):
        return 1.0
    bare = cell.strip()
    if dialect.quote != '"' and bare[0] == '"' or (bare.count('"') % 2 and not re.search(r"\d\"", bare)):
        return 0.2  # a quote was torn apart
    if bare[0] in _QUOTES and bare[-1] == bare[0] and len(bare) > 1 and dialect.quote != bare[0]:
        return 0.5
    if bare[0] in ",;|" or bare[-1] in ",;|":
        return 0.3
    if any(sign in bare for sign in "\t;|^~\x01\x1f¦" if sign != dialect.delimiter):
        return 0.4
    return 1.0 if _VALUE.fullmatch(cell) else 0.7
