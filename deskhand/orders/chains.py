"""Walking a chain of hashes from its first row to its head, and saying what is wrong with it. Knows no storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deskhand.orders.history import GENESIS, personal_digest


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad row of one chain. `chain` is an order's number, or `audit`."""

    chain: str
    seq: int
    what: str  # changed | missing | not_linked | cut_off | added | order_gone | row_differs: status | ...


@dataclass(slots=True)
class Walk:
    """One way along one chain; after the first fault it looks no further."""

    chain: str
    seq: int = 0
    previous: str = GENESIS
    fault: Fault | None = field(default=None)

    def step(self, seq: object, previous_hash: object, stored: object, computed: str | None) -> None:
        """The next row; `computed` is None where the row can't even be read."""
        if self.fault is not None:
            return
        if seq != self.seq + 1:
            self.fault = Fault(self.chain, self.seq + 1, "missing")
        elif stored != computed:
            self.fault = Fault(self.chain, self.seq + 1, "changed")
        elif previous_hash != self.previous:
            self.fault = Fault(self.chain, self.seq + 1, "not_linked")
        else:
            self.seq, self.previous = self.seq + 1, str(stored)

    def end(self, head_seq: object, head_hash: object) -> None:
        """The chain must be exactly as long as its head says, and end with its hash."""
        if self.fault is not None:
            return
        if not isinstance(head_seq, int) or self.seq > head_seq:
            self.fault = Fault(self.chain, self.seq, "added")
        elif self.seq < head_seq:
            self.fault = Fault(self.chain, self.seq + 1, "cut_off")
        elif self.previous != head_hash:
            self.fault = Fault(self.chain, self.seq, "head_changed")


def digest_holds(salt: str, personal: Mapping[str, object] | None, digest: str) -> bool:
    """Whether what is personal is what was hashed; without its salt it was erased, and nothing may stand there."""
    if not salt:
        return personal is None
    return personal != {} and personal_digest(salt, personal) == digest
