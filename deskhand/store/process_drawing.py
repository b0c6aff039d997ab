"""The picture of a process of a company: its diagram, with the count of the cases at each node."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskhand.engine.diagram import read_diagram
from deskhand.engine.layout import laid_out
from deskhand.engine.svg import picture
from deskhand.store.live_processes import Running
from deskhand.store.process_files import DIAGRAM

if TYPE_CHECKING:
    from deskhand.store.desk import Desk


@dataclass(frozen=True, slots=True)
class Drawn:
    """The SVG, and how many cases it counts."""

    svg: str
    cases: int


def draw(desk: Desk, tenant: str, running: Running, with_cases: bool = True) -> Drawn:
    """As its editor drew it; laid out by us where the file has no diagram, or not of all nodes."""
    table, name = running.process.table, running.files.name
    live: dict[tuple[str, int, frozenset[str]], int] = {}
    if with_cases:
        with desk.unit_of_work(tenant, read_only=True) as uow:
            live = uow.cases.live(name)
    places, cases = Counter[str](), 0
    for (_, version, marking), count in live.items():
        if version == running.version:
            cases += count
            places.update(dict.fromkeys(marking, count))
    diagram = read_diagram(running.files.text(DIAGRAM).encode(), table) or laid_out(table)
    title = table.name or name
    subtitle = f"{name} · v{running.version}" + (f" · Σ {cases:,}" if with_cases else "")
    names = {place: table.nodes[place].name if place in table.nodes else place for place in places}
    said = "; ".join(f"{names[place]}: {count}" for place, count in places.items())
    return Drawn(picture(table, diagram, places, title, subtitle, f"{subtitle}. {said}".strip()), cases)
