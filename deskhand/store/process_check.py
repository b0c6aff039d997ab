"""Checks the files of a process before anybody publishes them: all faults, and what is likely to be a mistake.

Knows no database. An error keeps the version from being published, a warning does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from deskhand.cases import Definition
from deskhand.cases.effects import AWAITED
from deskhand.cases.effects import EFFECTS as CASE_EFFECTS
from deskhand.engine import DecisionsRefused, ProcessRefused, compile_bpmn, load_decisions
from deskhand.engine.errors import Refused
from deskhand.orders.effects import EFFECTS as ORDER_EFFECTS
from deskhand.orders.process import NAME
from deskhand.store.call_check import calls
from deskhand.store.file_faults import FileInvalid
from deskhand.store.live_processes import Running, compiled
from deskhand.store.process_files import DIAGRAM, SETTINGS, ProcessFiles
from deskhand.store.process_lints import lints
from deskhand.store.processes import ProcessFileInvalid
from deskhand.store.table_check import holes


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or looks wrong. `element` and `name` are of the diagram or table."""

    severity: Severity
    file: str
    line: int
    element: str
    name: str
    problem: str

    def as_row(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Checked:
    """`running` is the version as it would run; None where it can't."""

    findings: tuple[Finding, ...]
    running: Running | None

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def check(files: ProcessFiles, version: int, domain: Path, others: Mapping[str, Definition] | None = None) -> Checked:
    """Everything that can be said of the files at once.

    Args:
        others: the processes beside it, against which its calls are checked, and theirs against it.
    """
    findings = list(_faults(files))
    running = None
    if not findings:
        try:
            running = compiled(files, version, domain)
        except (ProcessFileInvalid, yaml.YAMLError) as error:
            findings += _of_settings(error)
        except Refused as error:
            findings += _of_file(error)
    if running is not None:
        findings += [
            Finding(Severity.ERROR if is_error else Severity.WARNING, file, line, element, name, problem)
            for is_error, file, line, element, name, problem in (
                *lints(running),
                *holes(files),
                *calls(running, others or {}),
            )
        ]
    findings.sort(key=lambda each: (each.severity, each.file, each.line))
    return Checked(tuple(findings), running)


def _faults(files: ProcessFiles) -> Iterator[Finding]:
    """Of the diagram and of every table, though one of them be wrong."""
    names: set[str] = set()
    for name, text in files.tables.items():
        try:
            decisions = load_decisions(text.encode(), name)
        except DecisionsRefused as error:
            yield from _of_file(error)
            names.update(_named_in(text))
        else:
            names.update(decisions.names, decisions.by_id)
    effects: Collection[str] = set(ORDER_EFFECTS) if files.name == NAME else set(CASE_EFFECTS)
    try:
        compile_bpmn(files.text(DIAGRAM).encode(), DIAGRAM, effects=effects, decisions=names, awaited=AWAITED)
    except ProcessRefused as error:
        yield from _of_file(error)


def _named_in(text: str) -> Iterable[str]:
    """The decisions of a file that is refused: that they are there is not in doubt."""
    from lxml import etree

    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return ()
    found = (each for each in root.iter() if isinstance(each.tag, str) and each.tag.endswith("}decision"))
    return [str(each.get(key)) for each in found for key in ("id", "name") if each.get(key)]


def _of_file(error: Refused) -> Iterator[Finding]:
    source = error.source.rpartition("/")[2]
    for fault in error.faults:
        yield Finding(Severity.ERROR, source, fault.line, fault.element_id, fault.name, fault.message)


def _of_settings(error: Exception) -> Iterator[Finding]:
    if isinstance(error, FileInvalid):
        for fault in error.faults:
            file = fault.file.rpartition("/")[2]
            yield Finding(Severity.ERROR, file, fault.line, fault.setting, "", fault.problem)
        return
    yield Finding(Severity.ERROR, SETTINGS, 1, "", "", str(error))


def counted(findings: Iterable[Finding]) -> Mapping[str, int]:
    """How many of each severity."""
    counts = dict.fromkeys(map(str, Severity), 0)
    for each in findings:
        counts[str(each.severity)] += 1
    return counts
