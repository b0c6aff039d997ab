"""Further examples made of those there are: words exchanged, put in, left out; what is a fact stays, sign by sign.

Deterministic: a copy follows from the record, its number and the seed. Only languages with words in words.yml are
augmented; the text that a model is to write (a pair's answer) never is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from random import Random

import yaml

from llm_server.data.errors import PlanInvalid
from llm_server.data.plan import Augmenting
from llm_server.data.protected import free_parts
from llm_server.data.records import Kind, Record

OWN_WORDS = Path(__file__).with_name("words.yml")


@dataclass(frozen=True)
class Words:
    """Of one language."""

    synonyms: Mapping[str, Sequence[str]]  # word -> those that may stand in its place
    insert: Sequence[str]
    delete: frozenset[str]
    spaced: bool

    @cached_property
    def known(self) -> re.Pattern[str]:
        """Finds words that can be exchanged or left out, the longest first."""
        words = sorted({*self.synonyms, *self.delete}, key=len, reverse=True)
        pattern = "|".join(map(re.escape, words)) or r"(?!)"
        return re.compile(rf"\b(?:{pattern})\b" if self.spaced else pattern, re.IGNORECASE)


def read_words(path: Path = OWN_WORDS) -> dict[str, Words]:
    """The words of each language. Raises PlanInvalid where the file is none of this form."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {language: _words(language, lists) for language, lists in given.items()}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, TypeError, KeyError) as problem:
        raise PlanInvalid(path.name, "", f"no lists of words by language ({problem})") from problem


def _words(language: str, lists: Mapping[str, Sequence[Sequence[str]]]) -> Words:
    synonyms: dict[str, list[str]] = {}
    for group in lists["synonyms"]:
        for word in group:
            synonyms[word.lower()] = [other for other in group if other != word]
    insert, delete = ([str(word) for word in lists[name]] for name in ("insert", "delete"))
    return Words(synonyms, insert, frozenset(delete), spaced=language not in ("zh", "ja", "th"))


class Augmenter:
    """Makes copies of records; counts them by operation."""

    def __init__(self, rules: Augmenting, seed: int) -> None:
        self.made: Counter[str] = Counter()
        self._rules = rules
        self._seed = seed
        self._words = read_words(rules.synonyms_file or OWN_WORDS)

    def copies(self, record: Record) -> Iterator[Record]:
        """Those that differ from the record and from one another."""
        words = self._words.get(record.language)
        if words is None or record.kind is Kind.TEXT:
            return
        seen = {_said(record)}
        for number in range(self._rules.copies):
            random = Random(f"{self._seed}:{record.key}:{number}")
            changed, operations = self._changed(_said(record), record.facts, words, random)
            if changed in seen or not operations:
                continue
            seen.add(changed)
            self.made.update(operations)
            made = "+".join(sorted(operations))
            if record.kind is Kind.PAIR:
                yield replace(record, prompt=changed, made=made)
            else:
                yield replace(record, text=changed, made=made)

    def _changed(self, text: str, facts: Sequence[str], words: Words, random: Random) -> tuple[str, set[str]]:
        operations: set[str] = set()
        parts = []
        for part, free in free_parts(text, facts):
            parts.append(self._part(part, words, random, operations.add) if free else part)
        return "".join(parts), operations

    def _part(self, part: str, words: Words, random: Random, note: Callable[[str], None]) -> str:
        def exchanged(found: re.Match[str]) -> str:
            word = found[0]
            if word.lower() in words.delete and random.random() < self._rules.delete:
                note("delete")
                return ""
            others = words.synonyms.get(word.lower())
            if others and random.random() < self._rules.synonyms:
                note("synonym")
                return _as_written(random.choice(others), word)
            return word

        changed = words.known.sub(exchanged, part)
        changed = self._inserted(changed, words, random, note)
        return re.sub(r"(?<=\S) {2,}", " ", changed) if words.spaced else changed

    def _inserted(self, part: str, words: Words, random: Random, note: Callable[[str], None]) -> str:
        """A word put in where words part: at a blank, or behind a comma where there are none."""
        gaps = [found.end() for found in re.finditer(r"(?<=\w) (?=\w)" if words.spaced else r"[，、]", part)]
        for at in reversed(gaps):
            if random.random() < self._rules.insert:
                note("insert")
                part = f"{part[:at]}{random.choice(words.insert)}{' ' * words.spaced}{part[at:]}"
        return part


def _said(record: Record) -> str:
    return record.prompt if record.kind is Kind.PAIR else record.text


def _as_written(word: str, before: str) -> str:
    return word[:1].upper() + word[1:] if before[:1].isupper() else word
