"""The fact check: may this text be sent? Every claim in it must be a fact, every required fact must be stated.

A refusal costs nothing (the template is sent), so whatever is in doubt is refused. Names, ids, dates and amounts are
compared with the facts and struck out (claims), each with what it is said of (bindings); what is left must be of the
language, name nobody else (strangers), promise, deny and guess nothing (standing), and be made of the words that such a
text needs (vocabulary). What it cannot see: a wrong meaning in those words alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from deskhand.writing import claims
from deskhand.writing.bindings import misplaced
from deskhand.writing.facts import Fact, FactKind, Facts, as_fact, leaves
from deskhand.writing.page import Page, normalise
from deskhand.writing.standing import leaked, statements
from deskhand.writing.strangers import addressed, further_goods
from deskhand.writing.vocabulary import shared_words, strange_words

_MAX_CHARACTERS = 2000
_PARTIES = {"customer": "买方 buyer ", "company": "卖方 seller "}


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


def check(
    text: str,
    facts: Facts,
    required: Iterable[str],
    language: str,
    forbidden: Sequence[str] = (),
    states: Sequence[str] = (),
    prompt: str = "",
    own: str = "",
    allowed: Sequence[str] = (),
    words: Collection[str] | None = None,
    read: bool = False,
) -> Verdict:
    """Compares a text with its facts.

    Args:
        forbidden: patterns that such a text never says.
        states: what it may say of the order whatever the facts are (lexicon.yml).
        prompt: the instructions, of which no stretch may stand in the text.
        own: the sentences of the template, which may say what the instructions say.
        allowed: patterns that are no promise and no guess in such a text.
        words: those of which such a text is made; None: any.
        read: a person has read it, who may use other words; they open no sentence, where a name could stand.
    """
    keyed = {key: as_fact(fact) for key, fact in facts.items() if fact}
    known = {key: leaves(fact) for key, fact in keyed.items()}
    flat = [leaf for parts in known.values() for leaf in parts]
    page = Page(text[: _MAX_CHARACTERS + 1])
    seen = claims.examine(page, flat)
    wrong = claims.wrong_language(page, language)
    invented = [*seen.invented, *misplaced(page.prose, page.rest, seen.found, keyed, language)]
    said, unsaid = statements(page, flat, states, allowed, language)
    seen.stated.update(said)
    if not wrong:
        opening = shared_words(language) if words is None else words
        invented += [*claims.strangers(page, flat, language, opening), *unsaid, *addressed(page.prose, keyed)]
        invented += further_goods(page.rest, seen.found, flat, language)
        invented += [] if words is None or read else strange_words(page.rest, words, language)
    invented += [*_forbidden(page.prose, keyed, flat, forbidden), *leaked(page.prose, prompt, own)]
    missing = tuple(key for key in required if not _stated(known.get(key, ()), seen.stated))
    too_long = len(text) > _MAX_CHARACTERS
    ok = not (missing or invented or wrong or too_long or not text.strip())
    return Verdict(ok, missing, tuple(dict.fromkeys(invented)), wrong)


def _stated(parts: Sequence[Fact], stated: set[Fact]) -> bool:
    return bool(parts) and all(part in stated for part in parts)


def _forbidden(prose: str, keyed: Mapping[str, Fact], facts: Iterable[Fact], forbidden: Sequence[str]) -> list[str]:
    """What is forbidden and stands outside a name that holds it; who buys and who sells are called so there."""
    prose = prose.casefold()
    for key, roles in _PARTIES.items():
        for form in keyed[key].spellings if key in keyed else ():
            prose = prose.replace(normalise(form).casefold(), roles)
    for fact in facts:
        if fact.kind is FactKind.NAME:
            for form in fact.spellings:
                prose = prose.replace(normalise(form).casefold(), " ")
    return [match[0] for word in forbidden for match in re.finditer(word, prose, re.IGNORECASE)][:3]
