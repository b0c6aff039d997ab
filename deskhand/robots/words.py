"""What people are told of robots, in their language: states, problems by their codes. The words are in words.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from deskhand.yaml_files import yaml_in

_FILE = Path(__file__).with_name("words.yml")
UNKNOWN = "unexpected"


def said_of(key: str, language: str, **facts: object) -> str:
    """The sentence of a key; a code that has none is said to be unexpected, with the code."""
    words = _words()
    text = words.get(key) or words[UNKNOWN]
    filled = {name: str(value) for name, value in {"code": key, **facts}.items()}
    return str(text[language]).format_map(_Blank(filled))


def problem_said(problem: Mapping[str, Any] | None, language: str) -> str:
    """Why an item did not succeed, with what the robot said of it."""
    if not problem:
        return ""
    data = problem.get("data") or {}
    return said_of(str(problem.get("code") or UNKNOWN), language, **{name: _short(each) for name, each in data.items()})


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"


def _short(value: object) -> str:
    if isinstance(value, list):  # differences: [{field, wanted, shown}]
        return "; ".join(_short(each) for each in value[:5])
    if isinstance(value, dict):
        return ", ".join(f"{name}: {str(each)[:80]}" for name, each in value.items())
    return str(value)[:200]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = yaml_in(_FILE)
    return found
