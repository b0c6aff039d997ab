"""Every command at every door: an example of each, the order that it needs, and how a door is knocked at.

A new command needs a line in SAMPLES, a new door a line in DOORS, a new skill a line in BY_CHAT; the walk over all of
them is in `tests/contracts`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from actions.amend_order import AmendOrderAction
from actions.answer_card import AnswerCardAction
from actions.cancel_order import CancelOrderAction
from actions.change_status import ChangeStatusAction
from actions.complete_shipment import CompleteShipmentAction
from actions.confirm_order import ConfirmOrderAction
from actions.decide_task import DecideTaskAction
from actions.desk_action import DeskAction
from actions.give_shipment import GiveShipmentAction
from actions.hold_order import HoldOrderAction
from actions.order_draft import PLACE_FORM
from actions.place_order import FinishPlaceOrderAction, ValidatePlaceOrderForm
from actions.receive_goods import ReceiveGoodsAction
from actions.record_payment import RecordPaymentAction
from actions.release_order import ReleaseOrderAction
from actions.return_goods import ReturnGoodsAction
from actions.send_invoice import SendInvoiceAction
from actions.settle_freight import SettleFreightAction
from actions.settle_payment import SettlePaymentAction
from actions.undo_change import UndoChangeAction
from deskhand.orders.actions import COMMANDS, action_of_event
from deskhand.orders.commands import (
    AmendOrder,
    ApproveOrder,
    CancelLine,
    CancelOrder,
    ChangeShipmentInformation,
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    HoldOrder,
    NewLine,
    PlaceOrder,
    ReceiveGoods,
    RecordPayment,
    RejectOrder,
    ReleaseOrder,
    ReturnGoods,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    SomeOf,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import DeliveryMode, Role
from deskhand.orders.tenant import SLACK, TEAMS
from deskhand.store import Desk, new_id, system_actor
from tests.support.bench import Bench, Said, services_on
from tests.support.desks import ACTORS, CLERK, FINANCE, NOW, STEPS, TENANT, FakeClock, done, fresh, lay

if TYPE_CHECKING:
    from tests.support.gateway import Gateway
    from tests.support.messengers import Office

DONE = "done"
PEOPLE = {actor.user_id: actor for actor in ACTORS}
BY_ROLE = {actor.role: actor for actor in reversed(ACTORS)}  # of the two customers, the one of Huaxing
DAY = NOW.date()

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Sample:
    """One example of a command: `reached` says how far its order must have come, `http` how it is asked for."""

    command: Callable[[str], Command]
    http: tuple[str, str, Body]  # method, what follows the order's address, body
    reached: int = 0
    then: tuple[Callable[[str], Command], Actor] | None = None
    placing: Callable[[], PlaceOrder] | None = None


def _place(number: str = "", customer: str = "huaxing") -> PlaceOrder:
    lines = (NewLine("PAPER-A4", Decimal(1)), NewLine("CHR-200", Decimal(1)))
    return PlaceOrder(customer, lines, delivery_mode=DeliveryMode.COURIER)


def _large() -> PlaceOrder:
    """Above the limit up to which a clerk's confirmation takes effect by itself."""
    return PlaceOrder("huaxing", total=Decimal(300_000))


_PLACED = {
    "customer": "huaxing",
    "lines": [{"sku": "PAPER-A4", "quantity": "1"}],
    "delivery_mode": "courier",
    "allow_duplicate": True,
}
_PARCEL = {"carrier": "SF", "tracking_number": "SF2002"}
_REASON = {"reason": "wrong size"}

