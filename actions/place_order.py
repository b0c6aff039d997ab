"""Place an order: the form that writes the draft, the read-back card, the yes that places it.

Each text is first offered to the pending question: answer, correction, digression or leave. What keeps the draft is the
store; Rasa's slots only show it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from rasa_sdk.events import SlotSet

from actions import amend_order, cards, forms
from actions.amendment import draft_of
from actions.desk_action import DeskAction
from actions.draft_answers import READ_AS, take_answer
from actions.draft_editor import DraftEditor
from actions.draft_questions import ask, read_back, say_problems
from actions.order_command import begin_instead
from actions.order_draft import CONFIRM, CUSTOMER, PLACE_FORM, PRODUCT, SLOTS, OrderDraft
from actions.receipts import RECEIPT
from actions.turn import MEANT, Event, Turn
from deskhand.language import (
    AnswerReading,
    ChangeReading,
    is_question,
    read_amendment,
    read_answer,
    read_change,
    read_order,
    same_order_in,
    split_orders,
)
from deskhand.orders.errors import DeskhandError, PossibleDuplicate
from deskhand.orders.status import OrderStatus
from deskhand.store import Draft

FORM, DRAFT = PLACE_FORM, "place_order"

NOTHING_BEGUN = "nothing_begun"  # the form was refused before there was a draft

_FREE_TEXT = frozenset({CUSTOMER, "address"})
_ELSEWHERE = frozenset({
    "ask_help", "ask_not_by_chat", "ask_policy", "talk_to_person", "greet", "thank", "say_goodbye", "small_talk",
    "query_order", "list_orders", "show_report", "import_orders", "undo_change", "confirm_order", "receive_goods",
    "work_robot", "complete_shipment", "give_shipment", "change_shipment", "set_notifications",
})  # fmt: skip
_SURE = 0.85
_SHORT = 40


class ValidatePlaceOrderForm(DeskAction):
    """Called once a turn while the form is on, and again after a digression was answered."""

    action_name = "validate_place_order_form"

    def act(self, turn: Turn) -> list[Event]:
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        draft = OrderDraft.from_state(stored.state) if stored else OrderDraft()
        if turn.is_second_look and stored:
            return _ask_again(turn, stored, draft)
        if turn.is_opened_by_action and stored:
            return forms.asking(draft.slots(), stored.asked)
        if turn.claims.card:
            return _pressed(turn, stored, draft)
        if stored is None or stored.asked is None:
            return _begun(turn, stored, draft)
        return _heard(turn, stored, draft)

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if stored is None:
            return forms.asking({**dict.fromkeys(SLOTS), CONFIRM: NOTHING_BEGUN}, None)
        return forms.asking(OrderDraft.from_state(stored.state).slots(), stored.asked)

    def when_failed(self) -> list[Event]:
        return forms.stepping_aside(FORM)

    def when_several(self, turn: Turn) -> list[Event]:
        """The draft that is open goes on; a form that was opened for several requests is over."""
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if stored is None:
            return forms.asking({**dict.fromkeys(SLOTS), CONFIRM: NOTHING_BEGUN}, None)
        return _ask_again(turn, stored, OrderDraft.from_state(stored.state))


def _editor(turn: Turn, draft: OrderDraft) -> DraftEditor:
    return DraftEditor(draft, turn.catalogue, turn.language, turn.orders_for, partial(_last_order, turn))


def _last_order(turn: Turn, customer_id: str) -> OrderDraft | None:
    """The newest order of the customer that was not cancelled and has lines, as a draft; for who may see it."""
    if turn.own_customer not in {None, customer_id}:
        return None
    for order in turn.uow.orders.of_customer(customer_id):
        if order.status is not OrderStatus.CANCELLED and not order.header_only:
            return draft_of(order)
    return None


def _begun(turn: Turn, stored: Draft | None, draft: OrderDraft) -> list[Event]:
    """The message that opened the form. Who may not place orders hears it now, not at the end."""
    turn.void_command_card()
    editor = _editor(turn, draft)
    if stored is None and editor.own_customer:
        editor.choose_customer(editor.own_customer)
    _take_one_order(turn, editor)
    return _go_on(turn, stored or turn.uow.drafts.new(turn.user_id, DRAFT, {}), editor)


def _take_one_order(turn: Turn, editor: DraftEditor) -> None:
    """What was said for the first customer; a second customer's order is not mixed into it, and that is said."""
    first, rest, other = split_orders(turn.text, turn.catalogue.names)
    reading = read_order(first, turn.catalogue.names, turn.today)
    if other is not None:
        turn.say("utter_one_order_at_a_time", said=rest.strip(" ,;."), other=other.said)
    editor.take_order(reading)


