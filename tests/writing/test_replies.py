"""Replies made ahead of time: right for every order, or not drafted; a message is classified; facts are filled in."""

from __future__ import annotations

import pytest

from deskhand.writing import Writer
from deskhand.writing.replies import KIND, ReplyDraft, classify, filled, load_inquiries, placeholders
from tests.writing.liar import Liar
from tests.writing.sample import FOLDER, TEMPLATES, facts_of

INQUIRIES = load_inquiries(FOLDER.parent / "replies" / "inquiries.yml")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", INQUIRIES)
def test_the_first_version_of_each_is_right_for_every_order(name: str, language: str) -> None:
    draft = ReplyDraft.of(TEMPLATES.get(KIND, language), INQUIRIES[name])

    verdict = draft.check(INQUIRIES[name].first[language], {})

    assert verdict.ok, verdict


@pytest.mark.parametrize(
    "lie",
    [
        "Thank you. Your order {order} has shipped: {status}.",  # not in every status
        "Thank you. The status of your order is: {status}.",  # which order?
        "Thank you. The status of your order {order} is {status}, and {customer} knows.",
        "Thank you. The status of your order {order} is: {status}. It arrives within 2 days.",
        "Thank you. The status of your order {order} is: {status}. We guarantee it.",
        "The order now is: order number: {order}\nThe status is now: order number: {status}",
        "Thank you. The status of your order {order} is: {status}. This message was brightened.",
        "您的订单{order}目前的状态为：{status}。",
    ],
)
async def test_a_draft_that_is_wrong_for_some_order_is_the_first_version(lie: str) -> None:
    inquiry = INQUIRIES["where_is_it"]

    text = await Writer(TEMPLATES, Liar(lie)).write_with(
        ReplyDraft.of(TEMPLATES.get(KIND, "en"), inquiry), placeholders(inquiry)
    )

    assert (text.source, text.reason, text.text) == ("template", "facts_wrong", inquiry.first["en"])


async def test_a_right_draft_is_the_models() -> None:
    inquiry, right = INQUIRIES["where_is_it"], "Hello, here is how your order {order} stands at the moment: {status}."

    text = await Writer(TEMPLATES, Liar(right)).write_with(
        ReplyDraft.of(TEMPLATES.get(KIND, "en"), inquiry), placeholders(inquiry)
    )

    assert (text.source, text.text) == ("llm", right)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("请问我的货到哪了？", "where_is_it"),
        ("运单号是多少", "tracking"),
        ("Where is my order?", "where_is_it"),
        ("When will it be delivered, please?", "when_delivered"),
        ("How much do I owe you, and when is payment due?", "what_to_pay"),
        ("Tell me a joke", None),
    ],
)
def test_a_message_is_classified_by_its_words(message: str, name: str | None) -> None:
    found = classify(message, INQUIRIES)

    assert (found.name if found else None) == name


def test_a_template_without_its_fact_is_not_filled() -> None:
    known = facts_of(KIND)

    assert filled("{order} {tracking}", known, "en") == "SO-1001 SF1234567890"
    assert filled("{order} {batch}", known, "en") is None
