"""The words of documents and the tenant's letterhead, read from files. Knows nothing of layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deskhand.store.texts import load_texts
from deskhand.yaml_files import yaml_in

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


class Words:
    """Words in one language."""

    def __init__(self, words: Mapping[str, str], carriers: Mapping[str, str] | None = None) -> None:
        self._words = words
        self._carriers = carriers or {}

    def say(self, key: str, **values: object) -> str:
        """The words for `key`; a placeholder without a value stays as it is (`{page}` is filled later)."""
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], match[0])), self._words[key])

    def has(self, key: str) -> bool:
        return key in self._words

    def carrier(self, code: str) -> str:
        """A carrier's name; the code where nobody has named it."""
        return self._carriers.get(code, code)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The sender, in one language; empty fields are not printed."""

    name: str
    address: str = ""
    phone: str = ""
    email: str = ""
    tax_number: str = ""
    bank: str = ""


def head_lines(head: Letterhead, labels: tuple[str, str]) -> list[str]:
    """What stands below the company's name; the labels are those of phone and tax number."""
    phone, tax_number = labels
    contact = [f"{phone} {head.phone}" if head.phone else "", head.email]
    lines = [head.address, "  ·  ".join(part for part in contact if part)]
    lines.append(f"{tax_number} {head.tax_number}" if head.tax_number else "")
    return [line for line in lines if line]


class LetterheadFiles(Mapping[str, Mapping[str, Any]]):
    """The files of a folder by tenant, read when they are asked for: a new company's is there without a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, tenant: str) -> Mapping[str, Any]:
        file = self._folder / f"{tenant}.yml"
        if not file.is_file():
            raise KeyError(tenant)
        read: Mapping[str, Any] = yaml_in(file) or {}
        return read

    def __iter__(self) -> Iterator[str]:
        return (file.stem for file in sorted(self._folder.glob("*.yml")))

    def __len__(self) -> int:
        return len(list(iter(self)))


@dataclass(frozen=True)
class Stationery:
    """The words of every language, and the letterhead of every tenant that has one."""

    words: Mapping[str, Words]
    letterheads: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, process: Path, tenants: Path) -> Stationery:
        """Reads `documents.yml` and the carriers' names of the process; `letterheads/<tenant>.yml` when one is used."""
        carriers = load_texts(process / "texts.yml").carriers
        words = yaml_in(process / "documents.yml")
        named = {language: {code: names[language] for code, names in carriers.items()} for language in words}
        return cls(
            {language: Words(entries, named[language]) for language, entries in words.items()},
            LetterheadFiles(tenants / "letterheads"),
        )

    def speak(self, language: str) -> Words:
        return self.words.get(language) or self.words["en"]

    def letterhead(self, tenant: str, name: str, language: str) -> Letterhead:
        """The tenant's own head; without a file its name alone."""
        fields = {key: _in(language, value) for key, value in self.letterheads.get(tenant, {}).items()}
        return Letterhead(**{"name": name, **fields})


def _in(language: str, value: object) -> str:
    if isinstance(value, Mapping):
        value = value.get(language) or value["en"]
    return str(value)
