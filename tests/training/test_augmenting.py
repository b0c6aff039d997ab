"""Augmented copies say the same facts as what they were made of."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from llm_server.data.augmenting import Augmenter, read_words
from llm_server.data.plan import Augmenting
from llm_server.data.protected import free_parts, protected
from llm_server.data.records import Kind, Record

MUCH = Augmenting(copies=3, synonyms=0.9, insert=0.5, delete=0.5)
ENGLISH = st.lists(
    st.sampled_from(
        "please tell the customer that order SO-1042 of 200 boxes for Huaxing Technology has not been shipped and "
        "costs CNY 1,250.00 until 4 December but we need help with two dozen items {name} soon, thanks".split()
    ),
    min_size=3, max_size=30,
).map(" ".join)  # fmt: skip
CHINESE = st.lists(
    st.sampled_from(
        ["麻烦", "请", "订单", "SO-1042", "两百箱", "没有发货", "，", "客户", "¥1,250.00", "12月4日", "不", "尽快",
         "的", "《合同》", "三十天", "通知", "{name}", "八五折"]
    ),
    min_size=3, max_size=30,
).map("".join)  # fmt: skip


FACTS = (
    "SO-1042", "200", "Huaxing", "Technology", "not", "CNY", "1,250.00", "4", "December", "two", "dozen", "{name}",
    "两百箱", "没有", "¥1,250.00", "12月4日", "不", "《合同》", "三十天", "八五折",
)  # fmt: skip


def facts_in(text: str) -> list[int]:
    """How often each fact stands there."""
    return [text.count(fact) for fact in FACTS]


@given(ENGLISH | CHINESE)
def test_no_fact_is_touched(text: str) -> None:
    language = "zh" if re.search("[一-鿿]", text) else "en"
    record = Record(Kind.LABEL, text, label="x", language=language, facts=("Huaxing Technology",))

    for copy in Augmenter(MUCH, 1).copies(record):
        assert facts_in(copy.text) == facts_in(text), copy.text
        assert copy.text != text and copy.made and copy.label == "x"


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_the_parts_of_any_text_are_the_text(text: str, facts: list[str]) -> None:
    assert "".join(part for part, _ in free_parts(text, facts)) == text


def test_given_facts_are_protected_wherever_they_stand() -> None:
    parts = free_parts("the order of good day and co", ["good day"])

    assert ("good day", False) in parts


def test_the_same_seed_makes_the_same_copies_and_another_one_others() -> None:
    record = Record(Kind.LABEL, "please help, we need the goods soon but the order has a problem", language="en")

    first, again, other = (
        [copy.text for copy in Augmenter(MUCH, seed).copies(record)] for seed in (1, 1, 2)
    )  # fmt: skip

    assert first == again != other


def test_what_a_model_is_to_write_is_never_changed() -> None:
    record = Record(Kind.PAIR, "Please note the order.", prompt="please write about the order", language="en")

    copies = list(Augmenter(MUCH, 1).copies(record))

    assert copies and {copy.text for copy in copies} == {record.text}
    assert record.prompt not in {copy.prompt for copy in copies}


def test_text_without_labels_and_languages_without_words_are_left_alone() -> None:
    augmenter = Augmenter(MUCH, 1)

    assert not [*augmenter.copies(Record(Kind.TEXT, "please help", language="en"))]
    assert not [*augmenter.copies(Record(Kind.LABEL, "пожалуйста помогите", language="other"))]


def test_no_synonym_is_itself_a_negation_or_a_number() -> None:
    for language, words in read_words().items():
        for word in (*words.synonyms, *words.insert, *words.delete):
            assert not [fact for fact in protected(f"x {word} y") if fact], (language, word)
