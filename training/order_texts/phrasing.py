"""From facts to a text as people write it: a plan is chosen, and for each of its places phrases until all is told.

A phrase names facts in {braces}. At a place phrases are chosen that tell facts which nothing has told yet; a place that
tells no facts says one of its phrases. What is told is what the product's prompt shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import yaml

from deskhand.writing.facts import Facts, as_fact
from training.order_texts.cases import Case
from training.order_texts.things import HERE

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_NOBODY_ASKED = 0.2
_LEFT_OUT = 0.3  # share of texts without the sentence that tells nothing (thanks, a closing word)
_STOPPED = ("on_hold", "cancelled")
_WHILE_IT_GOES_ON = {"delivery_date", "due_date", "invoice"}


@dataclass(frozen=True, slots=True)
class Told:
    """A text, and the customer's words that it answers."""

    text: str
    asked: str = ""


@cache
def phrasings(job: str, language: str) -> Mapping[str, Any]:
    """What the files of this job and of all jobs say in a language."""
    found: dict[str, Any] = {}
    for name in ("shared", job):
        content = yaml.safe_load((HERE / "phrasings" / f"{name}.yml").read_text(encoding="utf-8"))
        found |= content[language]
    return found


def tell(draw: Random, case: Case, shown: Facts, in_turn: float = 0.0) -> Told:
    """A text that tells what is shown; of a reply what was asked about.

    Args:
        in_turn: how likely it is told by the first plan, in the order of the prompt; else by any.

    Raises:
        ValueError: something that is to be told has no place in the plan.
    """
    said = phrasings(case.job, case.language)
    asked, wanted = _asked(draw, said, case.variant) if "asked" in said else ("", set(shown))
    left = {key for key in wanted if shown.get(key)}
    sentences: list[str] = []
    plans = said.get(f"plans_{case.variant}") or said["plans"]
    for place in plans[0] if in_turn and draw.random() < in_turn else draw.choice(plans):
        phrases = said.get(f"{place}_{case.variant}") or said[place]
        sentences += _at_place(draw, phrases, left)
    if left:
        raise ValueError(f"{case.job} in {case.language} has no place for {sorted(left)}")
    return Told(_joined([_filled(each, shown, case.language) for each in sentences], case.language), asked)


def _asked(draw: Random, said: Mapping[str, Any], stands: str) -> tuple[str, set[str]]:
    """What somebody asks, and the facts that answer it. What has stopped has no date any more."""
    topic = "all" if draw.random() < _NOBODY_ASKED else draw.choice(list(said["asked"]))
    asked = draw.choice(said["asked"][topic]) if topic != "all" or draw.random() < _NOBODY_ASKED else ""
    answer = set(said["answers"][topic]) - (_WHILE_IT_GOES_ON if stands in _STOPPED else set())
    return asked, {"customer", "order", "status", *answer}


def _at_place(draw: Random, phrases: Sequence[str], left: set[str]) -> list[str]:
    """Phrases of one place; what they tell is taken out of `left`."""
    chosen: list[str] = []
    if not any(map(_named, phrases)):
        return [] if draw.random() < _LEFT_OUT else [draw.choice(phrases)]
    while fitting := [each for each in phrases if _named(each) and _named(each) <= left]:
        phrase = draw.choices(fitting, [len(_named(each)) ** 2 for each in fitting])[0]
        left -= _named(phrase)
        chosen.append(phrase)
    return chosen


def _named(phrase: str) -> set[str]:
    return set(_PLACEHOLDER.findall(phrase))


def _filled(phrase: str, shown: Facts, language: str) -> str:
    return _PLACEHOLDER.sub(lambda match: as_fact(shown[match[1]]).say(language), phrase)


def _joined(sentences: Sequence[str], language: str) -> str:
    """Behind "Dear Sir," an English sentence goes on in lower case, unless it begins with a name or number."""
    if language == "zh":
        return "".join(sentences)
    first, *rest = sentences
    if first.endswith(",") and rest and re.match(r"[A-Z][a-z]+ ", rest[0]):
        rest[0] = rest[0][0].lower() + rest[0][1:]
    return " ".join([first, *rest])
