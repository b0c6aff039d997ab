"""What goes wrong on demand: pages that fail, pages that take long, sessions that end, windows that pop up."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class Faults:
    """Shares of requests, 0 to 1. Half of the failing ones fail when the work is done: no page tells which."""

    failing: float = 0.0
    slow: float = 0.0
    slow_for: float = 2.0
    time_outs: float = 0.0
    pop_ups: float = 0.0
    seed: int | None = None
    counted: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def happens(self, name: str) -> bool:
        share = getattr(self, name)
        if not share or self._dice.random() >= share:
            return False
        self.counted[name] = self.counted.get(name, 0) + 1
        return True

    def first_half(self) -> bool:
        return self._dice.random() < 0.5
