"""A text for somebody else: a reply, a note about an order, a quality report, a clause. Said at once, from the facts.

What the model makes of the same facts follows as a notice. Writes no sentence of its own and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions import cards
from actions.desk_action import DeskAction
from actions.order_reference import named_customers, orders_meant
from actions.turn import Event, Turn
from deskhand.language import normalise
from deskhand.language.customers import customer_in
from deskhand.language.text_requests import batch_in, days_in, warranty_months_in
from deskhand.orders.actions import DRAFT_TEXTS
from deskhand.orders.errors import DeskhandError, TextNotPossible
from deskhand.orders.model import Order
from deskhand.store.text_jobs import facts_of
from deskhand.writing.jobs import OF_BATCHES, OF_CUSTOMERS, OF_ORDERS, TextJob

CONTRACT_CHOICE = "contract"
_REPLY = "customer_reply"
_QUOTED = re.compile(r"[:：]\s*(?P<after>.+)|[\"“「](?P<within>[^\"”」]+)[\"”」]", re.DOTALL)


class DraftTextAction(DeskAction):
    """ "Draft a reply to Huaxing about SO-1001", "写B12批次的质检报告", "给华星拟合同 账期30天"."""

    action_name = "action_draft_text"

    def act(self, turn: Turn) -> list[Event]:
        turn.attempted = DRAFT_TEXTS
        turn.services.desk.rights.acting(turn.uow, DRAFT_TEXTS, turn.actor)
        kind = _kind(turn)
        if kind in OF_CUSTOMERS:
            _clause(turn, kind)
        elif kind in OF_BATCHES:
            _report(turn, kind)
        else:
            _of_order(turn, kind if kind in OF_ORDERS else _REPLY)
        return []

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        """What such a text needs, where the facts are not there."""
        if isinstance(error, TextNotPossible) and turn.wording.has("text_needs", kind := str(error.data.get("kind"))):
            turn.tell(turn.wording.say("text_needs", kind, turn.language))
        return []


def _kind(turn: Turn) -> str:
    return next(iter(turn.wording.codes_in("text_words", normalise(turn.text))), _REPLY)


def _of_order(turn: Turn, kind: str) -> None:
    """Of the order that is named, or of the last one of the customer who is."""
    orders = orders_meant(turn)
    if not orders or (len(orders) > 1 and not named_customers(turn)):
        turn.say("utter_text_of_which_order")
        return
    job = TextJob(kind, turn.language, orders[0].number, asked=asked_in(turn.text), for_user=turn.user_id)
    _draft(turn, job, orders[0])


def asked_in(text: str) -> str:
    """What the customer wrote, where it is given: behind a colon, or in quotation marks."""
    found = _QUOTED.search(text)
    return (found["after"] or found["within"]).strip() if found else ""


def _report(turn: Turn, kind: str) -> None:
    batch = batch_in(normalise(turn.text))
    if batch is None:
        turn.say("utter_text_of_which_batch")
        return
    _draft(turn, TextJob(kind, turn.language, batch, for_user=turn.user_id))


def _clause(turn: Turn, kind: str) -> None:
    text = normalise(turn.text)
    customers, days = named_customers(turn), days_in(text)
    if days is None:
        turn.say("utter_text_of_which_contract")
        return
    terms = {"payment_days": days}
    if months := warranty_months_in(text):
        terms["warranty_months"] = months
    if len(customers) == 1:
        _contract(turn, kind, customers[0], terms)
    elif not _which_customer(turn, text, {"kind": kind, "terms": terms}):
        turn.say("utter_text_of_which_contract")


def _which_customer(turn: Turn, text: str, kept: Mapping[str, Any]) -> bool:
    """A short list where part of a name is that of several; False: nobody is meant."""
    found = customer_in(text, turn.catalogue.names)
    if found is None or not found.customers:
        return False
    options = [cards.Option(each.id, turn.catalogue.customers[each.id].name) for each in found.customers]
    if len(options) == 1:
        _contract(turn, kept["kind"], options[0].value, kept["terms"])
        return True
    turn.say("utter_customer_ambiguous", said=found.said)
    cards.ask_which(turn, cards.title(turn, "choose_customer"), options, {"purpose": CONTRACT_CHOICE, **kept})
    return True


def customer_chosen(turn: Turn, kept: Mapping[str, Any], customer: str) -> list[Event]:
    """The contract, with whom was picked from the list."""
    turn.attempted = DRAFT_TEXTS
    turn.services.desk.rights.acting(turn.uow, DRAFT_TEXTS, turn.actor)
    _contract(turn, str(kept["kind"]), customer, kept["terms"])
    return []


def _contract(turn: Turn, kind: str, customer: str, terms: Mapping[str, str]) -> None:
    _draft(turn, TextJob(kind, turn.language, customer, terms=terms, for_user=turn.user_id))


def _called(turn: Turn, job: TextJob) -> str:
    """As people call what the text is about: a customer by name, and not by id."""
    return turn.catalogue.customers[job.about].name if job.kind in OF_CUSTOMERS else job.about


def _draft(turn: Turn, job: TextJob, order: Order | None = None) -> None:
    """
    Raises:
        TextNotPossible: it would not be true.
    """
    turn.attempted = DRAFT_TEXTS
    facts = facts_of(turn.services.desk, turn.uow, job, turn.actor)
    turn.attempted = None
    turn.say("utter_text_drafted", about=_called(turn, job))
    turn.tell(turn.services.receipts.write(turn.uow, job, facts, turn.actor, order.id if order else None))
