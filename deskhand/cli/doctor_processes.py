"""What `deskhand doctor` says of processes: drafts, versions that can't run, cases whose version is not here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

from deskhand.cli.workplace import open_desk
from deskhand.store import Desk
from deskhand.store.process_list import MISSING, listed
from deskhand.store.publishing import differing

Said = tuple[str, str, str]
"""State, detail, remedy: as a finding has them."""


def processes(environment: Mapping[str, str]) -> Said:
    """Of all companies; what keeps cases from going on comes before drafts. `ok` with how many processes run."""
    with closing(open_desk(environment, may_be_outdated=True)) as desk:
        if not desk.database.ready():
            return "ok", f"{len(desk.versions.laid)} folders; the database is not up to date", ""
        found = [*_faults(desk), *(said for tenant in desk.tenants for said in _of_tenant(desk, tenant))]
        worst = [said for said in found if said[0] == "missing"] or found
        if not worst:
            return "ok", _counted(desk), ""
        more = f"; and {len(worst) - 1} more" if len(worst) > 1 else ""
        return worst[0][0], worst[0][1] + more, worst[0][2]


def _counted(desk: Desk) -> str:
    names = {name for tenant in desk.tenants for name in desk.versions.names(tenant)}
    return f"{len(names)} run"


def _faults(desk: Desk) -> Iterator[Said]:
    for name in desk.versions.faults:
        yield "absent", f"the draft of {name} can't run", f"deskhand process check {name}"


def _of_tenant(desk: Desk, tenant: str) -> Iterator[Said]:
    for row in listed(desk, tenant):
        if row["state"] == MISSING:
            detail = f"{tenant}: {row['cases']} cases of {row['process']} run on version {row['version']}, not here"
            yield "missing", detail, f"deskhand process migrate {row['process']} --dry-run"
    for (name, version), why in desk.versions.broken(tenant).items():
        detail = f"{tenant}: {name} version {version} can't run any more: {why.splitlines()[0]}"
        yield "missing", detail, f"deskhand process migrate {name} --dry-run"
    yield from _stopped(desk, tenant)
    for name, version in differing(desk, tenant).items():
        detail = f"{tenant}: the folder of {name} is not version {version}, which runs"
        yield "absent", detail, f"deskhand process publish {name}"


def _stopped(desk: Desk, tenant: str) -> Iterator[Said]:
    """Cases that wait for somebody to see to them."""
    with desk.unit_of_work(tenant, read_only=True) as uow:
        found = uow.case_files.stopped()
    for each in found:
        detail = f"{tenant}: {each.number} can't go on at {each.stopped_node}: {each.stopped_reason}"
        yield "absent", detail, f"deskhand process show {each.process}"
