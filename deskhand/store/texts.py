"""The sentences of a process in both languages, from its texts.yml. Facts are put in; nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from deskhand.orders.tenant import LANGUAGES
from deskhand.yaml_files import yaml_in

_PLACE = re.compile(r"\{(\w+)\}")
Localised = Mapping[str, str]


@dataclass(frozen=True)
class TextFile:
    """Sections of key -> language -> text with {facts}; `carriers`, `currencies`, `delivery_modes` are the cards' too.

    `cards` (what cards.yml says, as `section.key`) and `domain`, the file with the sentences of the chat, are known
    here only so that a company's own words can be checked against them.
    """

    texts: Mapping[str, Localised] = field(default_factory=dict)
    statuses: Mapping[str, Localised] = field(default_factory=dict)
    labels: Mapping[str, Localised] = field(default_factory=dict)
    carriers: Mapping[str, Localised] = field(default_factory=dict)
    currencies: Mapping[str, Localised] = field(default_factory=dict)
    delivery_modes: Mapping[str, Localised] = field(default_factory=dict)
    cards: Mapping[str, Localised] = field(default_factory=dict)
    domain: Path | None = None

    def text(self, key: str, language: str, facts: Mapping[str, object] | None = None) -> str:
        """The sentence with its facts; a fact that is not there leaves its place empty.

        Raises:
            KeyError: if the file has no such text.
        """
        return filled(_in(self.texts[key], language), facts or {})

    def known(self, key: str) -> Localised | None:
        """What a company may say in its own words; None: there is no such text. Empty: it can't be told here."""
        if is_chat(key):
            return _chat(self.domain).get(key) if self.domain is not None and self.domain.exists() else {}
        return self.texts.get(key) or self.cards.get(key)

    def with_own(self, texts: Mapping[str, Localised]) -> TextFile:
        """These texts instead of ours; a language that they lack keeps our words."""
        if not texts:
            return self
        mixed = {key: {**self.texts.get(key, {}), **spoken} for key, spoken in texts.items()}
        return replace(self, texts={**self.texts, **mixed})

    def status(self, status: str, language: str) -> str:
        """The name of a status; its code where the file has none."""
        names = self.statuses.get(status)
        return status if names is None else _in(names, language)

    def label(self, key: str, language: str) -> str:
        names = self.labels.get(key)
        return key if names is None else _in(names, language)

    def carrier(self, code: str, language: str) -> str:
        """顺丰 for SF; a carrier that nobody has a name for is called as it was said."""
        names = self.carriers.get(code)
        return code if names is None else _in(names, language)

    def delivery_mode(self, code: str, language: str) -> str:
        """快递 for courier."""
        names = self.delivery_modes.get(code)
        return code if names is None else _in(names, language)

    def money(self, amount: Decimal, currency: str, language: str) -> str:
        """1,234.50 元, CNY 1,234.50."""
        names = self.currencies.get(currency) or self.currencies.get("other") or {"en": "{currency} {amount}"}
        return filled(_in(names, language), {"amount": f"{amount:,}", "currency": currency})


def is_chat(key: str) -> bool:
    """Whether it is the name of a sentence of the chat."""
    return key.startswith("utter_")


def places(template: str) -> set[str]:
    """The facts that a text asks for."""
    return set(_PLACE.findall(template))


def is_whole(template: str) -> bool:
    """Whether there is no brace but around the name of a fact."""
    return not set("{}") & set(_PLACE.sub("", template))


def filled(template: str, facts: Mapping[str, object]) -> str:
    """{name} -> the fact; unlike str.format it reaches no attribute and no item."""
    return _PLACE.sub(lambda match: _shown(facts.get(match.group(1))), template)


def load_texts(file: Path) -> TextFile:
    """Reads one texts.yml, cards.yml beside it, and domain.yml beside the processes; what they lack is empty."""
    beside = file.with_name("cards.yml")
    texts = {each.name: each.read_text(encoding="utf-8") for each in (file, beside) if each.exists()}
    return texts_in(texts, file.absolute().parent.parent.parent / "domain.yml")


def texts_in(files: Mapping[str, str], domain: Path) -> TextFile:
    """As `load_texts`, of files that are at hand by name."""
    own, cards = (yaml.safe_load(files.get(name, "")) or {} for name in ("texts.yml", "cards.yml"))
    sections: dict[str, Any] = {
        **{name: own.get(name) or {} for name in ("texts", "statuses", "labels")},
        **{name: cards.get(name) or {} for name in ("carriers", "currencies", "delivery_modes")},
    }
    return TextFile(**sections, cards=_pairs(cards), domain=domain)


@cache
def _chat(file: Path) -> Mapping[str, Localised]:
    """The sentences of Rasa's domain: of each the Chinese one, which has a condition, and the English one.

    Read when a company has words of its own, and once: Rasa doesn't take up another one while it runs either.
    """
    return {
        name: {"zh" if said.get("condition") else "en": str(said.get("text") or "") for said in spoken}
        for name, spoken in (_read(file).get("responses") or {}).items()
    }


def _pairs(cards: Mapping[str, Any]) -> Mapping[str, Localised]:
    """What is said in both languages; lists of words are read, not said."""
    return {
        f"{section}.{key}": said
        for section, entries in cards.items()
        if isinstance(entries, dict)
        for key, said in entries.items()
        if isinstance(said, dict) and {*said} == {*LANGUAGES}
    }


def _read(file: Path) -> Mapping[str, Any]:
    return (yaml_in(file) or {}) if file.exists() else {}


def _in(names: Localised, language: str) -> str:
    return names.get(language) or next(iter(names.values()))


def _shown(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
