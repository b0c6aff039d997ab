"""How well messages are understood: figures over utterances whose right intents people have written down.

Pure: knows neither Rasa nor files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

CHANGING = frozenset({
    "amend_order", "cancel_order", "change_shipment", "change_status", "complete_shipment", "confirm_order",
    "correct_case", "decide_task", "give_shipment", "hold_order", "receive_goods", "record_payment", "release_order",
    "return_goods", "send_invoice", "settle_freight", "settle_payment", "start_process", "undo_change", "withdraw_case",
})  # fmt: skip
BEGINS_DRAFT = "place_order"
OUT_OF_SCOPE, FALLBACK = "out_of_scope", "nlu_fallback"
DECLINED = frozenset({OUT_OF_SCOPE, FALLBACK})
RULES = "ask_policy"
ASKS = frozenset({"ask_help", "ask_not_by_chat"})  # where one of these is right, an answer from the rules is no mistake
STEPS = (0.0, 0.3, 0.45, 0.65, 0.8, 0.9, 0.95, 1.01)


@dataclass(frozen=True)
class Utterance:
    """One message, and every intent that is right for it; `language` is zh, en or mixed."""

    text: str
    intents: frozenset[str]
    intent: str
    language: str

    @property
    def in_scope(self) -> bool:
        return self.intent != OUT_OF_SCOPE


@dataclass(frozen=True)
class Found:
    """What was made of it; the ranking without what was decided from it."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    milliseconds: float = 0.0

    @property
    def likeliest(self) -> tuple[str, float]:
        return self.ranking[0] if self.ranking else (self.intent, self.confidence)


Pair = tuple[Utterance, Found]


def is_right(utterance: Utterance, intent: str) -> bool:
    """Declining what is out of scope is right whichever way it is said."""
    allowed = utterance.intents | ({RULES} if utterance.intents & ASKS else frozenset())
    return intent in allowed or (OUT_OF_SCOPE in allowed and intent in DECLINED)


def is_wrong_action(utterance: Utterance, intent: str) -> bool:
    """A step that changes an order would be begun, and nobody asked for any."""
    return intent in CHANGING and not utterance.intents & CHANGING


def is_wrong_draft(utterance: Utterance, intent: str) -> bool:
    return intent == BEGINS_DRAFT and BEGINS_DRAFT not in utterance.intents


def figures(pairs: Sequence[Pair]) -> dict[str, Any]:
    """The figures that count, of any number of utterances. A share without anything to share is None."""
    inside = [pair for pair in pairs if pair[0].in_scope]
    outside = [pair for pair in pairs if not pair[0].in_scope]
    return {
        "utterances": len(pairs),
        "in_scope": len(inside),
        "accuracy": _share(inside, lambda u, f: is_right(u, f.intent)),
        "accuracy_without_rules": _share(inside, lambda u, f: f.intent in u.intents),
        "asked_back": _share(inside, lambda u, f: f.intent == FALLBACK),
        "right_among_two": _share(
            [pair for pair in inside if pair[1].intent == FALLBACK],
            lambda u, f: any(is_right(u, name) for name, _ in f.ranking[:2]),
        ),
        "out_of_scope_recall": _share(outside, lambda u, f: is_right(u, f.intent) or f.intent in DECLINED),
        "wrong_action": _share(pairs, lambda u, f: is_wrong_action(u, f.intent)),
        "wrong_draft": _share(pairs, lambda u, f: is_wrong_draft(u, f.intent)),
        "milliseconds": _median([found.milliseconds for _, found in pairs]),
    }


def by_language(pairs: Sequence[Pair]) -> dict[str, dict[str, Any]]:
    """Figures of each language, and of all."""
    languages = [name for name in ("zh", "en", "mixed") if any(u.language == name for u, _ in pairs)]
    parts = {name: figures([pair for pair in pairs if pair[0].language == name]) for name in languages}
    return {**parts, "all": figures(pairs)}


def confusion(pairs: Iterable[Pair]) -> dict[str, dict[str, int]]:
    """Right intent -> what was found -> how often. What was acceptable counts as right."""
    counted = Counter((u.intent, u.intent if is_right(u, f.intent) else f.intent) for u, f in pairs)
    rows: dict[str, dict[str, int]] = {}
    for (wanted, got), times in sorted(counted.items()):
        rows.setdefault(wanted, {})[got] = times
    return rows


def reliability(pairs: Sequence[Pair], steps: Sequence[float] = STEPS) -> list[dict[str, Any]]:
    """How sure the likeliest intent was against how often it was right."""
    rows = []
    for low, high in zip(steps, steps[1:], strict=False):
        inside = [pair for pair in pairs if low <= pair[1].likeliest[1] < high]
        right = _share(inside, lambda u, f: is_right(u, f.likeliest[0]))
        sure = sum(f.likeliest[1] for _, f in inside) / len(inside) if inside else None
        rows.append({"from": low, "to": min(high, 1.0), "utterances": len(inside), "sure": sure, "right": right})
    return rows


def bands(pairs: Sequence[Pair]) -> dict[str, list[dict[str, Any]]]:
    """Reliability of what was acted on, and of what was asked back or declined."""
    acted = [pair for pair in pairs if pair[1].intent != FALLBACK]
    return {"acted_on": reliability(acted), "asked_back": reliability([pair for pair in pairs if pair not in acted])}


def _share(pairs: Sequence[Pair], holds: Callable[[Utterance, Found], bool]) -> float | None:
    return sum(holds(utterance, found) for utterance, found in pairs) / len(pairs) if pairs else None


def _median(values: Sequence[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None
