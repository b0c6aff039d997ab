"""Which part a record belongs to: by the hash of its group, so that a record stays where it is when others come in."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from llm_server.data.plan import PARTS
from llm_server.data.records import Record


def part_of(group: str, shares: Sequence[float], seed: int) -> str:
    """train, dev or test.

    Args:
        shares: of the three parts, together 1.
    """
    drawn = int.from_bytes(hashlib.sha256(f"{seed}\x1f{group}".encode("utf-8", "surrogatepass")).digest()[:8])
    place = drawn / 2**64
    for part, share in zip(PARTS, shares, strict=True):
        if place < share:
            return part
        place -= share
    return PARTS[0]


def oversampled(records: Iterable[Record], by: str, seed: int) -> Iterator[Record]:
    """The records, and those of rare values of `by` (label, language, job) again until each value is as frequent.

    At most ten times as often as it is: what is repeated more teaches its own words and not its meaning.
    """
    values: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        yield record
        values[getattr(record, by)].append(record)
    values.pop("", None)
    most = max(map(len, values.values()), default=0)
    for value in sorted(values):
        have = values[value]
        wanted = min(most, 10 * len(have)) - len(have)
        yield from Random(f"{seed}:{value}").choices(have, k=wanted)
