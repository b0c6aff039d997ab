"""Pairs of facts and text from what was kept: right ones alone, each once, masked when that is wished."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from deskhand.store import Desk
from deskhand.store.repositories.records import ChosenTexts
from deskhand.store.schema import text_record
from deskhand.store.text_jobs import keep
from deskhand.store.text_pairs import ERASED, NO_FACTS, REFUSED, REPEATED, TextPairs
from deskhand.writing import Facts, Text, facts
from deskhand.writing.check import Verdict
from deskhand.writing.fact_json import facts_from_json
from deskhand.writing.masking import Mask
from tests.support.desks import TENANT, clock, database_url, desk, placed, postgres_template
from tests.writing.sample import CHINESE, TEMPLATES, facts_of
from tests.writing.sample import order as facts_of_order

__all__ = ["clock", "database_url", "desk", "postgres_template"]

EVERY = ChosenTexts()
KNOWN = facts_of_order()
CONTRACT = facts_of("contract_clause")


def text(said: str = CHINESE, known: Facts = KNOWN, source: str = "llm", **more: str) -> Text:
    kind, language = more.get("kind", "confirmation"), more.get("language", "zh")
    return Text(
        kind, language, said, source, None, Verdict(True), "m", 0.1, facts=known, asked=more.get("asked", "")
    )  # fmt: skip


def kept(desk: Desk, *texts: Text, order: str | None = None) -> None:
    with desk.unit_of_work(TENANT) as uow:
        for each in texts:
            keep(uow, each, order)
        uow.commit()


def read(desk: Desk, pairs: TextPairs, chosen: ChosenTexts = EVERY) -> list[dict[str, object]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return [*pairs.rows(uow, chosen)]


def test_a_right_text_is_a_pair_with_the_prompt_of_its_facts_and_the_number_of_its_order(desk: Desk) -> None:
    order = placed(desk)
    kept(desk, text(), order=order.id)

    [row] = read(desk, TextPairs(TEMPLATES))

    asked = TEMPLATES.get("confirmation", "zh").messages(KNOWN)
    assert (row["system"], row["prompt"]) == (asked[0].content, asked[1].content)
    assert (row["text"], row["source"], row["group"]) == (CHINESE, "llm", order.number)


def test_what_is_wrong_or_without_facts_or_erased_or_there_already_is_left_out_and_counted(desk: Desk) -> None:
    erased = {**KNOWN, "customer": facts.name("[erased]")}
    wrong = text(CHINESE.replace("20箱", "30箱"))
    kept(desk, text(), text(), wrong, text(known={}), text(CHINESE.replace("华星科技有限公司", "[erased]"), erased))
    pairs = TextPairs(TEMPLATES)

    rows = read(desk, pairs)

    assert [row["text"] for row in rows] == [CHINESE]
    assert pairs.left_out == {NO_FACTS: 1, ERASED: 1, REFUSED: 1, REPEATED: 1}
    assert (pairs.read, pairs.made) == (5, {"confirmation/zh/llm": 1})


def test_what_was_kept_before_facts_were_is_no_pair(desk: Desk) -> None:
    kept(desk, text())
    with desk.unit_of_work(TENANT) as uow:
        uow.connection.execute(update(text_record).where(text_record.c.tenant == TENANT).values(written_from=None))
        uow.commit()
    pairs = TextPairs(TEMPLATES)

    assert read(desk, pairs) == [] and pairs.left_out == {NO_FACTS: 1}


def test_texts_are_chosen_by_kind_language_origin_and_time(desk: Desk) -> None:
    template = TEMPLATES.get("contract_clause", "en").render(CONTRACT)
    kept(desk, text(), text(template, CONTRACT, "template", kind="contract_clause", language="en"))
    now = desk.clock()

    def kinds(chosen: ChosenTexts) -> list[object]:
        return [row["job"] for row in read(desk, TextPairs(TEMPLATES), chosen)]

    assert kinds(ChosenTexts()) == ["confirmation", "contract_clause"]
    assert kinds(ChosenTexts(kinds=("confirmation",))) == kinds(ChosenTexts(languages=("zh",))) == ["confirmation"]
    assert kinds(ChosenTexts(sources=("template",))) == ["contract_clause"]
    assert kinds(ChosenTexts(since=now + timedelta(seconds=1))) == kinds(ChosenTexts(until=now)) == []


def test_masked_pairs_name_nobody_and_are_right_about_somebody_who_is_not_there(desk: Desk) -> None:
    order = placed(desk)
    replied = "您好，感谢来信。您的订单SO-1001目前的状态为：已发运。"
    reply = {key: facts_of("customer_reply")[key] for key in ("order", "status")}
    asked = "我是华星的王伟，电话13800138000，货在哪？"
    kept(
        desk, text(), text(replied, reply, "approved", kind="customer_reply", asked=asked), order=order.id
    )  # fmt: skip

    rows = read(desk, TextPairs(TEMPLATES, Mask(b"key")))

    assert [row["job"] for row in rows] == ["confirmation", "customer_reply"]
    for row in rows:
        for private in ("华星", "Huaxing", "SO-1001", order.number, "张江", "INV-1002", "PO7781", "王伟", "138001"):
            assert private not in str(row)
        known = facts_from_json(row["fact_list"])  # type: ignore[arg-type]
        assert TEMPLATES.get(str(row["job"]), "zh").check(str(row["text"]), known, read=True).ok
    assert "A4纸20箱" in str(rows[0]["text"]) and "1,234.50元" in str(rows[0]["text"])
    assert rows[0]["group"] == rows[1]["group"]


@pytest.mark.parametrize("code", ["SO-1001", "20417", "DH20417", "INV-1002-1", "a"])
def test_a_masked_code_looks_as_it_did_and_is_the_same_with_the_same_key(code: str) -> None:
    masked = Mask(b"one").code(code)

    assert masked == Mask(b"one").code(code)
    assert len(masked) == len(code)
    assert [char.isdigit() for char in masked] == [char.isdigit() for char in code]


def test_another_export_masks_otherwise() -> None:
    codes = [f"SO-{number}" for number in range(1000, 1050)]

    assert [Mask(b"one").code(each) for each in codes] != [Mask(b"two").code(each) for each in codes]
