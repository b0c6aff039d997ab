"""Finding a person's names, addresses and e-mail in texts and JSON, and taking them out. Knows no table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

GONE = "[erased]"
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_RUNS = re.compile(r"[\u3400-\u9fff]+|[A-Za-z][A-Za-z.' -]*[A-Za-z.]")
_SHORTEST_CHINESE, _SHORTEST = 2, 4


class Words:
    """What identifies somebody. Too short a word is no mark of anybody, and would be found everywhere."""

    def __init__(self, words: Iterable[str]) -> None:
        whole = {word.strip() for word in words if word and _is_mark(word.strip())}
        self.words = tuple(sorted(whole, key=lambda word: (-len(word), word)))

    def __bool__(self) -> bool:
        return bool(self.words)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(_loosely, self.words)), re.IGNORECASE)

    def in_text(self, text: str) -> bool:
        return bool(self.words and self._pattern.search(text))

    def taken_out(self, value: Any, keep: frozenset[str] = frozenset()) -> Any:
        """The same value with each mark replaced, also inside JSON; leaves that are in `keep` are ids and stay."""
        if isinstance(value, str):
            return value if value in keep or not self.words else self._pattern.sub(GONE, value)
        if isinstance(value, Mapping):
            return {self.taken_out(key, keep): self.taken_out(each, keep) for key, each in value.items()}
        if isinstance(value, list):
            return [self.taken_out(each, keep) for each in value]
        return value

    def found_in(self, value: Any) -> bool:
        return self.in_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def parts_of(name: str) -> set[str]:
    """刘洋 Liu Yang is also called 刘洋, and Liu Yang."""
    return {name.strip(), *(run.strip() for run in _RUNS.findall(name))}


def _is_mark(word: str) -> bool:
    return len(word) >= (_SHORTEST_CHINESE if _CHINESE.search(word) else _SHORTEST)


def _loosely(word: str) -> str:
    """Any space between the words; a Latin word only as a whole, also next to Chinese."""
    pattern = r"\s+".join(map(re.escape, word.split()))
    before = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{before}{pattern}{after}"
