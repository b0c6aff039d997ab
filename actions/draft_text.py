"""A text for somebody else: a reply, a note about an order, a quality report, a clause. Said at once, from the facts.

What the model makes of the same facts follows as a notice. Writes no sentence of its own and decides nothing.
"""

from __future__ import annotations

from actions.desk_action import DeskAction
from actions.order_reference import named_customers, orders_meant
from actions.turn import Event, Turn
from deskhand.language import normalise
from deskhand.language.text_requests import batch_in, days_in, warranty_months_in
from deskhand.orders.actions import DRAFT_TEXTS
from deskhand.orders.model import Order
from deskhand.store.text_jobs import facts_of
from deskhand.writing.jobs import OF_BATCHES, OF_CUSTOMERS, OF_ORDERS, TextJob

_REPLY = "customer_reply"


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


def _kind(turn: Turn) -> str:
    return next(iter(turn.wording.codes_in("text_words", normalise(turn.text))), _REPLY)


def _of_order(turn: Turn, kind: str) -> None:
    """Of the order that is named, or of the last one of the customer who is."""
    orders = orders_meant(turn)
    if not orders or (len(orders) > 1 and not named_customers(turn)):
        turn.say("utter_text_of_which_order")
        return
    _draft(turn, TextJob(kind, turn.language, orders[0].number, asked=turn.text, for_user=turn.user_id), orders[0])


def _report(turn: Turn, kind: str) -> None:
    batch = batch_in(normalise(turn.text))
    if batch is None:
        turn.say("utter_text_of_which_batch")
        return
    _draft(turn, TextJob(kind, turn.language, batch, for_user=turn.user_id))


def _clause(turn: Turn, kind: str) -> None:
    text = normalise(turn.text)
    customers, days = named_customers(turn), days_in(text)
    if len(customers) != 1 or days is None:
        turn.say("utter_text_of_which_contract")
        return
    terms = {"payment_days": days}
    if months := warranty_months_in(text):
        terms["warranty_months"] = months
    _draft(turn, TextJob(kind, turn.language, customers[0], terms=terms, for_user=turn.user_id))


def _draft(turn: Turn, job: TextJob, order: Order | None = None) -> None:
    """
    Raises:
        TextNotPossible: it would not be true.
    """
    turn.attempted = DRAFT_TEXTS
    facts = facts_of(turn.services.desk, turn.uow, job, turn.actor)
    turn.attempted = None
    turn.say("utter_text_drafted", about=order.number if order else str(job.about))
    turn.tell(turn.services.receipts.write(turn.uow, job, facts, turn.actor, order.id if order else None))
