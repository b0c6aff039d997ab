"""The texts that stand in each prompt file: its check passes the right ones and refuses the wrong ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from deskhand.writing import Facts
from deskhand.writing.facts import as_fact
from tests.writing.sample import FOLDER, TEMPLATES, facts_of

_PLACE = re.compile(r"\{(\w+)\}")
CASES = [
    (kind, language, kind_of, text)
    for kind in TEMPLATES.kinds
    for language in ("zh", "en")
    for kind_of, texts in yaml.safe_load(Path(FOLDER, f"{kind}.yml").read_text())["tests"][language].items()
    for text in texts
]


def _filled(text: str, facts: Facts, language: str) -> str:
    return _PLACE.sub(lambda match: as_fact(facts[match[1]]).say(language), text)


@pytest.mark.parametrize(("kind", "language", "rightness", "text"), CASES)
def test_the_texts_of_a_prompt_file_are_judged_as_it_says(kind: str, language: str, rightness: str, text: str) -> None:
    facts = facts_of(kind)

    verdict = TEMPLATES.get(kind, language).check(_filled(text, facts, language), facts)

    assert verdict.ok == (rightness == "right"), verdict


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", TEMPLATES.kinds)
def test_every_prompt_file_has_a_version_examples_and_a_template_that_passes(kind: str, language: str) -> None:
    template, facts = TEMPLATES.get(kind, language), facts_of(kind)

    assert template.version >= 1
    assert {key for key in facts if key not in template.example} == set()
    assert {key for key in facts if key not in template.labels} == set()
    verdict = template.check(template.render(facts), facts)
    assert verdict.ok, (template.render(facts), verdict)
