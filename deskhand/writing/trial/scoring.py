"""What came of each case, counted: how many were right at once, on the second try, or left to the template."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

FIRST, SECOND, TEMPLATE, SILENT = "first", "second", "template", "no_answer"
_Z = 1.959964  # 95 per cent


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case. `how`: FIRST, SECOND, TEMPLATE (it was wrong twice), or SILENT (the model gave no text).

    `text` is the model's last one; `causes` say what was wrong with the one that was refused.
    """

    number: int
    job: str
    language: str
    how: str
    text: str
    seconds: float
    causes: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of some cases, with the range (95 per cent) in which the share without the template lies."""

    job: str
    language: str
    cases: int
    first: int
    second: int
    template: int
    no_answer: int
    right: float
    low: float
    high: float
    seconds: float
    causes: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "causes": dict(self.causes)}


def wilson(right: int, cases: int) -> tuple[float, float]:
    """Wilson's interval: it holds for few cases and for shares near 1, too."""
    if not cases:
        return 0.0, 1.0
    share, spread = right / cases, _Z * _Z / cases
    middle = share + spread / 2
    half = math.sqrt(spread * share * (1 - share) + spread * spread / 4)
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """By job and language, then by language, then all."""
    groups: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for each in outcomes:
        groups[each.job, each.language].append(each)
    languages = dict.fromkeys(each.language for each in outcomes)
    found = [_score(*group, given) for group, given in sorted(groups.items())]
    found += [_score("all", spoken, (each for each in outcomes if each.language == spoken)) for spoken in languages]
    return [*found, _score("all", "all", outcomes)]


def figures(found: Iterable[Score]) -> dict[str, float]:
    """Names and numbers for the registry: of shares right more is better, of fallback and seconds less."""
    made: dict[str, float] = {}
    for score in found:
        name = f"{score.job}_{score.language}"
        made[f"right_{name}"] = round(score.right, 4)
        if score.job == "all":
            made[f"fallback_{name}"] = round(1 - score.right, 4)
    return made


def _score(job: str, language: str, outcomes: Iterable[Outcome]) -> Score:
    given = [*outcomes]
    how = Counter(each.how for each in given)
    right = how[FIRST] + how[SECOND]
    low, high = wilson(right, len(given))
    causes = Counter(cause for each in given for cause in each.causes)
    seconds = median(each.seconds for each in given) if given else 0.0
    return Score(
        job, language, len(given), how[FIRST], how[SECOND], how[TEMPLATE], how[SILENT],
        right / len(given) if given else 0.0, low, high, round(seconds, 2), dict(causes.most_common(8)),
    )  # fmt: skip
