"""The closed vocabulary: of which words a text may be made once its facts are struck out. Knows no fact and no state.

Lists of what must not be said are never complete; a list of the words that such letters need can be. A word that is in
none of the lists is refused, whatever it means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

from deskhand.writing.page import normalise
from deskhand.yaml_files import yaml_in

_FILE = Path(__file__).with_name("vocabulary.yml")
_LATIN = re.compile(r"[a-z]+(?:'[a-z]+)?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")


@cache
def shared_words(language: str) -> frozenset[str]:
    """The words that any kind of text may use."""
    return words_of(yaml_in(_FILE)[language])


def words_of(lines: Iterable[str]) -> frozenset[str]:
    """Those of a file: separated by spaces."""
    return frozenset(word for line in lines for word in str(line).split())


def strange_words(rest: str, known: Collection[str], language: str) -> list[str]:
    """The words of what is left of a text that are not known, as they stand there."""
    return list(_strange_chinese(rest, known) if language == "zh" else _strange_latin(rest, known))


def _strange_latin(rest: str, known: Collection[str]) -> Iterator[str]:
    for match in _LATIN.finditer(rest.lower()):
        if match[0] not in known and match[0].removesuffix("'s") not in known and len(match[0]) > 1:
            yield match[0]


def _strange_chinese(rest: str, known: Collection[str]) -> Iterator[str]:
    longest = max(map(len, known), default=0)
    for run in _CHINESE.finditer(rest):
        yield from _gaps(run[0], known, longest)


def _gaps(run: str, known: Collection[str], longest: int) -> Iterator[str]:
    """The stretches that no row of known words covers, when as much is covered as can be."""
    best: list[tuple[int, int]] = [(0, 0)]  # characters not covered up to here, length of the last word (0: none)
    for end in range(1, len(run) + 1):
        ways = [(best[end - 1][0] + 1, 0)]
        ways += [
            (best[end - size][0], size) for size in range(1, min(longest, end) + 1) if run[end - size : end] in known
        ]
        best.append(min(ways, key=lambda way: (way[0], -way[1])))
    end, stretch = len(run), ""
    while end:
        size = best[end][1] or 1
        if best[end][1] == 0:
            stretch = run[end - 1] + stretch
        elif stretch:
            yield stretch
            stretch = ""
        end -= size
    if stretch:
        yield stretch


def words_in(text: str, language: str) -> frozenset[str]:
    """Those of a template's sentences, which are right whatever they are."""
    found = (_CHINESE if language == "zh" else _LATIN).findall(normalise(text).lower())
    return frozenset(found)
