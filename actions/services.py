"""What every action needs, made once when the server starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from actions.catalogue import Catalogues
from actions.receipts import Receipts
from actions.refused_turns import RefusedTurns
from actions.wording import Wording
from deskhand.store import Desk, KnowledgeFiles


@dataclass(frozen=True)
class Services:
    """Shared by all turns; thread-safe."""

    desk: Desk
    wording: Wording
    receipts: Receipts
    turn_secrets: tuple[str, ...] = field(repr=False)
    catalogues: Catalogues = field(default_factory=Catalogues)
    knowledge: KnowledgeFiles = field(default_factory=KnowledgeFiles)

    @cached_property
    def refused_turns(self) -> RefusedTurns:
        return RefusedTurns(self.desk)
