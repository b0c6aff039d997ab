"""The requests of one message as an ordered list of commands, tried out one after the other and taken back.

Each command meets the rights and rules that it would meet alone, on the order as the ones before it leave it. Says
nothing and shows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from actions.amend_order import expect_amendable
from actions.amendment import command_of, draft_of, known_lines, without_customer
from actions.draft_editor import DraftEditor
from actions.give_shipment import Details, details_in, parcel_of
from actions.give_shipment import command_of as shipment_of
from actions.order_command import owed, said_in
from actions.order_draft import OrderDraft
from actions.order_reference import visible_order
from actions.order_step import REASON, STEPS, OrderStep, Said, meant_for
from actions.turn import Turn
from deskhand.cases import CaseCommand
from deskhand.language import read_amendment, read_change
from deskhand.orders.commands import Command, UndoLastChange
from deskhand.orders.errors import DeskhandError, NothingAmended
from deskhand.orders.model import Order
from deskhand.orders.work import Outcome
from deskhand.store import number_in

AMEND, UNDO, CHANGE_SHIPMENT = "amend_order", "undo_change", "change_shipment"


@dataclass(frozen=True)
class Wanted:
    """One request, as JSON in a draft. `base` is what an amendment that waited for its yes was going to make of it."""

    kind: str
    number: str
    text: str
    reason: str | None = None
    base: Mapping[str, Any] | None = None

    @property
    def lacks_reason(self) -> bool:
        step = STEPS.get(self.kind)
        return step is not None and step.needs_reason and not self.reason

    def because(self, reason: str) -> Wanted:
        """With the reason, where one is wanted."""
        return replace(self, reason=reason) if self.lacks_reason else self


@dataclass(frozen=True)
class Step:
    """A request that can be done: its command, and the order before and after it."""

    wanted: Wanted
    command: Command
    before: Order
    outcome: Outcome

    @property
    def after(self) -> Order:
        return self.outcome.order or self.before


@dataclass(frozen=True)
class Refused:
    """A request that can't be done; `because` are codes of sentences with their values.

    `error` was met by `attempted`; both are None where the words were the trouble, or a request before it.
    """

    wanted: Wanted
    because: tuple[tuple[str, Mapping[str, object]], ...] = ()
    error: DeskhandError | None = None
    attempted: Command | CaseCommand | str | None = None


class _Unclear(Exception):
    """The words don't say all that the command needs."""

    def __init__(self, *because: tuple[str, Mapping[str, object]]) -> None:
        self.because = because
        super().__init__(because)


def try_all(turn: Turn, requests: list[Wanted]) -> tuple[list[Step], list[Refused]]:
    """What can be done and what can't; after a refusal nothing more is done to the same order."""
    steps: list[Step] = []
    refused: dict[str, Refused] = {}
    left: list[Refused] = []
    with turn.rehearsing():
        turn.uow.orders.hold([each.number for each in requests])
        for each in requests:
            number = str(number_in({"number": each.number}))
            if number in refused:
                left.append(Refused(each))
                continue
            tried = _tried(turn, each)
            if isinstance(tried, Step):
                steps.append(tried)
            else:
                refused[number] = tried
    return steps, [*refused.values(), *left]


def _tried(turn: Turn, wanted: Wanted) -> Step | Refused:
    try:
        order = visible_order(turn, wanted.number)
        wanted = replace(wanted, kind=meant_for(wanted.kind, order))
        with turn.as_said(wanted.text, wanted.kind):
            command = _command(turn, wanted, order)
        return Step(wanted, command, order, turn.try_out(command))
    except _Unclear as unclear:
        return Refused(wanted, unclear.because)
    except DeskhandError as error:
        attempted, turn.attempted = turn.attempted, None
        return Refused(wanted, ((error.code, error.data),), error, attempted)


def _command(turn: Turn, wanted: Wanted, order: Order) -> Command:
    if step := STEPS.get(wanted.kind):
        return _of_step(turn, step, wanted, order)
    if wanted.kind == UNDO:
        return UndoLastChange(order.number, order.row_version)
    return _amendment(turn, wanted, order) if wanted.kind == AMEND else _shipment(turn, wanted, order)


def _of_step(turn: Turn, step: OrderStep, wanted: Wanted, order: Order) -> Command:
    """Why is asked for all of them at once; whatever else is missing can't be asked here."""
    said = Said(wanted.reason).over(said_in(turn, step, order))
    missing = step.lacking(said)
    command = step.command(order, said, turn.today)
    if missing and missing != REASON:
        turn.rehearse(command)
        raise _Unclear((f"question_{missing}", {"number": order.number, "owed": owed(turn, order)}))
    return command


def _amendment(turn: Turn, wanted: Wanted, order: Order) -> Command:
    """All that the words say, or nothing of it: a question can't be asked here."""
    expect_amendable(turn, order)
    draft = OrderDraft.from_state(wanted.base) if wanted.base else draft_of(order)
    editor = DraftEditor(draft, turn.catalogue, turn.language)
    _, words = read_amendment(wanted.text)
    change = read_change(words, turn.catalogue.names, turn.today, known_lines(order, editor))
    if change is None:
        raise _Unclear(("request_unclear", {"part": wanted.text}))
    editor.take_change(without_customer(change, order, editor))
    if editor.problems:
        raise _Unclear(*((problem.code, problem.values) for problem in editor.problems))
    if draft.open_lines:
        raise _Unclear(("request_unclear", {"part": wanted.text}))
    command = command_of(order, draft)
    if command is None:
        raise NothingAmended(number=order.number)
    return command


def _shipment(turn: Turn, wanted: Wanted, order: Order) -> Command:
    details = details_in(turn, Details(change=wanted.kind == CHANGE_SHIPMENT, order=order.number))
    parcel = parcel_of(turn, order) if details.change else None
    if details.change and parcel is None:
        raise _Unclear(("nothing_to_change", {"number": order.number}))
    command = shipment_of(details, order, parcel)
    if details.missing:
        turn.rehearse(command)
        raise _Unclear((f"question_{details.missing}", {"number": order.number}))
    return command
