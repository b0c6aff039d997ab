"""The processes as they run: for each company the versions that were published, compiled once.

Where a company has none stored, its processes are the folders as they lie. Nothing is read in a turn: the first look
at a company is made by whoever asks first, later ones by `look_again`, which every service calls in the background.
The day on which a version begins needs no look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock

import yaml

from deskhand.cases import Definition
from deskhand.engine import EngineError
from deskhand.orders.errors import ProcessVersionUnknown
from deskhand.orders.process import NAME, Process
from deskhand.store.database import Database
from deskhand.store.definitions import read_definition
from deskhand.store.process_errors import NoSuchProcess
from deskhand.store.process_files import ProcessFiles, process_folders, read_folder
from deskhand.store.processes import ProcessFileInvalid, read_process, settings_in
from deskhand.store.repositories.base import Clock
from deskhand.store.repositories.process_versions import PUBLISHED, ProcessVersion, ProcessVersions
from deskhand.store.texts import TextFile, texts_in

FRESH_SECONDS = 2.0
FAULTS = (EngineError, ProcessFileInvalid, yaml.YAMLError)
_log = logging.getLogger("deskhand.processes")


@dataclass(frozen=True)
class Running:
    """A version as it runs, with its sentences. `definition` is what its folder says besides; None for orders."""

    version: int
    files: ProcessFiles
    process: Process
    texts: TextFile
    definition: Definition | None = None


@dataclass
class _Known:
    """What the store said last of one company."""

    rows: tuple[ProcessVersion, ...] = ()
    running: dict[tuple[str, int], Running] = field(default_factory=dict)


class LiveProcesses:
    """Thread-safe. `laid` are the folders as they lay at the start, `faults` what is wrong with those that can't run.

    A folder that can't run keeps nothing from running that was published: it is a draft.
    """

    def __init__(self, folder: Path, database: Database, clock: Clock) -> None:
        self.folder = folder
        self.domain = domain_beside(folder)
        self._database = database
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._compiled: dict[tuple[str, int, str], Running] = {}
        self._broken: dict[tuple[str, int, str], str] = {}
        self._looking, self._first = Lock(), Lock()
        self.laid: dict[str, Running] = {}
        self.faults: dict[str, Exception] = {}
        for name, place in process_folders(folder).items():
            self._lay(name, place)

    def active(self, tenant: str, process: str = NAME) -> Running:
        """What a case that begins now runs on.

        Raises:
            ProcessVersionUnknown: it can't be compiled any more, or there is no such process.
            EngineError, ProcessFileInvalid: nothing is published, and the folder can't run.
        """
        row = self.active_row(tenant, process)
        return self.as_laid(process) if row is None else self.of(tenant, process, row.version)

    def as_laid(self, process: str) -> Running:
        """The folder as it lay at the start.

        Raises:
            ProcessVersionUnknown: there is no such process.
            EngineError, ProcessFileInvalid: it can't run.
        """
        if process in self.laid:
            return self.laid[process]
        raise self.faults.get(process) or ProcessVersionUnknown(process=process, version=1)

    def active_row(self, tenant: str, process: str = NAME) -> ProcessVersion | None:
        """The published version whose day came last; None: nothing is stored, the folder runs as it lies."""
        now = self._clock()
        begun = [row for row in self.published(tenant, process) if row.active_from <= now]
        return max(begun, key=lambda row: (row.active_from, row.version), default=None)

    def of(self, tenant: str, process: str, version: int) -> Running:
        """What a case of that version runs on.

        Raises:
            ProcessVersionUnknown: no such version was published here, or it can't be compiled any more.
        """
        known = self._of(tenant)
        found = known.running.get((process, version))
        if found is not None:
            return found
        if not any(row.process == process for row in known.rows):
            laid = self.laid.get(process)
            if laid is not None and laid.version == version:
                return laid
        raise ProcessVersionUnknown(process=process, version=version)

    def names(self, tenant: str) -> list[str]:
        """The processes of a company: those with a folder, and those that were published once."""
        return sorted({*self.laid, *(row.process for row in self._of(tenant).rows)})

    def published(self, tenant: str, process: str) -> list[ProcessVersion]:
        return [row for row in self._of(tenant).rows if row.process == process]

    def broken(self, tenant: str) -> Mapping[tuple[str, int], str]:
        """Published versions that can't be compiled, and why."""
        rows = ((row, self._broken.get((row.process, row.version, row.digest))) for row in self._of(tenant).rows)
        return {(row.process, row.version): why for row, why in rows if why is not None}

    def look(self, tenant: str) -> None:
        """Takes up what was published meanwhile."""
        with self._database.transaction(read_only=True, tenant=tenant) as connection:
            stored = ProcessVersions(connection, tenant, self._clock)
            rows = tuple(row for row in stored.list() if row.state == PUBLISHED)
            fresh = [row for row in rows if (row.process, row.version, row.digest) not in self._compiled]
            texts = {row: stored.files(row.process, row.version) for row in fresh if not self._is_broken(row)}
        with self._looking:
            for row, files in texts.items():
                if files is not None:
                    self._take_up(row, files)
            running = {
                (row.process, row.version): self._compiled[key]
                for row in rows
                if (key := (row.process, row.version, row.digest)) in self._compiled
            }
            self._known[tenant] = _Known(rows, running)

    def look_again(self) -> None:
        """At every company that was asked about; one whose look fails keeps what is known."""
        for tenant in tuple(self._known):
            try:
                self.look(tenant)
            except Exception:  # whatever it is: what is known stays in force and the next look tries again
                _log.exception("the processes of %s could not be looked at", tenant)

    async def keep_fresh(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(FRESH_SECONDS)
            await asyncio.to_thread(self.look_again)

    def draft(self, process: str) -> ProcessFiles:
        """The folder of a process as it lies now; raises NoSuchProcess."""
        return draft_of(self.folder, process)

    def first_look(self, tenant: str) -> None:
        """Before a transaction is begun: one that has a connection would wait for a second one, while those that have
        the others wait likewise, or for its lock. By one of many who ask at once.
        """
        if tenant not in self._known:
            with self._first:
                self._of(tenant)

    def _of(self, tenant: str) -> _Known:
        if tenant not in self._known:
            self.look(tenant)
        return self._known[tenant]

    def _is_broken(self, row: ProcessVersion) -> bool:
        return (row.process, row.version, row.digest) in self._broken

    def _take_up(self, row: ProcessVersion, files: ProcessFiles) -> None:
        key = (row.process, row.version, row.digest)
        try:
            self._compiled[key] = compiled(files, row.version, self.domain)
        except FAULTS as error:
            self._broken[key] = str(error)
            _log.error("%s version %d can't be compiled: %s", row.process, row.version, error)

    def _lay(self, name: str, place: Path) -> None:
        try:
            self.laid[name] = compiled(read_folder(place), None, self.domain)
        except FAULTS as error:
            self.faults[name] = error
            _log.error("%s can't run as its folder lies: %s", name, error)


def compiled(files: ProcessFiles, version: int | None, domain: Path) -> Running:
    """The files as they run, or would.

    Args:
        version: the number under which they were published; by default the one that process.yml names.
        domain: the sentences of the chat, which a company may say in its own words.

    Raises:
        EngineError, ProcessFileInvalid, YAMLError: what is wrong with them.
    """
    return _compiled(files.name, tuple(sorted(files.texts.items())), version, domain)


@lru_cache(maxsize=64)
def _compiled(name: str, texts: tuple[tuple[str, str], ...], version: int | None, domain: Path) -> Running:
    """The same files are compiled once, for however many companies: what comes of them is never changed."""
    files = ProcessFiles(name, dict(texts))
    if name == NAME:
        process = read_process(files, version)
        return Running(process.version, files, process, texts_in(files.texts, domain))
    number = int(settings_in(files).get("version", 1)) if version is None else version
    definition = read_definition(files, number)
    return Running(number, files, definition.compiled, texts_in(files.texts, domain), definition)


def draft_of(processes: Path, process: str) -> ProcessFiles:
    """The folder of a process as it lies now.

    Raises:
        NoSuchProcess: there is none.
    """
    place = process_folders(processes).get(process)
    if place is None:
        raise NoSuchProcess(process=process)
    return read_folder(place)


def drafts_beside(processes: Path) -> dict[str, Definition]:
    """What the folders say as they lie, by name; without those that can't run, and without the orders' own."""
    found = {}
    for name, place in process_folders(processes).items():
        try:
            running = compiled(read_folder(place), None, domain_beside(processes))
        except FAULTS:
            continue
        if running.definition is not None:
            found[name] = running.definition
    return found


def domain_beside(processes: Path) -> Path:
    """Where the sentences of the chat are, as seen from the processes."""
    return processes.absolute().parent / "domain.yml"
