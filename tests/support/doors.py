"""Every command at every door: an example of each, the order that it needs, and how a door is knocked at.

A new command needs a line in SAMPLES, a new door a line in DOORS; the walk over both is in `tests/contracts`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.desk_action import DeskAction
from actions.receipts import Receipts
from actions.services import Services
from actions.turn import Turn
from actions.wording import Wording
from deskhand.channels.turn_token import TurnClaims, mint
from deskhand.orders.actions import action_of_event
from deskhand.orders.commands import (
    AmendOrder,
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
    ReleaseOrder,
    SendInvoiceAgain,
    SettleFreight,
    SettlePayments,
    StartAccountPeriod,
    UndoLastChange,
)
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import DeliveryMode, Role
from deskhand.store import Desk, new_id, system_actor
from deskhand.writing import Writer, load_templates
from tests.support.desks import ACTORS, CLERK, FINANCE, NOW, ROOT, STEPS, TENANT, done, fresh

if TYPE_CHECKING:
    from tests.support.gateway import Gateway

DONE = "done"
SECRET = "s" * 48
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


def _place(number: str = "", customer: str = "huaxing") -> PlaceOrder:
    return PlaceOrder(customer, (NewLine("PAPER-A4", Decimal(1)),), delivery_mode=DeliveryMode.COURIER)


_PLACED = {"customer": "huaxing", "lines": [{"sku": "PAPER-A4", "quantity": "1"}], "delivery_mode": "courier"}
_PARCEL = {"carrier": "SF", "tracking_number": "SF2002"}
_REASON = {"reason": "wrong size"}

SAMPLES: Mapping[type, Sample] = {
    PlaceOrder: Sample(_place, ("POST", "", _PLACED)),
    AmendOrder: Sample(lambda n: AmendOrder(n, address="2 Main Street"), ("POST", "/amend", {"address": "2 Main St"})),
    ConfirmOrder: Sample(ConfirmOrder, ("POST", "/confirm", {})),
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
    HoldOrder: Sample(lambda n: HoldOrder(n, "wrong size"), ("POST", "/hold", _REASON)),
    ReleaseOrder: Sample(ReleaseOrder, ("POST", "/release", {}), 0, (lambda n: HoldOrder(n, "wait"), CLERK)),
    SendInvoiceAgain: Sample(SendInvoiceAgain, ("POST", "/invoice", {}), 1),
    UndoLastChange: Sample(UndoLastChange, ("POST", "/undo", {})),
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
    number = done(desk, _place(), CLERK).number
    for step, who in STEPS[: sample.reached]:
        done(desk, step(number), who)
    if sample.then:
        done(desk, sample.then[0](number), sample.then[1])
    return number


class Door(Protocol):
    """`roles`: who can come this way at all."""

    roles: tuple[Role, ...]
    desk: Desk

    async def send(self, actor: Actor, command: type, number: str) -> str:
        """`done`, or the code of the refusal."""


ALL_PEOPLE = tuple(role for role in Role if role is not Role.SYSTEM)


@dataclass
class DeskDoor:
    """The order domain itself, as every other door reaches it."""

    desk: Desk
    roles: tuple[Role, ...] = tuple(Role)

    async def send(self, actor: Actor, command: type, number: str) -> str:
        return _handled(self.desk, SAMPLES[command].command(number), actor)


@dataclass
class HttpDoor:
    """The gateway over the wire, with its route table."""

    gateway: Gateway
    roles: tuple[Role, ...] = ALL_PEOPLE

    @property
    def desk(self) -> Desk:
        return self.gateway.desk

    async def send(self, actor: Actor, command: type, number: str) -> str:
        method, tail, body = SAMPLES[command].http
        path = f"/api/orders/{number}{tail}" if tail else "/api/orders"
        async with self.gateway.http(actor.user_id) as http, http.request(method, path, json=dict(body)) as response:
            answer = await response.json(content_type=None)
            return DONE if response.status < 300 else str(answer["code"])


class CarryOut(DeskAction):
    """What every skill comes to: the command, in the turn of whoever the token names."""

    action_name = "action_carry_out"
    command: Command

    def act(self, turn: Turn) -> list[dict[str, Any]]:
        turn.do(self.command)
        turn.say("utter_done")
        return []


@dataclass
class ChatDoor:
    """An action, with a turn token that the gateway could have signed."""

    desk: Desk
    roles: tuple[Role, ...] = ALL_PEOPLE
    conversations: dict[str, str] = field(default_factory=dict)

    async def send(self, actor: Actor, command: type, number: str) -> str:
        action = CarryOut(self.services)
        action.command = SAMPLES[command].command(number)
        dispatcher = CollectingDispatcher()
        await action.run(dispatcher, self._tracker(actor), {})
        said = str(dispatcher.messages[0]["response"]).removeprefix("utter_")
        return DONE if said == "done" else said

    @cached_property
    def services(self) -> Services:
        templates = load_templates(ROOT / "processes" / "order_to_cash" / "writing.yml")
        receipts = Receipts(self.desk, Writer(templates, None))
        return Services(self.desk, Wording.load(ROOT / "processes"), receipts, (SECRET,))

    def _tracker(self, actor: Actor) -> Tracker:
        with self.desk.unit_of_work(TENANT) as uow:
            if actor.user_id not in self.conversations:
                self.conversations[actor.user_id] = uow.conversations.start(actor.user_id, "chat").id
            conversation = self.conversations[actor.user_id]
            message, _ = uow.messages.add_inbound(conversation, new_id(), "please")
            uow.commit()
        claims = TurnClaims(
            actor.user_id, actor.role, TENANT, "chat", conversation, message.id, "en", "name", actor.customer_id
        )
        latest = {"text": "please", "metadata": {"token": mint(claims, SECRET, self.desk.clock())}}
        return Tracker(f"{conversation}-0", {}, latest, [], False, None, {}, "action_listen")


@dataclass
class WorkerDoor:
    """Automatic nodes are passed as the worker passes them; whatever else it tries as itself."""

    desk: Desk
    roles: tuple[Role, ...] = (Role.SYSTEM,)

    async def send(self, actor: Actor, command: type, number: str) -> str:
        shipped = self.desk.process
        node = next((each for each in shipped.automatic if action_of_event(each) == command.__name__), None)
        if node is None:
            return _handled(self.desk, SAMPLES[command].command(number), system_actor(TENANT))
        self.desk.process = replace(shipped, automatic={node: frozenset("*")})
        if command is SettlePayments:
            self.desk.clock.forward(days=60)  # type: ignore[attr-defined]  # when the account period is over
        before = fresh(self.desk, number).row_version
        try:
            report = self.desk.run_automatic(TENANT)
        finally:
            self.desk.process = shipped
        reason = next((reason for stopped, _, reason in report.stopped if stopped == number), None)
        if reason is not None:
            return reason.partition(":")[0]
        return DONE if fresh(self.desk, number).row_version > before else "nothing happened"


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

    async with running_gateway(folder, desk.clock, desk) as gateway:  # type: ignore[arg-type]
        yield HttpDoor(gateway)


DOORS: Mapping[str, Opening] = {
    "desk": simple(DeskDoor),
    "http": over_http,
    "chat": simple(ChatDoor),
    "worker": simple(WorkerDoor),
}
