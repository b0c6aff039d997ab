"""Amend a placed order by talking: the card shows before and after, its yes does it, all else asks or declines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from actions.amend_order import FORM, AmendOrderAction, ValidateAmendOrderForm
from actions.answer_card import AnswerCardAction
from actions.give_shipment import GiveShipmentAction
from actions.place_order import FORM as PLACING
from actions.place_order import ChangeDraftAction, ValidatePlaceOrderForm
from actions.undo_change import UndoChangeAction
from deskhand.orders.commands import AmendOrder, ConfirmOrder, GiveShipmentInformation, HoldOrder, NewLine, ReceiveGoods
from deskhand.orders.status import DeliveryMode, Role
from tests.support.bench import Bench, Said

TWO = (NewLine("PAPER-A4", Decimal(20), "box"), NewLine("PRN-L100", Decimal(3)))


def ordered(bench: Bench, customer: str = "huaxing") -> str:
    """Twenty boxes of paper and three printers, courier, to 1 Main Street."""
    number = bench.placed(customer).number
    bench.desk.handle(AmendOrder(number, TWO), bench.actor(Role.SALES))
    return number


async def amend(bench: Bench, text: str, login: str = "clerk", language: str = "zh") -> Said:
    return await bench.run(AmendOrderAction, login, text, intent="amend_order", language=language)


def facts(said: Said) -> dict[str, str]:
    return {fact["key"]: fact["value"] for fact in said.card["facts"]}


def lines(said: Said) -> dict[str, tuple[str, str]]:
    return {line["sku"]: (line["quantity"] + line["unit"], line["note"]) for line in said.card["lines"]}


async def test_the_card_shows_both_versions_and_nothing_is_done_before_its_yes(bench: Bench) -> None:
    number = ordered(bench)

    asked = await amend(bench, f"{number}的A4纸改成30箱，去掉打印机，再加2把椅子")

    assert asked.card["kind"] == "command" and asked.card["title"] == f"修改订单 {number}"
    assert lines(asked) == {"PAPER-A4": ("30箱", "共300包 · 原 20箱"), "CHR-200": ("2把", "新增")}
    assert facts(asked)["taken_out"] == "激光打印机 3台"
    assert (facts(asked)["total_before"], asked.card["total"]["value"]) == ("8,897.00 元", "8,418.00 元")
    assert bench.order(number).total == Decimal("8897.00")

    done = await bench.run(AnswerCardAction, "clerk", "好的", intent="affirm")
    assert done.values("utter_order_amended")["total"] == "8,418.00 元"
    assert [(line.sku, line.quantity) for line in bench.order(number).lines] == [
        ("PAPER-A4", Decimal(30)),
        ("CHR-200", Decimal(2)),
    ]


@pytest.mark.parametrize(
    ("text", "language", "key", "shown"),
    [
        ("把{n}的地址改成北京朝阳区建国路88号", "zh", "address", "1 Main Street → 北京朝阳区建国路88号"),
        ("update the address of {n} to 12 Baker Street", "en", "address", "1 Main Street → 12 Baker Street"),
        ("{n}改成自提", "zh", "delivery_mode", "快递 → 自提"),
        ("{n}改成预约送货", "zh", "delivery_mode", "快递 → 快递（预约）"),
        ("move the delivery date of {n} to December 11", "en", "delivery_date", "Friday, 11 December 2026"),
        ("{n}改一下联系人为王芳 13800138000", "zh", "contact", "王芳 13800138000"),
        ("change the contact of {n} to Jane Lee", "en", "contact", "Jane Lee"),
        ("{n}的电话写错了，应该是13800138000", "zh", "contact", "13800138000"),
        ("{n}付款改成20天", "zh", "terms", "发货后 20 天内付款"),
        ("make {n} net 45", "en", "terms", "45 days after shipping"),
        ("add a note to {n}: leave at the gate", "en", "note", "leave at the gate"),
    ],
)
async def test_each_field_is_shown_with_what_it_was(
    bench: Bench, text: str, language: str, key: str, shown: str
) -> None:
    number = ordered(bench)

    asked = await amend(bench, text.format(n=number), language=language)

    assert facts(asked)[key].endswith(shown)
    assert "total_before" not in facts(asked) and all(not line["note"] for line in asked.card["lines"])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("change order {d}: 30 boxes of paper", {"PAPER-A4": 30, "PRN-L100": 3}),
        ("add 2 chairs to order {d}", {"PAPER-A4": 20, "PRN-L100": 3, "CHR-200": 2}),
        ("remove the printers from {n}", {"PAPER-A4": 20}),
        ("{d}的A4纸改成25箱", {"PAPER-A4": 25, "PRN-L100": 3}),
        ("能把{d}的打印机改成5台吗", {"PAPER-A4": 20, "PRN-L100": 5}),
        ("把{n}里的打印机换成办公椅", {"PAPER-A4": 20, "CHR-200": 3}),
    ],
)
async def test_people_say_it_in_many_ways(bench: Bench, text: str, after: dict[str, int]) -> None:
    number = ordered(bench)

    await amend(bench, text.format(n=number, d=number.removeprefix("SO-")))
    await bench.run(AnswerCardAction, "clerk", "yes", intent="affirm")

    assert {line.sku: line.quantity for line in bench.order(number).lines} == after


async def test_a_text_without_a_change_is_asked_what_to_change_and_the_answer_makes_the_card(bench: Bench) -> None:
    number = ordered(bench)

    asked = await amend(bench, f"我想改一下{number}")
    assert asked.responses == ["utter_question_amendment"] and asked.slots["requested_slot"] == "amendment"

    said = await bench.run(ValidateAmendOrderForm, "clerk", "打印机改成5台", form=FORM, intent="change_draft")
    assert lines(said)["PRN-L100"] == ("5台", "原 3台") and said.slots["requested_slot"] is None


async def test_several_orders_are_a_list_and_what_was_said_is_not_forgotten(bench: Bench) -> None:
    ordered(bench)
    ordered(bench)

    asked = await amend(bench, "把订单的A4纸改成30箱")
    assert asked.slots["requested_slot"] == "order_number" and len(asked.card["items"]) == 2
    chosen = asked.card["items"][1]["order"]
    typed = await bench.run(ValidateAmendOrderForm, "clerk", "第二个", form=FORM, intent="out_of_scope")
    assert typed.card["order"] == chosen and lines(typed)["PAPER-A4"] == ("30箱", "共300包 · 原 20箱")

    again = await amend(bench, "把订单的A4纸改成30箱")
    pressed = await bench.run(AnswerCardAction, "clerk", intent="choose", card=again.card["id"], action="choose:1")
    assert pressed.card["order"] == again.card["items"][0]["order"]
    assert lines(pressed)["PAPER-A4"] == ("30箱", "共300包 · 原 20箱")


async def test_an_unclear_product_is_asked_about_and_the_rest_of_the_change_is_kept(bench: Bench) -> None:
    number = ordered(bench)

    asked = await amend(bench, f"{number}的A4纸改成30箱，再加办公椅")
    assert asked.responses == ["utter_question_quantity"]
    said = await bench.run(ValidateAmendOrderForm, "clerk", "4把", form=FORM, intent="out_of_scope")

    assert lines(said)["PAPER-A4"][0] == "30箱" and lines(said)["CHR-200"] == ("4把", "新增")


async def test_until_the_yes_more_can_be_changed(bench: Bench) -> None:
    number = ordered(bench)
    await amend(bench, f"{number}的A4纸改成30箱")

    more = await bench.run(ChangeDraftAction, "clerk", "打印机改成5台", intent="change_draft")

    assert lines(more) == {"PAPER-A4": ("30箱", "共300包 · 原 20箱"), "PRN-L100": ("5台", "原 3台")}


async def test_an_open_draft_keeps_its_corrections_and_a_named_order_gets_its_own(bench: Bench) -> None:
    number = ordered(bench)
    draft = await bench.run(
        ValidatePlaceOrderForm, "clerk", "客户华星要20箱A4纸，下周五前，走快递", form=PLACING, intent="place_order"
    )
    assert draft.card["kind"] == "order_draft"

    own = await bench.run(ValidatePlaceOrderForm, "clerk", "A4纸改成25箱", form=PLACING, intent="amend_order")
    assert own.card["kind"] == "order_draft" and own.card["lines"][0]["quantity"] == "25"
    named = await bench.run(
        ValidatePlaceOrderForm, "clerk", f"{number}的A4纸改成30箱", form=PLACING, intent="amend_order"
    )
    assert named.rejected
    card = await bench.run(AmendOrderAction, "clerk", f"{number}的A4纸改成30箱", form=PLACING, intent="amend_order")
    assert card.card["title"] == f"修改订单 {number}"


async def test_a_correction_that_names_an_order_is_never_taken_for_the_drafts(bench: Bench) -> None:
    number = ordered(bench)

    said = await bench.run(ChangeDraftAction, "clerk", f"{number}的A4纸改成30箱", intent="change_draft")

    assert said.card["order"] == number


async def test_what_can_not_be_read_is_said_and_asked_again(bench: Bench) -> None:
    number = ordered(bench)

    for text, problem in (
        (f"{number}再加5个独角兽", "utter_unknown_product"),
        (f"{number}的A4纸改成0箱", "utter_invalid_quantity"),
        (f"{number}的客户改成东方贸易", "utter_amend_not_customer"),
        (f"{number}的送货日期改成昨天", "utter_date_in_past"),
    ):
        said = await amend(bench, text)
        assert said.responses == [problem, "utter_question_amendment"] and not said.cards, text


async def test_a_new_address_for_an_order_without_a_parcel_amends_the_order(bench: Bench) -> None:
    number = ordered(bench)
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.SALES))
    bench.desk.handle(ReceiveGoods(number), bench.actor(Role.WAREHOUSE))

    said = await bench.run(
        GiveShipmentAction, "clerk", f"{number}的发货地址改成北京路1号", intent="change_shipment", language="zh"
    )

    assert facts(said)["address"] == "1 Main Street → 北京路1号"


async def test_it_is_refused_at_once_where_it_would_be_and_nothing_is_asked(bench: Bench) -> None:
    held, packed = ordered(bench), ordered(bench)
    bench.desk.handle(HoldOrder(held, "credit"), bench.actor(Role.MANAGER))
    for command, role in ((ConfirmOrder(packed), Role.SALES), (ReceiveGoods(packed), Role.WAREHOUSE)):
        bench.desk.handle(command, bench.actor(role))
    bench.desk.handle(GiveShipmentInformation(packed, "SF", "SF1"), bench.actor(Role.WAREHOUSE))

    assert (await amend(bench, f"我想改一下{held}")).responses == ["utter_not_possible_now"]
    assert (await amend(bench, f"{packed}的A4纸改成30箱")).responses == ["utter_parcel_already_given"]
    assert (await amend(bench, f"{held}的A4纸改成30箱", "warehouse")).responses == ["utter_role_not_allowed"]


async def test_a_customer_amends_their_own_order_and_hears_of_no_other(bench: Bench) -> None:
    own, other = ordered(bench), ordered(bench, "acme-ltd")

    assert (await amend(bench, f"{other}的A4纸改成30箱", "customer")).responses == ["utter_not_found"]
    asked = await amend(bench, "我的订单A4纸改成10箱", "customer")
    assert asked.card["order"] == own
    await bench.run(AnswerCardAction, "customer", "对", intent="affirm")

    assert bench.order(own).lines[0].quantity == 10


async def test_an_order_that_was_changed_meanwhile_is_a_conflict(bench: Bench) -> None:
    number = ordered(bench)
    await amend(bench, f"{number}的A4纸改成30箱")
    bench.desk.handle(ConfirmOrder(number), bench.actor(Role.MANAGER))

    said = await bench.run(AnswerCardAction, "clerk", "好", intent="affirm")

    assert said.responses == ["utter_version_conflict"]
    assert bench.order(number).lines[0].quantity == 20


async def test_what_the_card_keeps_is_what_is_done(bench: Bench) -> None:
    number = ordered(bench)
    asked = await amend(bench, f"{number}改成自提，要预约，12月11日送，A4纸改成2.5箱")
    assert asked.card["kind"] == "command", asked.responses
    await bench.run(AnswerCardAction, "clerk", intent="affirm", card=asked.card["id"], action="confirm")

    order = bench.order(number)
    assert (order.delivery_mode, order.appointment) == (DeliveryMode.PICKUP, True)
    assert (str(order.delivery_date), order.lines[0].quantity) == ("2026-12-11", Decimal("2.5"))


async def test_an_amendment_is_undone_by_word(bench: Bench) -> None:
    number = ordered(bench)
    await amend(bench, f"{number}的A4纸改成30箱")
    await bench.run(AnswerCardAction, "clerk", "好", intent="affirm")

    asked = await bench.run(UndoChangeAction, "clerk", "撤回", intent="undo_change")
    assert asked.card["lines"][0]["quantity"] == "20" and bench.order(number).lines[0].quantity == 30
    said = await bench.run(AnswerCardAction, "clerk", "好", intent="affirm")

    assert said.responses == ["utter_undone"] and bench.order(number).lines[0].quantity == 20


async def test_never_mind_leaves_the_order_as_it_is(bench: Bench) -> None:
    number = ordered(bench)
    await amend(bench, f"修改订单{number}")

    said = await bench.run(ValidateAmendOrderForm, "clerk", "算了", form=FORM, intent="deny")

    assert said.responses == ["utter_command_left"] and said.slots["requested_slot"] is None


async def test_a_new_order_that_sounds_like_an_amendment_is_begun_as_a_new_one(bench: Bench) -> None:
    ordered(bench)

    said = await amend(bench, "Acme Ltd needs 20 boxes of A4 paper and 3 printers, by courier", language="en")

    assert not said.messages
    assert {"event": "active_loop", "name": PLACING} in [
        {key: event.get(key) for key in ("event", "name")} for event in said.events
    ]


async def test_what_an_action_has_read_for_the_form_is_not_read_twice(bench: Bench) -> None:
    number = ordered(bench)
    text = f"{number}再加5个独角兽"
    asked = await bench.run(ChangeDraftAction, "clerk", text, intent="change_draft")
    assert asked.responses == ["utter_unknown_product", "utter_question_amendment"]

    opened = [{"event": "action", "name": "action_change_draft"}]
    form = await bench.run(ValidateAmendOrderForm, "clerk", text, form=FORM, intent="change_draft", events=opened)

    assert not form.messages and form.slots["requested_slot"] == "amendment"


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("{n}改到下午三点送", "zh", "2026年12月4日 星期五 上午 → 2026年12月4日 星期五 15:00"),
        (
            "{n}: deliver at 3 pm instead",
            "en",
            "Friday, 4 December 2026, in the morning → Friday, 4 December 2026, 15:00",
        ),
        ("{n}改到12月8日", "zh", "2026年12月4日 星期五 上午 → 2026年12月8日 星期二"),
    ],
)
async def test_a_time_alone_is_the_wanted_day_s_and_another_day_has_none(
    bench: Bench, text: str, language: str, shown: str
) -> None:
    number = ordered(bench)
    wanted = AmendOrder(number, delivery_date=date(2026, 12, 4), delivery_time="morning")
    bench.desk.handle(wanted, bench.actor(Role.SALES))

    asked = await amend(bench, text.format(n=number), language=language)

    assert facts(asked)["delivery_date"] == shown


async def test_contact_and_terms_become_so_after_the_yes_and_are_undone(bench: Bench) -> None:
    number = ordered(bench)

    await amend(bench, f"{number}联系人换成李总 13900139000，付款改成20天，备注改成放门卫")
    await bench.run(AnswerCardAction, "clerk", "好的", intent="affirm")

    data = dict(bench.order(number).data)
    assert (data["contact"], data["phone"], data["payment_days"], data["note"]) == ("李总", "13900139000", 20, "放门卫")
    await bench.run(UndoChangeAction, "clerk", f"撤销{number}", intent="undo_change")
    await bench.run(AnswerCardAction, "clerk", "好的", intent="affirm")
    assert not {"contact", "phone", "payment_days", "note"} & set(bench.order(number).data)


@pytest.mark.parametrize(
    ("login", "text", "said"),
    [
        ("customer", "{n}的A4纸改成30箱，账期改成90天", "utter_terms_by_staff"),
        ("clerk", "{n}的A4纸改成30箱，账期改成900天", "utter_terms_out_of_range"),
    ],
)
async def test_terms_that_are_not_granted_are_said_so_and_the_rest_goes_on(
    bench: Bench, login: str, text: str, said: str
) -> None:
    number = ordered(bench)

    asked = await amend(bench, text.format(n=number), login)

    assert said in asked.responses and lines(asked)["PAPER-A4"][0] == "30箱" and "terms" not in facts(asked)


async def test_days_and_amounts_are_no_orders_number(bench: Bench) -> None:
    number = ordered(bench)

    asked = await amend(bench, "刚才那单付款改成120天")
    more = await amend(bench, "刚才那单的A4纸改成300箱")

    assert asked.card["order"] == more.card["order"] == number
    assert facts(asked)["terms"] == "发货后 120 天内付款" and lines(more)["PAPER-A4"][0] == "300箱"
