"""Questions about the rules: what is written is quoted with its name; what isn't is not made up."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from actions.ask_policy import AskPolicyAction, DeclineAction
from deskhand.store import KnowledgeFiles
from tests.support.bench import Bench

HEAD = "---\ntitle: {{zh: 送货, en: Delivery}}\nlanguage: {0}\n{1}---\n\n"


@pytest.fixture
def own(bench: Bench, tmp_path: Path) -> Bench:
    """With files of its own instead of those that come with Deskhand."""
    folder = tmp_path / "knowledge"
    folder.mkdir()
    write(folder, "lead.zh.md", "zh", "## 多久能到 {#lead}\n> 几天到货\n下单后三天送达 {不含周末}。\n")
    write(folder, "lift.en.md", "en", "## Lifts\n> no lift / 没有电梯怎么办\nWe carry up to floor 3.\n")
    write(folder, "limits.zh.md", "zh", "## 折扣权限\n> 最多能打几折\n销售最多九折。\n", "audience: staff\n")
    bench.services = replace(bench.services, knowledge=KnowledgeFiles(folder))
    return bench


def write(folder: Path, name: str, language: str, text: str, more: str = "") -> None:
    (folder / name).write_text(HEAD.format(language, more) + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("请问退货多少天内可以退？", "zh", ("收货以后 15 天以内可以无理由退货", "退换货与保修", "多少天内可以退货")),
        ("how long is the warranty?", "en", ("have a warranty of 1 year", "Returns and warranty", "Warranty")),
    ],
)
async def test_the_rule_is_quoted_with_its_source(
    bench: Bench, text: str, language: str, said: tuple[str, str, str]
) -> None:
    answer = await bench.run(AskPolicyAction, "customer", text, language=language)

    told = answer.values("utter_policy_quoted")
    assert answer.responses == ["utter_policy_quoted"] and not answer.events
    assert said[0] in told["quote"] and (told["title"], told["heading"]) == said[1:]
    assert told["quote"] in "".join(file.read_text("utf-8") for file in Path("knowledge").glob("*.md"))


async def test_a_rule_that_is_written_in_the_other_language_only_is_quoted_and_that_is_said(own: Bench) -> None:
    said = await own.run(AskPolicyAction, "customer", "没有电梯怎么办", language="zh")

    told = said.values("utter_policy_in_other_language")
    assert (told["quote"], told["title"], told["heading"]) == ("We carry up to floor 3.", "送货", "Lifts")


@pytest.mark.parametrize(("text", "language"), [("能养狗吗", "zh"), ("do you sell gift cards?", "en"), ("？", "zh")])
async def test_what_is_not_written_is_not_known_and_the_question_can_be_found(
    own: Bench, text: str, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    message = own.message_id("customer", text)

    with caplog.at_level(logging.INFO, "actions.ask_policy"):
        said = await own.run(AskPolicyAction, "customer", text, language=language, message_id=message)

    assert said.responses == ["utter_policy_unknown"]
    assert [record.getMessage() for record in caplog.records] == [f"no passage answers message {message}"]


async def test_when_it_is_not_sure_it_names_the_closest_rules_and_quotes_none(bench: Bench) -> None:
    said = await bench.run(AskPolicyAction, "customer", "晚付款一个星期会有什么后果", language="zh")

    assert said.responses == ["utter_policy_close"]
    assert "逾期付款" in said.values("utter_policy_close")["headings"]


async def test_what_is_for_staff_is_not_told_to_customers(own: Bench) -> None:
    customer = await own.run(AskPolicyAction, "customer", "最多能打几折", language="zh")
    clerk = await own.run(AskPolicyAction, "clerk", "最多能打几折", language="zh")

    assert "九折" not in str(customer.messages) and "折扣权限" not in str(customer.messages)
    assert clerk.values("utter_policy_quoted")["quote"] == "销售最多九折。"


async def test_what_sounds_like_nobodys_task_is_answered_if_a_company_wrote_about_it(own: Bench) -> None:
    written = await own.run(DeclineAction, "customer", "几天到货", language="zh", intent="out_of_scope")
    vaguely = await own.run(DeclineAction, "customer", "到货几张桌子", language="zh", intent="out_of_scope")
    unclear = await own.run(DeclineAction, "customer", "asdf", language="en", intent="nlu_fallback")

    assert written.values("utter_policy_quoted")["quote"] == "下单后三天送达 {不含周末}。"
    assert vaguely.responses == ["utter_out_of_scope"] and unclear.responses == ["utter_not_understood"]


async def test_a_question_leaves_nothing_but_the_index(own: Bench) -> None:
    message = own.message_id("customer", "几天到货")

    said = await own.run(AskPolicyAction, "customer", "几天到货", language="zh", message_id=message)

    assert said.responses == ["utter_policy_quoted"]
    with own.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.audit.list() == [] and not uow.messages.turn_result(message)
        assert uow.passages.count_subjects(for_staff=True) == 3
