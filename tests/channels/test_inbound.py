"""What people send, before it is stored."""

from __future__ import annotations

from typing import Any

import pytest

from deskhand.channels.errors import ChannelError
from deskhand.channels.inbound import MAX_TEXT, CardPress, for_rasa, payload, read_inbound


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, "message_invalid"),
        ([], "message_invalid"),
        ({"text": "hello"}, "message_invalid"),
        ({"id": "a b", "text": "hello"}, "message_invalid"),
        ({"id": "x" * 65, "text": "hello"}, "message_invalid"),
        ({"id": 7, "text": "hello"}, "message_invalid"),
        ({"id": "m"}, "message_empty"),
        ({"id": "m", "text": ""}, "message_empty"),
        ({"id": "m", "text": " \n\u3000"}, "message_empty"),
        ({"id": "m", "text": "///"}, "message_empty"),
        ({"id": "m", "text": "x" * (MAX_TEXT + 1)}, "message_too_long"),
        ({"id": "m", "text": "a\x00b"}, "message_not_text"),
        ({"id": "m", "text": "\x1b[31m"}, "message_not_text"),
        ({"id": "m", "text": "\ud800"}, "message_not_text"),
        ({"id": "m", "text": "caf\ufffd"}, "message_not_text"),
        ({"id": "m", "text": b"bytes"}, "message_not_text"),
        ({"id": "m", "card": "c-1"}, "message_invalid"),
        ({"id": "m", "card": {"id": "c-1"}}, "message_invalid"),
        ({"id": "m", "card": {"id": "c-1", "action": "/affirm{}"}}, "message_invalid"),
    ],
)
def test_what_is_no_message_is_refused_with_a_code(data: Any, code: str) -> None:
    with pytest.raises(ChannelError) as refused:
        read_inbound(data)

    assert refused.value.code == code


@pytest.mark.parametrize("text", ["帮我下单：20箱A4纸", "line one\nline two\t!", "👨‍👩‍👧 ok", "naïve – “quotes”"])
def test_ordinary_text_is_kept_as_it_was_typed(text: str) -> None:
    assert read_inbound({"id": "m-1", "text": text}).text == text


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("/affirm", "affirm"),
        ("  //restart", "restart"),
        ("\u200b/deny", "deny"),
        ("／affirm", "affirm"),
        ("/ /\u3000/affirm", "affirm"),
        ('/confirm_order{"n": 1}', 'confirm_order{"n": 1}'),
        ("and/or", "and/or"),
    ],
)
def test_rasa_never_sees_a_leading_slash_of_a_person(typed: str, heard: str) -> None:
    assert for_rasa(typed) == heard


def test_a_press_becomes_the_intent_of_its_button() -> None:
    assert [payload(CardPress("c", action)) for action in ("confirm", "reject", "choose:2")] == [
        "/affirm",
        "/deny",
        "/choose",
    ]