SAMPLES: Mapping[type, Sample] = {
    PlaceOrder: Sample(_place, ("POST", "", _PLACED)),
    AmendOrder: Sample(lambda n: AmendOrder(n, address="2 Main Street"), ("POST", "/amend", {"address": "2 Main St"})),
    ConfirmOrder: Sample(ConfirmOrder, ("POST", "/confirm", {})),
    ApproveOrder: Sample(ApproveOrder, ("POST", "/approve", {}), 0, (ConfirmOrder, CLERK), _large),
    RejectOrder: Sample(
        lambda n: RejectOrder(n, "wrong size"), ("POST", "/reject", _REASON), 0, (ConfirmOrder, CLERK), _large
    ),
    ReceiveGoods: Sample(ReceiveGoods, ("POST", "/receive", {}), 1),
    GiveShipmentInformation: Sample(
        lambda n: GiveShipmentInformation(n, "SF", "SF2002"), ("POST", "/shipment", _PARCEL), 2
    ),
    ChangeShipmentInformation: Sample(
        lambda n: ChangeShipmentInformation(n, carrier="YTO"), ("PATCH", "/shipment", {"carrier": "YTO"}), 3
    ),
    CompleteShipment: Sample(CompleteShipment, ("POST", "/complete", {}), 3),
    StartAccountPeriod: Sample(StartAccountPeriod, ("POST", "/account-period", {}), 4),
    RecordPayment: Sample(
        lambda n: RecordPayment(n, Decimal("1"), new_id()), ("POST", "/payment", {"amount": "1", "reference": "r"}), 1
    ),
    SettlePayments: Sample(lambda n: SettlePayments(DAY, (n,)), ("POST", "/settlement", {"what": "payment"}), 5),
    SettleFreight: Sample(
        SettleFreight, ("POST", "/settlement", {"what": "freight"}), 5, (lambda n: SettlePayments(DAY, (n,)), FINANCE)
    ),
    CancelOrder: Sample(lambda n: CancelOrder(n, "wrong size"), ("POST", "/cancel", _REASON)),
    CancelLine: Sample(lambda n: CancelLine(n, "wrong size", (1,)), ("POST", "/cancel", _REASON | {"line": 1})),
    ReturnGoods: Sample(
        lambda n: ReturnGoods(n, (SomeOf(Decimal(1), line=1),), "wrong size"),
        ("POST", "/return", _REASON | {"lines": [{"line": 1, "quantity": "1"}]}),
        4,
    ),
    HoldOrder: Sample(lambda n: HoldOrder(n, "wrong size"), ("POST", "/hold", _REASON)),
    ReleaseOrder: Sample(ReleaseOrder, ("POST", "/release", {}), 0, (lambda n: HoldOrder(n, "wait"), CLERK)),
    SendInvoiceAgain: Sample(SendInvoiceAgain, ("POST", "/invoice", {}), 1),
    UndoLastChange: Sample(UndoLastChange, ("POST", "/undo", {})),
}


@dataclass(frozen=True)
class Spoken:
    """How a command is asked for by chat: a sentence about the order, read by a skill; then the yes to its card.

    `answer` is what the skill says when it is done, `then` the actions that Rasa calls for the yes.
    """

    action: type[DeskAction]
    says: str
    intent: str
    answer: str = "utter_command_done"
    form: str | None = None
    then: tuple[type[DeskAction], ...] = (AnswerCardAction,)
    alone: bool = False  # goods are talked of one order at a time


_FORM = (ValidatePlaceOrderForm, FinishPlaceOrderAction)

