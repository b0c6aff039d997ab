"""What training data consists of. Knows no file format."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a record teaches."""

    TEXT = "text"  # how the company writes: text without anything to it
    PAIR = "pair"  # what to write for what is asked
    LABEL = "label"  # which of several a sentence is


@dataclass(frozen=True, slots=True)
class Record:
    """One text, one pair or one labelled sentence.

    `group` names what must not be torn apart by the split (a file, a mail thread, an order); `facts` are values that
    nothing may touch; `made` names the operation that an augmented copy comes from.
    """

    kind: Kind
    text: str
    prompt: str = ""
    system: str = ""
    label: str = ""
    language: str = ""
    job: str = ""
    facts: tuple[str, ...] = ()
    group: str = ""
    origin: str = ""
    made: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """The same for the same content, wherever it was read; 16 hex digits."""
        content = "\x1f".join((self.kind, self.system, self.prompt, self.text, self.label))
        return hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """What is written, without what is empty."""
        values = {
            "kind": str(self.kind), "system": self.system, "prompt": self.prompt, "text": self.text,
            "label": self.label, "language": self.language, "job": self.job, "facts": list(self.facts),
            "group": self.group, "origin": self.origin, "made": self.made,
        }  # fmt: skip
        return {name: value for name, value in values.items() if value}


def record_of(values: Mapping[str, Any]) -> Record:
    """The record that `as_json` wrote."""
    known = {name: values[name] for name in Record.__dataclass_fields__ if name in values}
    return Record(**{**known, "kind": Kind(values["kind"]), "facts": tuple(values.get("facts", ()))})
