"""Words that stand for a value, or for none: N/A, 无, yes, 启用. The words themselves are in words.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from deskhand.yaml_files import yaml_in

_WORDS = Path(__file__).with_name("words.yml")
_LONGEST = 20


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml_in(_WORDS)
    return loaded


@lru_cache(maxsize=1)
def _missing() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    words = _words()["missing"]
    everywhere = frozenset(words["everywhere"])
    return everywhere, everywhere | frozenset(words["values"]), frozenset(words["exactly"])


def is_missing(text: str, *, in_text: bool) -> bool:
    """Whether what stands there means that nothing does. In texts fewer words do: NA is a country there."""
    if len(text) > _LONGEST:
        return not text.strip()
    everywhere, values, exactly = _missing()
    word = text.strip()
    return word.lower() in (everywhere if in_text else values) or (in_text and word in exactly)


@lru_cache(maxsize=1)
def flags() -> Mapping[str, bool]:
    """Every word for yes and no, in lower case."""
    words = _words()["flags"]
    return {word: key == "yes" for key in ("yes", "no") for word in words[key]}
