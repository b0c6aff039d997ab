"""Every rule of orders by talking, in both languages: what is said, what is refused and what comes next.

The orders' way until the rule begins is gone by commands; from there everything is typed to the real bot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from deskhand.orders.commands import NewLine, PlaceOrder
from deskhand.orders.model import Actor, Order
from deskhand.orders.status import DeliveryMode, OrderStatus, PaymentStatus, Role
from deskhand.store import Desk, new_id
from tests.dialogue.conftest import Reply, Services, Talk
from tests.support.desks import REACHED, STEPS

pytestmark = pytest.mark.rasa
S = OrderStatus
ZH, EN = "zh", "en"


@dataclass
class Scene:
    """A company with one order, and everybody who talks about it in one language."""

    services: Services
    tenant: str
    talk: Callable[..., Talk]
    language: str
    number: str = ""
    talks: dict[str, Talk] = field(default_factory=dict)

    def begin(self, where: str = "pending_confirmation", **more: Any) -> None:
        """20 boxes of paper and 3 printers for Huaxing, carried by people to a status."""
        lines = (NewLine("PAPER-A4", Decimal(more.pop("boxes", 20)), "box"), NewLine("PRN-L100", Decimal(3)))
        more = {"lines": () if "total" in more else lines, "delivery_mode": DeliveryMode.COURIER, **more}
        placed = self.services.desk.handle(PlaceOrder("huaxing", **more), self.actor(Role.SALES)).order
        assert placed is not None
        self.number = placed.number
        for command, actor in STEPS[: REACHED[where]]:
            self.services.desk.handle(command(self.number), self.actor(actor.role))

    def actor(self, role: Role) -> Actor:
        login = "clerk" if role is Role.SALES else str(role)
        return Actor(login, role, self.tenant, "chat", new_id())

    def say(self, login: str, chinese: str, english: str) -> Reply:
        """In the language of the scene; {n} is the order."""
        said = chinese if self.language == ZH else english
        if login not in self.talks:
            self.talks[login] = self.talk(login, self.language)
        return self.talks[login].say(said.format(n=self.number))

    def yes(self, login: str) -> Reply:
        return self.say(login, "好的", "yes")

    def in_words(self, chinese: str, english: str) -> str:
        return chinese if self.language == ZH else english

    @property
    def order(self) -> Order:
        with self.services.desk.unit_of_work(self.tenant, read_only=True) as uow:
            return uow.orders.get(self.number)

    def limit(self, amount: int) -> None:
        with self.services.desk.unit_of_work(self.tenant) as uow:
            uow.customers.change_credit("huaxing", Decimal(amount), None)
            uow.commit()


@pytest.fixture(params=[ZH, EN])
def scene(request: pytest.FixtureRequest, services: Services, tenant: str, talk: Callable[..., Talk]) -> Scene:
    return Scene(services, tenant, talk, request.param)


def test_what_is_held_is_refused_with_what_comes_next_until_it_is_released(scene: Scene) -> None:
    scene.begin("awaiting_shipment")
    next_ = scene.in_words("解除挂起", "releasing the order")
    held = scene.in_words("挂起", "on hold")

    asked = scene.say("clerk", "挂起{n}，等客户的定金", "put {n} on hold until the deposit is in")
    assert asked.fact("reason") == scene.in_words("等客户的定金", "until the deposit is in")
    assert held in scene.yes("clerk").text

    for login, chinese, english in (
        ("clerk", "{n}的A4纸改成30箱", "change {n}: 30 boxes of A4 paper"),
        ("clerk", "取消{n}的打印机，因为没货", "cancel the printers on {n} because they are out of stock"),
        ("warehouse", "{n} 顺丰 SF1234567890", "{n} goes with DHL, tracking number JD0001234567"),
        ("warehouse", "{n} 发运完成", "shipment of {n} is complete"),
        ("warehouse", "{n}退货2箱，破损", "2 boxes of {n} came back damaged"),
    ):
        refused = scene.say(login, chinese, english)
        assert held in refused.text and next_ in refused.text and not refused.cards, refused.text

    scene.say("finance", "恢复{n}", "release {n}")
    scene.yes("finance")
    assert scene.order.status is S.AWAITING_SHIPMENT


def test_a_payment_comes_in_parts_and_what_is_open_is_said_until_it_is_paid(scene: Scene) -> None:
    scene.begin("confirmed")

    asked = scene.say("finance", "{n}收到货款3000元，流水号TX88", "{n} was paid, 3000, reference TX88")
    assert "5,897.00" in asked.fact("still_open")
    part = scene.yes("finance")
    assert "3,000.00" in part.text and "5,897.00" in part.text and "5,897.00" in part.fact("payment")
    told = scene.say("customer", "{n}还要付多少", "how much of {n} is still open?")
    assert "5,897.00" in told.text and "3,000.00" in told.fact("payment")
    too_much = scene.say("finance", "{n}收到货款9000元，流水号TX99", "{n} was paid, 9000, reference TX99")
    assert "5,897.00" in too_much.text and not too_much.cards

    rest = scene.say("finance", "{n}余款已到账，流水号TX91", "the rest of {n} was paid, reference TX91")
    assert "5,897.00" in rest.fact("amount")
    scene.yes("finance")
    assert scene.order.payment_status is PaymentStatus.PAID


def test_goods_come_back_and_the_card_shows_what_is_left_to_pay(scene: Scene) -> None:
    scene.begin("shipped")

    asked = scene.say("warehouse", "{n}退货2箱，破损", "2 boxes of {n} came back damaged")
    assert "500.00" in asked.fact("credit_note")
    assert "8,397.00" in scene.yes("warehouse").text
    shown = scene.say("clerk", "{n}怎么样了", "what about {n}")
    assert ("500.00" in shown.fact("credited"), "8,397.00" in shown.fact("payable")) == (True, True)
    assert "2" in next(line["note"] for line in shown.card["lines"] if line["sku"] == "PAPER-A4")
    too_many = scene.say("clerk", "{n}退货30箱，破损", "30 boxes of {n} came back damaged")
    assert "18" in too_many.text and scene.in_words("A4纸", "A4 paper") in too_many.text

    assert not scene.say("customer", "{n}退货2箱，破损", "I return 2 boxes of {n}, damaged").cards


def test_an_order_above_a_limit_is_rejected_with_a_reason_and_then_approved(scene: Scene) -> None:
    scene.begin(total=Decimal(300_000))
    scene.say("clerk", "确认{n}", "confirm {n}")
    waits = scene.yes("clerk")
    assert scene.in_words("经理", "manager") in waits.text and scene.order.status is S.PENDING_APPROVAL
    refused = scene.say("clerk", "批准{n}", "approve {n}")
    assert scene.in_words("经理", "manager") in refused.text and not refused.cards

    asked = scene.say("manager", "驳回{n}，折扣太大", "reject {n}, the discount is too big")
    assert scene.in_words("折扣太大", "the discount is too big") in asked.fact("reason")
    scene.yes("manager")
    assert scene.order.status is S.PENDING_CONFIRMATION
    scene.say("clerk", "确认{n}", "confirm {n}")
    scene.yes("clerk")

    scene.say("manager", "批准{n}", "approve {n}")
    scene.yes("manager")
    assert scene.order.status is S.CONFIRMED


def test_the_account_period_the_settlement_and_the_freight_end_it_in_their_order(scene: Scene) -> None:
    scene.begin("shipped")

    early = scene.say("finance", "结算{n}", "settle {n}")
    assert scene.in_words("进入账期", "starting the account period") in early.text and not early.cards
    scene.say("finance", "{n}进入账期", "start the account period of {n}")
    assert scene.yes("finance").fact("due_on")
    early = scene.say("finance", "结算{n}的运费", "settle the freight of {n}")
    assert scene.in_words("结算货款", "settling the payment") in early.text and not early.cards

    scene.say("finance", "结算{n}", "settle {n}")
    assert "8,897.00" in scene.yes("finance").text and scene.order.payment_status is PaymentStatus.OVERDUE
    scene.say("finance", "结算{n}的运费", "settle the freight of {n}")
    scene.yes("finance")
    assert all(each.freight_settled_at for each in scene.order.shipments)
    over = scene.say("finance", "结算{n}的运费", "settle the freight of {n}")
    assert scene.in_words("流程已结束", "it is finished") in over.text and not over.cards


def test_a_line_is_cancelled_then_the_rest_and_its_invoice_goes_out_no_more(scene: Scene) -> None:
    scene.begin("confirmed")

    asked = scene.say(
        "clerk", "取消{n}的打印机，因为客户已有", "cancel the printers on {n} because the customer has one"
    )
    assert "3,897.00" in asked.fact("less")
    assert "5,000.00" in scene.yes("clerk").text
    scene.say("clerk", "{n}的发票再发一次", "resend the invoice of {n}")
    assert "INV-1001" in scene.yes("clerk").text

    scene.say("customer", "取消{n}，因为我们搬家了", "cancel {n} because we moved")
    assert scene.yes("customer").fact("payment") == "" and scene.order.status is S.CANCELLED
    over = scene.say("clerk", "{n}的发票再发一次", "resend the invoice of {n}")
    assert scene.in_words("流程已结束", "it is finished") in over.text and not over.cards


def test_a_part_is_shipped_the_parcel_corrected_and_the_rest_follows(scene: Scene) -> None:
    scene.begin("awaiting_shipment")
    scene.say(
        "warehouse",
        "{n}先发12箱A4纸，走顺丰，运单号SF1234567890，剩下的下周发",
        "send 12 boxes of {n} by SF, tracking SF1234567890, the rest next week",
    )
    scene.yes("warehouse")
    wrong = scene.say("warehouse", "{n}的运单号改成SF9999999999", "change the tracking number of {n} to SF9999999999")
    assert wrong.fact("tracking_number_before") == "SF1234567890"
    scene.yes("warehouse")

    scene.say("warehouse", "{n}发运完成", "shipment of {n} is complete")
    part = scene.yes("warehouse")
    assert scene.in_words("8箱", "8 boxes") in part.text and scene.order.status is S.AWAITING_SHIPMENT
    told = scene.say("customer", "我的货到哪了", "where is my order?")
    assert "SF9999999999" in told.text and scene.in_words("8箱", "8 boxes") in told.text
    assert scene.in_words("已发 12箱，待发 8箱", "12 boxes shipped, 8 boxes to go") == told.card["lines"][0]["note"]
    late = scene.say("clerk", "{n}的A4纸改成30箱", "change {n}: 30 boxes of A4 paper")
    assert scene.in_words("待发运", "awaiting shipment") in late.text and not late.cards
    bare = scene.say("warehouse", "{n}发运完成", "shipment of {n} is complete")
    assert scene.in_words("登记发货信息", "giving shipment information") in bare.text and not bare.cards

    scene.say("warehouse", "{n}其余的走顺丰，运单号SF777777", "the rest of {n} goes by SF, tracking SF777777")
    scene.yes("warehouse")
    scene.say("warehouse", "{n}发运完成", "shipment of {n} is complete")
    scene.yes("warehouse")
    assert scene.order.status is S.SHIPPED


def test_what_did_not_come_in_is_on_back_order_until_it_does(scene: Scene) -> None:
    scene.begin("confirmed", boxes=90)  # 50 are there

    asked = scene.say("warehouse", "{n}的A4纸到了20箱", "20 boxes of A4 paper for {n} have come in")
    assert asked.fact("back_ordered")
    scene.yes("warehouse")
    told = scene.say("clerk", "{n}怎么样了", "what about {n}")
    assert told.fact("back_ordered") and scene.order.status is S.AWAITING_SHIPMENT

    scene.say("warehouse", "{n}缺的货到了", "the back-ordered goods of {n} are here now")
    scene.yes("warehouse")
    assert not any(line.back_ordered for line in scene.order.lines)


def test_an_order_is_held_for_credit_until_a_payment_makes_room_and_finance_releases_it(scene: Scene) -> None:
    scene.limit(9_000)
    scene.begin("confirmed")
    first = scene.number
    scene.begin()
    rule = scene.in_words("超过信用额度", "Above the credit limit")

    assert scene.say("clerk", "确认{n}", "confirm {n}").fact("rule") == rule
    held = scene.yes("clerk").text
    assert rule in held and scene.in_words("财务、经理", "finance, manager") in held
    refused = scene.say("clerk", "恢复{n}", "release {n}")
    assert scene.in_words("财务", "finance") in refused.text and not refused.cards
    assert rule not in scene.say("customer", "我的订单到哪了", "where is my order?").text

    second, scene.number = scene.number, first
    scene.say("finance", "{n}全款到账，流水号TX7", "{n} was paid in full, reference TX7")
    assert second in scene.yes("finance").text
    scene.number = second
    scene.say("finance", "恢复{n}", "release {n}")
    scene.yes("finance")
    assert scene.order.status is S.CONFIRMED


def test_the_same_order_again_is_asked_about_and_placed_only_with_another_yes(scene: Scene) -> None:
    wanted = ("客户华星要5箱A4纸，明天要，自提", "Huaxing wants 5 boxes of A4 paper tomorrow, pickup")
    scene.say("clerk", *wanted)
    first = str(scene.yes("clerk").card["order"])

    again = scene.say("clerk", *wanted)
    assert first in again.text
    dropped = scene.say("clerk", "算了", "never mind")
    assert not any(card["kind"] == "order" for card in dropped.cards)

    assert first in scene.say("clerk", *wanted).text
    assert str(scene.yes("clerk").card["order"]) != first


@pytest.mark.parametrize("mode", [DeliveryMode.PICKUP, DeliveryMode.OWN])
def test_what_is_collected_or_driven_by_us_needs_no_tracking_number(scene: Scene, mode: DeliveryMode) -> None:
    scene.begin("awaiting_shipment", delivery_mode=mode)

    if mode is DeliveryMode.OWN:
        scene.say("warehouse", "{n}自有车辆送，今天出发", "{n} goes with our own van today")
        scene.yes("warehouse")
    scene.say("warehouse", "{n}发运完成", "shipment of {n} is complete")
    scene.yes("warehouse")

    assert scene.order.status is S.SHIPPED


def test_a_reservation_that_has_expired_is_told_and_made_anew_when_the_goods_come_in(scene: Scene) -> None:
    scene.begin("confirmed")
    later = Desk(
        scene.services.desk.database, dict(scene.services.desk.tenants), scene.services.desk.versions.folder,
        lambda: scene.services.desk.clock() + timedelta(days=15),
    )  # fmt: skip
    assert later.release_expired(scene.tenant) == 1

    told = scene.say("clerk", "{n}怎么样了", "what about {n}")
    assert scene.in_words("已到期释放", "expired") in told.fact("reservation")
    scene.say("warehouse", "{n}的货到了", "the goods of {n} are here")
    assert not scene.yes("warehouse").fact("reservation")