BY_CHAT: Mapping[type, Spoken | None] = {
    PlaceOrder: Spoken(
        ValidatePlaceOrderForm,
        "华星要1箱A4纸，下周五前送到，走快递",
        "place_order",
        "utter_order_placed",
        PLACE_FORM,
        _FORM,
    ),
    AmendOrder: Spoken(AmendOrderAction, "把{}的地址改成北京建国路88号", "amend_order", "utter_order_amended"),
    ConfirmOrder: Spoken(ConfirmOrderAction, "确认{}", "confirm_order"),
    ApproveOrder: Spoken(ConfirmOrderAction, "批准{}", "confirm_order"),
    RejectOrder: Spoken(DecideTaskAction, "驳回{}，因为尺寸不对", "decide_task"),
    ReceiveGoods: Spoken(ReceiveGoodsAction, "{}的货已经入库", "receive_goods"),
    GiveShipmentInformation: Spoken(
        GiveShipmentAction, "{} 发顺丰，运单号 SF2002000000", "give_shipment", "utter_shipment_given"
    ),
    ChangeShipmentInformation: Spoken(
        GiveShipmentAction, "{} 的运单号改成 SF9999999999", "change_shipment", "utter_shipment_changed"
    ),
    CompleteShipment: Spoken(CompleteShipmentAction, "{}已经全部发出", "complete_shipment"),
    CancelOrder: Spoken(CancelOrderAction, "取消{}，因为尺寸不对", "cancel_order"),
    CancelLine: Spoken(
        CancelOrderAction, "取消{}的A4纸，因为尺寸不对", "cancel_order", "utter_line_cancelled", alone=True
    ),
    ReturnGoods: Spoken(
        ReturnGoodsAction, "{}退货1包A4纸，因为尺寸不对", "return_goods", "utter_goods_returned", alone=True
    ),
    UndoLastChange: Spoken(UndoChangeAction, "撤回{}刚才的操作", "undo_change", "utter_undone"),
    StartAccountPeriod: Spoken(ChangeStatusAction, "{}开始账期", "change_status"),
    RecordPayment: Spoken(RecordPaymentAction, "{}收到货款1元，流水号TX2002", "record_payment", "utter_payment_part"),
    SettlePayments: Spoken(SettlePaymentAction, "结算{}", "settle_payment", "utter_order_settled"),
    SettleFreight: Spoken(SettleFreightAction, "结算{}的运费", "settle_freight", "utter_freight_settled"),
    HoldOrder: Spoken(HoldOrderAction, "挂起{}，因为尺寸不对", "hold_order"),
    ReleaseOrder: Spoken(ReleaseOrderAction, "恢复{}", "release_order"),
    SendInvoiceAgain: Spoken(SendInvoiceAction, "重发{}的发票", "send_invoice", "utter_invoice_sent"),
}

_TO_UNDO: Mapping[Role, Callable[[str], Command] | None] = {
    Role.WAREHOUSE: lambda n: HoldOrder(n, "wait"),
    Role.FINANCE: lambda n: HoldOrder(n, "wait"),
    Role.ADMIN: lambda n: CancelOrder(n, "mistake"),
}


def prepared(desk: Desk, command: type, actor: Actor) -> str:
    """The number of a new order to which the actor could do it now."""
    if command is UndoLastChange and actor.role is not Role.SYSTEM:
        change = _TO_UNDO.get(actor.role)
        number = done(desk, _place(), CLERK if change else actor).number
        return done(desk, change(number), actor).number if change else number
    sample = SAMPLES[command]
    number = done(desk, (sample.placing or _place)(), CLERK).number
    for step, who in STEPS[: sample.reached]:
        done(desk, step(number), who)
    if sample.then:
        done(desk, sample.then[0](number), sample.then[1])
    return number


class Door(Protocol):
    """`roles`: who can come this way at all; `commands`: what can be asked for there."""

    @property
    def roles(self) -> tuple[Role, ...]: ...

    @property
    def commands(self) -> Collection[type]: ...

    @property
    def desk(self) -> Desk: ...

    async def send(self, actor: Actor, command: type, number: str) -> str:
        """`done`, or the code of the refusal."""


ALL = tuple(COMMANDS.values())
ALL_PEOPLE = tuple(role for role in Role if role is not Role.SYSTEM)


@dataclass
class DeskDoor:
    """The order domain itself, as every other door reaches it."""

    desk: Desk
    roles: tuple[Role, ...] = tuple(Role)
    commands: Collection[type] = ALL

    async def send(self, actor: Actor, command: type, number: str) -> str:
        return _handled(self.desk, SAMPLES[command].command(number), actor)


@dataclass
class HttpDoor:
    """The gateway over the wire, with its route table."""

    gateway: Gateway
    roles: tuple[Role, ...] = ALL_PEOPLE
    commands: Collection[type] = ALL

    @property
    def desk(self) -> Desk:
        return self.gateway.desk

    async def send(self, actor: Actor, command: type, number: str) -> str:
        method, tail, body = SAMPLES[command].http
        path = f"/api/orders/{number}{tail}" if tail else "/api/orders"
        async with self.gateway.http(actor.user_id) as http, http.request(method, path, json=dict(body)) as response:
            answer = await response.json(content_type=None)
            return DONE if response.status < 300 else str(answer["code"])


