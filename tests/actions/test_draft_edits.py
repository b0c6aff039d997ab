"""What the card of a draft offers to be changed in place: each sentence of it, said, changes just that."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.status import Role
from tests.actions.test_place_order import WHOLE, say
from tests.support.bench import Bench

ENGLISH = "Acme Ltd needs 20 boxes of A4 paper and 3 printers, 1 Main Street, by Friday next week, by courier"
TWICE = (("PRN-L100", Decimal(2), None), ("PAPER-A4", Decimal(3), "box"), ("PAPER-A4", Decimal(5), "pack"))
FOR_MYSELF = "我要20箱A4纸，送到上海浦东张江路1号，下周五前，走快递"
NEW = {"quantity": "7", "customer": "Acme Inc", "address": "5 Side Street", "delivery_date": "2026-12-11"}


async def drafted(bench: Bench, language: str) -> dict[str, Any]:
    said = await say(bench, WHOLE if language == "zh" else ENGLISH, intent="place_order", language=language)
    return said.card


def state(card: dict[str, Any]) -> dict[str, str]:
    """What stands on the card, as its own fields for changes have it."""
    return {edit.get("sku", edit["key"]): edit["value"] for edit in card["edits"]}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_each_sentence_that_a_draft_offers_changes_just_what_it_says(bench: Bench, language: str) -> None:
    card = await drafted(bench, language)
    assert [edit.get("sku", edit["key"]) for edit in card["edits"]] == [
        "PAPER-A4", "PRN-L100", "customer", "address", "delivery_date",
    ]  # fmt: skip

    for edit in card["edits"]:
        before, value = state(card), NEW[edit["key"]]
        card = (await say(bench, edit["say"].replace("{value}", value), language=language)).card
        assert state(card) == before | {edit.get("sku", edit["key"]): value}


async def test_several_changes_in_one_message_are_all_made(bench: Bench) -> None:
    card = await drafted(bench, "zh")

    together = [edit for edit in card["edits"] if not edit.get("apart")]
    text = "；".join(edit["say"].replace("{value}", NEW[edit["key"]]) for edit in together)
    after = state((await say(bench, text)).card)

    assert after == state(card) | {edit.get("sku", edit["key"]): NEW[edit["key"]] for edit in together}


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_goods_are_taken_out_by_the_sentence_offered_for_it(bench: Bench, language: str) -> None:
    card = await drafted(bench, language)

    after = (await say(bench, card["edits"][1]["drop"], language=language)).card

    assert [line["sku"] for line in after["lines"]] == ["PAPER-A4"]


async def test_a_customer_is_not_offered_to_order_for_another(bench: Bench) -> None:
    said = await say(
        bench, "我要20箱A4纸，送到上海浦东张江路1号，下周五前，走快递", login="customer", intent="place_order"
    )

    assert "customer" not in state(said.card)


async def test_goods_that_stand_twice_on_a_draft_are_left_to_words(bench: Bench) -> None:
    """As "the same as last time" may bring them: which of the two is meant can't be said."""
    bench.desk.handle(PlaceOrder("huaxing", tuple(NewLine(*each) for each in TWICE)), bench.actor(Role.SALES))

    said = await say(bench, "给华星下单，跟上次一样，下周五前，快递", intent="place_order")

    assert [line["sku"] for line in said.card["lines"]] == ["PRN-L100", "PAPER-A4", "PAPER-A4"]
    assert [edit["sku"] for edit in said.card["edits"] if "sku" in edit] == ["PRN-L100"]
