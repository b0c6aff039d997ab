"""R1 and R4: shipment information is given while the order awaits shipment, and corrected by a command of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from deskhand.orders.commands import ChangeShipmentInformation, GiveShipmentInformation
from deskhand.orders.effects import EFFECTS, ask_for_invoice
from deskhand.orders.errors import DataMissing, NotAwaitingShipment, ParcelAmbiguous
from deskhand.orders.events import EventName
from deskhand.orders.model import Order, Parcel, Shipment
from deskhand.orders.packing import Quantities, contents_of, packed, ready_of, taken
from deskhand.orders.refusals import next_event
from deskhand.orders.status import OrderStatus
from deskhand.orders.work import Outcome, Step, Work, let_happen, outcome_of, scenarios_of, store

GIVE = "give_shipment_information"
CHANGE = "change_shipment_information"
_CHANGEABLE_IN = frozenset(
    {
        OrderStatus.AWAITING_SHIPMENT,
        OrderStatus.SHIPPED,
        OrderStatus.IN_ACCOUNT_PERIOD,
        OrderStatus.SETTLED,
        OrderStatus.ON_HOLD,
    }
)
_FIELDS = ("carrier", "tracking_number", "address", "ship_date")


def parcel_of(work: Work, order: Order, command: GiveShipmentInformation) -> Parcel:
    """The parcel that the command describes; address and date default to the order's and today.

    Where the scenario names the carrier, or wants no tracking number, it need not be said.

    Raises:
        DataMissing: naming what is empty.
    """
    address = command.address or order.address
    scenario = scenarios_of(work, [order], work.uow.cases.many([order.id]))[order.id]
    carrier = command.carrier.strip() or scenario.carrier or ""
    tracking = command.tracking_number.strip() or ("" if scenario.needs_tracking else order.number)
    said = {"carrier": carrier, "tracking_number": tracking, "address": address}
    missing = [name for name, value in said.items() if not (value or "").strip()]
    if missing:
        raise DataMissing(number=order.number, missing=", ".join(missing), status=str(order.status), next=GIVE)
    ship_date = command.ship_date or work.tenant.today(work.now)
    made = Parcel(work.uow.new_id(), carrier, tracking, address or "", ship_date)
    return replace(made, contents=contents_of(_contents(work, order, command)))


def _contents(work: Work, order: Order, command: GiveShipmentInformation) -> Quantities:
    """What is said to be in it, of what can leave and is in no other parcel; nothing said: nothing."""
    if not command.lines:
        return {}
    before = packed(order)
    free = {line.number: ready_of(line) - before.get(line.number, Decimal(0)) for line in order.lines}
    return taken(order, command.lines, free, work.uow.products.many({line.sku for line in order.lines}))


def give(work: Work, steps: Sequence[Step], parcels: Sequence[Parcel]) -> list[Order]:
    """Puts a parcel into the open shipment of each order; the order does not ship by this."""
    without = [step.order for step in steps if _open(step.order) is None]
    opened = dict(zip([order.id for order in without], work.uow.shipments.open_many(without), strict=True))
    rows = []
    for step, parcel in zip(steps, parcels, strict=True):
        shipment = _open(step.order) or Shipment(opened[step.order.id], step.order.warehouse)
        rows.append((step.order.id, shipment.id, parcel))
        filled = replace(shipment, parcels=(*shipment.parcels, parcel))
        others = tuple(each for each in step.order.shipments if each.id != shipment.id)
        step.alter(shipments=(*others, filled))
        _note(step, EventName.SHIPMENT_INFORMATION_GIVEN, parcel, {}, said_of(parcel))
    work.uow.shipments.add_parcels(rows)
    let_happen(work, steps, EFFECTS)
    return store(work, steps, GIVE)


def change_shipment_information(work: Work, command: ChangeShipmentInformation, order: Order) -> Outcome:
    """R4: corrects one parcel; also after shipping, for parcels go astray.

    Raises:
        NotAwaitingShipment: before the goods are in stock, or on a cancelled order.
        ParcelAmbiguous: if the order has several and none is named.
        DataMissing: if there is no parcel yet, or nothing is to be changed.
    """
    if order.status not in _CHANGEABLE_IN:
        event = next_event(work, order)
        raise NotAwaitingShipment(number=order.number, status=str(order.status), event=CHANGE, next=event)
    old = _chosen(order, command)
    values = {name: getattr(command, name) for name in _FIELDS if getattr(command, name) not in (None, "")}
    new = replace(old, **values)
    if new == old:
        raise DataMissing(number=order.number, missing="changes", status=str(order.status), next=CHANGE)
    step = put_parcel(work, order, old, new)
    store(work, [step], CHANGE)
    return outcome_of([step])


def put_parcel(work: Work, order: Order, old: Parcel, new: Parcel) -> Step:
    """The step from one parcel to its correction, told to the warehouse, with the invoice sent again."""
    work.uow.shipments.change_parcel(new)
    step = Step(order, with_parcel(order, new), None)
    _note(step, EventName.SHIPMENT_INFORMATION_CHANGED, new, said_of(old), said_of(new))
    ask_for_invoice(step, again=True)
    return step


def with_parcel(order: Order, new: Parcel) -> Order:
    """The order with one parcel replaced."""
    shipments = tuple(
        replace(each, parcels=tuple(new if parcel.id == new.id else parcel for parcel in each.parcels))
        for each in order.shipments
    )
    return replace(order, shipments=shipments)


def without_parcel(order: Order, parcel_id: str) -> Order:
    """The order with one parcel taken out."""
    shipments = tuple(
        replace(each, parcels=tuple(parcel for parcel in each.parcels if parcel.id != parcel_id))
        for each in order.shipments
    )
    return replace(order, shipments=shipments)


def said_of(parcel: Parcel) -> dict[str, object]:
    """What people are told of a parcel."""
    return {
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "address": parcel.address,
        "ship_date": parcel.ship_date.isoformat(),
    }


def parcel_from(parcel_id: str, said: Mapping[str, object]) -> Parcel:
    """The inverse of `said_of`."""
    return Parcel(
        id=parcel_id,
        carrier=str(said["carrier"]),
        tracking_number=str(said["tracking_number"]),
        address=str(said["address"]),
        ship_date=date.fromisoformat(str(said["ship_date"])),
    )


def _note(step: Step, name: EventName, parcel: Parcel, old: Mapping[str, object], new: Mapping[str, object]) -> None:
    """R4: event and history say old and new; in the history addresses are personal."""
    step.detail |= {"parcel": parcel.id, "old": _impersonal(old), "new": _impersonal(new)}
    step.personal = {"old_address": old.get("address"), "new_address": new.get("address")}
    step.tell(name, parcel=parcel.id, old=dict(old), new=dict(new))


def _impersonal(said: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in said.items() if key != "address"}


def _open(order: Order) -> Shipment | None:
    return next((each for each in order.shipments if each.completed_at is None), None)


def _chosen(order: Order, command: ChangeShipmentInformation) -> Parcel:
    parcels = order.parcels
    if command.parcel_id is not None:
        parcels = tuple(parcel for parcel in parcels if command.parcel_id in (parcel.id, parcel.tracking_number))
    if not parcels:
        raise DataMissing(number=order.number, missing="carrier, tracking_number", status=str(order.status), next=GIVE)
    if len(parcels) > 1:
        numbers = [parcel.tracking_number for parcel in parcels]
        raise ParcelAmbiguous(number=order.number, parcels=", ".join(numbers), ids=[each.id for each in parcels])
    return parcels[0]
