"""What notices are about, as people choose by: the table of topics.yml. Knows nobody's choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from deskhand.yaml_files import yaml_in


@dataclass(frozen=True, slots=True)
class Topic:
    """`kinds` are names of events; `name` is said in each language."""

    id: str
    name: Mapping[str, str]
    kinds: tuple[str, ...]


@cache
def topics() -> Mapping[str, Topic]:
    """In the order in which people are shown them."""
    found = yaml_in(Path(__file__).with_name("topics.yml"))
    return {name: Topic(name, said["name"], tuple(said["kinds"])) for name, said in found.items()}


def topic_of(kind: str) -> str:
    """A kind that no topic names belongs to the last one."""
    return _of_kinds().get(kind, [*topics()][-1])


@cache
def _of_kinds() -> Mapping[str, str]:
    return {kind: topic.id for topic in topics().values() for kind in topic.kinds}
