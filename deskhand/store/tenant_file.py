"""Reads one tenant's file, `tenants/<id>.yml`, and its words, `tenants/<id>/texts.yml`: every fault at once, with line.

Knows which settings there are; knows nothing of when files are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deskhand.orders.tenant import LANGUAGES, Tenant
from deskhand.store.file_faults import Fault, FileInvalid, NotYaml, composed, line_of
from deskhand.store.tenant_settings import SETTINGS, Reader, Section, Table
from deskhand.store.texts import TextFile, is_chat, is_whole, places

ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
TEXTS = "texts"
_NULL = "tag:yaml.org,2002:null"


class TenantFileInvalid(FileInvalid):
    """A tenant's file is wrong; every fault is named with file, line and setting."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A piece of the file: a word (None: left empty), a list of words, or names with pieces."""

    content: str | None | list[str] | dict[str, _Value]
    line: int


class TenantFile:
    """One reading of one tenant's files. `base` are the process's texts, against which its own words are checked."""

    def __init__(self, file: Path, base: TextFile | None, name: str | None = None) -> None:
        self._file = file
        self._name = name or file.stem
        self._base = base
        self._at = file.name
        self.faults: list[Fault] = []

    def read(self) -> Tenant:
        """The tenant.

        Raises:
            TenantFileInvalid: with all faults.
        """
        if not ID.fullmatch(self._name):
            self._fault(1, "", "the file's name is the tenant's id: up to 64 of a-z, 0-9 and - (not at an end)")
        document = self._document(self._file)
        own_texts = document.pop(TEXTS, None)
        settings = self._section(SETTINGS, document, "")
        if "name" not in document:
            self._fault(1, "name", "is missing")
        texts = {**self._texts_file(), **(self._texts(own_texts) if own_texts else {})}
        if self.faults:
            raise TenantFileInvalid(*self.faults)
        return Tenant(id=self._name, texts=texts, **settings)

    def _document(self, file: Path) -> dict[str, _Value]:
        """The settings of a file; none, and a fault, when it can't be read."""
        self._at = file.relative_to(self._file.parent).as_posix()
        try:
            node = composed(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            self._fault(1, "", f"can't be read: {error}")
            return {}
        except NotYaml as error:
            self._fault(error.line, "", f"is not YAML: {error}")
            return {}
        content = self._plain(node, "").content if node is not None else {}
        if isinstance(content, dict):
            return content
        self._fault(1, "", "must hold settings, one on a line")
        return {}

    def _section(
        self, readers: Mapping[str, Reader | Section | Table], given: Mapping[str, _Value], path: str
    ) -> dict[str, Any]:
        read: dict[str, Any] = {}
        for name, value in given.items():
            reader, setting = readers.get(name), f"{path}{name}"
            if reader is None:
                self._fault(value.line, setting, f"unknown setting; known: {', '.join(readers)}")
            elif isinstance(reader, Section):
                read[name] = self._part(reader, value, setting)
            elif isinstance(reader, Table):
                read[name] = self._table(reader, value, setting)
            else:
                read.update(self._one(reader, name, value, setting))
        return read

    def _part(self, section: Section, value: _Value, setting: str) -> object:
        if not isinstance(value.content, dict):
            self._fault(value.line, setting, f"must hold some of {', '.join(section.readers)}")
            return section.kind()
        for name in section.required:
            if name not in value.content:
                self._fault(value.line, f"{setting}.{name}", "is missing")
        return section.kind(**self._section(section.readers, value.content, f"{setting}."))

    def _table(self, table: Table, value: _Value, setting: str) -> dict[str, Any]:
        if not isinstance(value.content, dict) or not value.content:
            self._fault(value.line, setting, "must hold names with values, one on a line")
            return {}
        read: dict[str, Any] = {}
        for name, each in value.content.items():
            read.update(self._one(table.reader, name, each, f"{setting}.{name}"))
        return read

    def _one(self, reader: Reader, name: str, value: _Value, setting: str) -> dict[str, Any]:
        if isinstance(value.content, dict):
            self._fault(value.line, setting, "must be a plain value")
            return {}
        try:
            return {name: reader(value.content)}
        except ValueError as error:
            self._fault(value.line, setting, str(error))
            return {}

    def _texts_file(self) -> dict[str, Mapping[str, str]]:
        file = self._file.with_suffix("") / "texts.yml"
        if not file.exists():
            return {}
        document = self._document(file)
        for name in [name for name in document if name != TEXTS]:
            self._fault(document[name].line, name, f"unknown section; known: {TEXTS}")
        return self._texts(document[TEXTS]) if TEXTS in document else {}

    def _texts(self, given: _Value) -> dict[str, Mapping[str, str]]:
        """Key -> language -> text, of keys that the process has, with places that its text fills."""
        if not isinstance(given.content, dict):
            self._fault(given.line, TEXTS, "must hold texts by key and language")
            return {}
        return {key: self._spoken(key, value) for key, value in given.content.items()}

    def _spoken(self, key: str, given: _Value) -> dict[str, str]:
        setting, spoken = f"{TEXTS}.{key}", {}
        if self._base is not None and self._base.known(key) is None:
            where = "domain.yml" if is_chat(key) else "cards.yml" if "." in key else "the process"
            self._fault(given.line, setting, f"{where} has no such text")
        elif not isinstance(given.content, dict):
            self._fault(given.line, setting, f"must hold a text for some of {', '.join(LANGUAGES)}")
        else:
            for language, value in given.content.items():
                problem = self._wrong_text(key, language, value.content)
                if problem:
                    self._fault(value.line, f"{setting}.{language}", problem)
                spoken[language] = str(value.content)
        return spoken

    def _wrong_text(self, key: str, language: str, text: object) -> str:
        if language not in LANGUAGES:
            return f"unknown language; known: {', '.join(LANGUAGES)}"
        if not isinstance(text, str) or not text.strip():
            return "must be a text"
        if not is_whole(text):
            return "has a brace that is not around the name of a fact"
        said = self._base.known(key) if self._base else None
        known = set[str]().union(*map(places, said.values())) if said else places(text)
        strange = sorted(places(text) - known)
        return f"nothing fills {', '.join(strange)}; known: {', '.join(sorted(known))}" if strange else ""

    def _plain(self, node: yaml.Node, path: str) -> _Value:
        """Words as they stand there: `18:00` is not a number of base 60, `no` is not false."""
        line = line_of(node)
        if isinstance(node, yaml.MappingNode):
            return _Value(dict(self._entries(node, path)), line)
        if isinstance(node, yaml.SequenceNode):
            return _Value([str(item.value) for item in node.value], line)
        return _Value(None if node.tag == _NULL else str(node.value), line)

    def _entries(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, _Value]]:
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self._fault(line_of(key), f"{path}{name}", "stands here twice")
            seen.add(name)
            read = self._plain(value, f"{path}{name}.")
            yield name, _Value(read.content, line_of(key))

    def _fault(self, line: int, setting: str, problem: str) -> None:
        self.faults.append(Fault(self._at, line, setting, problem))


def read_tenant(file: Path, base: TextFile | None = None, name: str | None = None) -> Tenant:
    """The tenant of a file.

    Args:
        name: its id, where the file is not called so yet.

    Raises:
        TenantFileInvalid: with all faults.
    """
    return TenantFile(file, base, name).read()


def files_of(file: Path) -> Sequence[Path]:
    """All files that make up a tenant."""
    return (file, file.with_suffix("") / "texts.yml")
