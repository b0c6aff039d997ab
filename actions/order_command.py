"""Confirm, receive, complete, cancel: find the order, ask what is missing, show a card that says what will happen."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from actions import cards, forms
from actions.desk_action import DeskAction
from actions.form_drafts import FormDraft
from actions.order_reference import named_orders, orders_meant, visible_order
from actions.order_step import STEPS, OrderStep, to_payload
from actions.query_order import asked_for, tell
from actions.turn import Event, Turn
from deskhand.language import is_question, normalise, read_answer
from deskhand.orders.commands import Command
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Order
from deskhand.orders.work import Outcome
from deskhand.store import Draft

FORM, DRAFT = "order_command_form", "order_command"
ORDER_NUMBER, REASON = "order_number", "reason"
SLOTS = (ORDER_NUMBER, REASON)
_KEPT = FormDraft(FORM, DRAFT, SLOTS)
ORDER_CHOICE = "order"

_BECAUSE = re.compile(
    r"(?:因为|由于|原因[是为:]?|\bbecause(?: of)?\b|\bsince\b|\breason(?: is|:)?)[ ,:]*(?P<why>.{2,200})", re.IGNORECASE
)
_SURE = 0.6


class OrderCommandAction(DeskAction):
    """One skill of these: "confirm SO-1001" -> a card; a module for each names its step."""

    step: ClassVar[OrderStep]

    def act(self, turn: Turn) -> list[Event]:
        """A question about an order is answered, whatever step it sounds like ("has SO-1001 left?")."""
        if is_question(turn.text) and not self.step.needs_reason:
            tell(turn, asked_for(turn))
            return []
        return begin(turn, self.step)


def begin(turn: Turn, step: OrderStep) -> list[Event]:
    """The order that is meant, then its card; several: a list to pick from; none: said so."""
    turn.void_command_card()
    orders = orders_meant(turn, step.states)
    if not orders:
        turn.say("utter_no_such_orders")
        return []
    if len(orders) > 1:
        turn.say("utter_question_order_number")
        ask_which_order(turn, orders, {"purpose": ORDER_CHOICE, "step": step.kind})
        return _ask(turn, step, None, ORDER_NUMBER)
    return proceed(turn, step, orders[0])


def begin_instead(turn: Turn) -> list[Event] | None:
    """ "No, SO-1006": the step of the card that was replaced, with the order named now; None if nothing was."""
    step = STEPS.get(str(turn.replaced.payload.get("kind"))) if turn.replaced else None
    if turn.replaced is None or step is None:
        return None
    others = [order for order in named_orders(turn) if order.number != turn.replaced.payload["order"]]
    return proceed(turn, step, others[0]) if len(others) == 1 else begin(turn, step)


def proceed(turn: Turn, step: OrderStep, order: Order, reason: str | None = None) -> list[Event]:
    """One order: refused at once if it would be, else its card, or the question for the reason."""
    reason = reason or _reason_in(turn)
    outcome = turn.rehearse(step.command(order, reason or "-"))
    if step.needs_reason and not reason and turn.form in {None, FORM}:
        turn.say("utter_question_reason")
        return _ask(turn, step, order, REASON)
    show_card(turn, step, order, outcome, reason or turn.text)
    return _KEPT.left(turn)


def show_card(turn: Turn, step: OrderStep, order: Order, outcome: Outcome, reason: str) -> None:
    """The card that says exactly what will happen."""
    facts = [*cards.order_facts(turn, order), ("reason", reason if step.needs_reason else "")]
    ask_yes(turn, step.kind, order, step.command(order, reason), outcome, facts)


def ask_yes(
    turn: Turn, kind: str, order: Order, command: Command, outcome: Outcome, facts: list[cards.Fact], **parts: Any
) -> None:
    """A card for a command on an order; nothing is done before its yes.

    Args:
        parts: what the card shows in place of the order's own lines and total, and what it keeps as `kept`.
    """
    kept = parts.pop("kept", {})
    say, language = turn.wording.say, turn.language
    after = outcome.order.status if outcome.order else order.status
    if after is not order.status:
        facts = [*facts, ("status_after", say("statuses", str(after), language))]
    if outcome.on_behalf_of:
        facts = [*facts, ("on_behalf_of", turn.name_of(outcome.on_behalf_of))]
    facts = [*facts, ("effect", say("effects", kind, language))]
    shown = {"lines": cards.order_lines(turn, order), "total": cards.total(turn, order), **parts}
    card = cards.face(
        turn, "command", cards.title(turn, kind, number=order.number), facts, order=order.number,
        status=cards.status(turn, order), **shown,
    )  # fmt: skip
    turn.say("utter_card_check")
    buttons = cards.yes_or_no(turn, danger=kind == "cancel_order")
    cards.issue(turn, card, {**to_payload(command), **kept, "kind": kind, "order": order.number}, buttons)


def ask_which_order(turn: Turn, orders: list[Order], payload: dict[str, Any]) -> None:
    options = [cards.Option(order.number, order.number, cards.summary(turn, order), order.number) for order in orders]
    cards.ask_which(turn, cards.title(turn, "choose_order"), options, payload)


class ValidateOrderCommandForm(DeskAction):
    """The answers to "which order?" and "why?"."""

    action_name = "validate_order_command_form"

    def act(self, turn: Turn) -> list[Event]:
        draft = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if draft is None or draft.asked is None:
            return forms.leaving(SLOTS)
        slots = {ORDER_NUMBER: draft.state.get("order")}
        if turn.is_second_look:
            turn.say(f"utter_question_{draft.asked}")
            return forms.asking(slots, draft.asked)
        if turn.is_opened_by_action:
            return forms.asking(slots, draft.asked)
        return self._answered(turn, draft)

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        draft = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        return forms.asking({ORDER_NUMBER: None}, ORDER_NUMBER) if draft else forms.leaving(SLOTS)

    def when_failed(self) -> list[Event]:
        return forms.leaving(SLOTS)

    def when_several(self, turn: Turn) -> list[Event]:
        return _KEPT.left(turn)

    def _answered(self, turn: Turn, draft: Draft) -> list[Event]:
        if turn.claims.card or turn.wants_person:
            return forms.stepping_aside(FORM)
        other = STEPS.get(turn.intent)
        if other and other.kind != draft.state["step"] and turn.confidence > _SURE:
            return begin(turn, other) or forms.leaving(SLOTS)
        asked = str(draft.asked)
        answer = read_answer(turn.text, asked, turn.catalogue.names, turn.today)
        if answer.kind == "leave":
            turn.say("utter_command_left")
            return _KEPT.left(turn)
        step = STEPS[str(draft.state["step"])]
        if asked == REASON and answer.kind in {"answer", "correction", "no", "yes"}:
            order = visible_order(turn, str(draft.state["order"]))
            return proceed(turn, step, order, _reason_in(turn) or turn.text)
        found = order_answered(turn, answer.order_numbers) if asked == ORDER_NUMBER else None
        return proceed(turn, step, found) if found else forms.stepping_aside(FORM)


def order_answered(turn: Turn, numbers: tuple[str, ...]) -> Order | None:
    """By number, or by its place in the list that was shown."""
    if len(numbers) == 1 and len(numbers[0]) > 2:
        return visible_order(turn, numbers[0])
    answer = read_answer(turn.text, "choice", turn.catalogue.names, turn.today)
    chosen = answer.chosen(cards.options_of(turn.uow.cards.open_of(turn.user_id)))
    return visible_order(turn, chosen) if chosen else None


def _ask(turn: Turn, step: OrderStep, order: Order | None, question: str) -> list[Event]:
    number = order.number if order else None
    return _KEPT.ask(turn, question, {"step": step.kind, "order": number}, {ORDER_NUMBER: number})


def _reason_in(turn: Turn) -> str | None:
    match = _BECAUSE.search(normalise(turn.text))
    return match["why"].strip() if match else None
