"""A button of a notice: an order is approved or rejected, a task decided. Knows no messenger."""

from __future__ import annotations

from deskhand.cases import DecideTask
from deskhand.cases.commands import CaseCommand
from deskhand.channels.errors import CardActionUnknown, MessageEmpty, MessageTooLong
from deskhand.orders.commands import ApproveOrder, Command, RejectOrder
from deskhand.orders.model import Actor
from deskhand.store import Desk

APPROVAL, TASK, CARD = "approval", "task", "card"
APPROVE, REJECT = "approve", "reject"
LONGEST_REASON = 500


def decide(desk: Desk, actor: Actor, subject: str, decision: str, reason: str | None) -> None:
    """
    Raises:
        CardActionUnknown: no such button was ever shown.
        MessageEmpty: a rejection without its reason.
        DeskhandError: the refusal of the command, which stands in the audit.
    """
    command = _command(subject, decision, reason)
    if isinstance(command, DecideTask):
        desk.handle(command, actor)
    else:
        desk.handle(command, actor)


def _command(subject: str, decision: str, reason: str | None) -> Command | CaseCommand:
    kind, _, about = subject.partition(":")
    said = (reason or "").strip()
    if decision == REJECT and not said:
        raise MessageEmpty()
    if len(said) > LONGEST_REASON:
        raise MessageTooLong(length=len(said), limit=LONGEST_REASON)
    if kind == APPROVAL and decision == APPROVE:
        return ApproveOrder(about)
    if kind == APPROVAL and decision == REJECT:
        return RejectOrder(about, said)
    case, dot, node = about.partition(".")
    if kind == TASK and dot:
        return DecideTask(case, node, decision, said or None)
    raise CardActionUnknown(action=decision)
