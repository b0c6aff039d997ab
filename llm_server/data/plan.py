"""What a DATA.yml says: sources, cleaning, augmentation, split, tokenizer, output. Reads no data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llm_server.data.errors import PlanInvalid
from llm_server.data.records import Kind
from llm_server.plan_file import checked, read_yaml

PARTS = ("train", "dev", "test")
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_COUNT = {"type": "integer", "minimum": 0}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sources", "output"],
    "properties": {
        "output": {"type": "string", "minLength": 1},
        "seed": {"type": "integer"},
        "split": {"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 3, "maxItems": 3},
        "oversample": {"enum": [False, True, "label", "language", "job"]},
        "labels": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True, "minItems": 2},
        "sources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "path"],
                "properties": {
                    "kind": {"enum": [str(kind) for kind in Kind]},
                    "path": {"type": "string", "minLength": 1},
                    "encoding": {"type": "string"},
                    "language": {"type": "string"},
                    "part": {"enum": list(PARTS)},
                },
            },
        },
        "clean": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "least_characters": _COUNT,
                "most_characters": {"type": "integer", "minimum": 100},
                "mask": {"type": "boolean"},
                "languages": {"type": "array", "items": {"type": "string"}},
            },
        },
        "augment": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"copies": _COUNT, "synonyms": _SHARE, "insert": _SHARE, "delete": _SHARE,
                           "synonyms_file": {"type": "string"}},
        },
        "leaks": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"shared": _SHARE, "action": {"enum": ["drop", "refuse"]}},
        },
        "tokens": {
            "type": "object",
            "additionalProperties": False,
            "required": ["tokenizer"],
            "properties": {"tokenizer": {"type": "string"}, "block": {"type": "integer", "minimum": 8}},
        },
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """A file or a folder, and what is in it. `part`: all of it belongs there, whatever its hash says."""

    kind: Kind
    path: Path
    encoding: str | None = None
    language: str = ""
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Lengths in characters; `mask` writes [email] and the like in place of personal data."""

    least_characters: int = 2
    most_characters: int = 200_000
    mask: bool = False
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Augmenting:
    """Copies of each record of the training part, and the share of words that each operation may touch."""

    copies: int = 0
    synonyms: float = 0.15
    insert: float = 0.05
    delete: float = 0.05
    synonyms_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run is told. Paths are absolute or seen from the plan's folder."""

    sources: tuple[SourceFiles, ...]
    output: Path
    seed: int = 1
    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)
    labels: tuple[str, ...] = ()
    clean: Cleaning = field(default_factory=Cleaning)
    augment: Augmenting = field(default_factory=Augmenting)
    oversample: str = ""  # what is made equally frequent in the training part: label, language, job
    leak_shared: float = 0.8
    leak_action: str = "drop"
    tokenizer: Path | None = None
    block: int = 512
    text: str = ""  # as it was written, for the card


def read_plan(path: Path) -> Plan:
    """The plan in a file.

    Raises:
        PlanInvalid: it can't be read, or says something that can't be done; names the place.
    """
    text, given = read_yaml(path, PlanInvalid)
    return plan_of(given, path.parent, path.name, text)


def plan_of(given: object, folder: Path, name: str = "plan", text: str = "") -> Plan:
    """The plan that these values say. Raises PlanInvalid."""
    given = checked(given, _SCHEMA, name, PlanInvalid)
    shares = given.get("split", (8, 1, 1))
    if sum(shares) <= 0 or shares[0] <= 0:
        raise PlanInvalid(name, "split", "the first share, for training, must be more than nothing")
    clean = dict(given.get("clean", {}))
    augment = dict(given.get("augment", {}))
    if "synonyms_file" in augment:
        augment["synonyms_file"] = folder / augment["synonyms_file"]
    tokens = given.get("tokens", {})
    leaks = given.get("leaks", {})
    over = given.get("oversample", False)
    return Plan(
        sources=tuple(_source(each, folder, name, at) for at, each in enumerate(given["sources"])),
        output=folder / given["output"],
        seed=given.get("seed", 1),
        shares=tuple(share / sum(shares) for share in shares),
        labels=tuple(given.get("labels", ())),
        clean=Cleaning(**{**clean, "languages": tuple(clean.get("languages", ()))}),
        augment=Augmenting(**augment),
        oversample="label" if over is True else over or "",
        leak_shared=leaks.get("shared", 0.8),
        leak_action=leaks.get("action", "drop"),
        tokenizer=folder / tokens["tokenizer"] if tokens else None,
        block=tokens.get("block", 512),
        text=text,
    )


def _source(given: Mapping[str, Any], folder: Path, name: str, at: int) -> SourceFiles:
    path = folder / given["path"]
    if not path.exists():
        raise PlanInvalid(name, f"sources.{at}.path", f"{path} is not there")
    if given.get("encoding"):
        try:
            "".encode(given["encoding"])
        except LookupError:
            raise PlanInvalid(name, f"sources.{at}.encoding", f"{given['encoding']} is no encoding") from None
    return SourceFiles(
        Kind(given["kind"]), path, given.get("encoding"), given.get("language", ""), given.get("part")
    )  # fmt: skip
