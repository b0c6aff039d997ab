"""The files of a process, as texts -> its `Definition`, compiled and checked. Touches no disk."""

from __future__ import annotations

from collections.abc import Sequence

from deskhand.cases import Definition
from deskhand.cases.effects import AWAITED, EFFECTS
from deskhand.engine import Decisions, compile_bpmn, load_decisions
from deskhand.store.definition_file import DefinitionReader
from deskhand.store.file_faults import Fault, FileInvalid
from deskhand.store.process_files import DIAGRAM, SETTINGS, TEXTS, ProcessFiles
from deskhand.store.processes import ProcessFileInvalid
from deskhand.store.yaml_places import read_places


class DefinitionInvalid(FileInvalid, ProcessFileInvalid):
    """process.yml or texts.yml says something that can't be; every fault with its line."""


def read_definition(files: ProcessFiles, version: int) -> Definition:
    """Any process but the orders' own.

    Raises:
        ProcessRefused, DecisionsRefused: with element and line.
        DefinitionInvalid: with file and line, all faults at once.
    """
    tables = [load_decisions(text.encode(), name) for name, text in files.tables.items()]
    diagram = files.text(DIAGRAM).encode()
    table = compile_bpmn(diagram, f"{files.name}/{DIAGRAM}", effects=EFFECTS, decisions=_names(tables), awaited=AWAITED)
    faults: list[Fault] = []
    root = read_places(files.text(SETTINGS), f"{files.name}/{SETTINGS}", faults)
    texts = read_places(files.text(TEXTS), f"{files.name}/{TEXTS}", faults)
    if faults:  # what can't be read says nothing of its settings
        raise DefinitionInvalid(*faults)
    found = DefinitionReader(files.name, version, root, texts, table, tables).read()
    if faults:
        raise DefinitionInvalid(*sorted(faults, key=lambda fault: (fault.file, fault.line)))
    return found


def _names(tables: Sequence[Decisions]) -> set[str]:
    return {name for each in tables for name in (*each.names, *each.by_id)}
