"""The files of a process as texts, read from its folder or kept by the store. Knows no file's meaning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

DIAGRAM = "process.bpmn"
SETTINGS = "process.yml"
TEXTS = "texts.yml"
KINDS = (".bpmn", ".dmn", ".yml")


@dataclass(frozen=True)
class ProcessFiles:
    """What makes a process: file name -> text. Two folders with the same texts have the same digest."""

    name: str
    texts: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(dict(self.texts), sort_keys=True).encode()).hexdigest()

    @property
    def tables(self) -> dict[str, str]:
        """The decision tables, by file name."""
        return {name: text for name, text in sorted(self.texts.items()) if name.endswith(".dmn")}

    def text(self, name: str) -> str:
        """The text of a file; empty where there is none."""
        return self.texts.get(name, "")


def read_folder(folder: Path) -> ProcessFiles:
    """The files of a process as they lie.

    Raises:
        FileNotFoundError: if there is no diagram.
    """
    texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir()) if file.suffix in KINDS}
    if DIAGRAM not in texts:
        raise FileNotFoundError(2, "No such file or directory", str(folder / DIAGRAM))
    return ProcessFiles(folder.name, texts)


def process_folders(processes: Path) -> dict[str, Path]:
    """The folders that hold a process, by its name."""
    return {file.parent.name: file.parent for file in sorted(processes.glob(f"*/{DIAGRAM}"))}
