"""The files of knowledge/ as they are now: looked at again every two seconds at most, when somebody asks.

`knowledge/<topic>.<language>.md` is every company's; `knowledge/<company>/<topic>.<language>.md` takes the topic's
place for one company, in all languages, so that nobody is told another's rule. A file that is wrong changes nothing:
the last good reading stays in force, and its faults are logged once.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from deskhand.store.file_faults import Fault
from deskhand.store.knowledge_file import Document, KnowledgeFileInvalid, read_document
from deskhand.store.live_files import Lookout, Stamp, stamp

FOLDER = Path("knowledge")

_log = logging.getLogger("deskhand.knowledge")


class KnowledgeFiles:
    """Documents by company. Thread-safe; nothing is read before somebody asks."""

    def __init__(self, directory: Path = FOLDER, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._lookout = Lookout(self._look, monotonic)
        self._stamps: dict[str, Stamp] = {}
        self._documents: dict[str, Document] = {}

    def of(self, tenant: str) -> tuple[Document, ...]:
        """What one company's people are told, in the order of the files' names."""
        found = sorted(self._fresh().values(), key=lambda document: document.name)
        own = [document for document in found if document.name.startswith(f"{tenant}/")]
        replaced = {document.topic for document in own}
        shared = [each for each in found if "/" not in each.name and each.topic not in replaced]
        return (*own, *shared)

    def _fresh(self) -> dict[str, Document]:
        self._lookout.ask()
        return self._documents

    def _look(self) -> None:
        files = dict(_files(self._directory))
        kept = {name: document for name, document in self._documents.items() if name in files}
        for name, file in files.items():
            seen = stamp(file)
            if seen is not None and seen != self._stamps.get(name):
                self._stamps[name] = seen
                self._read(kept, name, file)
        self._stamps = {name: stamp for name, stamp in self._stamps.items() if name in files}
        self._documents = kept

    def _read(self, documents: dict[str, Document], name: str, file: Path) -> None:
        try:
            documents[name] = read_document(name, file.read_bytes())
        except (OSError, KnowledgeFileInvalid) as error:
            _log.error("knowledge %s: what was read last stays in force: %s", name, error)


def fingerprint(documents: tuple[Document, ...]) -> str:
    """Changes with what a company's people are told."""
    return hashlib.sha256(" ".join(document.digest for document in documents).encode()).hexdigest()


def knowledge_faults(directory: Path, tenant: str) -> list[Fault]:
    """Everything that is wrong in a company's files and in the shared ones, in force or not."""
    found: list[Fault] = []
    for name, file in _files(directory):
        if "/" in name and not name.startswith(f"{tenant}/"):
            continue
        try:
            read_document(name, file.read_bytes())
        except KnowledgeFileInvalid as error:
            found += error.faults
    return found


def _files(directory: Path) -> Iterator[tuple[str, Path]]:
    """Name below the folder and file; a README is for whoever writes them."""
    for file in sorted([*directory.glob("*.md"), *directory.glob("*/*.md")]):
        if file.stem != "README":
            yield file.relative_to(directory).as_posix(), file
