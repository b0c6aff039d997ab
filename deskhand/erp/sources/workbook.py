"""A workbook as tables, one a sheet. It is read by a process of its own; this module starts it and judges its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from deskhand.erp.sources import workbook_process
from deskhand.erp.sources.content import CHUNK, Content
from deskhand.erp.sources.errors import (
    Encrypted,
    FileNotReadable,
    HasMacros,
    LiesAboutType,
    NoSpace,
    NothingThere,
    TookTooLong,
    TooLarge,
)
from deskhand.erp.sources.grid import grid_table
from deskhand.erp.sources.model import Limits, Note, Table
from deskhand.erp.sources.packages import Package
from deskhand.erp.sources.spool import Spool

_SCRIPT = Path(__file__).with_name("workbook_process.py")
_PATIENCE = 4  # times the processor time that it may use, for a machine that is busy


def open_workbook(
    content: Content,
    limits: Limits,
    package: Package | None = None,
    sheet: str | None = None,
    header: int | None = None,
) -> list[Table]:
    """The sheets that hold something; `package`: what was found in a packed one before.

    Raises:
        Encrypted, HasMacros, LiesAboutType, NoSpace, NothingThere, TookTooLong, TooLarge, TooManyColumns.
    """
    spool = Spool(content.name, limits)
    with _as_file(content) as path:
        _run(content.name, path, spool, limits)
    told = package.kind if package else "xls"
    notes, tables = _notes(package), []
    for each in _sheets(spool, content.name):
        found = None if each["hidden"] else _sheet(content.name, each, spool, told, limits, header)
        if found is None:
            notes.append(Note("sheet_hidden" if each["hidden"] else "sheet_empty", each["name"]))
        elif sheet is None or each["name"] == sheet:
            tables.append(found)
    if not tables:
        spool.close()
        raise NothingThere(
            f"{content.name} has no sheet {sheet}" if sheet else f"{content.name} has no sheet with rows"
        )
    tables[0].notes.extend(notes)
    return tables


def _sheet(
    name: str, sheet: dict[str, Any], spool: Spool, told: str, limits: Limits, header: int | None
) -> Table | None:
    part = spool.view([place for place, _ in sheet["blocks"]])
    return grid_table(f"{name}:{sheet['name']}", part, told, [], limits, header)


def _notes(package: Package | None) -> list[Note]:
    notes = []
    if package and package.empty_formulas:
        notes.append(Note("formula_without_value", count=package.empty_formulas))
    if package and package.errors:
        notes.append(Note("error_cells", count=package.errors))
    return notes


def _sheets(spool: Spool, name: str) -> list[dict[str, Any]]:
    size = spool.file.seek(0, 2)
    if size < 8:
        raise LiesAboutType(f"{name} can't be read as a workbook")
    spool.file.seek(size - 8)
    sheets: list[dict[str, Any]] = spool.at(int.from_bytes(spool.file.read(8), "big"))
    return sheets


def _run(name: str, path: Path, spool: Spool, limits: Limits) -> None:
    asked = {"path": str(path), "memory": limits.memory, "seconds": limits.seconds, "cells": limits.cells,
             "spool": limits.spool}  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_SCRIPT), json.dumps(asked)],
            stdin=subprocess.DEVNULL, stdout=spool.file, stderr=subprocess.DEVNULL,
            timeout=limits.seconds * _PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        spool.close()
        raise TookTooLong(f"{name} took more than {limits.seconds} seconds to read") from error
    if done.returncode:
        spool.close()
        raise _why(name, done.returncode, limits)


def _why(name: str, code: int, limits: Limits) -> FileNotReadable:
    if code == workbook_process.PASSWORD:
        return Encrypted(f"{name} opens with a password only; save it without one")
    if code == workbook_process.MACROS:
        return HasMacros(f"{name} carries macros; save it as XLSX or CSV, which have none")
    if code == workbook_process.NO_SPACE:
        return NoSpace(f"there is no room to read {name}")
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return TookTooLong(f"{name} took more than {limits.seconds} seconds to read")
    if code in (workbook_process.TOO_LARGE, -signal.SIGABRT, -signal.SIGXFSZ):
        return TooLarge(f"{name} spans more cells than are taken of one sheet ({limits.cells:,}); save it as CSV")
    return LiesAboutType(f"{name} begins like a workbook and can't be read as one")


@contextmanager
def _as_file(content: Content) -> Iterator[Path]:
    """The workbook as a file that another process can open."""
    if content.path is not None:
        yield content.path.resolve()
        return
    try:
        with tempfile.NamedTemporaryFile(prefix="deskhand-import-") as file:
            _copy(content, file)
            yield Path(file.name)
    except OSError as error:
        raise NoSpace(f"there is no room to read {content.name}: {error.strerror}") from error


def _copy(content: Content, file: IO[bytes]) -> None:
    with content.open() as source:
        while chunk := source.read(CHUNK):
            file.write(chunk)
    file.flush()
