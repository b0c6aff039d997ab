"""The versions of the processes of a company, as people are shown them: which runs, and how many cases are on each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deskhand.store.live_processes import Running
from deskhand.store.repositories.process_versions import ProcessVersion

if TYPE_CHECKING:
    from deskhand.store.desk import Desk

LAID, MISSING = "not published", "missing"  # besides the states of stored versions


def listed(desk: Desk, tenant: str, process: str | None = None) -> list[dict[str, Any]]:
    """One row for each version; a folder of which nothing is stored yet, and a version that only cases know, too."""
    desk.versions.look(tenant)
    with desk.unit_of_work(tenant, read_only=True) as uow:
        rows = uow.process_versions.list(process)
        cases = Counter[tuple[str, int]]()
        for (name, version, _), count in uow.cases.live(process).items():
            cases[name, version] += count
        names = uow.names_of({who for row in rows for who in (row.proposed_by, row.approved_by) if who})
    active = {row.process: desk.versions.active_row(tenant, row.process) for row in rows}
    found = [_row(row, cases.pop((row.process, row.version), 0), active[row.process] == row, names) for row in rows]
    stored = {row.process for row in rows}
    for name, running in desk.versions.laid.items():
        if name not in stored and process in (None, name):
            found.append(_laid(name, running, cases.pop((name, running.version), 0)))
    found += [{"process": name, "version": version, "state": MISSING, "runs": False, "cases": count}
              for (name, version), count in cases.items()]  # fmt: skip
    return sorted(found, key=lambda row: (row["process"], row["version"]))


def _row(row: ProcessVersion, cases: int, runs: bool, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "process": row.process,
        "version": row.version,
        "state": row.state,
        "active_from": row.active_from,
        "runs": runs,
        "cases": cases,
        "digest": row.digest,
        "proposed_by": names.get(row.proposed_by, row.proposed_by),
        "proposed_at": row.proposed_at,
        "approved_by": names.get(row.approved_by or "", row.approved_by),
        "approved_at": row.approved_at,
        "notes": row.notes,
    }


def _laid(name: str, running: Running, cases: int) -> dict[str, Any]:
    return {
        "process": name,
        "version": running.version,
        "state": LAID,
        "active_from": None,
        "runs": True,
        "cases": cases,
        "digest": running.files.digest,
        "notes": "the folder as it lies",
    }
