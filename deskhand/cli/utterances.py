"""Whether what the bot is taught from is fit to be trained: `data/nlu`, `data/rules` and `domain.yml`.

Reads the files; knows nothing of Rasa and of models.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LEAST = 120  # utterances of an intent in each language; those that differ in digits or punctuation alone are one
MADE_ELSEWHERE = frozenset({"choose"})  # the gateway's own intents have none

_HAN = re.compile(r"[\u3400-\u9fff]")
_ENTITY = re.compile(r"\[[^\]]+\](?:\((?P<plain>\w+)[^)]*\)|\{[^}]*\"entity\":\s*\"(?P<long>\w+)\")")
_NO_DIFFERENCE = re.compile(r"[\s,.!~，。！、]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Taught:
    """The files as they are: utterances by intent, and the domain."""

    utterances: Mapping[str, tuple[str, ...]]
    domain: Mapping[str, Any]
    rules: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def read(cls, root: Path) -> Taught:
        blocks = [block for data in _files(root / "data" / "nlu") for block in data["nlu"]]
        rules = [rule for data in _files(root / "data" / "rules") for rule in data["rules"]]
        utterances: dict[str, tuple[str, ...]] = {}
        for block in blocks:
            said = tuple(line[2:].strip() for line in block["examples"].splitlines() if line.startswith("- "))
            utterances[block["intent"]] = utterances.get(block["intent"], ()) + said
        domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
        return cls(utterances, domain, tuple(rules))


def problems(taught: Taught) -> list[str]:
    """One sentence for each; none when all is well."""
    return [*_too_few(taught), *_said_for_two(taught), *_unknown_slots(taught), *_untranslated(taught)]


def language_of(utterance: str) -> str:
    """zh where there is any Chinese."""
    return "zh" if _HAN.search(utterance) else "en"


def _too_few(taught: Taught) -> Iterator[str]:
    for intent in sorted({*taught.domain["intents"], *taught.utterances} - MADE_ELSEWHERE):
        if intent not in taught.domain["intents"]:
            yield f"{intent} is no intent of domain.yml"
        varied = {_key(utterance) for utterance in taught.utterances.get(intent, ())}
        counted = Counter(map(language_of, varied))
        for language in ("zh", "en"):
            if counted[language] < LEAST:
                yield f"{intent} has {counted[language]} utterances in {language}, {LEAST} are needed"


def _said_for_two(taught: Taught) -> Iterator[str]:
    intents: dict[str, set[str]] = defaultdict(set)
    for intent, utterances in taught.utterances.items():
        for utterance in utterances:
            intents[_key(utterance, numbers=True)].add(intent)
    for said, of in sorted(intents.items()):
        if said and len(of) > 1:
            yield f"“{said}” is an utterance of {' and '.join(sorted(of))}"


def _key(utterance: str, numbers: bool = False) -> str:
    """What is the same for two utterances that teach the same."""
    said = _NO_DIFFERENCE.sub("", utterance.lower())
    return said if numbers else _DIGITS.sub("0", said)


def _unknown_slots(taught: Taught) -> Iterator[str]:
    slots, entities = set(taught.domain.get("slots") or ()), set(taught.domain.get("entities") or ())
    for form, about in (taught.domain.get("forms") or {}).items():
        yield from (
            f"{form} asks for {name}, which is no slot" for name in about["required_slots"] if name not in slots
        )
    for intent, utterances in taught.utterances.items():
        for found in (found for utterance in utterances for found in _ENTITY.finditer(utterance)):
            name = found["plain"] or found["long"]
            if name not in slots | entities:
                yield f"{intent}: {name} in “{found.string}” is neither slot nor entity"
    for rule in taught.rules:
        for step in [*rule.get("condition", []), *rule["steps"]]:
            named = [each if isinstance(each, str) else next(iter(each)) for each in step.get("slot_was_set", [])]
            yield from (
                f"rule “{rule['rule']}” looks at {name}, which is no slot" for name in named if name not in slots
            )


def _untranslated(taught: Taught) -> Iterator[str]:
    for name, variants in sorted(taught.domain["responses"].items()):
        has = [bool(_HAN.search(variant.get("text", ""))) for variant in variants]
        if True not in has:
            yield f"{name} has no Chinese text"
        if False not in has:
            yield f"{name} has no English text"


def _files(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob("*.yml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8"))
