"""The fact check: may this text be sent? Every claim in it must be a fact, every required fact must be stated.

A refusal costs nothing (the template is sent), so whatever is in doubt is refused. What it cannot see:
two right facts of the same kind that changed places (delivery date and payment date), and meaning in
words that are neither names nor numbers, beyond the list of forbidden words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deskhand.writing import claims
from deskhand.writing.facts import Fact, FactKind, Facts, as_fact, leaves
from deskhand.writing.page import Page, normalise

_MAX_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`missing`: keys of required facts; `invented`: what stands in the text and is no fact, as it stands there."""

    ok: bool
    missing: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()
    wrong_language: bool = False

    def as_dict(self) -> dict[str, object]:
        """JSON for the record of the text."""
        return {
            "ok": self.ok,
            "missing": list(self.missing),
            "invented": list(self.invented),
            "wrong_language": self.wrong_language,
        }


def check(text: str, facts: Facts, required: Iterable[str], language: str, forbidden: Sequence[str] = ()) -> Verdict:
    """Compares a text with its facts. `forbidden` are words that such a text never says."""
    known = {key: leaves(as_fact(fact)) for key, fact in facts.items() if fact}
    flat = [leaf for parts in known.values() for leaf in parts]
    page = Page(text[: _MAX_CHARACTERS + 1])
    stated, invented = claims.examine(page, flat)
    wrong = claims.wrong_language(page, language)
    invented += [] if wrong else claims.strangers(page, flat, language)
    invented += _forbidden(text, flat, forbidden)
    missing = tuple(key for key in required if not _stated(known.get(key, ()), stated))
    too_long = len(text) > _MAX_CHARACTERS
    ok = not (missing or invented or wrong or too_long or not text.strip())
    return Verdict(ok, missing, tuple(dict.fromkeys(invented)), wrong)


def _stated(parts: Sequence[Fact], stated: set[Fact]) -> bool:
    return bool(parts) and all(part in stated for part in parts)


def _forbidden(text: str, facts: Iterable[Fact], forbidden: Sequence[str]) -> list[str]:
    """Forbidden words that stand in the text outside a name that holds them."""
    prose = normalise(text).casefold()
    for fact in facts:
        if fact.kind is FactKind.NAME:
            for form in fact.spellings:
                prose = prose.replace(normalise(form).casefold(), " ")
    return [word for word in forbidden if word.casefold() in prose]
