"""Pairs of facts and text, in the shape in which a model is trained: what it is asked when it writes, and the text.

A line of JSON each, as `python -m llm_server.data` reads `pair` sources. Knows no store and no file.
"""

from __future__ import annotations

from typing import Any

from deskhand.writing.fact_json import facts_as_json
from deskhand.writing.facts import Facts, as_fact, leaves
from deskhand.writing.templates import TextTemplate


def pair(
    template: TextTemplate, facts: Facts, text: str, *, group: str, asked: str = "", source: str = "", made_on: str = ""
) -> dict[str, Any]:
    """One row: `system` and `prompt` are word for word what the model is sent for these facts.

    `facts` are the values that nothing may touch, as the text says them; `fact_list` has the same facts for a program.
    `group` names what the text is about: pairs of one group stay in one part of the data.
    """
    system, question = template.messages(facts, asked)
    told = template.told(facts)
    return {
        "job": template.kind,
        "language": template.language,
        "system": system.content,
        "prompt": question.content,
        "text": text,
        "facts": {key: [leaf.say(template.language) for leaf in leaves(as_fact(told[key]))] for key in told},
        "fact_list": facts_as_json(told),
        "group": group,
        "source": source,
        "prompt_version": template.version,
        "date": made_on,
    }
