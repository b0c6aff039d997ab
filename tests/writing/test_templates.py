"""The folder `writing` and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.writing import TemplatesInvalid, load_templates, order_facts
from deskhand.writing.templates import FULL
from tests.worker.sample import ACME, HUAXING, PRODUCTS, TENANT, invoice
from tests.worker.sample import order as whole_order
from tests.writing.sample import FOLDER, TEMPLATES, facts_of, order


def test_there_is_a_template_for_each_text_in_both_languages() -> None:
    jobs = ("receipt", "confirmation", "invoice_cover", "shipment")
    assert TEMPLATES.kinds == (*jobs, "contract_clause", "customer_reply", "quality_report", "risk_reminder")
    assert {language for _, language in TEMPLATES.by_kind} == {"zh", "en"}


def test_a_sentence_is_left_out_when_its_fact_is_missing() -> None:
    known = {key: fact for key, fact in order().items() if key != "address"}

    assert "送货地址" not in TEMPLATES.get("receipt", "zh").render(known)


def test_an_unknown_language_is_answered_in_english() -> None:
    assert TEMPLATES.get("receipt", "fr").language == "en"


def test_a_file_that_lacks_something_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(TemplatesInvalid, match=r"shared\.yml.*missing"):
        load_templates(tmp_path)

    (tmp_path / "shared.yml").write_text("zh: {}\nen: {}\n")
    (tmp_path / "receipt.yml").write_text("version: 1\n")
    with pytest.raises(TemplatesInvalid, match=r"receipt\.yml.*forbidden"):
        load_templates(tmp_path)


@pytest.mark.parametrize("customer", [HUAXING, ACME])
@pytest.mark.parametrize("kind", ["receipt", "confirmation", "invoice_cover"])
@pytest.mark.parametrize(
    "changes", [{}, {"lines": ()}, {"external_number": "536365"}, {"address": "12 High St, Flat 3"}]
)
def test_the_facts_of_a_real_order_fill_the_template(customer, kind, changes) -> None:  # type: ignore[no-untyped-def]
    one = replace(whole_order(customer), **changes)
    known = order_facts(one, customer, PRODUCTS, TENANT, invoice(one))
    template = TEMPLATES.get(kind, customer.language)

    text = template.render(known)

    verdict = template.check(text, known)
    assert verdict.ok, (text, verdict)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_worked_example_has_every_fact_of_the_question_and_none_of_its_values(language: str) -> None:
    template = load_templates(FOLDER, FULL).get("receipt", language)
    facts = {"customer": "华星", "order": "SO-1001", "total": "CNY 1.00", "address": ""}

    system, example, answer, question = template.messages(facts)

    assert (system.role, example.role, answer.role, question.role) == ("system", "user", "assistant", "user")
    assert [line.split(":")[0] for line in example.content.splitlines()] == [
        line.split(":")[0] for line in question.content.splitlines()
    ]
    assert "SO-1001" not in example.content + answer.content
    assert template.example["order"] in answer.content


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", TEMPLATES.kinds)
def test_a_brief_prompt_is_one_instruction_and_the_facts_that_the_sentences_name(kind: str, language: str) -> None:
    template, full = TEMPLATES.get(kind, language), load_templates(FOLDER, FULL).get(kind, language)
    facts = facts_of(kind)

    system, question = template.messages(facts)

    assert system.content == template.task and len(template.task) < 40
    assert question == full.messages(facts)[-1]
    assert set(template.needs(facts)) <= set(template.told(facts))


def test_a_kind_of_prompt_that_there_is_not_is_refused() -> None:
    with pytest.raises(TemplatesInvalid, match="LLM_PROMPT=long"):
        load_templates(FOLDER, "long")
