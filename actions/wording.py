"""Labels of cards and the way that dates, money and quantities are said: cards.yml, and the statuses of texts.yml.

Knows nothing of orders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from deskhand.orders.units import unit_label
from deskhand.yaml_files import yaml_in

LANGUAGES = ("zh", "en")


class Wording:
    """The file as loaded; `say` looks a label up, the rest puts values into words."""

    def __init__(self, entries: Mapping[str, Any]) -> None:
        self._entries = entries

    @classmethod
    def load(cls, processes_dir: Path | str) -> Wording:
        folder = Path(processes_dir) / "order_to_cash"
        files = (folder / name for name in ("cards.yml", "texts.yml"))
        cards, texts = (yaml_in(file) for file in files)
        return cls({**cards, "statuses": texts["statuses"]})

    def with_own(self, texts: Mapping[str, Mapping[str, str]]) -> Wording:
        """A company's own words, `section.key`, in place of ours; a language that they lack keeps ours."""
        entries = dict(self._entries)
        for name, spoken in texts.items():
            section, _, key = name.partition(".")
            if key and key in entries.get(section, ()):
                entries[section] = {**entries[section], key: {**entries[section][key], **spoken}}
        return Wording(entries)

    def say(self, section: str, key: str, language: str, **values: object) -> str:
        """One label; a key that the file lacks is shown as it is."""
        both = self._entries[section].get(key)
        return key if both is None else str(both[language].format(**values))

    def has(self, section: str, key: str) -> bool:
        return key in self._entries[section]

    def codes_in(self, section: str, text: str) -> list[str]:
        """The codes whose words stand in a text; an English word is none inside another one (late, latest)."""
        lowered = text.lower()
        words: Mapping[str, list[str]] = self._entries[section]
        return [code for code, spoken in words.items() if any(_stands_in(word, lowered) for word in spoken)]

    def day(self, value: date, language: str) -> str:
        """2026年12月4日 星期五, or Friday, 4 December 2026: always in full."""
        pattern: str = self._entries["dates"][language]
        return pattern.format(
            year=value.year,
            month=value.month,
            day=value.day,
            weekday=self._entries["weekdays"][language][value.weekday()],
            month_name=self._entries["months"][value.month - 1],
        )

    def money(self, amount: Decimal, currency: str, language: str) -> str:
        key = currency if self.has("currencies", currency) else "other"
        return self.say("currencies", key, language, amount=f"{amount:,}", currency=currency)

    def quantity(self, value: Decimal, unit: str | None, language: str) -> str:
        """20箱, or 20 boxes."""
        if unit is None:
            return number(value)
        label = unit_label(unit, language, value == 1)
        return f"{number(value)}{label}" if language == "zh" else f"{number(value)} {label}"

    def carrier(self, code: str, language: str) -> str:
        """顺丰 for SF; a carrier that nobody has a name for is called as it was said."""
        return self.say("carriers", code, language)

    def delivery_mode(self, mode: str, appointment: bool, language: str) -> str:
        said = self.say("delivery_modes", mode, language)
        both: Mapping[str, str] = self._entries["appointment"]
        return both[language].format(mode=said) if appointment else said


def _stands_in(word: str, lowered: str) -> bool:
    found = word in lowered
    return found and (not word.isascii() or bool(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", lowered)))


def number(value: Decimal) -> str:
    """20 and 2.5, never 20.00 or 2E+1."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