def _heard(turn: Turn, stored: Draft, draft: OrderDraft) -> list[Event]:
    asked = str(stored.asked)
    editor = _editor(turn, draft)
    answer = _read(turn, asked, editor)
    if answer.kind == "leave":
        turn.uow.drafts.leave(stored.id)
        turn.uow.cards.supersede_open(turn.user_id)
        turn.changed = True
        return forms.leaving(SLOTS)
    if turn.intent == "place_order" and _is_for_another(turn, draft):
        turn.say("utter_draft_is_open")
        return _ask_again(turn, stored, draft)
    said = _said_yes(turn, asked, answer)
    if said is not None:
        return _yes_or_no(turn, stored, draft, said)
    elsewhere = _is_of_a_placed_order(turn) or _asks_for_report(turn)
    elsewhere = elsewhere or (asked in _FREE_TEXT and _sounds_elsewhere(turn))
    if answer.kind == "digression" or elsewhere:
        return _digressed(turn, stored, editor)
    if answer.kind == "correction" and answer.change:
        editor.take_change(answer.change)
    else:
        take_answer(editor, asked, answer)
    if not editor.applied and not editor.problems and asked in {CUSTOMER, PRODUCT}:
        change = read_change(turn.text, turn.catalogue.names, turn.today, editor.draft_lines())
        editor.take_change(change or ChangeReading())
    if not editor.applied and not editor.problems:
        return _digressed(turn, stored, editor)
    return _go_on(turn, stored, editor)


def _is_for_another(turn: Turn, draft: OrderDraft) -> bool:
    """Whether a whole new order for somebody else is said into a draft that has goods already."""
    reading = read_order(turn.text, turn.catalogue.names, turn.today)
    others = {each.id for each in (reading.customer, *reading.customer_candidates) if each} - {draft.customer}
    goods = any(line.product or line.candidates for line in reading.lines)
    return bool(draft.customer and draft.lines and others and goods and not turn.is_customer)


def _read(turn: Turn, asked: str, editor: DraftEditor) -> AnswerReading:
    as_ = "choice" if asked == CUSTOMER and editor.draft.customer_choices else READ_AS.get(asked, asked)
    return read_answer(turn.text, as_, turn.catalogue.names, turn.today, editor.draft_lines())


def _said_yes(turn: Turn, asked: str, answer: AnswerReading) -> bool | None:
    """A plain yes or no; before a card also one in other words ("yes, place it"), when it is surely nothing else."""
    if answer.kind in {"yes", "no"}:
        return answer.kind == "yes"
    surely = asked == CONFIRM and turn.confidence > _SURE and len(turn.text) <= _SHORT and not is_question(turn.text)
    return turn.intent == "affirm" if surely and turn.intent in {"affirm", "deny"} else None


def _is_of_a_placed_order(turn: Turn) -> bool:
    """ "SO-1001的A4纸改成30箱" is not for the draft, "A4纸改成30箱" is."""
    return turn.intent == amend_order.KIND and read_amendment(turn.text)[0] is not None


def _asks_for_report(turn: Turn) -> bool:
    """The day of "今天的报表" is none on which the goods are wanted."""
    return turn.intent == "show_report" and turn.confidence > _SURE


def _sounds_elsewhere(turn: Turn) -> bool:
    """Almost any words can be an address; those that are surely something else are not one."""
    return turn.intent in _ELSEWHERE and turn.confidence > _SURE and not any(c.isdigit() for c in turn.text)


def _digressed(turn: Turn, stored: Draft, editor: DraftEditor) -> list[Event]:
    """Not for the question. A new order said into the open draft goes into it; all else is for the rules."""
    if turn.intent not in {"place_order", "change_draft"} or is_question(turn.text):
        return forms.stepping_aside(FORM, editor.draft.slots())
    _take_one_order(turn, editor)
    if not editor.applied and not editor.problems:
        turn.say("utter_draft_is_open")
    return _go_on(turn, stored, editor)


def _yes_or_no(turn: Turn, stored: Draft, draft: OrderDraft, yes: bool) -> list[Event]:
    """Typed or pressed. Yes means the latest card: if that is another one, it is not for the draft."""
    waiting = turn.uow.cards.open_of(turn.user_id)
    if stored.asked != CONFIRM and (waiting is None or waiting.kind != "command"):
        if turn.intent == "place_order":
            turn.say("utter_draft_is_open")
        return _ask_again(turn, stored, draft)
    if waiting is None:
        turn.say("utter_card_expired")
        return _go_on(turn, stored, _editor(turn, draft))
    if waiting.id != draft.card:
        return forms.stepping_aside(FORM, draft.slots())
    if yes:
        return forms.asking({**draft.slots(), CONFIRM: True}, None)
    turn.uow.cards.consume(waiting.id, turn.user_id, cards.REJECT, turn.uow.now)
    turn.changed = True
    turn.say("utter_what_to_change")
    return forms.asking(draft.slots(), CONFIRM)


