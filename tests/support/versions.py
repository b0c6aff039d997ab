"""Versions of the order process to test with: an equivalent one, one that breaks, one with another step."""

from __future__ import annotations

from datetime import datetime

from deskhand.orders.model import Actor
from deskhand.orders.process import NAME
from deskhand.store import Desk
from deskhand.store.process_files import DIAGRAM, ProcessFiles
from deskhand.store.publishing import WantedVersion, approve, propose
from deskhand.store.repositories.process_versions import ProcessVersion
from tests.support.desks import ADMIN, MANAGER

SAME = ('name="收货入库 / Receive goods into stock"', 'name="入库 / Goods in"')
"""Another name, and nothing else."""
BREAKS = ('requires="warehouse_known"', 'requires="warehouse_known inspected"')
"""A guard of which no order's history says anything."""
RENAMED = ("receive_goods", "take_in_goods")


def draft(desk: Desk, *changes: tuple[str, str], name: str = NAME) -> ProcessFiles:
    """The files that run, with other words in the diagram."""
    files = desk.versions.draft(name)
    diagram = files.text(DIAGRAM)
    for old, new in changes:
        assert old in diagram, f"{old} is not in the diagram any more"
        diagram = diagram.replace(old, new)
    return ProcessFiles(name, {**files.texts, DIAGRAM: diagram})


def renamed_node(desk: Desk) -> ProcessFiles:
    """The node `receive_goods` under another id; it waits for the same event."""
    files = draft(desk)
    said = files.text(DIAGRAM)
    old, new = RENAMED
    for quoted in (f'id="{old}"', f'attachedToRef="{old}"', f'sourceRef="{old}"', f'targetRef="{old}"',
                   f'bpmnElement="{old}"', f">{old}<"):  # fmt: skip
        said = said.replace(quoted, quoted.replace(old, new))
    settings = files.text("process.yml").replace(f"  {old}:", f"  {new}:")
    return ProcessFiles(NAME, {**files.texts, DIAGRAM: said, "process.yml": settings})


def published(
    desk: Desk, files: ProcessFiles, active_from: datetime | None = None, by: Actor = MANAGER, second: Actor = ADMIN
) -> ProcessVersion:
    """Proposed by the one and approved by the other; what breaks is accepted."""
    day = None if active_from is None else active_from.isoformat()
    made = propose(desk, by, WantedVersion(files.name, day, accept_broken="a test", files=files.texts))
    return approve(desk, second, files.name, made.version.version)