@dataclass
class ChatDoor:
    """The skills, in turns whose tokens the gateway could have signed."""

    desk: Desk
    roles: tuple[Role, ...] = ALL_PEOPLE
    commands: Collection[type] = tuple(command for command, spoken in BY_CHAT.items() if spoken)

    def __post_init__(self) -> None:
        self.bench = Bench(services_on(self.desk), clock_of(self.desk))

    async def send(self, actor: Actor, command: type, number: str) -> str:
        spoken, login = BY_CHAT[command], actor.user_id
        assert spoken is not None
        text = spoken.says.format(number)
        said = await self.bench.run(spoken.action, login, text, intent=spoken.intent, form=spoken.form)
        card = said.cards[-1]["id"] if said.cards else None
        if card is not None:
            message = self.bench.message_id(login, "")
            for action in spoken.then:
                said = await self.bench.run(
                    action, login, intent="affirm", form=spoken.form, slots=said.slots, message_id=message, card=card,
                    action="confirm",
                )  # fmt: skip
        return DONE if spoken.answer in said.responses else said.responses[0].removeprefix("utter_")


@dataclass
class ListDoor(ChatDoor):
    """A command for two orders in one message: on one card, with one yes."""

    commands: Collection[type] = tuple(
        c for c, spoken in BY_CHAT.items() if spoken and spoken.form is None and not spoken.alone
    )

    async def send_both(self, actor: Actor, command: type, numbers: tuple[str, str]) -> str:
        """`done` if both were, else what the bot said."""
        spoken, login = BY_CHAT[command], actor.user_id
        assert spoken is not None
        text = "；".join(spoken.says.format(number) for number in numbers)
        said = await self.bench.run(spoken.action, login, text, intent=spoken.intent)
        if said.cards:
            card = said.card["id"]
            said = await self.bench.run(AnswerCardAction, login, intent="affirm", card=card, action="confirm")
        return DONE if said.responses.count(spoken.answer) == len(numbers) else ", ".join(said.responses)


@dataclass
class WorkerDoor:
    """Automatic nodes are passed as the worker passes them; whatever else it tries as itself."""

    desk: Desk
    roles: tuple[Role, ...] = (Role.SYSTEM,)
    commands: Collection[type] = ALL

    async def send(self, actor: Actor, command: type, number: str) -> str:
        shipped = self.desk.process
        node = next((each for each in shipped.automatic if action_of_event(each) == command.__name__), None)
        if node is None:
            return _handled(self.desk, SAMPLES[command].command(number), system_actor(TENANT))
        lay(self.desk, automatic={node: frozenset("*")})
        if command is SettlePayments:
            clock_of(self.desk).forward(days=60)  # when the account period is over
        before = fresh(self.desk, number).row_version
        try:
            report = self.desk.run_automatic(TENANT)
        finally:
            lay(self.desk, automatic=shipped.automatic)
        reason = next((reason for stopped, _, reason in report.stopped if stopped == number), None)
        if reason is not None:
            return reason.partition(":")[0]
        return DONE if fresh(self.desk, number).row_version > before else "nothing happened"


