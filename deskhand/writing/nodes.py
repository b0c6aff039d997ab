"""The addresses of a language model, and which of them is worth asking now. Knows nothing of HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# So long an address that failed is asked only when no other is left; a machine that is started again is back by then.
REST_SECONDS = 15.0
# No server's word keeps us from asking it for longer.
LONGEST_REST = 60.0


@dataclass(slots=True)
class Node:
    """One address, and the time (of the clock) before which it had better be left alone."""

    address: str
    rests_until: float = 0.0


class Nodes:
    """Addresses in the order in which they are to be asked; one that rests comes after those that don't."""

    def __init__(self, addresses: str | Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        given = addresses.split(",") if isinstance(addresses, str) else addresses
        self._nodes = [Node(address.strip().rstrip("/")) for address in given if address.strip()]
        self._clock = clock
        if not self._nodes:
            raise ValueError("no address of a language model")

    def in_turn(self) -> list[Node]:
        """All of them, the rested first."""
        now = self._clock()
        return sorted(self._nodes, key=lambda node: max(0.0, node.rests_until - now))

    def rest(self, node: Node, seconds: float = REST_SECONDS) -> None:
        """Leaves an address alone for a while."""
        node.rests_until = self._clock() + min(seconds, LONGEST_REST)

    def wake(self, node: Node) -> None:
        """It has answered."""
        node.rests_until = 0.0

    def soonest(self) -> float:
        """Seconds until one of them is rested."""
        return max(0.0, min(node.rests_until for node in self._nodes) - self._clock())
