"""The data card: what the data is made of and how, for whoever trains on it or must answer for it. Reads no data."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llm_server.data.errors import DataChanged
from llm_server.data.packing import Tokens
from llm_server.data.plan import PARTS, Plan
from llm_server.data.reading import Told

FORMAT = 1


@dataclass
class Account:
    """All that was counted on the way."""

    sources: list[tuple[str, str, Told, int]] = field(default_factory=list)  # kind, path, told, records
    changes: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    oversampled: int = 0
    parts: dict[str, Counter[str]] = field(default_factory=lambda: {part: Counter() for part in PARTS})
    labels: dict[str, Counter[str]] = field(default_factory=lambda: {part: Counter() for part in PARTS})
    leaked: Counter[str] = field(default_factory=Counter)
    tokens: Tokens | None = None
    blocks: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)  # file -> sha256

    def as_json(self, plan: Plan) -> dict[str, Any]:
        """For programs; the same for the same input and plan."""
        return {
            "format": FORMAT, "seed": plan.seed, "shares": list(plan.shares),
            "sources": [{"kind": kind, "path": path, "files": told.files, "bytes": told.bytes, "records": records,
                         "left_out": dict(told.counts), "examples": told.examples}
                        for kind, path, told, records in self.sources],
            "cleaned": dict(self.changes), "left_out": dict(self.left_out),
            "augmented": dict(self.made), "oversampled": self.oversampled,
            "parts": {part: dict(counts) for part, counts in self.parts.items()},
            "labels": {part: dict(counts) for part, counts in self.labels.items() if counts},
            "leaked": dict(self.leaked), "tokens": _tokens(self.tokens), "blocks": self.blocks, "files": self.digests,
        }  # fmt: skip


def _tokens(tokens: Tokens | None) -> dict[str, Any] | None:
    if tokens is None:
        return None
    return {
        "documents": tokens.documents, "tokens": tokens.tokens, "characters": tokens.characters,
        "unknown": tokens.unknown, "longest": tokens.longest, "different_words": len(tokens.words),
        "tokens_per_character": {
            language: round(tokens.per_character(language), 3) for language in sorted(tokens.by_language)
        },
    }  # fmt: skip


def write_card(folder: Path, plan: Plan, account: Account) -> None:
    """card.json and card.md."""
    said = account.as_json(plan)
    text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8")
    (folder / "card.md").write_text("\n".join(_lines(said, plan)) + "\n", encoding="utf-8")


def check_files_of(folder: Path) -> None:
    """Holds a folder of training data against its card. Raises DataChanged."""
    said = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    for name, digest in said.get("files", {}).items():
        if not (folder / name).is_file() or sha256(folder / name) != digest:
            raise DataChanged(folder / name)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(said: Mapping[str, Any], plan: Plan) -> Iterable[str]:
    yield "# Data card"
    yield ""
    yield f"Seed {said['seed']}; made by `python -m llm_server.data` of the plan at the end."
    yield from _table("Sources", ("kind", "path", "files", "bytes", "records"),
                      [[source[name] for name in ("kind", "path", "files", "bytes", "records")]
                       for source in said["sources"]])  # fmt: skip
    for source in said["sources"]:
        yield from _counts(f"Left out while reading {source['path']}", source["left_out"])
    yield from _counts("Changed by cleaning (texts)", said["cleaned"])
    yield from _counts("Left out by cleaning", said["left_out"])
    yield from _counts("Augmented (copies in which it was done, training part only)", said["augmented"])
    if said["oversampled"]:
        yield from ("", f"Repeated so that each {plan.oversample} is as frequent: {said['oversampled']} records.")
    names = sorted({name for counts in said["parts"].values() for name in counts})
    yield from _table("Parts", ("part", *names), _by_part(said["parts"], names))
    if said["labels"]:
        labels = sorted({name for counts in said["labels"].values() for name in counts})
        yield from _table("Labels", ("label", *PARTS), [
            [label, *(said["labels"].get(part, {}).get(label, 0) for part in PARTS)] for label in labels
        ])  # fmt: skip
    yield from _counts("Left out because the training part holds nearly the same", said["leaked"])
    if said["tokens"]:
        yield from _counts("Tokens", {name: count for name, count in said["tokens"].items() if name[-1] != "r"})
        yield from _counts("Tokens for a character", said["tokens"]["tokens_per_character"])
    yield from _counts("Blocks for pre-training", said["blocks"])
    yield from _counts("Files (sha256)", said["files"])
    yield from ("", "## Plan", "", "```yaml", plan.text.rstrip(), "```")


def _by_part(parts: Mapping[str, Mapping[str, int]], names: Sequence[str]) -> list[list[object]]:
    return [[part, *(parts[part].get(name, 0) for name in names)] for part in PARTS]


def _counts(title: str, counts: Mapping[str, object]) -> Iterable[str]:
    if counts:
        yield from _table(title, ("what", "how many"), [list(each) for each in sorted(counts.items())])


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterable[str]:
    yield from ("", f"## {title}", "", f"| {' | '.join(head)} |", f"|{'---|' * len(head)}")
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |"
