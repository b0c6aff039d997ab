"""What is taken out of texts before anything is learnt from them, and which texts are left out. Counts each change.

A text is told once: the same words in another file are no second example.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace

from llm_server.data.languages import language_of
from llm_server.data.plan import Cleaning
from llm_server.data.records import Kind, Record

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"[ \t\u00a0\u3000]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_RULED = re.compile(r"^[\s\-_=*#~.·—]{4,}$", re.MULTILINE)
_MASKS = (
    ("[email]", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("[link]", re.compile(r"\b(?:https?://|www\.)[^\s<>\"'，。]+")),
    ("[card]", re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:\d{3})?(?!\d)")),
    ("[id]", re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")),
    ("[phone]", re.compile(r"(?<![\d-])(?:\+?\d{1,3}[ -]?)?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-\d{7,8})(?!\d)")),
    ("[phone]", re.compile(r"(?<![\d+])\+\d(?:[ .()/-]{0,2}\d){7,14}(?!\d)|\(0?\d{2,4}\) ?\d{3,4}[ -]?\d{4}(?!\d)")),
)


class Cleaner:
    """Cleans records one after another; remembers what it has seen."""

    def __init__(self, rules: Cleaning, labels: tuple[str, ...] = ()) -> None:
        """`labels`: those that there are; none where any is right."""
        self.changes: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.labelled = 0  # sentences with a label, whether it is one of `labels` or not
        self.unknown: Counter[str] = Counter()  # labels that `labels` doesn't have
        self._rules = rules
        self._labels = frozenset(labels)
        self._seen: set[str] = set()

    def clean(self, record: Record) -> Record | None:
        """The record as it is learnt from; None where it is left out (`left_out` counts why)."""
        text, prompt, system = (self._text(each) for each in (record.text, record.prompt, record.system))
        language = record.language or language_of(text)
        cleaned = replace(record, text=text, prompt=prompt, system=system, language=language)
        why = self._unwanted(cleaned)
        if why:
            self.left_out[why] += 1
            return None
        self._seen.add(cleaned.key)
        return cleaned

    def _unwanted(self, record: Record) -> str:
        rules = self._rules
        if len(record.text) < rules.least_characters:
            return "shorter than `least_characters`"
        if len(record.text) > rules.most_characters and record.kind is not Kind.TEXT:
            return "longer than `most_characters`"
        if rules.languages and record.language not in rules.languages:
            return f"in another language than `languages` ({record.language})"
        if record.kind is Kind.TEXT and not _says_something(record.text):
            return "more signs than words"
        self.labelled += record.kind is Kind.LABEL
        if self._labels and record.kind is Kind.LABEL and record.label not in self._labels:
            self.unknown[record.label[:40]] += 1
            return f"a label that `labels` doesn't have ({record.label[:40]})"
        return "read before, word for word" if record.key in self._seen else ""

    def _text(self, text: str) -> str:
        if not text:
            return text
        for name, change in (("invisible signs", _without_invisible), ("blanks", _calm)):
            changed = change(text)
            self.changes[name] += changed != text
            text = changed
        if self._rules.mask:
            text = self._masked(text)
        return text

    def _masked(self, text: str) -> str:
        for name, pattern in _MASKS:
            text, found = pattern.subn(name, text)
            self.changes[f"masked: {name}"] += found
        return text


def _without_invisible(text: str) -> str:
    return _CONTROL.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n"))))


def _calm(text: str) -> str:
    lines = (_BLANKS.sub(" ", line).strip() for line in _RULED.sub("", text).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


def _says_something(text: str) -> bool:
    letters = sum(sign.isalpha() for sign in text[:4000])
    return letters >= 0.3 * min(len(text), 4000)
