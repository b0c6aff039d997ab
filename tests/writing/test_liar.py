"""A model that lies is never sent: whatever the lie, in every kind of text and both languages."""

from __future__ import annotations

import pytest

from deskhand.writing import Writer
from tests.writing.liar import LIES, Liar, lies
from tests.writing.sample import TEMPLATES


async def _leaked(language: str, count: int, seed: int) -> list[tuple[str, str, str]]:
    """The lies that went out."""
    out = []
    for name, right, lie in lies(language, count, seed):
        text = await Writer(TEMPLATES, Liar(lie)).write(right.kind, right.facts, language)
        if text.source != "template":
            out.append((name, right.kind, lie))
        else:
            assert text.reason == "facts_wrong" and text.refused == lie and not text.verdict.ok
            assert text.text == TEMPLATES.get(right.kind, language).render(right.facts)
    return out


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_lie_leaves(language: str) -> None:
    assert await _leaked(language, 100, seed=8) == []


@pytest.mark.full
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_lie_of_a_thousand_leaves(language: str) -> None:
    assert await _leaked(language, 1000, seed=88) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_liar_knows_every_kind_of_lie(language: str) -> None:
    told = [name for name, _, _ in lies(language, 1000, seed=1)]

    assert set(told) == set(LIES)
