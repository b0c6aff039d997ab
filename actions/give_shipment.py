"""Shipment information: carrier and tracking number of an order, given or corrected.

R1 is asked before the details are: an order that does not await shipment is refused at once, with what comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from actions import amend_order, cards, forms
from actions.desk_action import DeskAction
from actions.form_drafts import FormDraft
from actions.order_command import ask_which_order, ask_yes
from actions.order_goods import goods_from, goods_meant, is_all, kept
from actions.order_reference import orders_meant, visible_order
from actions.turn import Event, Turn
from deskhand.language import (
    AnswerReading,
    normalise,
    read_amendment,
    read_answer,
    read_shipment,
    says_part,
    without_rest,
)
from deskhand.orders.commands import ChangeShipmentInformation, Command, GiveShipmentInformation
from deskhand.orders.errors import DeskhandError, ParcelAmbiguous
from deskhand.orders.model import Order, Parcel
from deskhand.orders.packing import open_of, ready_of, sums
from deskhand.orders.scenario import of_order
from deskhand.orders.status import OrderStatus
from deskhand.store import Draft

FORM, DRAFT = "give_shipment_form", "give_shipment"
ORDER_NUMBER, CARRIER, TRACKING = "order_number", "carrier", "tracking_number"
SLOTS = (ORDER_NUMBER, CARRIER, TRACKING)
_KEPT = FormDraft(FORM, DRAFT, SLOTS)
SHIPMENT_CHOICE = "shipment"

_GIVEN_IN = (OrderStatus.AWAITING_SHIPMENT,)
_CHANGED_IN = (OrderStatus.AWAITING_SHIPMENT, OrderStatus.SHIPPED, OrderStatus.IN_ACCOUNT_PERIOD)
_UNKNOWN_YET = "-"


@dataclass(frozen=True)
class Details:
    """What is known so far; JSON in the draft."""

    change: bool
    order: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    address: str | None = None
    ship_date: str | None = None
    goods: str | None = None  # as `actions.order_goods` keeps them; None: all that can leave

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Details:
        return cls(**state)

    @property
    def missing(self) -> str | None:
        """The next question; a correction needs only something to correct."""
        if self.order is None:
            return ORDER_NUMBER
        if self.change:
            told = self.carrier or self.tracking_number or self.address or self.ship_date
            return None if told else TRACKING
        return CARRIER if self.carrier is None else TRACKING if self.tracking_number is None else None

    def slots(self) -> dict[str, Any]:
        return {ORDER_NUMBER: self.order, CARRIER: self.carrier, TRACKING: self.tracking_number}


class GiveShipmentAction(DeskAction):
    """ "SO-1001 goes with SF, tracking SF123456", and corrections of it."""

    action_name = "action_give_shipment"

    def act(self, turn: Turn) -> list[Event]:
        return begin(turn)


def begin(turn: Turn) -> list[Event]:
    """The order that is meant and what was said of its parcel."""
    turn.void_command_card()
    said = details_in(turn, Details(change=turn.intent == "change_shipment"))
    orders = orders_meant(turn, _CHANGED_IN if said.change else _GIVEN_IN)
    if said.change and len(orders) > 1:
        orders = [order for order in orders if order.parcels] or orders
    if not orders:
        turn.say("utter_no_such_orders")
        return []
    if len(orders) > 1:
        turn.say("utter_question_order_number")
        ask_which_order(turn, orders, {"purpose": SHIPMENT_CHOICE, "details": asdict(said)})
        return _KEPT.ask(turn, ORDER_NUMBER, asdict(said), said.slots())
    return proceed(turn, said, orders[0])


def proceed(turn: Turn, details: Details, order: Order) -> list[Event]:
    """One order: refused at once if it would be, else the next question, else the card."""
    details = _as_planned(turn, _with_goods(turn, replace(details, order=order.number), order), order)
    parcel = parcel_of(turn, order) if details.change else None
    if details.change and parcel is None and details.address and turn.form is None:
        return amend_order.changed(turn, order, read_amendment(turn.text)[1])
    if details.change and parcel is None:
        turn.say("utter_nothing_to_change", number=order.number)
        return _KEPT.left(turn)
    turn.rehearse(command_of(details, order, parcel))
    if details.missing and turn.form in {None, FORM}:
        turn.say(f"utter_question_{details.missing}", number=order.number)
        return _KEPT.ask(turn, details.missing, asdict(details), details.slots())
    if details.missing:
        turn.say(f"utter_question_{details.missing}", number=order.number)
        return []
    command = command_of(details, order, parcel)
    kind = "change_shipment" if details.change else "give_shipment"
    outcome = turn.rehearse(command)
    ask_yes(turn, kind, order, command, outcome, _facts(turn, details, order, parcel, outcome.order))
    return _KEPT.left(turn)


def _with_goods(turn: Turn, details: Details, order: Order) -> Details:
    """What is in the parcel, where not everything is."""
    if details.change or details.goods:
        return details
    there = {line.number: ready_of(line) for line in order.lines if ready_of(line)}
    goods = goods_meant(turn, order, there)
    part = says_part(turn.text) or all(some.sku or some.line for some in goods)
    return replace(details, goods=kept(goods)) if goods and part and not is_all(order, goods, there) else details


def _as_planned(turn: Turn, details: Details, order: Order) -> Details:
    """Where the scenario names the carrier, or wants no tracking number, nobody is asked for it."""
    if details.change:
        return details
    version = turn.uow.cases.many([order.id])[order.id].version  # how it is fulfilled was decided when it began
    scenario = of_order(turn.services.desk.process_of(order.tenant, version).decide, order)
    tracking = details.tracking_number or (None if scenario.needs_tracking else order.number)
    return replace(details, carrier=details.carrier or scenario.carrier, tracking_number=tracking)


class ValidateGiveShipmentForm(DeskAction):
    """The answers to "which order?", "which carrier?", "which tracking number?"."""

    action_name = "validate_give_shipment_form"

    def act(self, turn: Turn) -> list[Event]:
        draft = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if draft is None or draft.asked is None:
            return forms.leaving(SLOTS)
        details = Details.of(draft.state)
        if turn.is_second_look:
            turn.say(f"utter_question_{draft.asked}", number=details.order)
        if turn.is_second_look or turn.is_opened_by_action:
            return forms.asking(details.slots(), draft.asked)
        return self._answered(turn, draft, details)

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        draft = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        return forms.asking(Details.of(draft.state).slots(), draft.asked) if draft else forms.leaving(SLOTS)

    def when_failed(self) -> list[Event]:
        return forms.leaving(SLOTS)

    def when_several(self, turn: Turn) -> list[Event]:
        return _KEPT.left(turn)

    def _answered(self, turn: Turn, draft: Draft, details: Details) -> list[Event]:
        if turn.claims.card:
            return forms.stepping_aside(FORM)
        answer = read_answer(turn.text, str(draft.asked), turn.catalogue.names, turn.today)
        if answer.kind == "leave":
            turn.say("utter_command_left")
            return _KEPT.left(turn)
        if answer.kind == "digression":
            return forms.stepping_aside(FORM)
        known = _with_answer(details_in(turn, details), answer, str(draft.asked))
        number = known.order or (answer.order_numbers[0] if answer.order_numbers else None)
        if number is None or known == details and not answer.order_numbers:
            return forms.stepping_aside(FORM)
        return proceed(turn, known, visible_order(turn, number))


def _with_answer(details: Details, answer: AnswerReading, asked: str) -> Details:
    if asked == CARRIER and answer.carrier:
        details = replace(details, carrier=answer.carrier)
    if answer.tracking_number and (asked == TRACKING or details.tracking_number is None):
        details = replace(details, tracking_number=answer.tracking_number)
    return details


def details_in(turn: Turn, details: Details) -> Details:
    """What the text says of a shipment, over what is known."""
    said = read_shipment(without_rest(turn.text), turn.today)
    return replace(
        details,
        carrier=said.carrier or details.carrier,
        tracking_number=said.tracking_number or details.tracking_number,
        address=said.address or details.address,
        ship_date=said.ship_date.isoformat() if said.ship_date else details.ship_date,
    )


def command_of(details: Details, order: Order, parcel: Parcel | None) -> Command:
    day = date.fromisoformat(details.ship_date) if details.ship_date else None
    if parcel is not None:
        return ChangeShipmentInformation(
            order.number, parcel.id, details.carrier, details.tracking_number, details.address, day, order.row_version
        )
    return GiveShipmentInformation(
        order.number, details.carrier or _UNKNOWN_YET, details.tracking_number or _UNKNOWN_YET, details.address, day,
        order.row_version, goods_from(details.goods),
    )  # fmt: skip


def parcel_of(turn: Turn, order: Order) -> Parcel | None:
    """The parcel to correct: the one whose number was said, or the only one."""
    parcels = order.parcels
    text = normalise(turn.text).upper()
    named = [parcel for parcel in parcels if parcel.tracking_number.upper() in text]
    if len(named) == 1:
        return named[0]
    if len(parcels) > 1:
        raise ParcelAmbiguous(number=order.number, parcels=[parcel.tracking_number for parcel in parcels])
    return parcels[0] if parcels else None


def _facts(turn: Turn, details: Details, order: Order, parcel: Parcel | None, after: Order | None) -> list[cards.Fact]:
    facts: list[cards.Fact] = [("customer", order.customer_name)]
    if parcel is not None and details.carrier:
        facts.append(("carrier_before", turn.wording.carrier(parcel.carrier, turn.language)))
    facts.append(("carrier", turn.wording.carrier(details.carrier or "", turn.language)))
    if parcel is not None and details.tracking_number:
        facts.append(("tracking_number_before", parcel.tracking_number))
    facts.append(("tracking_number", details.tracking_number or ""))
    facts.append(("shipping_address", details.address or (parcel.address if parcel else order.address) or ""))
    if details.goods and after is not None:
        inside = sums(after.parcels[-1].contents)
        rest = {line.number: open_of(line) - inside.get(line.number, Decimal(0)) for line in after.lines}
        facts += [("contents", cards.goods_said(turn, order, inside)), ("rest", cards.goods_said(turn, order, rest))]
    if details.ship_date:
        facts.append(("ship_date", turn.wording.day(date.fromisoformat(details.ship_date), turn.language)))
    return facts
