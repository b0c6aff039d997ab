"""The order form: what is asked, what is read back, what places the order."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actions.answer_card import AnswerCardAction
from actions.place_order import FORM, FinishPlaceOrderAction, ValidatePlaceOrderForm
from actions.wording import number
from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.model import Customer
from deskhand.orders.status import Role
from deskhand.store import Desk
from deskhand.store.rights import Rights
from tests.support.bench import Bench, Said, services_on
from tests.support.desks import ROOT, TENANT

WHOLE = "客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递"


async def say(bench: Bench, text: str, login: str = "clerk", **more: Any) -> Said:
    return await bench.run(ValidatePlaceOrderForm, login, text, form=FORM, **more)


async def test_one_sentence_is_read_back_with_units_prices_total_and_the_date_in_full(bench: Bench) -> None:
    said = await say(bench, WHOLE, intent="place_order")

    assert said.slots["requested_slot"] == "order_confirmation"
    card = said.card
    assert [(line["sku"], line["quantity"], line["unit"], line["amount"]) for line in card["lines"]] == [
        ("PAPER-A4", "20", "箱", "5,000.00"),
        ("PRN-L100", "3", "台", "3,897.00"),
    ]
    facts = {fact["key"]: fact["value"] for fact in card["facts"]}
    assert card["total"]["value"] == "8,897.00 元" and facts["delivery_date"] == "2026年12月4日 星期五"
    assert [action["id"] for action in card["actions"]] == ["confirm", "reject"]


async def test_english_card_says_its_date_in_full(bench: Bench) -> None:
    text = "Acme Ltd needs 20 boxes of A4 paper, 1 Main Street, by Friday next week, by courier"
    said = await say(bench, text, intent="place_order", language="en")

    facts = {fact["key"]: fact["value"] for fact in said.card["facts"]}
    assert facts["delivery_date"] == "Friday, 4 December 2026" and said.card["lines"][0]["unit"] == "boxes"


async def test_only_what_is_missing_is_asked_one_thing_at_a_time(bench: Bench) -> None:
    asked = []
    for text in ("我要下单", "华星", "A4纸20箱，打印机", "3台", "走快递", "下周五"):
        said = await say(bench, text, intent="place_order" if not asked else "out_of_scope")
        asked.append(said.slots["requested_slot"])

    assert asked == ["customer", "lines", "quantity", "delivery_mode", "delivery_date", "order_confirmation"]


async def test_a_correction_gives_a_new_card_and_the_old_one_is_superseded(bench: Bench) -> None:
    first = (await say(bench, WHOLE, intent="place_order")).card
    second = (await say(bench, "A4纸改成30箱")).card

    assert second["lines"][0]["quantity"] == "30" and second["id"] != first["id"]
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.cards.get(first["id"], "clerk").state == "superseded"


async def test_lines_are_removed_added_and_swapped_in_one_utterance(bench: Bench) -> None:
    await say(bench, WHOLE, intent="place_order")

    assert [line["sku"] for line in (await say(bench, "把打印机去掉")).card["lines"]] == ["PAPER-A4"]
    assert (await say(bench, "再加5把办公椅")).card["lines"][1]["quantity"] == "5"
    assert (await say(bench, "再加10箱A4纸")).card["lines"][0]["quantity"] == "30"


async def test_bad_lines_are_said_clearly_and_change_nothing(bench: Bench) -> None:
    await say(bench, WHOLE, intent="place_order")

    for text, response in (
        ("A4纸改成0箱", "utter_invalid_quantity"),
        ("A4纸改成-5箱", "utter_invalid_quantity"),
        ("A4纸改成99999999箱", "utter_invalid_quantity"),
        ("日期改成昨天", "utter_date_in_past"),
        ("加3台独角兽", "utter_unknown_product"),
    ):
        said = await say(bench, text)
        assert response in said.responses, text
        assert [line["quantity"] for line in said.card["lines"]] == ["20", "3"], text
        assert said.card["total"]["value"] == "8,897.00 元"


async def test_ambiguous_customer_and_product_come_as_lists_to_pick_from(bench: Bench) -> None:
    text = "order 20 boxes of paper for Acme, courier, next Friday"
    said = await say(bench, text, intent="place_order", language="en")
    assert said.card["kind"] == "choices" and {one["title"] for one in said.card["items"]} == {"Acme Inc", "Acme Ltd"}

    picked = [one["title"] for one in said.card["items"]].index("Acme Ltd") + 1
    said = await say(bench, "/choose", intent="choose", language="en", card=said.card["id"], action=f"choose:{picked}")
    assert {one["title"] for one in said.card["items"]} == {"A3 paper", "A4 paper"}

    said = await say(bench, "the A4 one", language="en")
    facts = {fact["key"]: fact["value"] for fact in said.card["facts"]}
    assert said.card["kind"] == "order_draft" and facts["customer"] == "Acme Ltd"


async def test_yes_ends_the_form_and_the_finish_places_the_order_once(bench: Bench) -> None:
    card = (await say(bench, WHOLE, intent="place_order")).card
    yes = await say(bench, "好的", intent="affirm")
    assert yes.slots["order_confirmation"] is True and yes.slots["requested_slot"] is None

    message = bench.message_id("clerk", "好的")
    first, second = [
        await bench.run(FinishPlaceOrderAction, "clerk", "好的", slots={"order_confirmation": True}, message_id=message)
        for _ in range(2)
    ]

    moved_on = await bench.run(AnswerCardAction, "clerk", "好的", intent="affirm", message_id=message)

    assert moved_on.values("utter_order_placed")["number"] == "SO-1001"
    assert first.values("utter_order_placed")["number"] == "SO-1001" == second.values("utter_order_placed")["number"]
    assert "SO-1001" in first.messages[-1]["text"]  # the receipt, from the template
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        assert len(uow.orders.list().items) == 1
        assert uow.cards.get(card["id"], "clerk").state == "used"
        assert uow.drafts.open_of("clerk") is None
        assert [record.source for record in uow.texts.of_order(uow.orders.get("SO-1001").id)] == ["template"]


async def test_no_keeps_the_draft_open_and_asks_what_to_change(bench: Bench) -> None:
    await say(bench, WHOLE, intent="place_order")

    said = await say(bench, "不", intent="deny")

    assert said.responses == ["utter_what_to_change"] and said.slots["requested_slot"] == "order_confirmation"
    assert (await say(bench, "把打印机去掉")).card["total"]["value"] == "5,000.00 元"


async def test_leave_drops_the_draft_and_its_card(bench: Bench) -> None:
    card = (await say(bench, WHOLE, intent="place_order")).card

    left = await say(bench, "算了")
    done = await bench.run(FinishPlaceOrderAction, "clerk", "算了", slots=left.slots)

    assert left.slots["requested_slot"] is None and done.responses == ["utter_draft_dropped"]
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.drafts.open_of("clerk") is None and uow.cards.get(card["id"], "clerk").state == "superseded"


async def test_a_question_steps_aside_and_the_second_look_reads_nothing_twice(bench: Bench) -> None:
    await say(bench, "客户华星要20箱A4纸", intent="place_order")

    aside = await say(bench, "SO-1001到哪了？", intent="query_order")
    again = await say(
        bench, "SO-1001到哪了？", intent="query_order", events=[{"event": "action_execution_rejected", "name": FORM}]
    )

    assert aside.rejected and not aside.responses
    assert again.responses == ["utter_question_delivery_mode"] and again.slots["requested_slot"] == "delivery_mode"


async def test_a_card_that_expired_is_shown_anew(bench: Bench) -> None:
    first = (await say(bench, WHOLE, intent="place_order")).card
    bench.clock.forward(minutes=31)

    said = await say(bench, "好的", intent="affirm")

    assert said.responses[0] == "utter_card_expired" and said.card["id"] != first["id"]
    assert said.slots["requested_slot"] == "order_confirmation"


async def test_who_may_not_place_orders_hears_it_at_once(bench: Bench) -> None:
    said = await say(bench, WHOLE, "warehouse", intent="place_order")
    after = await bench.run(FinishPlaceOrderAction, "warehouse", WHOLE, slots=said.slots)

    assert said.responses == ["utter_role_not_allowed"] and after.responses == []
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        assert uow.drafts.open_of("warehouse") is None


async def test_a_customer_orders_for_itself_and_nobody_else(bench: Bench) -> None:
    said = await say(bench, "我要20箱A4纸，快递，下周五前", "customer", intent="place_order")
    assert {fact["key"]: fact["value"] for fact in said.card["facts"]}["customer"] == "华星科技有限公司"

    other = await say(bench, "客户东方贸易", "customer")
    assert "utter_own_orders_only" in other.responses
    assert {fact["key"]: fact["value"] for fact in other.card["facts"]}["customer"] == "华星科技有限公司"


@pytest.mark.parametrize(
    ("quantity", "note"),
    [
        ("2箱", "共20包 · 有货"),
        ("9999箱", "共99,990包 · 库存不足，现有 {boxes}箱"),
        ("99999包", "库存不足，现有 {packs}包"),
    ],
)
async def test_stock_is_said_in_the_unit_of_the_line_and_a_shortage_is_called_one(
    bench: Bench, quantity: str, note: str
) -> None:
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        levels = uow.stock.levels([(uow.tenant.default_warehouse, "PAPER-A4")])
    packs = levels[next(iter(levels))].available

    said = await say(bench, f"客户华星要{quantity}A4纸，下周五前，走快递", intent="place_order")

    assert said.card["lines"][0]["note"] == note.format(boxes=number(packs / 10), packs=number(packs))


async def test_an_order_for_a_second_customer_is_not_mixed_into_the_first(bench: Bench) -> None:
    text = "给北方办公下单2把椅子明天快递送到哈尔滨，另外给东方下单3个台灯后天自提"

    said = await say(bench, text, intent="place_order")

    assert said.responses[0] == "utter_one_order_at_a_time" and "台灯" in said.messages[0]["said"]
    facts = {fact["key"]: fact["value"] for fact in said.card["facts"]}
    assert [line["sku"] for line in said.card["lines"]] == ["CHR-200"]
    assert "北方" in facts["customer"] and facts["delivery_mode"] == "快递"


async def test_an_open_draft_is_not_given_to_another_customer_with_that_ones_lines(bench: Bench) -> None:
    await say(bench, "给北方办公下单2把椅子", intent="place_order")

    said = await say(bench, "另外给东方下单3个台灯后天自提", intent="place_order")

    assert "utter_draft_is_open" in said.responses and said.slots["customer"] == "beifang"
    assert [line["sku"] for line in said.slots["lines"]] == ["CHR-200"]


async def test_a_second_tap_on_a_draft_that_was_placed_is_told_so(bench: Bench) -> None:
    card = (await say(bench, WHOLE, intent="place_order")).card["id"]
    pressed: dict[str, Any] = {"card": card, "action": "confirm", "intent": "affirm"}
    message = bench.message_id("clerk", "")
    yes = await say(bench, "", message_id=message, **pressed)
    await bench.run(FinishPlaceOrderAction, "clerk", form=FORM, slots=yes.slots, message_id=message, **pressed)

    again = await bench.run(AnswerCardAction, "clerk", **pressed)

    assert again.responses == ["utter_card_used"]


def facts(said: Said) -> dict[str, str]:
    return {fact["key"]: fact["value"] for fact in said.card["facts"]}


async def test_contact_phone_terms_and_remarks_are_read_back_and_kept_with_the_order(bench: Bench) -> None:
    text = "客户华星要20箱A4纸，联系人李娜，电话13912345678，月结60天，不要发票，下周五前，走快递"

    said = await say(bench, text, intent="place_order")

    wanted = {"contact": "李娜 13912345678", "terms": "月结，发货当月月底后 60 天内付款", "note": "不要发票"}
    assert {key: facts(said)[key] for key in wanted} == wanted
    more = await say(bench, "加个备注 送前打电话，电话改成13700001111")
    assert facts(more)["note"] == "不要发票; 送前打电话" and facts(more)["contact"] == "李娜 13700001111"
    yes = await say(bench, "好的", intent="affirm")
    placed = await bench.run(FinishPlaceOrderAction, "clerk", "好的", slots=yes.slots)
    data = bench.order(placed.values("utter_order_placed")["number"]).data
    assert (data["contact"], data["phone"], data["payment_days"]) == ("李娜", "13700001111", 60)


@pytest.mark.parametrize(
    ("said", "language", "wanted"),
    [
        ("要20箱A4纸，快递，下周五下午三点前", "zh", "2026年12月4日 星期五 15:00"),
        ("要20箱A4纸，快递，下周五上午", "zh", "2026年12月4日 星期五 上午"),
        ("20 boxes of A4 paper by courier, 3pm on Friday next week", "en", "Friday, 4 December 2026, 15:00"),
        ("20 boxes of A4 paper by courier, by next Friday noon", "en", "Friday, 4 December 2026, 12:00"),
    ],
)
async def test_the_time_of_the_day_is_read_back_and_kept(bench: Bench, said: str, language: str, wanted: str) -> None:
    back = await say(bench, said, "customer", intent="place_order", language=language)

    assert facts(back)["delivery_date"] == wanted and [line["quantity"] for line in back.card["lines"]] == ["20"]
    later = await say(bench, "改到下周六", "customer", language="zh")
    assert facts(later)["delivery_date"] == "2026年12月5日 星期六"


async def test_a_customer_is_told_that_terms_are_agreed_with_the_staff_and_the_draft_goes_on(bench: Bench) -> None:
    said = await say(bench, "我要20箱A4纸，月结90天，快递，下周五前", "customer", intent="place_order")

    assert "utter_terms_by_staff" in said.responses and "terms" not in facts(said)
    more = await say(bench, "改成货到付款", "customer")
    assert facts(more)["terms"] == "即时付款，不记账期"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_who_may_not_grant_terms_is_told_so_and_the_draft_goes_on(
    bench: Bench, language: str, tmp_path: Path
) -> None:
    rows = (ROOT / "permissions.yml").read_text(encoding="utf-8").splitlines()
    file = tmp_path / "permissions.yml"
    said_by_manager = ("grant_terms: {manager: any}" if row.startswith("grant_terms") else row for row in rows)
    file.write_text("\n".join(said_by_manager), encoding="utf-8")
    bench.desk.rights = Rights(file)

    said = await say(bench, "给华星下单20箱A4纸，账期90天，快递，下周五前", intent="place_order", language=language)

    assert said.values("utter_terms_not_granted")["days"] == 90 and "terms" not in facts(said)
    with bench.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert [row.detail["code"] for row in uow.audit.list() if row.outcome == "refused"] == ["terms_not_granted"]


@pytest.mark.parametrize(
    "text", ["给华星下单，跟上次一样，下周五前", "the same as last time for Huaxing, by next Friday"]
)
async def test_the_same_as_last_time_is_the_last_order_with_a_new_date(bench: Bench, text: str) -> None:
    bench.placed(sku="PRN-L100", quantity=2)
    bench.placed()

    said = await say(bench, text, intent="place_order")

    assert [(line["sku"], line["quantity"]) for line in said.card["lines"]] == [("PAPER-A4", "20")]
    assert facts(said)["address"] == "1 Main Street" and "4" in facts(said)["delivery_date"]


async def test_goods_that_stand_twice_in_the_last_order_are_repeated_twice(bench: Bench) -> None:
    lines = (NewLine("PAPER-A4", Decimal(3), "box"), NewLine("PAPER-A4", Decimal(5), "pack"))
    bench.desk.handle(PlaceOrder("huaxing", lines), bench.actor(Role.SALES))

    said = await say(bench, "给华星下单，跟上次一样，下周五前，快递", intent="place_order")

    assert [(line["quantity"], line["unit"]) for line in said.card["lines"]] == [("3", "箱"), ("5", "包")]


async def test_the_last_order_is_repeated_only_for_who_may_see_it(bench: Bench, tmp_path: Path) -> None:
    bench.placed()
    file = tmp_path / "permissions.yml"
    text = (ROOT / "permissions.yml").read_text()
    file.write_text(text.replace("query_orders: {customer: own, sales: any,", "query_orders: {customer: own,"))
    desk = Desk(bench.desk.database, bench.desk.tenants, ROOT / "processes", bench.clock, file)

    said = await say(
        Bench(services_on(desk), bench.clock), "给华星下单，跟上次一样，下周五前，快递", intent="place_order"
    )

    assert said.responses == ["utter_role_not_allowed"] and not said.cards


async def test_what_is_said_besides_the_same_as_last_time_counts(bench: Bench) -> None:
    bench.placed()

    said = await say(bench, "跟上次一样，A4纸要30箱，再加5把椅子，月底前", "customer", intent="place_order")

    lines = {line["sku"]: (line["quantity"], line["unit"]) for line in said.card["lines"]}
    assert lines == {"PAPER-A4": ("30", "箱"), "CHR-200": ("5", "把")}


async def test_whose_order_is_repeated_may_be_said_afterwards(bench: Bench) -> None:
    bench.placed("acme-ltd", "CHR-200", 4)

    asked = await say(bench, "跟上次一样，下周五前", intent="place_order")
    assert asked.slots["requested_slot"] == "customer"

    said = await say(bench, "Acme Ltd")
    assert [(line["sku"], line["quantity"]) for line in said.card["lines"]] == [("CHR-200", "4")]


async def test_where_there_is_nothing_to_repeat_it_is_said(bench: Bench) -> None:
    said = await say(bench, "给东方下单，跟上次一样", intent="place_order")

    assert said.responses == ["utter_no_order_before", "utter_question_lines"]


async def test_the_address_of_last_time_is_an_answer(bench: Bench) -> None:
    bench.placed()

    said = await say(bench, "20箱A4纸，送到老地方，下周五前，快递", "customer", intent="place_order")

    assert facts(said)["address"] == "1 Main Street"


async def test_an_amount_of_nothing_is_asked_about_and_not_dropped(bench: Bench) -> None:
    said = await say(bench, "给华星下单：20箱A4纸，还有3盒，快递，下周五前", intent="place_order")

    missing = said.values("utter_goods_missing")
    assert (missing["quantity"], missing["unit"]) == ("3", "盒") and len(said.card["lines"]) == 1


async def test_a_few_words_pick_one_of_the_list(bench: Bench) -> None:
    asked = await say(bench, "20 boxes of A4 paper for Acme, by next Friday, courier", intent="place_order")
    assert asked.slots["requested_slot"] == "customer"

    said = await say(bench, "the Inc one")

    assert facts(said)["customer"] == "Acme Inc"


async def test_what_may_mean_either_line_is_asked_about(bench: Bench) -> None:
    await say(bench, WHOLE, intent="place_order")

    said = await say(bench, "翻倍")

    assert "utter_line_unclear" in said.responses


async def test_an_order_for_a_customer_whom_the_catalogue_does_not_know_yet_is_read_back_and_placed(
    bench: Bench,
) -> None:
    await say(bench, "20箱A4纸，快递，送到上海张江路1号，下周五前", intent="place_order")
    with bench.desk.unit_of_work(TENANT) as uow:
        uow.customers.add(Customer("new", "新来的公司"))
        stored = uow.drafts.open_of("clerk", "place_order")
        assert stored is not None
        uow.drafts.save(replace(stored, state={**stored.state, "customer": "new"}, asked="delivery_date"))
        uow.commit()

    said = await say(bench, "跟上次一样，下周六前")
    yes = await say(bench, "好的", intent="affirm")
    placed = await bench.run(FinishPlaceOrderAction, "clerk", "好的", slots=yes.slots)

    assert "utter_no_order_before" in said.responses and facts(said)["customer"] == "新来的公司"
    assert bench.order(placed.values("utter_order_placed")["number"]).customer_id == "new"


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("下周三或下周四", "zh", ("2026年12月2日 星期三", "2026年12月3日 星期四")),
        ("Wed or Thu next week", "en", ("Wednesday, 2 December 2026", "Thursday, 3 December 2026")),
    ],
)
async def test_of_two_days_it_is_asked_which_and_none_is_taken(
    bench: Bench, text: str, language: str, said: tuple[str, str]
) -> None:
    asked = await say(bench, "20箱A4纸，快递，送到上海张江路1号", "customer", intent="place_order")
    assert asked.slots["requested_slot"] == "delivery_date"

    again = await say(bench, text, "customer", language=language)

    values = again.values("utter_date_choice")
    assert (values["date"], values["other_date"]) == said
    assert again.slots["requested_slot"] == "delivery_date"
    chosen = await say(bench, "下周四", "customer")
    assert facts(chosen)["delivery_date"] == "2026年12月3日 星期四"
