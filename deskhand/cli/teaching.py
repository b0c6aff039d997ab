"""Labelled messages as training data: what is fit to be learnt from, as YAML, and into the files of `data/nlu`.

Knows the files' form, nothing of where messages come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deskhand.cli.utterances import MADE_ELSEWHERE, Taught, language_of, problems
from deskhand.logs import one_line

LONGEST = 300  # characters: whoever writes more, writes something else
# What stands for what was masked, so that a learner sees a sentence as people write it.
STAND_INS: Mapping[str, Mapping[str, str]] = {
    "zh": {"<name>": "华星", "<address>": "人民路1号", "<phone>": "13800000000"},
    "en": {"<name>": "Acme Ltd", "<address>": "1 Main Street", "<phone>": "555-010-0100"},
}
_BOTH = {"<e-mail>": "name@example.com", "<number>": "0000", "<token>": "0000", "***": "0000"}
_NO_DIFFERENCE = re.compile(r"[\s,.!~，。！、]+")
_MARKED_UP = re.compile(r"\[[^\]]*\]\s*[({]")  # what the training data takes for an entity

Examples = Mapping[str, Sequence[str]]


class NotFit(Exception):
    """What is to be taught would spoil the training data; the message says how."""


def known_intents(taught: Taught) -> list[str]:
    """What a message may be labelled with."""
    return sorted({*taught.domain["intents"]} - MADE_ELSEWHERE)


def examples(labelled: Iterable[tuple[str, str]], taught: Taught) -> tuple[dict[str, list[str]], list[str]]:
    """(text, intent) as new utterances by intent, and what is left out with the reason."""
    made: dict[str, list[str]] = {}
    left_out = []
    said = {_same(each): intent for intent, utterances in taught.utterances.items() for each in utterances}
    for text, intent in labelled:
        utterance = fit(text)
        if utterance is None:
            left_out.append(f"“{text[:60]}” is no utterance to learn from")
        elif (of := said.get(_same(utterance))) is not None:
            if of != intent:
                left_out.append(f"“{utterance}” is taught as {of}, not {intent}")
        else:
            said[_same(utterance)] = intent
            made.setdefault(intent, []).append(utterance)
    return made, left_out


def fit(text: str) -> str | None:
    """On one line and with something in place of what was masked; None for what can't stand in the files."""
    plain = " ".join(text.split())
    for mask, instead in {**STAND_INS[language_of(plain)], **_BOTH}.items():
        plain = plain.replace(mask, instead)
    if (
        not plain
        or len(plain) > LONGEST
        or plain.startswith("/")
        or one_line(plain) != plain
        or _MARKED_UP.search(plain)
    ):
        return None
    return plain


def as_yaml(made: Examples) -> str:
    """A file as those of `data/nlu` are."""
    blocks = (f"- intent: {intent}\n  examples: |\n{_lines(made[intent])}" for intent in sorted(made))
    return 'version: "3.1"\nnlu:\n' + "".join(blocks)


def append(root: Path, made: Examples) -> list[Path]:
    """Into the files that teach these intents, if all is well with them afterwards; says which were changed.

    Raises:
        NotFit: no file was changed.
    """
    taught = Taught.read(root)
    before = set(problems(taught))
    more = {intent: (*taught.utterances.get(intent, ()), *utterances) for intent, utterances in made.items()}
    if found := [
        each for each in problems(replace(taught, utterances={**taught.utterances, **more})) if each not in before
    ]:
        raise NotFit("; ".join(found))
    changed = [(_file_of(root, intent), intent) for intent in sorted(made)]
    for file, intent in changed:
        file.write_text(_with(file.read_text(encoding="utf-8"), intent, made[intent]), encoding="utf-8")
    return sorted({file for file, _ in changed})


def _file_of(root: Path, intent: str) -> Path:
    for file in sorted((root / "data" / "nlu").glob("*.yml")):
        if _begin(intent).search(file.read_text(encoding="utf-8")):
            return file
    raise NotFit(f"no file of data/nlu teaches {intent}")


def _with(text: str, intent: str, utterances: Sequence[str]) -> str:
    """At the end of the intent's block."""
    begin = _begin(intent).search(text)
    assert begin is not None
    following = re.compile(r"^- ", re.MULTILINE).search(text, begin.end())
    end = following.start() if following else len(text)
    return text[:end].rstrip("\n") + "\n" + _lines(utterances) + text[end:]


def _begin(intent: str) -> re.Pattern[str]:
    return re.compile(rf"^- intent: {re.escape(intent)}\s*\n", re.MULTILINE)


def _lines(utterances: Iterable[str]) -> str:
    return "".join(_indented(utterances))


def _indented(utterances: Iterable[str]) -> Iterator[str]:
    return (f"    - {utterance}\n" for utterance in utterances)


def _same(utterance: str) -> str:
    return _NO_DIFFERENCE.sub("", utterance.lower())
