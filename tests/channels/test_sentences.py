"""The gateway's own sentences."""

from __future__ import annotations

import inspect

import pytest

from deskhand.channels import errors
from deskhand.channels.sentences import sentence, sentence_for
from deskhand.orders.errors import CardExpired, CardUnknown, CardUsed, DeskhandError, UnknownOrder

SPOKEN = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.ChannelError) and kind is not errors.ChannelError
]


@pytest.mark.parametrize("kind", [*SPOKEN, CardUsed, CardExpired, CardUnknown])
def test_every_refusal_of_a_message_is_said_in_both_languages(kind: type[DeskhandError]) -> None:
    error = kind(length=5000, limit=4000, field="id", action="x", card="c", reason="down", name="Ann")
    zh, en = sentence_for(error, "zh"), sentence_for(error, "en")

    assert zh != en and "{" not in zh + en
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert zh != sentence("internal_error", "zh")


def test_what_has_no_sentence_here_speaks_for_itself_or_is_an_internal_error() -> None:
    assert sentence_for(UnknownOrder(number="SO-9"), "en") == "There is no order SO-9."
    assert sentence("no_such_code", "en") == sentence("internal_error", "en")
