"""Commands on one order: find it, ask what is missing, show a card that says what will happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

from actions import cards, forms
from actions.desk_action import DeskAction
from actions.form_drafts import FormDraft
from actions.order_goods import goods_meant, is_all, kept
from actions.order_money import money, money_facts, open_amount
from actions.order_reference import named_orders, orders_meant, visible_order
from actions.order_step import (
    AMOUNT,
    GOODS,
    NOTHING_SAID,
    REASON,
    REFERENCE,
    STEPS,
    OrderStep,
    Said,
    meant_for,
    to_payload,
)
from actions.query_order import asked_for, tell
from actions.turn import Event, Turn
from deskhand.language import (
    amount_answered,
    is_question,
    is_yes,
    read_answer,
    read_payment,
    read_reason,
    reference_answered,
    says_rest,
    spoilt_said,
)
from deskhand.orders.commands import Command, ReturnGoods
from deskhand.orders.credit import in_language
from deskhand.orders.crediting import owed as owed_for
from deskhand.orders.errors import DeskhandError
from deskhand.orders.events import EventName
from deskhand.orders.model import Order
from deskhand.orders.packing import leaving, open_of, rest_after, with_customer
from deskhand.orders.status import OrderStatus
from deskhand.orders.work import Outcome
from deskhand.store import Draft

FORM, DRAFT = "order_command_form", "order_command"
ORDER_NUMBER, HOLD, RETURN, SHIPS, RECEIVES, SETTLES = (
    *("order_number", "hold_order", "return_goods", "complete_shipment", "receive_goods", "settle_payment"),
)
SLOTS = (ORDER_NUMBER, REASON, AMOUNT, REFERENCE, GOODS)
_KEPT = FormDraft(FORM, DRAFT, SLOTS)
ORDER_CHOICE = "order"

_SURE = 0.6
_BY_RULE = frozenset({EventName.ORDER_HELD, EventName.APPROVAL_NEEDED})
_CONFIRMED_FROM = frozenset({OrderStatus.PENDING_CONFIRMATION, OrderStatus.ON_HOLD})
DANGEROUS = frozenset({"cancel_order", "cancel_line"})  # its yes is a red button


class OrderCommandAction(DeskAction):
    """One skill of these: "confirm SO-1001" -> a card; a module for each names its step."""

    step: ClassVar[OrderStep]

    def act(self, turn: Turn) -> list[Event]:
        """A question about an order is answered, whatever step it sounds like ("has SO-1001 left?")."""
        if (of_case := turn.of_case()) is not None:
            return of_case
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
        said = asdict(said_in(turn, step))
        ask_which_order(turn, orders, {"purpose": ORDER_CHOICE, "step": step.kind, "said": said})
        return _ask(turn, step, None, ORDER_NUMBER, Said(**said))
    return proceed(turn, step, orders[0])


def begin_instead(turn: Turn) -> list[Event] | None:
    """ "No, SO-1006": the step of the card that was replaced, with the order named now; None if nothing was."""
    step = STEPS.get(str(turn.replaced.payload.get("kind"))) if turn.replaced else None
    if turn.replaced is None or step is None:
        return None
    others = [order for order in named_orders(turn) if order.number != turn.replaced.payload["order"]]
    return proceed(turn, step, others[0]) if len(others) == 1 else begin(turn, step)


def proceed(turn: Turn, step: OrderStep, order: Order, known: Said = NOTHING_SAID) -> list[Event]:
    """One order: refused at once if it would be, else its card, or the question for what is missing."""
    step = STEPS[meant_for(step.kind, order)]
    said = known.over(said_in(turn, step, order))
    outcome = turn.rehearse(step.command(order, said, turn.today))
    missing = step.lacking(said)
    if missing and (turn.form in {None, FORM} or missing != REASON):
        ask_for(turn, step, order, missing)
        return _ask(turn, step, order, missing, said)
    show_card(turn, step, order, outcome, said.over(Said(turn.text)))
    return _KEPT.left(turn)


def ask_for(turn: Turn, step: OrderStep, order: Order, missing: str) -> None:
    """The question for one thing that a step needs."""
    part = cards.title(turn, step.kind, number=order.number)
    turn.say(f"utter_question_{missing}", part=part, number=order.number, owed=owed(turn, order))


def owed(turn: Turn, order: Order) -> str:
    """What is still to be paid of an order, in words."""
    return money(turn, order, open_amount(turn, order))


def said_in(turn: Turn, step: OrderStep, order: Order | None = None) -> Said:
    """What the text says of all that the step needs; the number of the order is no amount."""
    if AMOUNT in step.needs:
        read = read_payment(turn.text)
        amount = None if read.amount is None or _is_number_of(order, read.amount) else str(read.amount)
        if amount is None and order is not None and says_rest(turn.text):
            amount = str(open_amount(turn, order)) if open_amount(turn, order) else None
        return Said(amount=amount, reference=read.reference)
    goods = _goods_in(turn, step, order) if order else None
    reason = read_reason(turn.text, step.kind == HOLD) if step.needs_reason else None
    if step.kind == RETURN and reason is None:
        reason = spoilt_said(turn.text)  # "2 boxes, damaged" says why
    return Said(reason, goods=goods)


def _goods_in(turn: Turn, step: OrderStep, order: Order) -> str | None:
    """Those that a step needs; of goods that come in, only where not all of them do."""
    if GOODS not in step.needs and step.kind != RECEIVES:
        return None
    there = there_for(step, order)
    goods = goods_meant(turn, order, there)
    return None if step.kind == RECEIVES and is_all(order, goods, there) else kept(goods)


def there_for(step: OrderStep, order: Order) -> Mapping[int, Decimal]:
    """How much of each line a step can be about."""
    if step.kind == RETURN:
        return with_customer(order)
    if step.kind == RECEIVES and order.status is OrderStatus.AWAITING_SHIPMENT:
        return {line.number: line.back_ordered for line in order.lines if line.back_ordered}
    return {line.number: open_of(line) for line in order.lines if open_of(line)}


def _is_number_of(order: Order | None, amount: Decimal) -> bool:
    return order is not None and order.number.endswith(f"-{amount}")


def show_card(turn: Turn, step: OrderStep, order: Order, outcome: Outcome, said: Said) -> None:
    """The card that says exactly what will happen."""
    told = [("reason", said.reason or "")] if step.needs_reason else []
    if AMOUNT in step.needs and said.amount:
        left = open_amount(turn, order) - Decimal(said.amount)
        told = [("amount", money(turn, order, Decimal(said.amount))), ("reference", said.reference or "")]
        told += [("still_open", money(turn, order, left))] if left else []
    if GOODS in step.needs:
        told = [*_about_goods(turn, step.command(order, said, turn.today), order, outcome), *told]
    elif step.kind == SHIPS and rest_after(order, leaving(order)):
        rest = {line.number: open_of(line) for line in outcome.order.lines} if outcome.order else {}
        told = [
            ("leaves", cards.goods_said(turn, order, leaving(order))),
            ("rest", cards.goods_said(turn, order, rest)),
        ]
    if step.kind == RECEIVES and outcome.order is not None:
        late = {line.number: line.back_ordered for line in outcome.order.lines}
        told = [("back_ordered", cards.goods_said(turn, order, late))]
    if step.kind == SETTLES:
        told = money_facts(turn, order)
    facts = [*cards.order_facts(turn, order), *told]
    ask_yes(turn, step.kind, order, step.command(order, said, turn.today), outcome, facts)


def _about_goods(turn: Turn, command: Command, order: Order, outcome: Outcome) -> list[cards.Fact]:
    """Which goods, what becomes of them, and what it does to what is owed."""
    after = outcome.order or order
    was = {line.number: line for line in order.lines}
    if isinstance(command, ReturnGoods):
        back = {line.number: line.returned - was[line.number].returned for line in after.lines}
        shelf = turn.wording.say("restock", "again" if command.restock else "spoilt", turn.language)
        facts = [("returned", cards.goods_said(turn, order, back)), ("restock", shelf)]
    else:
        gone = {line.number: open_of(was[line.number]) - open_of(line) for line in after.lines}
        facts = [("taken_out", cards.goods_said(turn, order, gone))]
    less = owed_for(order) - owed_for(after)
    noted = any(told.name is EventName.CREDIT_NOTE_ISSUED for told in outcome.events)
    amount = turn.wording.money(less, order.currency, turn.language)
    return [*facts, ("credit_note" if noted else "less", amount)]


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
        told = None if kind == HOLD else _rule_in(outcome)
        facts = [*facts, ("rule", in_language(str(told), language) if told else "")]
    if outcome.on_behalf_of:
        facts = [*facts, ("on_behalf_of", turn.name_of(outcome.on_behalf_of))]
    effect = f"{kind}_{after}"  # what a step does can depend on where it leads
    facts = [*facts, ("effect", say("effects", effect if turn.wording.has("effects", effect) else kind, language))]
    shown = {"lines": cards.order_lines(turn, order), "total": cards.total(turn, order), **parts}
    card = cards.face(
        turn, "command", cards.title(turn, kind, number=order.number), facts, order=order.number,
        status=cards.status(turn, order), **shown,
    )  # fmt: skip
    turn.say("utter_card_check")
    buttons = cards.yes_or_no(turn, danger=kind in DANGEROUS)
    cards.issue(turn, card, {**to_payload(command), **kept, "kind": kind, "order": order.number}, buttons)


def _rule_in(outcome: Outcome) -> object:
    """The rule of a decision table that holds the order, or has somebody approve it."""
    told = next((each for each in outcome.events if each.name in _BY_RULE), None)
    return told.payload.get("reason") if told and outcome.previous_status in _CONFIRMED_FROM else None


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
            _ask_again(turn, draft)
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
        asked = str(draft.asked)
        if (other := _other_step(turn, draft)) is not None:
            return begin(turn, other) or forms.leaving(SLOTS)
        step, known = STEPS[str(draft.state["step"])], _said_before(draft)
        answer = read_answer(turn.text, asked, turn.catalogue.names, turn.today)
        if answer.kind == "leave":
            turn.say("utter_command_left")
            return _KEPT.left(turn)
        if asked == REASON and is_yes(turn.text):
            _ask_again(turn, draft)
            return forms.asking({ORDER_NUMBER: draft.state.get("order")}, asked)
        if asked == ORDER_NUMBER:
            found = order_answered(turn, answer.order_numbers)
            return proceed(turn, step, found, known) if found else forms.stepping_aside(FORM)
        told = _answer_to(asked, turn.text, answer.kind)
        if told is None:
            return forms.stepping_aside(FORM)
        return proceed(turn, step, visible_order(turn, str(draft.state["order"])), told.over(known))


def _other_step(turn: Turn, draft: Draft) -> OrderStep | None:
    """The step that is asked for in place of an answer; a reason is in free words, so there it must name an order."""
    other = STEPS.get(turn.intent)
    if other is None or other.kind == draft.state["step"] or turn.confidence <= _SURE:
        return None
    return None if draft.asked == REASON and not named_orders(turn) else other


def _said_before(draft: Draft) -> Said:
    state: Any = draft.state
    return Said(**state.get("said", {}))


def _answer_to(asked: str, text: str, kind: str) -> Said | None:
    """What the text is to the question for a reason, an amount or a reference; None: no answer to it."""
    if asked == GOODS:
        return Said() if kind in {"answer", "correction", "no", "yes"} else None
    if asked == REASON:
        return Said(reason=read_reason(text) or text) if kind in {"answer", "correction", "no", "yes"} else None
    if is_question(text):
        return None
    if asked == AMOUNT:
        amount = amount_answered(text)
        return Said(amount=str(amount)) if amount is not None else None
    reference = reference_answered(text)
    return Said(reference=reference) if reference else None


def _ask_again(turn: Turn, draft: Draft) -> None:
    if draft.asked == ORDER_NUMBER:
        turn.say("utter_question_order_number")
        return
    order = visible_order(turn, str(draft.state["order"]))
    ask_for(turn, STEPS[str(draft.state["step"])], order, str(draft.asked))


def order_answered(turn: Turn, numbers: tuple[str, ...]) -> Order | None:
    """By number, or by its place in the list that was shown."""
    if len(numbers) == 1 and len(numbers[0]) > 2:
        return visible_order(turn, numbers[0])
    answer = read_answer(turn.text, "choice", turn.catalogue.names, turn.today)
    chosen = answer.chosen(cards.options_of(turn.uow.cards.open_of(turn.user_id)))
    return visible_order(turn, chosen) if chosen else None


def _ask(turn: Turn, step: OrderStep, order: Order | None, question: str, said: Said) -> list[Event]:
    number = order.number if order else None
    state = {"step": step.kind, "order": number, "said": asdict(said)}
    return _KEPT.ask(turn, question, state, {ORDER_NUMBER: number})
