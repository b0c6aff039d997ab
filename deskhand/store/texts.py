"""The sentences of a process in both languages, from its texts.yml. Facts are put in; nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

_PLACE = re.compile(r"\{(\w+)\}")
Localised = Mapping[str, str]


@dataclass(frozen=True)
class TextFile:
    """Sections of key -> language -> text with {facts}; those from `carriers` on are shared with the cards."""

    texts: Mapping[str, Localised] = field(default_factory=dict)
    statuses: Mapping[str, Localised] = field(default_factory=dict)
    labels: Mapping[str, Localised] = field(default_factory=dict)
    carriers: Mapping[str, Localised] = field(default_factory=dict)
    currencies: Mapping[str, Localised] = field(default_factory=dict)
    delivery_modes: Mapping[str, Localised] = field(default_factory=dict)

    def text(self, key: str, language: str, facts: Mapping[str, object] | None = None) -> str:
        """The sentence with its facts; a fact that is not there leaves its place empty.

        Raises:
            KeyError: if the file has no such text.
        """
        return filled(_in(self.texts[key], language), facts or {})

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


def places(template: str) -> set[str]:
    """The facts that a text asks for."""
    return set(_PLACE.findall(template))


def filled(template: str, facts: Mapping[str, object]) -> str:
    """{name} -> the fact; unlike str.format it reaches no attribute and no item."""
    return _PLACE.sub(lambda match: _shown(facts.get(match.group(1))), template)


def load_texts(file: Path) -> TextFile:
    """Reads one texts.yml and what cards.yml beside it shares; sections that the files lack are empty."""
    own, cards = _read(file), _read(file.with_name("cards.yml"))
    return TextFile(
        *({**(own.get(name) or {})} for name in ("texts", "statuses", "labels")),
        *({**(cards.get(name) or {})} for name in ("carriers", "currencies", "delivery_modes")),
    )


def _read(file: Path) -> Mapping[str, Any]:
    return (yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.exists() else {}


def _in(names: Localised, language: str) -> str:
    return names.get(language) or next(iter(names.values()))


def _shown(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
