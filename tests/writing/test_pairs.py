"""Pairs for training: what the model is asked, word for word, and facts that a program can read again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from deskhand.orders.units import UNIT_NAMES, UnitName
from deskhand.writing import Completion, Facts, Message, Writer, facts
from deskhand.writing.fact_json import facts_as_json, facts_from_json
from deskhand.writing.facts import as_fact
from deskhand.writing.pairs import pair
from llm_server.data.plan import SourceFiles
from llm_server.data.reading import Told, read
from llm_server.data.records import Kind
from tests.writing.sample import TEMPLATES, UNUSUAL, facts_of


class Asked:
    """Remembers what it is asked, and says nothing that could be sent."""

    def __init__(self) -> None:
        self.first: list[Message] = []

    async def complete(
        self, messages: Sequence[Message], *, max_tokens: int, seed: int, timeout: float, temperature: float = 0.0
    ) -> Completion:
        self.first = self.first or [*messages]
        return Completion("", "asked")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", TEMPLATES.kinds)
async def test_a_pair_asks_word_for_word_what_the_product_asks(kind: str, language: str) -> None:
    model, known = Asked(), facts_of(kind)
    asked = "到哪里了？" if kind == "customer_reply" else ""

    row = pair(TEMPLATES.get(kind, language), known, "a text", group="SO-1001", asked=asked)
    await Writer(TEMPLATES, model).write(kind, known, language, asked=asked)

    assert model.first == [Message("system", row["system"]), Message("user", row["prompt"])]


@pytest.mark.parametrize("known", [*map(facts_of, TEMPLATES.kinds), UNUSUAL])
def test_facts_are_the_same_after_they_were_json(known: Facts) -> None:
    read_again = facts_from_json(json.loads(json.dumps(facts_as_json(known))))

    assert read_again == {key: as_fact(fact) for key, fact in known.items()}


def test_a_line_keeps_its_price_and_a_unit_that_nobody_knows() -> None:
    bolts = facts.name("螺栓", "bolts")
    unit = UNIT_NAMES["kg"]
    lines = [
        facts.line(bolts, facts.quantity(Decimal("2.50"), unit, bolts.spellings), facts.money(Decimal("3.10"), "EUR")),
        facts.line(facts.name("绳"), facts.quantity(Decimal(4), UnitName("束", "束", "束"), of=("绳",))),
    ]

    assert facts_from_json(facts_as_json({"lines": facts.listing(lines)}))["lines"] == facts.listing(lines)


def test_a_pair_is_read_as_one_by_the_preparation_of_data(tmp_path: Path) -> None:
    known = facts_of("confirmation")
    row = pair(TEMPLATES.get("confirmation", "zh"), known, "您的订单SO-1001已确认。", group="SO-1001")
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")

    [record] = read(SourceFiles(Kind.PAIR, file), Told())

    assert (record.system, record.prompt, record.text) == (row["system"], row["prompt"], row["text"])
    assert (record.job, record.language, record.group) == ("confirmation", "zh", "SO-1001")
    assert {"SO-1001", "20箱", "A4纸", "1,234.50元", "2026年12月4日"} <= set(record.facts)


def test_facts_that_no_sentence_of_the_text_names_are_not_shown() -> None:
    prompt = pair(TEMPLATES.get("invoice_cover", "en"), facts_of("invoice_cover"), "", group="")["prompt"]

    assert "A4 paper" not in prompt and "INV-1002" in prompt