@dataclass
class MessengerDoor:
    """Slack or Teams, from a signed request to the button: the skills answer in Rasa's place, with the turn's token.

    Approvals are decided by the button of a notice, everything else is asked for in words and said yes to on its card.
    """

    office: Office
    channel: str
    roles: tuple[Role, ...] = ALL_PEOPLE
    commands: Collection[type] = tuple(command for command, spoken in BY_CHAT.items() if spoken)

    def __post_init__(self) -> None:
        from tests.support.gateway import TURN_SECRET

        services = replace(services_on(self.desk), turn_secrets=(TURN_SECRET,))
        self.bench, self.said = Bench(services, clock_of(self.desk)), list[Said]()
        self.spoken: Spoken | None = None

    @property
    def desk(self) -> Desk:
        return self.office.desk

    async def send(self, actor: Actor, command: type, number: str) -> str:
        login = actor.user_id
        self._link(login)
        self.said.clear()
        if command in (ApproveOrder, RejectOrder):
            return await self._decided(login, command, number)
        self.spoken = BY_CHAT[command]
        assert self.spoken is not None
        self.office.gateway.rasa.answer = self._answer
        await self._say(login, self.spoken.says.format(number))
        card = self.said[-1].cards[-1]["id"] if self.said[-1].cards else None
        if card is not None:
            await self._press(login, f"card:{card}", "confirm")
        found = self.said[-1].responses
        return DONE if self.spoken.answer in found else found[0].removeprefix("utter_")

    async def _answer(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """What Rasa would call for this message."""
        spoken = self.spoken
        assert spoken is not None
        claims, affirmed = self.office.gateway.rasa.claims(), body["message"] == "/affirm"
        actions, slots = (spoken.then, self.said[-1].slots) if affirmed else ((spoken.action,), {})
        for action in actions:
            text, intent = ("", "affirm") if affirmed else (body["message"], spoken.intent)
            said = await self.bench.run(
                action, claims["sub"], text, intent=intent, form=spoken.form, slots=slots, sender=body["sender"],
                token=body["metadata"]["token"], message_id=claims["message_id"],
            )  # fmt: skip
            slots = said.slots
            self.said.append(said)
        return [{"recipient_id": body["sender"], "text": each} for each in said.responses or ["-"]]

    async def _decided(self, login: str, command: type, number: str) -> str:
        before = fresh(self.desk, number).row_version
        action, reason = ("approve", None) if command is ApproveOrder else ("reject", "wrong size")
        await self._press(login, f"approval:{number}", action, reason)
        return DONE if fresh(self.desk, number).row_version > before else self._last_refusal()

    async def _say(self, login: str, text: str) -> None:
        if self.channel == SLACK:
            await self.office.write(login, text)
        else:
            await self.office.send(self.office.activity(login, text=text))
        await self.office.answered()

    async def _press(self, login: str, subject: str, action: str, reason: str | None = None) -> None:
        if self.channel == TEAMS:
            data = {"verb": "press", "subject": subject, "action": action} | ({"reason": reason} if reason else {})
            await self.office.invoke(login, data)
        elif reason is None:
            await self.office.press(login, subject, {"action_id": f"press:{action}", "value": action})
        else:
            kept = json.dumps({"subject": subject, "action": action})
            view = {"callback_id": "reason", "private_metadata": kept, "type": "modal"}
            await self.office.submit(login, view, {"reason": {"value": reason}})
        await self.office.answered()

    def _last_refusal(self) -> str:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            return str(uow.audit.list(1)[0].detail.get("code"))

    def _link(self, login: str) -> None:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            linked = {link.account.channel for link in uow.messengers.of_user(login)}
        if self.channel not in linked:
            self.office.link(login, self.channel, "never")


def clock_of(desk: Desk) -> FakeClock:
    assert isinstance(desk.clock, FakeClock)
    return desk.clock


def _handled(desk: Desk, command: Command, actor: Actor) -> str:
    try:
        desk.handle(command, actor)
    except DeskhandError as error:
        return error.code
    return DONE


Opening = Callable[[Desk, Path], AbstractAsyncContextManager[Door]]


def simple(kind: Callable[[Desk], Door]) -> Opening:
    @asynccontextmanager
    async def opened(desk: Desk, folder: Path) -> AsyncIterator[Door]:
        yield kind(desk)

    return opened


@asynccontextmanager
async def over_http(desk: Desk, folder: Path) -> AsyncIterator[Door]:
    from tests.support.gateway import running_gateway

    async with running_gateway(folder, clock_of(desk), desk) as gateway:
        yield HttpDoor(gateway)


def over_messenger(channel: str) -> Opening:
    @asynccontextmanager
    async def opened(desk: Desk, folder: Path) -> AsyncIterator[Door]:
        from tests.support.messengers import running_office, with_workspaces

        async with running_office(folder, with_workspaces(desk)) as office:
            yield MessengerDoor(office, channel)

    return opened


DOORS: Mapping[str, Opening] = {
    "desk": simple(DeskDoor),
    "http": over_http,
    "chat": simple(ChatDoor),
    "worker": simple(WorkerDoor),
    "slack": over_messenger(SLACK),
    "teams": over_messenger(TEAMS),
}
SLOW_DOORS = frozenset({"slack", "teams"})  # every request is signed, and every answer stored
