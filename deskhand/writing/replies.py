"""Replies made ahead of time: kinds of inquiry, their templates with named placeholders, and which one a message is.

A template is right when it is right with the facts of every order: it is read with each status in turn. Knows no store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from deskhand.orders.units import UNIT_NAMES
from deskhand.writing import facts
from deskhand.writing.check import Verdict
from deskhand.writing.client import Message
from deskhand.writing.facts import LANGUAGES, Facts, as_fact
from deskhand.writing.page import normalise
from deskhand.writing.templates import TextTemplate
from deskhand.yaml_files import yaml_in

KIND = "customer_reply"
_PLACE = re.compile(r"\{([a-z_]+)\}")
_STATES = ("pending_confirmation", "confirmed", "shipped", "on_hold", "cancelled")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One thing that customers ask. `first` is its template in each language as the file has it."""

    name: str
    needs: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    first: Mapping[str, str]
    title: Mapping[str, str]


def load_inquiries(file: Path) -> dict[str, Inquiry]:
    """
    Raises:
        KeyError: the file lacks something.
    """
    content: Mapping[str, Any] = yaml_in(file)["inquiries"]
    return {name: _inquiry(name, entry) for name, entry in content.items()}


@cache
def inquiries_of(process: Path) -> Mapping[str, Inquiry]:
    """Those of a process's folder, read once."""
    return load_inquiries(process / "replies" / "inquiries.yml")


def _inquiry(name: str, entry: Mapping[str, Any]) -> Inquiry:
    words = {each: tuple(word.casefold() for word in entry["words"][each]) for each in LANGUAGES}
    return Inquiry(name, tuple(entry["facts"]), words, {each: str(entry[each]) for each in LANGUAGES}, entry["title"])


def classify(message: str, inquiries: Mapping[str, Inquiry]) -> Inquiry | None:
    """The one with the longest words in the message, whichever language it is in; None: none of them."""
    text = normalise(message).casefold()
    said = [
        (len(word), -place, each)
        for place, each in enumerate(inquiries.values())
        for spoken in each.words.values()
        for word in spoken
        if word in text
    ]
    return max(said, key=lambda found: found[:2])[2] if said else None


def filled(text: str, known: Facts, language: str) -> str | None:
    """The template with these facts; None when one of them is not known."""
    if any(not known.get(key) for key in _PLACE.findall(text)):
        return None
    return _PLACE.sub(lambda match: as_fact(known[match[1]]).say(language), text)


@dataclass(frozen=True, slots=True)
class ReplyDraft(TextTemplate):
    """The prompt for a template: the facts are their own placeholders, and so the text has none of anybody's."""

    inquiry: Inquiry | None = None

    @classmethod
    def of(cls, base: TextTemplate, inquiry: Inquiry) -> ReplyDraft:
        given = {each.name: getattr(base, each.name) for each in fields(TextTemplate)}
        return cls(
            **{**given, "task": ""}, inquiry=inquiry
        )  # a draft is asked for in full: no model learnt to make one

    def render(self, known: Facts) -> str:
        assert self.inquiry is not None
        return self.inquiry.first[self.language]

    def messages(self, known: Facts, asked: str = "") -> list[Message]:
        """The worked example is the first version."""
        listed = "\n".join(f"{self.labels.get(key, key)}: {{{key}}}" for key in known)
        shown = Message("user", f"<<<\n{listed}\n>>>")
        return [Message("system", self.instruction), shown, Message("assistant", self.render(known)), shown]

    def check(self, text: str, known: Facts, *, read: bool = False) -> Verdict:
        """With the facts of an order in each status: a template that is right for some of them is wrong.

        A place behind the name of another fact is wrong too, though no order's own facts would show it.
        """
        assert self.inquiry is not None
        said = set(_PLACE.findall(text))
        missing = tuple(key for key in self.inquiry.needs if key not in said)
        foreign = (*(f"{{{key}}}" for key in said - set(self.inquiry.needs)), *self._misnamed(text))
        if missing or foreign:
            return Verdict(False, missing, foreign)
        verdicts = (self._with(text, state, read) for state in _STATES)
        return next((each for each in verdicts if not each.ok), Verdict(True))

    def _misnamed(self, text: str) -> list[str]:
        """Order number: {status}."""
        names = {label.casefold(): key for key, label in self.labels.items()}
        listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        if not listed:
            return []
        found = re.finditer(rf"({listed})(?:\s+is|\s*(?:[:：是为]))?\s*\{{([a-z_]+)\}}", text.casefold())
        return [match[0] for match in found if names[match[1]] != match[2]]

    def _with(self, text: str, state: str, read: bool) -> Verdict:
        assert self.inquiry is not None
        sample = {key: fact for key, fact in _sample(state).items() if key in self.inquiry.needs}
        return TextTemplate.check(self, filled(text, sample, self.language) or "", sample, read=read)


def placeholders(inquiry: Inquiry) -> Facts:
    return {key: f"{{{key}}}" for key in inquiry.needs}


def _sample(state: str) -> Facts:
    goods = facts.name("样品甲", "sample goods")
    return {
        "order": facts.identifier("SO-90001"),
        "status": facts.state(state),
        "lines": facts.listing([facts.line(goods, facts.quantity(Decimal(7), UNIT_NAMES["box"], goods.spellings))]),
        "total": facts.money(Decimal("4321.50"), "CNY"),
        "delivery_date": facts.day(date(2031, 5, 6)),
        "due_date": facts.day(date(2031, 6, 5)),
        "carrier": facts.name("顺丰", "SF Express"),
        "tracking": facts.identifier("SF9000000001"),
    }
