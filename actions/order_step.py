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

from deskhand.orders.commands import (
    AmendOrder,
    CancelOrder,
    ChangeShipmentInformation,
    Command,
    CompleteShipment,
    ConfirmOrder,
    GiveShipmentInformation,
    NewLine,
    ReceiveGoods,
    UndoLastChange,
)
from deskhand.orders.model import Order
from deskhand.orders.status import DeliveryMode, OrderStatus

S = OrderStatus
OPEN = (S.PENDING_CONFIRMATION, S.CONFIRMED, S.AWAITING_SHIPMENT)


@dataclass(frozen=True)
class OrderStep:
    """`kind` names the card's title and effect; `states` are where people look for such orders."""

    kind: str
    states: tuple[OrderStatus, ...]
    command: Callable[[Order, str], Command]  # the order and the reason
    needs_reason: bool = False


STEPS: Mapping[str, OrderStep] = {
    step.kind: step
    for step in (
        OrderStep("confirm_order", (S.PENDING_CONFIRMATION,), lambda o, _: ConfirmOrder(o.number, o.row_version)),
        OrderStep("receive_goods", (S.CONFIRMED,), lambda o, _: ReceiveGoods(o.number, o.row_version)),
        OrderStep("complete_shipment", (S.AWAITING_SHIPMENT,), lambda o, _: CompleteShipment(o.number, o.row_version)),
        OrderStep("cancel_order", OPEN, lambda o, why: CancelOrder(o.number, why, o.row_version), needs_reason=True),
    )
}

_ON_CARDS: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        ConfirmOrder, ReceiveGoods, CompleteShipment, CancelOrder, AmendOrder, GiveShipmentInformation,
        ChangeShipmentInformation, UndoLastChange,
    )
}  # fmt: skip


def to_payload(command: Command) -> dict[str, Any]:
    """The command as the JSON that a card keeps."""
    return {"command": type(command).__name__, "fields": _plain(asdict(command))}


def from_payload(payload: Mapping[str, Any]) -> Command:
    """The command that a card stands for."""
    kind = _ON_CARDS[payload["command"]]
    said = payload["fields"]
    values = {field.name: _read(field.name, said.get(field.name)) for field in fields(kind)}
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


def _read(name: str, value: Any) -> Any:
    return _READ[name](value) if value is not None and name in _READ else value


def _lines(said: list[Mapping[str, Any]]) -> tuple[NewLine, ...]:
    return tuple(NewLine(line["sku"], Decimal(line["quantity"]), line["unit"]) for line in said)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "ship_date": date.fromisoformat,
    "delivery_date": date.fromisoformat,
    "delivery_mode": DeliveryMode,
    "lines": _lines,
}
