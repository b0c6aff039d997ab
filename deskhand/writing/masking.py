"""Personal data in facts and their text, replaced by made-up values: the same value by the same one, in one export.

People, companies, addresses and every number by which an order could be found again. Amounts, dates and goods stay.
Knows no store.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from deskhand.writing.facts import Fact, FactKind, Facts, as_fact
from deskhand.yaml_files import yaml_in

_NAMES: Mapping[str, Mapping[str, list[str]]] = yaml_in(Path(__file__).with_name("stand_ins.yml"))
_CHARACTER = re.compile(r"[0-9]|[A-Za-z]")


class Mask:
    """`key` is drawn for each export, so that nobody can tell by trying names who was meant."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._before: dict[str, str] = {}  # of the facts seen last: what stood there -> what stands there now

    def facts(self, facts: Facts) -> Facts:
        """The same facts about somebody who isn't there."""
        self._before = {}
        return {key: self._masked(key, as_fact(fact)) for key, fact in facts.items() if fact}

    def text(self, facts: Facts, text: str) -> str:
        """The text that says the facts that were masked last."""
        for old in sorted(self._before, key=len, reverse=True):
            text = text.replace(old, self._before[old])
        return text

    def code(self, code: str) -> str:
        """As many letters and digits, others: SO-1042 -> SO-8317. A prefix of letters stays."""
        digits = iter(self._drawn(code).hex() * 4)
        prefix = re.match(r"[A-Za-z]*[-_/]?", code)
        kept = prefix[0] if prefix and len(prefix[0]) < len(code) else ""
        return kept + _CHARACTER.sub(lambda match: _other(match[0], next(digits)), code[len(kept) :])

    def _masked(self, key: str, fact: Fact) -> Fact:
        if fact.kind is FactKind.ID:
            new = replace(fact, zh=self.code(fact.zh), en=self.code(fact.zh))
        elif fact.kind is FactKind.NAME and key in _NAMES:
            names = _NAMES[key]
            at = int.from_bytes(self._drawn(fact.zh)[:4], "big")
            zh, en = (names[each][at % len(names[each])] for each in ("zh", "en"))
            new = replace(fact, zh=zh, en=en, forms=())
        else:
            return fact
        for language, forms in (("zh", (fact.zh, *fact.forms)), ("en", (fact.en,))):
            for form in forms:
                self._before.setdefault(form, new.say(language))
        return new

    def _drawn(self, value: str) -> bytes:
        return hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), blake2b)


def _other(character: str, drawn: str) -> str:
    number = int(drawn, 16)
    if character.isdigit():
        return str(number % 10)
    letter = chr(ord("A") + number)
    return letter if character.isupper() else letter.lower()
