"""lexicon.yml, compiled: by which words a text says states, promises, negations, and what a value is about.

Knows no fact and no text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deskhand.yaml_files import yaml_in

_FILE = Path(__file__).with_name("lexicon.yml")
LANGUAGES = ("zh", "en")
Spoken = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class StateWords:
    """How one state is said. `always`: also where it may only come; `negative`: read before those it denies."""

    code: str
    words: Spoken
    say: Mapping[str, str]
    negative: bool
    always: bool


@dataclass(frozen=True, slots=True)
class Cues:
    """The words that go with one fact; `before` and `after` stand right at it.

    `over`: facts whose words it beats; `claims`: facts whose values cannot stand behind its words.
    """

    words: Spoken
    before: Spoken
    after: Spoken
    over: tuple[str, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All of it; patterns by language."""

    states: tuple[StateWords, ...]
    implies: Mapping[str, tuple[str, ...]]
    cues: Mapping[str, Cues]
    alike: Mapping[str, frozenset[str]]  # facts that a value may be taken for although the text has none such
    promises: Spoken
    patterns: Mapping[str, re.Pattern[str]]  # section_language, or section_language_part

    def find(self, section: str, language: str, part: str = "") -> re.Pattern[str]:
        return self.patterns["_".join(each for each in (section, language, part) if each)]

    def said(self, code: str) -> tuple[str, str]:
        """The state in words, in Chinese and in English.

        Raises:
            KeyError: there is no such state, or none that a fact can be.
        """
        say = next(state.say for state in self.states if state.code == code)
        return say["zh"], say["en"]


@cache
def lexicon() -> Lexicon:
    content: dict[str, Any] = yaml_in(_FILE)
    sections = ("future", "negation", "will", "inexact", "leak")
    promises = content["promises"]
    patterns = {f"{name}_{key}": _compiled(text) for name in sections for key, text in content[name].items()}
    requests = {f"request_{each}": _compiled(promises[f"{each}_request"]) for each in LANGUAGES}
    return Lexicon(
        states=tuple(_state(code, entry) for code, entry in content["states"].items()),
        implies={code: tuple(codes) for code, codes in content["implies"].items()},
        cues={key: _cues(entry) for key, entry in content["cues"].items()},
        alike={key: frozenset(group) for group in content["alike"] for key in group},
        promises={each: _compiled("|".join(promises[each])) for each in LANGUAGES},
        patterns=patterns | requests,
    )


def _state(code: str, entry: Mapping[str, Any]) -> StateWords:
    words = {language: _compiled("|".join(entry[language])) for language in LANGUAGES}
    return StateWords(code, words, entry.get("say", {}), bool(entry.get("negative")), bool(entry.get("always")))


def _cues(entry: Mapping[str, Any]) -> Cues:
    words, before, after = (
        {each: _compiled(entry.get(each + part, "(?!)")) for each in LANGUAGES} for part in ("", "_before", "_after")
    )
    return Cues(words, before, after, tuple(entry.get("over", ())), tuple(entry.get("claims", ())))


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
