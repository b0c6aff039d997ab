"""Files that were sent in, until their import is over: on disk, under names that nobody gave. Knows no format.

The gateway puts them there, the worker reads them, so both need the same folder; on disk they outlive either.
"""

from __future__ import annotations

import errno
import re
import secrets
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from deskhand.erp.sources.errors import NoSpace

ORPHANED_SECONDS = 3600.0  # a file that no import knows of after so long was left by a request that broke off
_PLACE = re.compile(r"[0-9a-f]{32}")


class KeptFiles:
    """A folder with one for each company."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new_place(self, tenant: str) -> tuple[str, Path]:
        """A name that is not taken, and where to write; only this program's user may read what is there.

        Raises:
            NoSpace.
        """
        folder = self._of(tenant)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _full(error) from error
        name = secrets.token_hex(16)
        return name, folder / name

    def keep(self, tenant: str, data: bytes) -> str:
        """Written to the disk when it returns.

        Raises:
            NoSpace: nothing was kept.
        """
        name, path = self.new_place(tenant)
        try:
            path.write_bytes(data)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise _full(error) from error
        return name

    def path(self, tenant: str, name: str) -> Path:
        """Where it is.

        Raises:
            ValueError: it is no name of ours.
        """
        if not _PLACE.fullmatch(name):
            raise ValueError("not the name of a kept file")
        return self._of(tenant) / name

    def remove(self, tenant: str, names: Collection[str]) -> None:
        """What is gone already is gone."""
        for name in names:
            self.path(tenant, name).unlink(missing_ok=True)

    def sweep(self, tenant: str, known: Collection[str], now: float | None = None) -> int:
        """Removes what no import knows of; says how much."""
        folder, count = self._of(tenant), 0
        for path in folder.iterdir() if folder.is_dir() else ():
            old = (now or time.time()) - path.stat().st_mtime > ORPHANED_SECONDS
            if path.name not in known and old:
                path.unlink(missing_ok=True)
                count += 1
        return count

    def _of(self, tenant: str) -> Path:
        if not tenant or "/" in tenant or tenant.startswith("."):
            raise ValueError("not a company")
        return self._folder / tenant


@contextmanager
def open_kept(path: Path) -> Iterator[IO[bytes]]:
    """For writing piece by piece.

    Raises:
        NoSpace: what was written is gone again.
    """
    try:
        with path.open("xb") as file:
            yield file
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _full(error) from error


def _full(error: OSError) -> Exception:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NoSpace("the disk is full; nothing was kept")
    return error
