"""Whether what is examined was learnt: texts of the dev and test parts that stand, nearly whole, in the training part.

A text is the set of its runs of characters (16 of a Latin script, 8 of Chinese), without blanks, signs and case. It
has leaked when at least the given share of its runs stands in the training part. Of very much text a sample of the
runs is looked at, always the same for the same text, so that memory stays bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from llm_server.data.records import Record

Runs = npt.NDArray[np.uint64]
MOST_RUNS = 8_000_000  # of the parts examined, held at once: 64 MB
_SIGNS = re.compile(r"[\W_]+")
_FACTOR = 1_099_511_628_211  # FNV's prime
_MIX = 0x9E3779B97F4A7C15


@dataclass(frozen=True, slots=True)
class Leak:
    """A record of an examined part, and how much of it stands in the training part."""

    part: str
    key: str
    origin: str
    shared: float  # 0..1


def runs_of(text: str, language: str) -> Runs:
    """The hashes of all runs of a text; the whole text is one run where it is shorter."""
    bare = _SIGNS.sub("", text.casefold())
    signs = np.frombuffer(bare.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if not len(signs):
        return np.empty(0, np.uint64)
    length = min(8 if language == "zh" else 16, len(signs))
    hashes = np.zeros(len(signs) - length + 1, np.uint64)
    for at in range(length):
        hashes = hashes * np.uint64(_FACTOR) + signs[at : at + len(hashes)]
    mixed: Runs = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(_MIX)
    return mixed ^ (mixed >> np.uint64(32))


def leaks(
    examined: Iterable[tuple[str, Record]], training: Iterable[Record], shared: float, estimate: int = 0
) -> Iterator[Leak]:
    """Those of the examined records that were learnt.

    Args:
        examined: (part, record) of the smaller parts; their runs are held.
        training: gone through once.
        shared: the share of runs from which a record counts as learnt.
        estimate: characters of all that is examined; decides how many runs are sampled.
    """
    every = max(1, -(-estimate // MOST_RUNS))
    held = [(part, record.key, record.origin, _sample(record, every)) for part, record in examined]
    if not held:
        return
    wanted = np.unique(np.concatenate([runs for *_, runs in held]))
    met = np.zeros(len(wanted), bool)
    for record in training:
        _meet(_sample(record, every), wanted, met)
    for part, key, origin, runs in held:
        if len(runs) and (share := float(met[np.searchsorted(wanted, runs)].mean())) >= shared:
            yield Leak(part, key, origin, share)


def _sample(record: Record, every: int) -> Runs:
    runs = runs_of(f"{record.prompt}\n{record.text}", record.language)
    chosen = runs[runs % np.uint64(every) == 0]
    return chosen if len(chosen) or not len(runs) else runs[:1]


def _meet(runs: Runs, wanted: Runs, met: npt.NDArray[np.bool_]) -> None:
    at = np.searchsorted(wanted, runs)
    at[at == len(wanted)] = 0
    met[at[wanted[at] == runs]] = True
