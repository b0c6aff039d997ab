"""Block-structured processes as trees, all of them within the profile: by hypothesis (it shrinks), or by a seed."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

Block = tuple[Any, ...]
TASK: Block = ("task",)
NOTHING: Block = ("nothing",)

# What holds one token for a time: tasks, alone or with something on their edge.
LEAVES: tuple[Block, ...] = (
    TASK,
    ("manual",),
    ("received",),
    ("effect",),
    ("called",),
    ("bounded",),
    ("noted",),
    ("told",),
    ("late",),
    ("reminded",),
    ("failing",),
)
SUBS = ("sub", "bounded sub", "late sub", "failing sub", "scattered sub")


def _rows(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    branches = st.lists(inner | st.just(NOTHING), min_size=2, max_size=3)
    several = st.lists(inner, min_size=2, max_size=3)
    choices = st.tuples(st.sampled_from(["choice", "decided", "stop"]), branches)
    return st.tuples(st.just("row"), several) | choices


def _loops(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    return _rows(inner) | st.tuples(st.just("loop"), st.tuples(inner))


def _forks(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    return _rows(inner) | st.tuples(st.just("fork"), st.lists(inner, min_size=2, max_size=3))


# No fork lies within a loop, unless in a sub-process of its own: in the second round SpiffWorkflow lets a token
# pass the join before all branches have arrived. test_plan.py states what is right there.
_LEAVES = st.sampled_from(LEAVES)
_PLAIN = st.recursive(st.recursive(_LEAVES, _loops, max_leaves=4), _forks, max_leaves=4)
_SUBS = st.tuples(st.sampled_from(SUBS), st.tuples(_PLAIN))
BLOCKS = st.recursive(st.recursive(_LEAVES | _SUBS, _loops, max_leaves=4), _forks, max_leaves=4)


def grown(chance: random.Random, leaves: int, *, forks: bool = True, subs: bool = True) -> Block:
    """A tree with about so many leaves, by chance alone, with the same shapes as BLOCKS."""
    if leaves <= 1:
        if subs and chance.random() < 0.3:
            return (chance.choice(SUBS), (grown(chance, chance.randint(1, 4), subs=False),))
        return chance.choice(LEAVES)
    kinds = ["row", "row", "choice", "decided", "stop", "loop", *(["fork", "fork"] if forks else [])]
    kind = chance.choice(kinds)
    if kind == "loop":
        return ("loop", (grown(chance, leaves - 1, forks=False, subs=subs),))
    parts = _parted(chance, leaves)
    blocks = [grown(chance, each, forks=forks, subs=subs) for each in parts]
    if kind in ("choice", "decided", "stop") and chance.random() < 0.3:
        blocks[chance.randrange(len(blocks))] = NOTHING
    return (kind, blocks)


def _parted(chance: random.Random, leaves: int) -> list[int]:
    first = chance.randint(1, leaves - 1)
    rest = leaves - first
    if rest > 1 and chance.random() < 0.5:
        second = chance.randint(1, rest - 1)
        return [first, second, rest - second]
    return [first, rest]
