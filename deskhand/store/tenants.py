"""The tenants as their files say now: looked at again every two seconds at most, when somebody asks.

A new file is a new tenant, a changed one has new settings at once, a removed one is no tenant any more. A file that is
wrong changes nothing: the last good reading stays in force, and the faults are logged once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from pathlib import Path

from deskhand.orders.tenant import Tenant
from deskhand.store.desk import PROCESS
from deskhand.store.file_faults import Fault
from deskhand.store.live_files import Lookout, stamp
from deskhand.store.live_files import Stamp as FileStamp
from deskhand.store.tenant_file import TenantFileInvalid, files_of, read_tenant
from deskhand.store.texts import TextFile, load_texts

_log = logging.getLogger("deskhand.tenants")

Stamp = tuple[FileStamp | None, ...]


class LiveTenants(Mapping[str, Tenant]):
    """Tenants by id. Thread-safe: readers are never kept waiting, one of them looks at the files."""

    def __init__(
        self, directory: Path, base: TextFile | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory = directory
        self._base = base
        self._lookout = Lookout(self._look, monotonic)
        self._tenants: dict[str, Tenant] = {}
        self._stamps: dict[str, Stamp] = {}
        self._faults: dict[str, tuple[Fault, ...]] = {}
        self._missing: frozenset[str] = frozenset()
        self._lookout.ask()

    def __getitem__(self, tenant: str) -> Tenant:
        return self._fresh()[tenant]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fresh())

    def __len__(self) -> int:
        return len(self._fresh())

    def values(self) -> ValuesView[Tenant]:
        """Of one moment: none that is removed meanwhile is missed."""
        return self._fresh().values()

    def items(self) -> ItemsView[str, Tenant]:
        return self._fresh().items()

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong in the files as they are now; the last good ones are in force meanwhile."""
        return tuple(fault for _, faults in sorted(self.faulty.items()) for fault in faults)

    @property
    def broken(self) -> frozenset[str]:
        """Those whose files are wrong just now, served or not."""
        return frozenset(self.faulty)

    @property
    def faulty(self) -> dict[str, tuple[Fault, ...]]:
        """What is wrong, by tenant; under the empty name what is wrong with the folder itself."""
        self._fresh()
        return {name: faults for name, faults in self._faults.items() if faults}

    def _fresh(self) -> dict[str, Tenant]:
        self._lookout.ask()
        return self._tenants

    def _look(self) -> None:
        """Reads what has changed; the tenants are replaced in one step, so that nobody sees half of a change."""
        try:
            files = {file.stem: file for file in sorted(self._directory.iterdir()) if file.suffix == ".yml"}
        except OSError as error:  # a folder that is not mounted is no reason to send every company away
            self._note("", (Fault(self._directory.name, 1, "", f"can't be read: {error}"),))
            return
        self._note("", ())
        tenants = self._without_removed(files)
        for name, file in files.items():
            seen = tuple(map(stamp, files_of(file)))
            if seen[0] is not None and seen != self._stamps.get(name):
                self._stamps[name] = seen
                self._read(tenants, name, file)
        self._tenants = tenants

    def _without_removed(self, files: Mapping[str, Path]) -> dict[str, Tenant]:
        """A file is gone when it is missing twice: an editor may be just replacing it."""
        missing = frozenset({*self._stamps} - {*files})
        for name in missing & self._missing:
            self._stamps.pop(name)
            self._note(name, ())
        kept = {name: tenant for name, tenant in self._tenants.items() if name in self._stamps}
        self._missing = missing - self._missing
        return kept

    def _read(self, tenants: dict[str, Tenant], name: str, file: Path) -> None:
        try:
            tenants[name] = read_tenant(file, self._base)
        except TenantFileInvalid as error:
            self._note(name, error.faults)
        else:
            self._note(name, ())

    def _note(self, name: str, faults: tuple[Fault, ...]) -> None:
        if faults and faults != self._faults.get(name):
            _log.error("tenant %s: what was read last stays in force: %s", name or "?", "; ".join(map(str, faults)))
        self._faults = {**self._faults, name: faults}


def load_tenants(
    directory: Path | str, processes_dir: Path | str | None = None, monotonic: Callable[[], float] = time.monotonic
) -> LiveTenants:
    """All tenants by id, kept fresh; the file's name is the id.

    Args:
        processes_dir: where the process's texts are, against which a tenant's own words are checked.

    Raises:
        TenantFileInvalid: if not one can be read. One that is wrong beside good ones is left out and logged.
    """
    base = load_texts(Path(processes_dir) / PROCESS / "texts.yml") if processes_dir is not None else None
    tenants = LiveTenants(Path(directory), base, monotonic)
    if not tenants:
        nothing = Fault(str(directory), 1, "", "no tenant here: expected <tenant>.yml")
        raise TenantFileInvalid(*(tenants.faults or (nothing,)))
    return tenants


def faults_in(directory: Path | str, processes_dir: Path | str) -> list[Fault]:
    """Everything that is wrong in the files of a folder, in force or not."""
    base, found = load_texts(Path(processes_dir) / PROCESS / "texts.yml"), list[Fault]()
    for file in sorted(Path(directory).glob("*.yml")):
        try:
            read_tenant(file, base)
        except TenantFileInvalid as error:
            found += error.faults
    return found
