"""An order that looks like one placed a short time ago: the card says which, and its yes is to know of it."""

from __future__ import annotations

from decimal import Decimal

from actions.order_draft import PLACE_FORM
from actions.place_order import FinishPlaceOrderAction, ValidatePlaceOrderForm
from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.status import DeliveryMode
from tests.support.bench import Bench, Said
from tests.support.desks import CLERK, done

SAYS = "华星要1箱A4纸，下周五前送到，走快递"
SAME = PlaceOrder("huaxing", (NewLine("PAPER-A4", Decimal(1), "box"),), delivery_mode=DeliveryMode.COURIER)


async def read_back(bench: Bench) -> Said:
    return await bench.run(ValidatePlaceOrderForm, "clerk", SAYS, intent="place_order", form=PLACE_FORM)


async def pressed(bench: Bench, said: Said) -> Said:
    """The yes to the card that was read back last."""
    card, message = said.card["id"], bench.message_id("clerk", "")
    for action in (ValidatePlaceOrderForm, FinishPlaceOrderAction):
        said = await bench.run(
            action, "clerk", intent="affirm", form=PLACE_FORM, slots=said.slots, message_id=message, card=card,
            action="confirm",
        )  # fmt: skip
    return said


async def test_the_card_names_the_order_that_it_looks_like_and_asks_for_an_explicit_yes(bench: Bench) -> None:
    first = done(bench.desk, SAME, CLERK)

    said = await read_back(bench)

    values = said.values("utter_possible_duplicate")
    assert values["number"] == first.number and values["when"] == "今天 10:00"
    assert said.card["actions"][0]["label"] == "不是重复，再下一单"
    assert "utter_order_placed" in (await pressed(bench, said)).responses


async def test_an_order_that_is_like_no_other_is_asked_nothing(bench: Bench) -> None:
    said = await read_back(bench)

    assert "utter_possible_duplicate" not in said.responses and said.card["actions"][0]["label"] == "确认下单"


async def test_what_somebody_placed_between_card_and_yes_is_said_first(bench: Bench) -> None:
    said = await read_back(bench)
    first = done(bench.desk, SAME, CLERK)

    refused = await pressed(bench, said)
    assert refused.values("utter_possible_duplicate")["number"] == first.number

    assert "utter_order_placed" in (await pressed(bench, said)).responses
