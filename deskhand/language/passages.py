"""Which written passage answers a question, and which of its sentences are quoted. Facts are quoted, never made up.

How well a passage fits is how much of the question's weight it carries: rare words weigh more, and words that stand
nowhere weigh most, so that a question about something else finds nothing. What is found may come from any index; the
score is made here, so that it is the same on every database. Knows nothing of files, databases or conversations.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from rapidfuzz.distance import DamerauLevenshtein

from deskhand.language.passage_words import LIGHT, TIME, manner_of, size_of, stem, tokens_of, words_of
from deskhand.language.text import is_han

# Chosen with the questions in tests/language/data/policy_questions.yml; test_passages.py prints what they give.
SURE_ENOUGH = {"zh": 0.40, "en": 0.45}  # by the question's language: an answer
CLOSE = 0.2  # worth naming its heading, when nothing is sure enough
_BODY, _TITLE, _ASKED = 0.5, 0.6, 1.0  # how telling a word is by where it stands
_COVERED, _LINE, _MANNER = 0.51, 0.34, 0.15  # the passage's words; its best line; how the question is put
_ALONE, _CREDIT, _TIMELY = 0.7, 0.5, 0.7  # a single character; one of an unknown word; when

WHOLE = 400  # a passage up to this length is quoted whole; a Chinese character counts double
_SENTENCE = re.compile(r"[^。！？!?.\n]+(?:[.!?](?!\s|$)[^。！？!?.\n]*)*(?:[。！？!?.]+|\n|$)[\"'”’）)]*")
_GOES_ON = re.compile(
    r"但|不过|除外|其中|否则|如果|However|But|Except|Unless|Otherwise|If|This|These|It|They|None|Neither"
)
_DURATION = re.compile(
    r"\d\s*(?:个?工作日|个?月|天|年|小时|点|日)|\d:\d\d|\d\w* (?:working )?(?:day|week|month|year|hour)|\d(?:th|st)\b"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading and what stands under it.

    Attributes:
        subject: topic and heading; the same passage in another language has the same.
        asked: questions as people put them; found by them, never quoted.
    """

    subject: str
    language: str
    title: Mapping[str, str]
    heading: str
    body: str
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage, in the asker's language where it is written in it, and how well it fits: 0 to 1."""

    passage: Passage
    score: float
    is_sure: bool

    @property
    def is_close(self) -> bool:
        return self.score >= CLOSE


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The words of one subject with how telling each is; heading and questions apart, with their sizes and manners."""

    strength: Mapping[str, float]
    lines: tuple[tuple[frozenset[str], float], ...]
    manners: tuple[frozenset[str], ...]


def search_words(passage: Passage) -> str:
    """Every word of a passage once, for an index; a question may be answered by what has one of its words."""
    return " ".join(sorted(_of(passage).strength))


def rank(question: str, passages: Sequence[Passage], language: str, total: int) -> list[FoundPassage]:
    """The passages that have words of the question, best first, each subject once.

    Args:
        passages: all that have any word of the question, and the same subjects in other languages.
        total: how many subjects there are, with words of the question or not.
    """
    subjects: dict[str, list[Passage]] = {}
    for passage in passages:
        subjects.setdefault(passage.subject, []).append(passage)
    prepared = {subject: _merged(spoken) for subject, spoken in subjects.items()}
    weights = _weights(question, prepared.values(), total)
    if not sum(weights.values()):
        return []
    manner = manner_of(question)
    found = [
        FoundPassage(_in(language, subjects[subject]), score, score >= SURE_ENOUGH[language])
        for subject, each in prepared.items()
        if (score := round(_fit(weights, manner, each), 4))
    ]
    return sorted(found, key=lambda each: (-each.score, each.passage.subject))


def quote(question: str, body: str) -> str:
    """The sentences of a passage that the question is about, in one piece; … where others were left out.

    What limits the sentence before it is never cut off. A short passage is quoted whole.
    """
    sentences = [sentence for each in _SENTENCE.findall(body) if (sentence := each.strip())]
    if sum(map(_length, sentences)) <= WHOLE:
        return body
    first, last = _window(sentences, _relevance(question, sentences))
    chosen = " ".join(sentences[first : last + 1])
    chosen = re.sub(r"(?<=[。！？；]) ", "", chosen)
    return ("… " if first else "") + chosen + (" …" if last < len(sentences) - 1 else "")


def _window(sentences: Sequence[str], relevance: Sequence[float]) -> tuple[int, int]:
    """Around the most relevant sentence, towards the more relevant side, up to the length that is quoted whole."""
    first = last = max(range(len(sentences)), key=lambda place: (relevance[place], -place))
    while True:
        if last + 1 < len(sentences) and _GOES_ON.match(sentences[last + 1]):
            last += 1
            continue
        sides = [place for place in (first - 1, last + 1) if 0 <= place < len(sentences)]
        room = WHOLE - sum(map(_length, sentences[first : last + 1]))
        sides = [place for place in sides if _length(sentences[place]) <= room]
        if not sides:
            return first, last
        best = max(sides, key=lambda place: (relevance[place], place))
        first, last = min(first, best), max(last, best)


def _relevance(question: str, sentences: Sequence[str]) -> list[float]:
    asked = {*words_of(question)}
    said = [{*words_of(sentence)} for sentence in sentences]
    times = [TIME in asked and bool(_DURATION.search(sentence)) for sentence in sentences]
    return [
        sum(0.3 if len(word) == 1 and is_han(word) else 1.0 for word in asked & words) + time
        for words, time in zip(said, times, strict=True)
    ]


def _length(text: str) -> int:
    return sum(2 if is_han(character) else 1 for character in text)


def _in(language: str, variants: Sequence[Passage]) -> Passage:
    return next((each for each in variants if each.language == language), variants[0])


def _merged(variants: Sequence[Passage]) -> _Prepared:
    """One subject in all its languages."""
    strength: dict[str, float] = {}
    each = [*map(_of, variants)]
    for one in each:
        strength |= {word: max(weight, strength.get(word, 0.0)) for word, weight in one.strength.items()}
    lines = tuple(line for one in each for line in one.lines)
    return _Prepared(strength, lines, tuple(manner for one in each for manner in one.manners))


def _of(passage: Passage) -> _Prepared:
    return _prepared(" ".join(passage.title.values()), (passage.heading, *passage.asked), passage.body)


@lru_cache(maxsize=4096)
def _prepared(title: str, lines: tuple[str, ...], body: str) -> _Prepared:
    strength: dict[str, float] = {}
    for weight, texts in ((_BODY, (body,)), (_TITLE, (title,)), (_ASKED, lines)):
        for text in texts:
            strength |= dict.fromkeys(words_of(text), weight)
    sized = tuple((frozenset(words_of(line)), size_of(line)) for line in lines)
    return _Prepared(strength, sized, tuple(map(manner_of, lines)))


def _weights(question: str, known: Iterable[_Prepared], total: int) -> dict[str, float]:
    """How much each word of the question says: rare ones more, those that stand nowhere most."""
    counts = Counter(word for each in known for word in each.strength)
    rarity = {word: log(1 + (max(total, n) - n + 0.5) / (n + 0.5)) for word, n in counts.items()}
    unknown = log(1 + (total + 0.5) / 0.5)
    tokens, timely = tokens_of(question)
    weights: dict[str, float] = {}
    for token in tokens:
        if is_han(token[0]):
            weights |= _chinese(token, rarity, unknown)
        else:
            word = stem(token)
            word = word if word in rarity else _misspelt(word, rarity)
            weights[word] = rarity.get(word, unknown)
    return weights | ({TIME: rarity.get(TIME, 0.0) * _TIMELY} if timely else {})


def _chinese(run: str, rarity: Mapping[str, float], unknown: float) -> dict[str, float]:
    """Pairs that stand in some passage are words, and weigh by the characters that no pair before them had.

    A character that is in none of them is half an unknown word; a passage that has it is credited with a part.
    """
    if len(run) == 1 and run in rarity:
        return {} if run in LIGHT else {run: rarity[run] * _ALONE}
    weights: dict[str, float] = {}
    seen = [one in LIGHT for one in run]
    for place in range(len(run) - 1):
        pair = run[place : place + 2]
        if pair in rarity and (fresh := [seen[place], seen[place + 1]].count(False)):
            weights[pair] = weights.get(pair, 0.0) + rarity[pair] * fresh / 2
            seen[place] = seen[place + 1] = True
    for one in (one for one, done in zip(run, seen, strict=True) if not done):
        weights[one] = _CREDIT * unknown / 2
        weights[f"?{one}"] = (1 - _CREDIT) * unknown / 2
    return weights


def _misspelt(word: str, vocabulary: Iterable[str]) -> str:
    """The word that was meant: one letter wrong, left out, doubled or swapped with its neighbour."""
    if len(word) < 5:
        return word
    near = (other for other in vocabulary if other[0] == word[0] and abs(len(other) - len(word)) <= 1)
    return min((one for one in near if DamerauLevenshtein.distance(one, word, score_cutoff=1) <= 1), default=word)


def _fit(weights: Mapping[str, float], manner: frozenset[str], prepared: _Prepared) -> float:
    whole = sum(weights.values())
    covered = sum(weight * prepared.strength.get(word, 0.0) for word, weight in weights.items()) / whole
    line = max((_alike(weights, words, size, whole) for words, size in prepared.lines), default=0.0)
    put = max((2 * len(manner & each) / (len(manner) + len(each) or 1) for each in prepared.manners), default=0.0)
    return _COVERED * covered + _LINE * line + _MANNER * put


def _alike(weights: Mapping[str, float], words: frozenset[str], size: float, whole: float) -> float:
    """How much of the question a line has, less what else the line is about."""
    shared = [word for word in weights if word in words]
    matched = sum(0.5 if len(word) == 1 and is_han(word) else 1.0 for word in shared)
    return sum(weights[word] for word in shared) / (whole + max(0.0, size - matched))
