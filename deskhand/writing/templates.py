"""The folder `writing` of a process: template and prompt of each kind of text, a file for each. Knows no model.

A template is a list of sentences; a sentence is left out when a fact that it names is not there.
Placeholders are `{fact}` and nothing else: no expression can be written in the file.
A prompt is brief, as a model expects that was trained on such texts, or full: with rules and a worked example.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from deskhand.writing.check import Verdict, check
from deskhand.writing.client import Message
from deskhand.writing.facts import LANGUAGES, Facts, as_fact
from deskhand.writing.vocabulary import shared_words, words_in, words_of
from deskhand.yaml_files import yaml_in

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_OPEN, _CLOSE = "<<<", ">>>"
ASKED = "asked"  # what somebody wrote, to which the text answers: shown to the model, no fact
_MOST_ASKED = 600
_SHARED = "shared.yml"
BRIEF, FULL = PROMPTS = ("brief", "full")
_FIRST = ("receipt", "confirmation", "invoice_cover", "shipment")  # in the order of a sale; the others by name


class TemplatesInvalid(ValueError):
    """A file lacks something; the message says what and where."""


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """One kind of text in one language. `states`: what it may say whatever the facts say; `version`: of its file."""

    kind: str
    language: str
    version: int
    states: tuple[str, ...]
    required: tuple[str, ...]
    sentences: tuple[str, ...]
    separator: str
    instruction: str
    retry: str
    labels: Mapping[str, str]
    forbidden: tuple[str, ...]
    max_tokens: int
    example: Mapping[str, str]
    allowed: tuple[str, ...] = ()
    task: str = ""  # the whole instruction for a model that was trained on such texts; empty: the full one is sent
    again: str = ""  # what such a model is told when it was wrong
    words: frozenset[str] = frozenset()  # of which such a text is made, beside names and values

    def render(self, facts: Facts) -> str:
        """The text that needs no model."""
        said = {key: as_fact(fact).say(self.language) for key, fact in facts.items() if fact}
        return self.separator.join(
            _PLACEHOLDER.sub(lambda match: said[match[1]], sentence)
            for sentence in self.sentences
            if all(key in said for key in _PLACEHOLDER.findall(sentence))
        )

    def messages(self, facts: Facts, asked: str = "") -> list[Message]:
        """The prompt: what to do, then the facts that the sentences name, in their order, and what somebody wrote.

        Both are data: delimited, unable to close the delimiter. The full prompt shows a worked example with other
        facts, too: a model that has seen no such text follows an example better than rules.
        """
        facts = self.told(facts)
        question = Message("user", self._listed(facts, asked))
        if self.task:
            return [Message("system", self.task), question]
        shown = {key: self.example[key] for key in facts if key in self.example and facts[key]}
        return [
            Message("system", self.instruction),
            Message("user", self._listed(shown, self.example.get(ASKED, "") if asked else "")),
            Message("assistant", self.render(shown)),
            question,
        ]

    def second(self, first: Sequence[Message], refused: str, verdict: Verdict) -> list[Message]:
        """The prompt after a text that was refused: it says what was wrong.

        A model that was trained on brief prompts knows no conversation, so that it is told below the facts.
        """
        wrong = ", ".join((*verdict.invented, *(self.labels.get(key, key) for key in verdict.missing)))
        if self.task:
            told = self.again.replace("{wrong}", _defused(wrong))
            return [*first[:-1], Message("user", f"{first[-1].content}\n{told}")]
        return [*first, Message("assistant", refused), Message("user", self.retry.replace("{wrong}", wrong))]

    def told(self, facts: Facts) -> Facts:
        """Those facts that a sentence of this text names, in the order of the sentences."""
        named = dict.fromkeys(key for sentence in self.sentences for key in _PLACEHOLDER.findall(sentence))
        return {key: facts[key] for key in named if facts.get(key)}

    def _listed(self, facts: Facts, asked: str) -> str:
        said = {key: as_fact(fact).say(self.language) for key, fact in facts.items() if fact}
        said |= {ASKED: asked[:_MOST_ASKED]} if asked else {}
        listed = "\n".join(f"{self.labels.get(key, key)}: {_defused(value)}" for key, value in said.items())
        return f"{_OPEN}\n{listed}\n{_CLOSE}"

    def check(self, text: str, facts: Facts, *, read: bool = False) -> Verdict:
        """May this text be sent as one of this kind? `read`: a person has read it, who may use any words."""
        return check(
            text,
            facts,
            self.needs(facts),
            self.language,
            self.forbidden,
            states=self.states,
            prompt=self.instruction,
            own="\n".join(self.sentences),
            allowed=self.allowed,
            words=self.words,
            read=read,
        )

    def needs(self, facts: Facts) -> tuple[str, ...]:
        """The facts that the text must state: the required ones that are there."""
        return tuple(key for key in self.required if facts.get(key))


def _defused(text: str) -> str:
    """No run of brackets however long leaves a delimiter."""
    return " ".join(re.sub(r"<{2,}", "<", re.sub(r">{2,}", ">", text)).split())


@dataclass(frozen=True, slots=True)
class Templates:
    """All kinds of text of one process."""

    by_kind: Mapping[tuple[str, str], TextTemplate]

    def get(self, kind: str, language: str) -> TextTemplate:
        return self.by_kind[kind, language if language in LANGUAGES else "en"]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind for kind, _ in self.by_kind))


def load_templates(folder: Path, prompt: str = BRIEF) -> Templates:
    """Reads the folder `writing` of a process; `prompt` is one of `PROMPTS`.

    Raises:
        TemplatesInvalid, naming the file.
    """
    if prompt not in PROMPTS:
        raise TemplatesInvalid(f"LLM_PROMPT={prompt}: must be one of {', '.join(PROMPTS)}")
    shared = _read(folder / _SHARED)
    found: dict[tuple[str, str], TextTemplate] = {}
    for file in sorted(folder.glob("*.yml"), key=_in_order):
        if file.name != _SHARED:
            found |= _of_file(file, shared, prompt)
    return Templates(found)


def _in_order(file: Path) -> tuple[int, str]:
    return (_FIRST.index(file.stem) if file.stem in _FIRST else len(_FIRST)), file.stem


def _of_file(file: Path, shared: dict[str, Any], prompt: str) -> dict[tuple[str, str], TextTemplate]:
    content = _read(file)
    try:
        found = {(file.stem, each): _template(file.stem, each, content, shared) for each in LANGUAGES}
    except (KeyError, TypeError, re.error) as error:
        raise TemplatesInvalid(f"{file}: {error} is missing or of the wrong kind") from error
    return found if prompt == BRIEF else {key: replace(each, task="") for key, each in found.items()}


def _read(file: Path) -> dict[str, Any]:
    try:
        content = yaml_in(file)
    except FileNotFoundError as error:
        raise TemplatesInvalid(f"{file}: is missing") from error
    if not isinstance(content, dict):
        raise TemplatesInvalid(f"{file}: has no entries")
    return content


def _template(kind: str, language: str, entry: dict[str, Any], shared: dict[str, Any]) -> TextTemplate:
    common = shared[language]
    forbidden = (*common["forbidden"], *entry[language].get("forbidden", ()))
    for pattern in forbidden:
        re.compile(pattern)
    return TextTemplate(
        kind=kind,
        language=language,
        version=int(entry["version"]),
        states=tuple(entry["states"]),
        required=tuple(entry["required"]),
        sentences=tuple(entry[language]["sentences"]),
        example={key: str(value) for key, value in common["example"].items()},
        separator=common["separator"],
        instruction=f"{entry[language]['instruction'].strip()}\n{common['rules'].strip()}",
        retry=common["retry"],
        labels=common["labels"],
        forbidden=forbidden,
        allowed=tuple(entry[language].get("allowed", ())),
        max_tokens=int(entry["max_tokens"][language]),
        task=entry[language]["task"],
        again=common["again"],
        words=_words(language, entry[language]),
    )


def _words(language: str, entry: Mapping[str, Any]) -> frozenset[str]:
    """The shared ones, those of the kind, and whatever its template says."""
    own = words_in("\n".join(entry["sentences"]), language)
    return shared_words(language) | words_of(entry.get("words", ())) | own
