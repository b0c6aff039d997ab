"""What a text says beside its names and numbers: states, promises, negations, guesses, its prompt. Works on what is
left of a page whose claims were struck out. Knows nothing of amounts or names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from deskhand.writing.facts import Fact, FactKind
from deskhand.writing.lexicon import Lexicon, lexicon
from deskhand.writing.page import STRUCK, Page

_CLAUSE = re.compile(r"[,;:.!?。;!?,、:\n]")
_CLAUSE_ZH = re.compile(r"[,;。;!?,:!?\n]")
_HARMLESS = "received"  # whatever came in; a payment that did is `paid`
_READ = "\ue001"  # stands where a word was read; no word matches it


def statements(
    page: Page, facts: Sequence[Fact], states: Sequence[str], allowed: Sequence[str], language: str
) -> tuple[set[Fact], list[str]]:
    """The facts of kind state that are said, and every word that neither a fact nor the kind of text allows."""
    words, told = lexicon(), page.rest
    for pattern in allowed:
        told = re.sub(pattern, " ", told, flags=re.IGNORECASE)
    known = [fact for fact in facts if fact.kind is FactKind.STATE]
    may = {_HARMLESS, *states, *(code for fact in known for code in (fact.code, *words.implies.get(fact.code, ())))}
    rest, said, wrong = _states(page.rest, words, may, language)
    stated = {fact for fact in known if fact.code in said}
    wrong += _of_patterns(told, words, language)
    wrong += [*_denials(rest, words, language), *_promises(told, words, language)]
    wrong += _wills(rest, words, language)
    return stated, wrong


def _states(text: str, words: Lexicon, may: Collection[str], language: str) -> tuple[str, set[str], list[str]]:
    said: set[str] = set()
    wrong: list[str] = []
    for state in sorted(words.states, key=lambda each: (not each.negative, each.code not in may)):
        for match in list(state.words[language].finditer(text)):
            if not state.always and _may_come(text, match, words, language):
                continue
            text = text[: match.start()] + _READ * len(match[0]) + text[match.end() :]
            if state.code in may:
                said.add(state.code)
            else:
                wrong.append(_shown(match[0]))
    return text, said, wrong


def _may_come(text: str, match: re.Match[str], words: Lexicon, language: str) -> bool:
    """Once it is, if it is, will be: no word about how it stands."""
    if words.find("future", language).search(text[: match.start()]):
        return True
    return language == "zh" and bool(words.find("future", "zh", "after").match(text[match.end() :]))


def _of_patterns(text: str, words: Lexicon, language: str) -> list[str]:
    found = [words.find(section, language).finditer(text) for section in ("inexact", "leak")]
    return [_shown(match[0]) for matches in found for match in matches]


def _denials(text: str, words: Lexicon, language: str) -> Iterator[str]:
    text = words.find("negation", language, "harmless").sub(" ", text)
    condition = words.find("negation", language, "condition")
    for clause in _clauses(text, language):
        if not (condition.search(clause) and STRUCK not in clause):
            yield from (_shown(match[0]) for match in words.find("negation", language).finditer(clause))


def _promises(text: str, words: Lexicon, language: str) -> list[str]:
    text = words.find("request", language).sub(" ", text)
    return [_shown(match[0]) for match in words.promises[language].finditer(text)]


def _wills(text: str, words: Lexicon, language: str) -> Iterator[str]:
    """What somebody will do must be one of the things that such letters say."""
    verbs, lead = words.find("will", language, "verbs").pattern, words.find("will", language, "lead").pattern
    may = re.compile(rf"{lead}(?:{verbs})", re.IGNORECASE)
    for match in words.find("will", language).finditer(text):
        after = re.split(_CLAUSE_ZH if language == "zh" else _CLAUSE, text[match.end() :], maxsplit=1)[0]
        if after.strip() and not may.match(after):
            yield _shown(match[0] + after[:20])


def leaked(prose: str, prompt: str, own: str) -> list[str]:
    """Stretches of the instructions that stand in the text and in no sentence of the template."""
    size = 9 if re.search(r"[\u4e00-\u9fff]", prompt) else 34
    flat, shown = (re.sub(r"\s+", " ", each).casefold() for each in (prose, own))
    pieces = (prompt[at : at + size].casefold() for at in range(0, max(0, len(prompt) - size)))
    return [piece for piece in pieces if piece in flat and piece not in shown][:1]


def _clauses(text: str, language: str) -> list[str]:
    return (_CLAUSE_ZH if language == "zh" else _CLAUSE).split(text)


def _shown(text: str) -> str:
    return text.replace(STRUCK, "").replace(_READ, "").strip() or "?"
