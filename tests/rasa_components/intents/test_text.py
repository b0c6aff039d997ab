"""A message as the classifier reads it."""

from __future__ import annotations

import pytest

from tests.rasa_components.intents.conftest import Asked

pytestmark = pytest.mark.rasa

SCRIPT = """
import json, sys
from rasa_components.intents.text import counted, masked, plain, simplified
said = json.loads(sys.stdin.read())
print(json.dumps([[plain(text), masked(text), simplified(text), *map(sorted, counted(masked(text)))] for text in said]))
"""
READ = {  # as it is said -> as it is read
    "Where is SO-1042?": "where is xorder ?",
    "where is #1042": "where is xorder",
    "1042到哪了": "xorder 到哪了",
    "ＳＯ－１０４２ 到哪了": "xorder 到哪了",
    "来20箱A4纸": "来 xnum 箱a xnum 纸",
    "两箱水": "xnum 箱水",
    "SF1234567890发出": "xtrack 发出",
    "call 13812345678": "call xphone",
    "1,200.50 please": "xnum please",
    "訂單還沒收到": "订单还没收到",
    "zero\u200bwidth\u0000 and  spaces": "zero width and spaces",
    "": "",
    "😀": "😀",
}


@pytest.fixture(scope="module")
def read(rasa_says: Asked) -> dict[str, list[object]]:
    return dict(zip(READ, rasa_says(SCRIPT, list(READ)), strict=True))


@pytest.mark.parametrize("said", READ)
def test_numbers_are_read_as_what_they_stand_for(said: str, read: dict[str, list[object]]) -> None:
    assert read[said][1] == READ[said]


def test_a_message_without_words_has_a_feature_all_the_same(read: dict[str, list[object]]) -> None:
    assert read[""][3] == ["^$"] and read[""][4] == []


def test_words_stand_with_their_neighbours_and_ends(read: dict[str, list[object]]) -> None:
    words = read["call 13812345678"][3]

    assert words == sorted(["call", "xphone", "call_xphone", "^call", "xphone$"])


def test_a_long_message_is_cut(rasa_says: Asked) -> None:
    ((plain, _, simple, *_),) = rasa_says(SCRIPT, ["字" * 5000])

    assert len(plain) == len(simple) == 600
