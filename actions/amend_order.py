"""Amend an order that was placed: find it, read what is to change against its own lines, show before and after.

The words are read as corrections of a draft are. Nothing is done before the card's yes, and until then more can change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions import forms, order_command
from actions.amendment import before_and_after, command_of, draft_of, known_lines, terms_agreed, without_customer
from actions.desk_action import DeskAction
from actions.draft_answers import READ_AS, take_answer
from actions.draft_editor import DraftEditor
from actions.draft_questions import ask, ask_which_product, say_problems, say_terms_stay
from actions.form_drafts import FormDraft
from actions.order_command import ask_which_order, ask_yes, order_answered
from actions.order_draft import CUSTOMER, PLACE_FORM, PRODUCT, QUANTITY, OrderDraft
from actions.order_goods import kept
from actions.order_reference import orders_meant, visible_order
from actions.order_step import OPEN, STEPS, Said
from actions.turn import Event, Turn
from deskhand.language import (
    ChangeReading,
    is_leave,
    read_amendment,
    read_answer,
    read_change,
    read_reason,
    says_new_order,
)
from deskhand.orders.commands import AmendOrder, SomeOf
from deskhand.orders.errors import DeskhandError, NothingAmended, TermsNotGranted, TermsOutOfRange
from deskhand.orders.model import Order
from deskhand.orders.packing import open_of
from deskhand.orders.status import OrderStatus
from deskhand.store import Draft

FORM, DRAFT, KIND, CANCEL_LINE = "amend_order_form", "amend_order", "amend_order", "cancel_line"
ORDER_NUMBER, AMENDMENT = "order_number", "amendment"
SLOTS = (ORDER_NUMBER, AMENDMENT)
_KEPT = FormDraft(FORM, DRAFT, SLOTS)
AMEND_CHOICE, PRODUCT_CHOICE = "amendment", "amended_product"

_ELSEWHERE = frozenset({
    *STEPS, "query_order", "list_orders", "show_report", "import_orders", "work_robot", "undo_change", "give_shipment",
    "ask_help", "ask_policy", "set_notifications",
})  # fmt: skip
_SURE = 0.6


class AmendOrderAction(DeskAction):
    """ "1042的A4纸改成30箱", "add 2 chairs to order 1042"."""

    action_name = "action_amend_order"

    def act(self, turn: Turn) -> list[Event]:
        if turn.form is None and says_new_order(turn.text, turn.catalogue.names, turn.today):
            return forms.opening(PLACE_FORM, {}, CUSTOMER)
        return begin(turn)


def begin(turn: Turn) -> list[Event]:
    """The order that is meant and what is to change of it; several orders: a list to pick from."""
    turn.void_command_card()
    number, change = read_amendment(turn.text)
    orders = [visible_order(turn, number)] if number else orders_meant(turn, OPEN)
    if not orders:
        turn.say("utter_no_such_orders")
        return []
    if len(orders) > 1:
        turn.say("utter_question_order_number")
        ask_which_order(turn, orders, {"purpose": AMEND_CHOICE, "said": change})
        return _KEPT.ask(turn, ORDER_NUMBER, {"order": None, "said": change}, {ORDER_NUMBER: None})
    return changed(turn, orders[0], change)


def begin_named(turn: Turn) -> list[Event] | None:
    """A correction that names a placed order is that order's, not the draft's; None if it names none."""
    number, _ = read_amendment(turn.text)
    return begin(turn) if number and turn.uow.orders.find(number, turn.own_customer) else None


def correct_card(turn: Turn) -> list[Event] | None:
    """A correction while an amendment waits for its yes goes into that amendment; None if none waits."""
    card = turn.uow.cards.open_of(turn.user_id)
    if card is None or card.payload.get("kind") != KIND:
        return None
    state: Any = card.payload["draft"]
    return changed(turn, visible_order(turn, str(card.payload["order"])), turn.text, OrderDraft.from_state(state))


def changed(turn: Turn, order: Order, text: str, draft: OrderDraft | None = None) -> list[Event]:
    """What the text changes, put into the order as it is or as it was already going to be."""
    editor = _editor(turn, draft or draft_of(order))
    return _taken(turn, order, editor, _change_in(turn, text, order, editor))


def _change_in(turn: Turn, text: str, order: Order, editor: DraftEditor) -> ChangeReading | None:
    return read_change(text, turn.catalogue.names, turn.today, known_lines(order, editor))


def _taken(turn: Turn, order: Order, editor: DraftEditor, change: ChangeReading | None) -> list[Event]:
    if change and _only_takes_out(change) and order.status is not OrderStatus.PENDING_CONFIRMATION:
        return _cancelled_lines(turn, order, change)
    expect_amendable(turn, order)
    editor.take_change(without_customer(change, order, editor) if change else ChangeReading())
    return proceed(turn, order, editor)


def _only_takes_out(change: ChangeReading) -> bool:
    """Whole goods go and nothing else changes."""
    rest = replace(change, remove_skus=())
    return bool(change.remove_skus) and rest == ChangeReading()


def _cancelled_lines(turn: Turn, order: Order, change: ChangeReading) -> list[Event]:
    """Goods that were promised and perhaps invoiced are not amended away: their lines are cancelled."""
    goods = [SomeOf(open_of(line), line=line.number) for line in order.lines if line.sku in change.remove_skus]
    order_command.proceed(turn, STEPS[CANCEL_LINE], order, Said(read_reason(turn.text) or turn.text, goods=kept(goods)))
    return _KEPT.left(turn)


def proceed(turn: Turn, order: Order, editor: DraftEditor) -> list[Event]:
    """The next question, or the card with before and after."""
    say_problems(turn, editor)
    draft = editor.draft
    command = command_of(order, draft)
    if draft.open_lines or command is None:
        _say_question(turn, order, editor)
        state = {"order": order.number, "draft": draft.to_state()}
        return _KEPT.ask(turn, AMENDMENT, state, {ORDER_NUMBER: order.number})
    try:
        outcome = turn.rehearse(command)
    except (TermsNotGranted, TermsOutOfRange) as error:
        say_terms_stay(turn, error)
        draft.payment_days, draft.payment_month_end, editor.problems = *terms_agreed(order), []
        return proceed(turn, order, editor)
    assert outcome.order is not None
    facts, parts = before_and_after(turn, order, outcome.order)
    ask_yes(turn, KIND, order, command, outcome, facts, **parts, kept={"draft": draft.to_state()})
    return _KEPT.left(turn)


def product_chosen(turn: Turn, sku: str) -> list[Event]:
    """A button of the list of products."""
    stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
    state: Any = stored.state.get("draft") if stored else None
    if stored is None or state is None:
        turn.say("utter_card_expired")
        return []
    editor = _editor(turn, OrderDraft.from_state(state))
    editor.choose_product(sku)
    return proceed(turn, visible_order(turn, str(stored.state["order"])), editor)


class ValidateAmendOrderForm(DeskAction):
    """The answers to "which order?", "what is to change?", "which product?", "how much?"."""

    action_name = "validate_amend_order_form"

    def act(self, turn: Turn) -> list[Event]:
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if stored is None or stored.asked is None:
            return forms.leaving(SLOTS)
        if turn.is_second_look:
            turn.say(f"utter_question_{stored.asked}", number=stored.state.get("order"))
        if turn.is_second_look or turn.is_opened_by_action:
            return forms.asking({ORDER_NUMBER: stored.state.get("order")}, stored.asked)
        return self._answered(turn, stored)

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        return forms.asking({ORDER_NUMBER: stored.state.get("order")}, stored.asked) if stored else self.when_failed()

    def when_failed(self) -> list[Event]:
        return forms.leaving(SLOTS)

    def when_several(self, turn: Turn) -> list[Event]:
        return _KEPT.left(turn)

    def _answered(self, turn: Turn, stored: Draft) -> list[Event]:
        if turn.claims.card:
            return forms.stepping_aside(FORM)
        if is_leave(turn.text):
            turn.say("utter_command_left")
            return _KEPT.left(turn)
        if turn.intent in _ELSEWHERE and turn.confidence > _SURE:
            return forms.stepping_aside(FORM)
        if stored.asked == ORDER_NUMBER:
            answer = read_answer(turn.text, ORDER_NUMBER, turn.catalogue.names, turn.today)
            found = order_answered(turn, answer.order_numbers)
            return changed(turn, found, str(stored.state["said"])) if found else forms.stepping_aside(FORM)
        return _amendment_answered(turn, stored)


def _amendment_answered(turn: Turn, stored: Draft) -> list[Event]:
    """First for the product that is asked about, then as a change of its own; else it is not for this question."""
    order = visible_order(turn, str(stored.state["order"]))
    state: Any = stored.state["draft"]
    draft = OrderDraft.from_state(state)
    number, text = read_amendment(turn.text)
    if number and visible_order(turn, number).number != order.number:
        return begin(turn)
    if draft.open_lines:
        editor = _editor(turn, draft)
        asked = _question(draft)
        known = known_lines(order, editor)
        as_ = READ_AS.get(asked, asked)
        take_answer(editor, asked, read_answer(text, as_, turn.catalogue.names, turn.today, known))
        if editor.applied:
            return proceed(turn, order, editor)
        draft.open_lines = []
    editor = _editor(turn, draft)
    change = _change_in(turn, text, order, editor)
    return _taken(turn, order, editor, change) if change else forms.stepping_aside(FORM)


def expect_amendable(turn: Turn, order: Order) -> None:
    """Before anything is asked for: the refusal that every amendment of this order would meet."""
    try:
        turn.rehearse(AmendOrder(order.number, expected_version=order.row_version))
    except NothingAmended:
        turn.attempted = None


def _editor(turn: Turn, draft: OrderDraft) -> DraftEditor:
    return DraftEditor(draft, turn.catalogue, turn.language)


def _question(draft: OrderDraft) -> str:
    return PRODUCT if draft.open_lines[0].candidates else QUANTITY


def _say_question(turn: Turn, order: Order, editor: DraftEditor) -> None:
    draft = editor.draft
    if not draft.open_lines:
        turn.say("utter_question_amendment", number=order.number)
        return
    ask(turn, draft, _question(draft), with_list=False)
    if draft.open_lines[0].candidates:
        ask_which_product(turn, draft, PRODUCT_CHOICE)
