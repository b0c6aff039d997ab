"""writing.yml: the templates and prompts of each kind of text. Knows nothing of models or checking.

A template is a list of sentences; a sentence is left out when a fact that it names is not there.
Placeholders are `{fact}` and nothing else: no expression can be written in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deskhand.writing.client import Message
from deskhand.writing.facts import LANGUAGES, Facts, as_fact

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_OPEN, _CLOSE = "<<<", ">>>"


class TemplatesInvalid(ValueError):
    """writing.yml lacks something; the message says what and where."""


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """One kind of text in one language."""

    kind: str
    language: str
    required: tuple[str, ...]
    sentences: tuple[str, ...]
    separator: str
    instruction: str
    retry: str
    labels: Mapping[str, str]
    forbidden: tuple[str, ...]
    max_tokens: int
    example: Mapping[str, str]

    def render(self, facts: Facts) -> str:
        """The text that needs no model."""
        said = {key: as_fact(fact).say(self.language) for key, fact in facts.items() if fact}
        return self.separator.join(
            _PLACEHOLDER.sub(lambda match: said[match[1]], sentence)
            for sentence in self.sentences
            if all(key in said for key in _PLACEHOLDER.findall(sentence))
        )

    def messages(self, facts: Facts) -> list[Message]:
        """The prompt: what to do, one worked example with other facts, then these facts.

        Facts are data: delimited, unable to close the delimiter. A small model follows an example better than rules.
        """
        shown = {key: self.example[key] for key in facts if key in self.example and facts[key]}
        return [
            Message("system", self.instruction),
            Message("user", self._listed(shown)),
            Message("assistant", self.render(shown)),
            Message("user", self._listed(facts)),
        ]

    def _listed(self, facts: Facts) -> str:
        listed = "\n".join(
            f"{self.labels.get(key, key)}: {_defused(as_fact(fact).say(self.language))}"
            for key, fact in facts.items()
            if fact
        )
        return f"{_OPEN}\n{listed}\n{_CLOSE}"

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


def load_templates(path: Path) -> Templates:
    """Reads writing.yml. Raises TemplatesInvalid, naming the place."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        shared = content["shared"]
        pairs = [(kind, language) for kind in content["texts"] for language in LANGUAGES]
        return Templates({pair: _template(*pair, content["texts"][pair[0]], shared) for pair in pairs})
    except (KeyError, TypeError) as error:
        raise TemplatesInvalid(f"{path}: {error} is missing or of the wrong kind") from error


def _template(kind: str, language: str, entry: dict[str, Any], shared: dict[str, Any]) -> TextTemplate:
    common = shared[language]
    return TextTemplate(
        kind=kind,
        language=language,
        required=tuple(entry["required"]),
        sentences=tuple(entry[language]["sentences"]),
        example={key: str(value) for key, value in common["example"].items()},
        separator=common["separator"],
        instruction=f"{entry[language]['instruction'].strip()}\n{common['rules'].strip()}",
        retry=common["retry"],
        labels=common["labels"],
        forbidden=(*common["forbidden"], *entry[language].get("forbidden", ())),
        max_tokens=int(entry["max_tokens"][language]),
    )
