"""The words of the screens, in two languages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("en", "zh")


@cache
def _all() -> dict[str, dict[str, str]]:
    return yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))


def word(key: str, language: str, **values: object) -> str:
    """What stands there in this language."""
    return _all()[key][language].format(**values)
