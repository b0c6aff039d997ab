"""``python -m training.order_texts OUT.jsonl``: order facts and texts of our own making, as pairs to train on.

Every text has passed the product's own fact check, and every prompt is the one that the product sends.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from deskhand.writing import Templates, TextTemplate, Verdict, load_templates
from deskhand.writing.facts import LANGUAGES, as_fact
from deskhand.writing.pairs import pair
from training.order_texts.cases import JOBS, Case, case
from training.order_texts.phrasing import tell

TEXTS = Path("processes/order_to_cash/writing")
Json = dict[str, Any]
Kind = tuple[str, str]  # job and language
KINDS: tuple[Kind, ...] = tuple((job, language) for job in JOBS for language in LANGUAGES)
_TRIES = 20  # for one pair, until a text passes
_SECOND_TRIES = 0.07


@dataclass(frozen=True, slots=True)
class Recipe:
    """How many pairs of every job and language, drawn how.

    Attributes:
        times: of which job and language so many times as many.
        in_turn: share of texts that tell the facts in the order of the prompt; of the others any plan does.
    """

    each: int
    seed: int
    times: Mapping[Kind, int] = field(default_factory=dict)
    in_turn: float = 0.0

    def kinds(self) -> Iterator[tuple[int, Kind]]:
        for number in range(self.each * max([1, *self.times.values()])):
            for kind in KINDS:
                if number < self.each * self.times.get(kind, 1):
                    yield number, kind


def pairs(templates: Templates, recipe: Recipe, refused: Counter[str]) -> Iterator[Json]:
    """The pairs of a recipe; `refused` counts what the fact check did not pass."""
    for number, (job, language) in recipe.kinds():
        draw = Random(f"{recipe.seed}:{job}:{language}:{number}")
        group = f"{job}-{language}-{recipe.seed}-{number}"
        yield made_pair(templates, draw, (job, language), group, refused, recipe.in_turn)


def made_pair(
    templates: Templates, draw: Random, kind: Kind, group: str, refused: Counter[str], in_turn: float = 0.0
) -> Json:
    """One pair as llm_server.data reads it; some are a second try, as the product asks for one.

    Raises:
        RuntimeError: no text about such facts passes.
    """
    template = templates.get(*kind)
    for _ in range(_TRIES):
        made = case(draw, *kind)
        told = tell(draw, made, template.told(made.known), in_turn)
        if (verdict := template.check(told.text, made.known)).ok:
            row = pair(template, made.known, told.text, group=group, asked=told.asked, source="made")
            if draw.random() < _SECOND_TRIES:
                row["prompt"] = _second_try(draw, template, made, told.asked)
            return row
        refused[f"{' '.join(kind)}: missing {verdict.missing} invented {verdict.invented}"] += 1
    raise RuntimeError(f"{' in '.join(kind)}: no text passes the fact check")


def _second_try(draw: Random, template: TextTemplate, made: Case, asked: str) -> str:
    """The question after a text that was refused: a value of another order stood in it, or one of its own did not."""
    shown, other = template.told(made.known), template.told(case(draw, made.job, made.language).known)
    wrong = as_fact(other[draw.choice(list(other))]).say(made.language)
    verdict = Verdict(False, (), (wrong,)) if draw.random() < 0.6 else Verdict(False, (draw.choice(list(shown)),))
    return template.second(template.messages(made.known, asked), "", verdict)[-1].content


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.order_texts", description=main.__doc__)
    parser.description = "Order facts and texts of our own making, as pairs to train on."
    parser.add_argument("out", type=Path, metavar="OUT.jsonl")
    parser.add_argument("--each", type=int, default=500, help="pairs of every job and language (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=_times, action="append", default=[], metavar="JOB.LANGUAGE=N",
                        help="so many times as many of this job and language; may be said for several")  # fmt: skip
    parser.add_argument("--in-turn", type=float, default=0.0, metavar="SHARE",
                        help="share of texts that tell the facts in the order of the prompt (%(default)s)")  # fmt: skip
    given = parser.parse_args(arguments)
    recipe = Recipe(given.each, given.seed, dict(given.times), given.in_turn)
    made = 0
    refused: Counter[str] = Counter()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with given.out.open("w", encoding="utf-8") as file:
        for row in pairs(load_templates(TEXTS), recipe, refused):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            made += 1
    sys.stdout.write(f"{made} pairs; the fact check refused {refused.total()} other texts\n")
    return 0


def _times(said: str) -> tuple[Kind, int]:
    kind, _, count = said.partition("=")
    job, _, language = kind.partition(".")
    if (job, language) not in KINDS or not count.isdecimal():
        raise argparse.ArgumentTypeError(f"{said!r} is not like {'.'.join(KINDS[0])}=2")
    return (job, language), int(count)


if __name__ == "__main__":
    sys.exit(main())
