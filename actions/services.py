"""What every action needs, made once when the server starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actions.catalogue import Catalogues
from actions.receipts import Receipts
from actions.refused_turns import RefusedTurns
from actions.wording import Wording
from deskhand.erp.jobs import ImportPlaces, Imports
from deskhand.robots.queue import RobotQueue
from deskhand.robots.robots_file import Robots
from deskhand.store import Desk, KnowledgeFiles

if TYPE_CHECKING:
    from actions.turn import Turn

Listener = Callable[["Turn"], "list[dict[str, Any]] | None"]


@dataclass(frozen=True)
class Services:
    """Shared by all turns; thread-safe. `heard_first` takes a text before the skill that Rasa chose, or leaves it;
    `of_case` takes one that names a case and no order from the skills of orders.
    """

    desk: Desk
    wording: Wording
    receipts: Receipts
    turn_secrets: tuple[str, ...] = field(repr=False)
    knowledge: KnowledgeFiles = field(default_factory=KnowledgeFiles)
    heard_first: Listener | None = None
    of_case: Listener | None = None
    places: ImportPlaces = ImportPlaces()
    robots_dir: Path = Path("robots")

    @cached_property
    def catalogues(self) -> Catalogues:
        return Catalogues(self.desk)

    @cached_property
    def imports(self) -> Imports:
        return Imports.at(self.desk, self.places)

    @cached_property
    def robots(self) -> RobotQueue:
        return RobotQueue(self.desk, Robots(self.robots_dir, {}))

    @cached_property
    def refused_turns(self) -> RefusedTurns:
        return RefusedTurns(self.desk)
