"""Commands on one order that are shown on a card before they are done: what each is and where it is possible.

Knows nothing of conversations; whether a command is allowed is decided by `deskhand.orders` and the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from actions.order_goods import all_of, goods_from
from deskhand.language import says_spoilt
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
from deskhand.orders.model import Order
from deskhand.orders.packing import open_of, with_customer
from deskhand.orders.status import DeliveryMode, OrderStatus

S = OrderStatus
OPEN = (S.PENDING_CONFIRMATION, S.PENDING_APPROVAL, S.CONFIRMED, S.AWAITING_SHIPMENT)


REASON, AMOUNT, REFERENCE, GOODS = "reason", "amount", "reference", "goods"


@dataclass(frozen=True)
class Said:
    """What a command needs besides its order, as it was said; JSON in a draft."""

    reason: str | None = None
    amount: str | None = None
    reference: str | None = None
    goods: str | None = None  # as `actions.order_goods` keeps them

    def over(self, known: Said) -> Said:
        """These words first, then what was known before them."""
        return Said(**{each.name: getattr(self, each.name) or getattr(known, each.name) for each in fields(Said)})

    @property
    def why(self) -> str:
        """The reason; while it is tried out without one, a dash."""
        return self.reason or "-"


NOTHING_SAID = Said()
_LEAST = Decimal("0.01")


@dataclass(frozen=True)
class OrderStep:
    """`kind` names the card's title and effect; `states` are where people look for such orders.

    `needs` is asked for, in this order, where it was not said.
    """

    kind: str
    states: tuple[OrderStatus, ...]
    command: Callable[[Order, Said, date], Command]  # the order, what was said, the tenant's today
    needs: tuple[str, ...] = ()

    @property
    def needs_reason(self) -> bool:
        return REASON in self.needs

    def lacking(self, said: Said) -> str | None:
        """The next question."""
        return next((name for name in self.needs if getattr(said, name) is None), None)


def _payment(order: Order, said: Said, today: date) -> RecordPayment:
    """Without an amount, what is tried out is the least that there can be."""
    amount = Decimal(said.amount) if said.amount else _LEAST
    return RecordPayment(order.number, amount, said.reference or "-", expected_version=order.row_version)


def _cancel_line(order: Order, said: Said, today: date) -> CancelLine:
    """All that is open of the goods; of goods that the order has not, the desk says so. Without goods, one is tried."""
    goods = goods_from(said.goods) or all_of({each.number: open_of(each) for each in order.lines[:1]})
    named = {(some.line, some.sku) for some in goods}
    lines = [each.number for each in order.lines if {(each.number, None), (None, each.sku)} & named and open_of(each)]
    sku = next((some.sku for some in goods if some.sku), None) if not lines else None
    return CancelLine(order.number, said.why, tuple(lines), sku, order.row_version)


def _receive(order: Order, said: Said, today: date) -> ReceiveGoods:
    """Without goods everything that is missing."""
    return ReceiveGoods(order.number, order.row_version, goods_from(said.goods))


def _return(order: Order, said: Said, today: date) -> ReturnGoods:
    """Without goods, what is tried out is all that was shipped."""
    goods = goods_from(said.goods) or all_of(with_customer(order))
    return ReturnGoods(
        order.number, goods, said.why, restock=not says_spoilt(said.why), expected_version=order.row_version
    )


_RETURNED_FROM = (S.SHIPPED, S.IN_ACCOUNT_PERIOD, S.SETTLED)
_INVOICED = (S.CONFIRMED, S.AWAITING_SHIPMENT, S.SHIPPED, S.IN_ACCOUNT_PERIOD)
STEPS: Mapping[str, OrderStep] = {
    step.kind: step
    for step in (
        OrderStep("confirm_order", (S.PENDING_CONFIRMATION,), lambda o, *_: ConfirmOrder(o.number, o.row_version)),
        OrderStep("approve_order", (S.PENDING_APPROVAL,), lambda o, *_: ApproveOrder(o.number, o.row_version)),
        OrderStep(
            "reject_order", (S.PENDING_APPROVAL,), lambda o, said, _: RejectOrder(o.number, said.why, o.row_version),
            (REASON,),
        ),
        OrderStep("receive_goods", (S.CONFIRMED,), _receive),
        OrderStep("complete_shipment", (S.AWAITING_SHIPMENT,), lambda o, *_: CompleteShipment(o.number, o.row_version)),
        OrderStep("cancel_order", OPEN, lambda o, said, _: CancelOrder(o.number, said.why, o.row_version), (REASON,)),
        OrderStep("cancel_line", OPEN, _cancel_line, (GOODS, REASON)),
        OrderStep("return_goods", _RETURNED_FROM, _return, (GOODS, REASON)),
        OrderStep("hold_order", OPEN, lambda o, said, _: HoldOrder(o.number, said.why, o.row_version), (REASON,)),
        OrderStep("release_order", (S.ON_HOLD,), lambda o, *_: ReleaseOrder(o.number, o.row_version)),
        OrderStep("send_invoice", _INVOICED, lambda o, *_: SendInvoiceAgain(o.number)),
        OrderStep("start_account_period", (S.SHIPPED,), lambda o, *_: StartAccountPeriod(o.number, o.row_version)),
        OrderStep("record_payment", _INVOICED, _payment, (AMOUNT, REFERENCE)),
        OrderStep("settle_payment", (S.IN_ACCOUNT_PERIOD,), lambda o, _, today: SettlePayments(today, (o.number,))),
        OrderStep("settle_freight", (S.SETTLED,), lambda o, *_: SettleFreight(o.number, o.row_version)),
    )
}  # fmt: skip


def meant_for(kind: str, order: Order) -> str:
    """Once it is confirmed, an order lacks the yes of who may approve it: that is what confirming it means then."""
    waits = kind == "confirm_order" and order.status is S.PENDING_APPROVAL
    return "approve_order" if waits else kind


_ON_CARDS: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        ConfirmOrder, ReceiveGoods, CompleteShipment, CancelOrder, AmendOrder, GiveShipmentInformation,
        ChangeShipmentInformation, UndoLastChange, HoldOrder, ReleaseOrder, SendInvoiceAgain, StartAccountPeriod,
        RecordPayment, SettlePayments, SettleFreight, ApproveOrder, RejectOrder, CancelLine, ReturnGoods,
    )
}  # fmt: skip


def to_payload(command: Command) -> dict[str, Any]:
    """The command as the JSON that a card keeps."""
    return {"command": type(command).__name__, "fields": _plain(asdict(command))}


def from_payload(payload: Mapping[str, Any]) -> Command:
    """The command that a card stands for."""
    kind = _ON_CARDS[payload["command"]]
    said = payload["fields"]
    reading = {**_READ, **_OF_KIND.get(kind, {})}
    values = {name: _read(reading, name, said.get(name)) for name in (field.name for field in fields(kind))}
    command: Command = kind(**values)
    return command


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | StrEnum) else value


def _read(reading: Mapping[str, Callable[[Any], Any]], name: str, value: Any) -> Any:
    return reading[name](value) if value is not None and name in reading else value


def _lines(said: list[Mapping[str, Any]]) -> tuple[NewLine, ...]:
    return tuple(NewLine(line["sku"], Decimal(line["quantity"]), line["unit"]) for line in said)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "day": date.fromisoformat,
    "numbers": tuple,
    "amount": Decimal,
    "ship_date": date.fromisoformat,
    "delivery_date": date.fromisoformat,
    "delivery_mode": DeliveryMode,
    "lines": _lines,
}


def _some_of(said: list[Mapping[str, Any]]) -> tuple[SomeOf, ...]:
    return tuple(SomeOf(**{**one, "quantity": Decimal(one["quantity"])}) for one in said)


_OF_KIND: Mapping[type[Any], Mapping[str, Callable[[Any], Any]]] = {
    CancelLine: {"lines": tuple},
    **dict.fromkeys((ReturnGoods, GiveShipmentInformation, ReceiveGoods), {"lines": _some_of}),
}