def _pressed(turn: Turn, stored: Draft | None, draft: OrderDraft) -> list[Event]:
    """A button: of the draft's own card, or of another one, which is for the rules."""
    if stored is None or turn.claims.card is None or turn.claims.card != draft.card:
        return forms.stepping_aside(FORM, draft.slots())
    if turn.claims.action in {cards.CONFIRM, cards.REJECT}:
        return _yes_or_no(turn, stored, draft, turn.claims.action == cards.CONFIRM)
    used = turn.uow.cards.consume(turn.claims.card, turn.user_id, turn.claims.action or "", turn.uow.now)
    turn.changed = True
    editor = _editor(turn, draft)
    place = AnswerReading("answer", choice=int(str(used.action).partition(":")[2]))
    take_answer(editor, str(stored.asked), place)
    return _go_on(turn, stored, editor)


def _go_on(turn: Turn, stored: Draft, editor: DraftEditor) -> list[Event]:
    """Say what was wrong, ask what is missing or read the draft back, keep it."""
    draft = editor.draft
    say_problems(turn, editor)
    question = draft.question
    if question == CONFIRM:
        question = read_back(turn, draft)
    else:
        ask(turn, draft, question)
    turn.uow.drafts.save(replace(stored, state=draft.to_state(), asked=question))
    turn.changed = True
    return forms.asking(draft.slots(), question)


def _ask_again(turn: Turn, stored: Draft, draft: OrderDraft) -> list[Event]:
    """After a digression. A card that still waits is pointed at; one that was replaced is shown anew."""
    waiting = turn.uow.cards.open_of(turn.user_id)
    if stored.asked != CONFIRM and (draft.card is None or waiting is not None):
        ask(turn, draft, str(stored.asked), with_list=False)
    elif waiting is None:
        return _go_on(turn, stored, _editor(turn, draft))
    elif waiting.id == draft.card:
        turn.say("utter_card_waits")
    return forms.asking(draft.slots(), stored.asked)


class FinishPlaceOrderAction(DeskAction):
    """The form ended: with a yes the order is placed and the card used up in one transaction, else it was left."""

    action_name = "action_finish_place_order"
    hears_several = False

    def act(self, turn: Turn) -> list[Event]:
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        confirmed = turn.tracker.get_slot(CONFIRM)
        if stored is None and confirmed != NOTHING_BEGUN:
            turn.say("utter_draft_dropped")
        elif stored is not None and confirmed is True:
            self._place(turn, stored)
        return forms.leaving(SLOTS)

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        """The same was placed meanwhile: that has been said now, so the next yes knows of it."""
        stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if stored is not None and isinstance(error, PossibleDuplicate):
            turn.uow.drafts.save(replace(stored, state={**stored.state, "like": error.data["number"]}))
            turn.changed = True
        return reopen(turn)

    def _place(self, turn: Turn, stored: Draft) -> None:
        draft = OrderDraft.from_state(stored.state)
        turn.uow.cards.consume(str(draft.card), turn.user_id, cards.CONFIRM, turn.uow.now)
        outcome = turn.do(replace(draft.command(), unless_like=draft.like is None))
        order = outcome.order
        assert order is not None
        turn.uow.drafts.finish(stored.id)
        amount = turn.wording.money(order.total, order.currency, turn.language)
        turn.say("utter_order_placed", number=order.number, total=amount)
        turn.say_for_whom(outcome)
        turn.show(cards.order_card(turn, order))
        turn.write(RECEIPT, order)


class ChangeDraftAction(DeskAction):
    """A correction outside the form: of a placed order that it names, of the open draft, perhaps of another
    conversation, or of the amendment that waits for its yes.
    """

    action_name = "action_change_draft"

    def act(self, turn: Turn) -> list[Event]:
        if (instead := begin_instead(turn)) is not None:
            return instead
        if (named := amend_order.begin_named(turn)) is not None:
            return named
        if events := reopen(turn):
            return events
        if (corrected := amend_order.correct_card(turn)) is not None:
            return corrected
        if same_order_in(turn.text) is not None:
            return begin_with(turn.text)
        turn.say("utter_no_open_draft")
        return []


def begin_with(text: str) -> list[Event]:
    """The form goes on and reads these words as an order, whatever they were taken for."""
    return [SlotSet(MEANT, {"text": text, "intent": "place_order"}), *forms.opening(FORM, {}, CUSTOMER)]


def reopen(turn: Turn) -> list[Event]:
    """The open draft's form is on again, with its question; nothing when there is none."""
    stored = turn.uow.drafts.open_of(turn.user_id, DRAFT)
    if stored is None or not stored.asked:
        return []
    return forms.opening(FORM, OrderDraft.from_state(stored.state).slots(), stored.asked)
