"""The few sentences that the gateway says itself, in both languages, from `sentences.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from deskhand.orders.errors import DeskhandError
from deskhand.yaml_files import yaml_in

_FILE = Path(__file__).with_name("sentences.yml")


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    loaded: Mapping[str, Mapping[str, str]] = yaml_in(_FILE)
    return loaded


def sentence(code: str, language: str, **data: object) -> str:
    """The sentence for a code in `zh` or `en`; an unknown code is said as an internal error."""
    spoken = _sentences().get(code) or _sentences()["internal_error"]
    return spoken["zh" if language == "zh" else "en"].format(**data)


def sentence_for(error: DeskhandError, language: str) -> str:
    """The sentence for a refusal; a refusal of the order desk that has none here speaks its own."""
    return sentence(error.code, language, **error.data) if error.code in _sentences() else str(error)
