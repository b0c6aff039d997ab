"""Policy texts: files are indexed, found again in both languages, taken up when they change, and kept to a company."""

from __future__ import annotations

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deskhand.language import FoundPassage
from deskhand.store import (
    Desk,
    KnowledgeFileInvalid,
    KnowledgeFiles,
    find_passages,
    follow_files,
    knowledge_faults,
)
from deskhand.store.knowledge_file import read_document
from tests.support.desks import OTHER_TENANT, ROOT, TENANT

SHIPPED = ROOT / "knowledge"
HEAD = "---\ntitle: {{zh: 送货, en: Delivery}}\nlanguage: {0}\n---\n\n"


class Clock:
    """Two seconds go by at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 2.0
        return self.now


def write(folder: Path, name: str, text: str, language: str = "zh") -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(HEAD.format(language) + text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(
        tmp_path,
        "delivery.zh.md",
        "## 多久能到 {#lead-time}\n> 几天到货\n三天送达。\n\n## 运费 {#freight}\n每单 10 元。\n",
    )
    write(tmp_path, "delivery.en.md", "## Lead time {#lead-time}\n> when will it arrive\nThree days.\n", "en")
    return tmp_path


def found_for(
    desk: Desk, files: KnowledgeFiles, question: str, language: str, tenant: str = TENANT, for_staff: bool = False
) -> list[FoundPassage]:
    follow_files(desk, files, tenant)
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return find_passages(uow, question, language, for_staff)


def best(desk: Desk, files: KnowledgeFiles, question: str, language: str = "zh", tenant: str = TENANT) -> str | None:
    found = found_for(desk, files, question, language, tenant)
    return found[0].passage.body if found and found[0].is_sure else None


def test_a_question_finds_its_passage_in_its_language(desk: Desk) -> None:
    files = KnowledgeFiles(SHIPPED)

    for question, language, subject in (
        ("请问下单以后几天能到货？", "zh", "delivery#lead-time"),
        ("how long until my order gets here", "en", "delivery#lead-time"),
        ("硒鼓拆开了还能退吗", "zh", "returns#excluded"),
        ("what's the penalty when I pay late?", "en", "payment#late"),
    ):
        found = found_for(desk, files, question, language)[0]
        assert (found.passage.subject, found.passage.language, found.is_sure) == (subject, language, True)


def test_what_stands_nowhere_is_not_answered(desk: Desk) -> None:
    files = KnowledgeFiles(SHIPPED)

    assert best(desk, files, "可以养宠物狗吗") is None
    assert best(desk, files, "do you sell gift cards", "en") is None
    assert best(desk, files, "?!") is None


def test_words_of_a_question_are_never_operators_of_the_search(desk: Desk, folder: Path) -> None:
    files = KnowledgeFiles(folder)

    for odd in ('几天到货" OR tenant:*', "几天到货 NEAR(a b) ^ -", "几天到货 & | ! ( ) : ' \\", "几天到货 {search}: *"):
        assert found_for(desk, files, odd, "zh")[0].passage.body == "三天送达。"


def test_a_change_of_a_file_is_taken_up_without_a_restart(desk: Desk, folder: Path) -> None:
    files = KnowledgeFiles(folder, Clock())
    before = best(desk, files, "几天到货")

    write(folder, "delivery.zh.md", "## 多久能到 {#lead-time}\n> 几天到货\n五天送达。\n")
    changed = best(desk, files, "几天到货")
    (folder / "delivery.zh.md").unlink()
    removed = best(desk, files, "几天到货")

    assert (before, changed, removed) == ("三天送达。", "五天送达。", None)


def test_the_files_are_looked_at_every_two_seconds_and_no_more(desk: Desk, folder: Path) -> None:
    now = [0.0]
    files = KnowledgeFiles(folder, lambda: now[0])
    best(desk, files, "几天到货")

    write(folder, "delivery.zh.md", "## 多久能到 {#lead-time}\n> 几天到货\n五天送达。\n")
    now[0] = 1.9
    too_early = best(desk, files, "几天到货")
    now[0] = 2.0

    assert (too_early, best(desk, files, "几天到货")) == ("三天送达。", "五天送达。")


def test_an_unchanged_file_is_not_indexed_again(desk: Desk, folder: Path) -> None:
    files = KnowledgeFiles(folder, Clock())
    best(desk, files, "几天到货")
    before = desk.database.statements

    best(desk, files, "几天到货")
    once = desk.database.statements - before
    os.utime(folder / "delivery.zh.md", (1, 1))
    best(desk, files, "几天到货")

    assert desk.database.statements - before == 2 * once


def test_services_that_index_at_once_share_one_index(desk: Desk, folder: Path) -> None:
    with ThreadPoolExecutor(4) as services:
        for _ in services.map(lambda _: follow_files(desk, KnowledgeFiles(folder), TENANT), range(8)):
            pass

    assert best(desk, KnowledgeFiles(folder), "几天到货") == "三天送达。"
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.passages.count_subjects(for_staff=True) == 2


def test_a_companys_own_topic_takes_the_place_of_the_shared_one_in_every_language(desk: Desk, folder: Path) -> None:
    write(
        folder,
        f"{OTHER_TENANT}/delivery.zh.md",
        "## 多久能到 {#lead-time}\n> 几天到货 / when will it arrive\n十天送达。\n",
    )
    files = KnowledgeFiles(folder)

    assert best(desk, files, "几天到货") == "三天送达。"
    assert best(desk, files, "几天到货", tenant=OTHER_TENANT) == "十天送达。"
    assert best(desk, files, "when will it arrive", "en") == "Three days."
    assert best(desk, files, "when will it arrive", "en", OTHER_TENANT) == "十天送达。"
    assert best(desk, files, "运费", tenant=OTHER_TENANT) is None


def test_what_is_for_staff_is_not_told_to_others(desk: Desk, folder: Path) -> None:
    head = HEAD.replace("language: {0}", "language: zh\naudience: staff")
    (folder / "limits.zh.md").write_text(
        head.format() + "## 折扣权限\n> 最多能打几折\n销售最多九折。\n", encoding="utf-8"
    )
    files = KnowledgeFiles(folder)

    told = found_for(desk, files, "最多能打几折", "zh")
    staff = found_for(desk, files, "最多能打几折", "zh", for_staff=True)

    assert "销售最多九折。" not in [each.passage.body for each in told]
    assert staff[0].passage.body == "销售最多九折。"


def test_a_wrong_file_leaves_what_was_read_last_and_says_why(
    desk: Desk, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = KnowledgeFiles(folder, Clock())
    best(desk, files, "几天到货")

    (folder / "delivery.zh.md").write_text("多久能到：五天", encoding="utf-8")
    with caplog.at_level(logging.ERROR, "deskhand.knowledge"):
        answers = [best(desk, files, "几天到货") for _ in range(3)]

    assert answers == ["三天送达。"] * 3
    assert [record.message.count("delivery.zh.md:1") for record in caplog.records] == [1]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.zh.md", "no head", "delivery"),
        ("Bad Name.md", HEAD.format("zh") + "## A\nx\n", ":1: the name is a topic"),
        ("a.zh.md", HEAD.format("en") + "## A\nx\n", "language: is en, but the file's name says zh"),
        ("a.md", HEAD.format("fr") + "## A\nx\n", "language: is one of zh, en"),
        ("a.md", "---\ntitle: {zh: 送货}\nlanguage: zh\n---\n## A\nx\n", "title: give it in both languages"),
        ("a.md", "---\ntitle: [\nlanguage: zh\n---\n## A\nx\n", ":3: "),
        ("a.md", HEAD.format("zh") + "text without a heading\n", ":5: no heading with text under it"),
        ("a.md", HEAD.format("zh") + "## A\n> only a question\n", ":6: A: has questions and no answer"),
        ("a.md", HEAD.format("zh") + "## A\nx\n\n## A\ny\n", ":9: A: is the same heading as in line 6"),
        ("a.md", HEAD.format("zh").replace("title", "tilte: x\ntitle") + "## A\nx\n", "tilte: is not known"),
        ("a.md", HEAD.format("zh").replace("---\n\n", "audience: all\n---\n\n") + "## A\nx\n", "audience: is staff"),
        ("a.md", HEAD.format("zh") + "## A\n" + "x" * 4001, "has 4001 characters under it"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(name: str, text: str, said: str) -> None:
    with pytest.raises(KnowledgeFileInvalid) as refused:
        read_document(name, text.encode())

    assert (said if said != "delivery" else "begins with a head between two lines of ---") in str(refused.value)


def test_markdown_is_read_as_text() -> None:
    text = (
        HEAD.format("en") + "# Title\n\n## One\n<!-- hidden -->\nSee **our** [terms](http://x).\n\n- first\n- second\n"
    )

    passage = read_document("delivery.en.md", text.replace("\n", "\r\n").encode("utf-8-sig")).passages[0]

    assert (passage.subject, passage.body) == ("delivery#one", "See our terms.\nfirst\nsecond")


def test_the_texts_that_come_with_it_are_right_and_say_the_same_subjects_in_both_languages() -> None:
    documents = KnowledgeFiles(SHIPPED).of(TENANT)
    subjects = {
        language: {each.subject for one in documents if one.language == language for each in one.passages}
        for language in ("zh", "en")
    }

    assert knowledge_faults(SHIPPED, TENANT) == []
    assert subjects["zh"] == subjects["en"] and len(subjects["zh"]) >= 40
