"""Texts that left, beside the facts that they were written from: rows for training, streamed. Reads only.

Right texts alone: each is checked anew with its facts, for what was right by an older check may be refused by this one.
Knows no file format.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from deskhand.store.privacy.wording import GONE
from deskhand.store.replies import APPROVED
from deskhand.store.repositories.records import ChosenTexts
from deskhand.store.unit_of_work import UnitOfWork
from deskhand.writing import Facts, Templates
from deskhand.writing.fact_json import facts_from_json
from deskhand.writing.masking import Mask
from deskhand.writing.pairs import pair

NO_FACTS, ERASED, REFUSED, REPEATED = "no_facts_kept", "erased", "refused_by_the_check", "repeated"


class TextPairs:
    """One reading of them; `left_out` says why how many aren't among them."""

    def __init__(self, templates: Templates, mask: Mask | None = None) -> None:
        self._templates = templates
        self._mask = mask
        self._seen: set[bytes] = set()
        self.read = 0
        self.made: Counter[str] = Counter()  # job/language/source
        self.left_out: Counter[str] = Counter()

    def rows(self, uow: UnitOfWork, chosen: ChosenTexts) -> Iterator[dict[str, Any]]:
        for record in uow.texts.all(chosen):
            self.read += 1
            made = self._row(record)
            if isinstance(made, str):
                self.left_out[made] += 1
            else:
                self.made[f"{made['job']}/{made['language']}/{made['source']}"] += 1
                yield made

    def _row(self, record: Mapping[str, Any]) -> dict[str, Any] | str:
        """The pair, or why there is none."""
        given = record["written_from"] or {}
        if not given.get("facts"):
            return NO_FACTS
        text, asked = record["text"], str(given.get("asked") or "")
        if any(GONE in each for each in (text, asked, str(given["facts"]))):
            return ERASED
        facts: Facts = facts_from_json(given["facts"])
        if not self._right(record, facts, text):
            return REFUSED
        group = record["order_number"] or _subject(facts) or record["id"]
        if self._mask is not None:
            facts, text, group = self._mask.facts(facts), self._mask.text(facts, text), self._mask.code(group)
            asked = ""  # whatever a customer wrote may name somebody
            if not self._right(record, facts, text):  # a part of a name was left, or a stand-in is said otherwise
                return REFUSED
        made = pair(
            self._templates.get(record["kind"], record["language"]), facts, text, group=group, asked=asked,
            source=record["source"], made_on=record["at"].date().isoformat(),
        )  # fmt: skip
        return self._new(made)

    def _right(self, record: Mapping[str, Any], facts: Facts, text: str) -> bool:
        template = self._templates.get(record["kind"], record["language"])
        return template.check(text, facts, read=record["source"] == APPROVED).ok

    def _new(self, made: dict[str, Any]) -> dict[str, Any] | str:
        """The pair, if it wasn't there before."""
        text = made["text"]
        key = hashlib.blake2b(f"{made['prompt']}\0{text}".encode(), digest_size=12).digest()
        if key in self._seen:
            return REPEATED
        self._seen.add(key)
        return made


def _subject(facts: Facts) -> str:
    """What a text of no order is about."""
    for key in ("batch", "customer"):
        if key in facts:
            fact = facts[key]
            return fact if isinstance(fact, str) else fact.zh
    return ""
