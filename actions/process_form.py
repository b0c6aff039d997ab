"""The form that finds out what a process asks, at its start or at a task: question after question, then the card.

What is asked stands in process.yml. Knows nothing of how the form is begun: that is said by the skills.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from actions import cards, case_cards, case_command, forms
from actions.case_draft import CONFIRMATION, DECIDE, DRAFT, FORM, REASON, SLOTS, START, CaseDraft
from actions.case_reference import definition_of, numbers_in, processes_named, seen_values, visible_case
from actions.desk_action import DeskAction
from actions.form_drafts import FormDraft
from actions.process_fields import around, choice_titles, opening_words, question_of, shapes_of, titled
from actions.turn import Event, Turn
from deskhand.cases import Definition, Field, FieldInvalid, FieldType, plain, read
from deskhand.language import is_leave, is_question, read_order_numbers
from deskhand.language.decision import meant_among, read_decision
from deskhand.language.fields import FieldReading, field_named, is_all, read_fields, read_reply
from deskhand.orders.errors import DeskhandError

PROCESS, FIELD = SLOTS
FIELD_CHOICE = "process_field"

_KEPT = FormDraft(FORM, DRAFT, SLOTS)
_SURE = 0.85
_ELSEWHERE = frozenset({  # what speaks of an order or of another case is no answer
    "query_order", "query_case", "confirm_order", "cancel_order", "amend_order", "receive_goods", "give_shipment",
    "change_shipment", "complete_shipment", "correct_case", "withdraw_case", "decide_task", "list_tasks", "list_orders",
})  # fmt: skip


def begin(turn: Turn, draft: CaseDraft, text: str, opening: Iterable[str] = ()) -> list[Event]:
    """What the text says already, then the first question or the card."""
    definition = definition_of(turn, draft)
    fields = draft.fields(definition)
    known = _said_before(turn, definition, draft)
    said = read_fields(text, shapes_of(fields), around(turn, fields), known, opening=tuple(opening))
    draft, wrong = _taken(turn, definition, draft, said)
    return proceed(turn, draft, wrong)


def says_something(turn: Turn, draft: CaseDraft, text: str) -> bool:
    """Whether the text has a value for one of the fields; a question has none."""
    definition = definition_of(turn, draft)
    fields = draft.fields(definition)
    known = _said_before(turn, definition, draft)
    return not is_question(text) and bool(read_fields(text, shapes_of(fields), around(turn, fields), known))


def proceed(turn: Turn, draft: CaseDraft, wrong: str | None = None) -> list[Event]:
    """The next question; when nothing is missing, the card.

    Args:
        wrong: the field whose value was just refused, in words: it is asked for first.
    """
    definition = definition_of(turn, draft)
    missing = wrong if wrong is not None else draft.missing(definition)
    if missing is None:
        return _show(turn, definition, draft)
    return _ask(turn, definition, draft, missing)


def field_chosen(turn: Turn, name: str, value: str) -> list[Event]:
    """A button of the choices was pressed; or the draft is gone by now."""
    kept = turn.uow.drafts.open_of(turn.user_id, DRAFT)
    if kept is None:
        turn.say("utter_nothing_pending")
        return []
    return proceed(turn, CaseDraft.of(kept.state).with_value(name, value))


def is_on(turn: Turn) -> bool:
    """Whether something is being filled in, one thing at a time; that it has to be finished first is said."""
    kept = turn.uow.drafts.open_of(turn.user_id, DRAFT) if turn.form == FORM else None
    if kept is not None:
        draft = CaseDraft.of(kept.state)
        turn.say("utter_process_is_open", process=definition_of(turn, draft).title[turn.language])
    elif turn.form not in {None, FORM}:
        turn.say("utter_draft_is_open")
    return kept is not None or turn.form not in {None, FORM}


class ValidateProcessForm(DeskAction):
    """The answers to what a process asks, corrections, and the yes or no to its card."""

    action_name = "validate_process_form"

    def act(self, turn: Turn) -> list[Event]:
        kept = turn.uow.drafts.open_of(turn.user_id, DRAFT)
        if kept is None or kept.asked is None:
            return forms.leaving(SLOTS)
        draft = CaseDraft.of(kept.state)
        slots = {PROCESS: draft.process, FIELD: None}
        if turn.is_opened_by_action or (turn.is_second_look and turn.has_run("action_answer_card")):
            return forms.asking(slots, FIELD)
        if turn.is_second_look:
            return _again(turn, draft)
        if turn.claims.card or turn.wants_person:
            return forms.stepping_aside(FORM)
        return _answered(turn, draft)

    def when_refused(self, turn: Turn, error: DeskhandError) -> list[Event]:
        return forms.asking({PROCESS: None}, FIELD)

    def when_failed(self) -> list[Event]:
        return forms.leaving(SLOTS)

    def when_several(self, turn: Turn) -> list[Event]:
        return _KEPT.left(turn)


def _answered(turn: Turn, draft: CaseDraft) -> list[Event]:
    definition = definition_of(turn, draft)
    if is_leave(turn.text):
        return _left(turn)
    begins = turn.intent == "start_process" and turn.confidence > _SURE
    if _is_of_something_else(turn, draft) or (begins and _names_another(turn, draft)):
        return forms.stepping_aside(FORM)
    if draft.purpose == DECIDE and (other := _decision_named(turn, definition, draft)) is not None:
        return _decided_otherwise(turn, draft, other)
    if draft.asked == REASON:
        return proceed(turn, replace(draft, reason=turn.text.strip()))
    return _filled(turn, definition, draft, opening_words(definition) if begins else ())


def _filled(turn: Turn, definition: Definition, draft: CaseDraft, opening: Sequence[str]) -> list[Event]:
    """A text as an answer to what is asked, a correction, or yes or no to the card."""
    if draft.asked == CONFIRMATION and is_all(turn.text):
        turn.say("utter_process_card_waits")
        return forms.asking({PROCESS: draft.process}, FIELD)
    fields = draft.fields(definition)
    asked = None if draft.asked == CONFIRMATION else draft.asked
    said_before = _said_before(turn, definition, draft)
    reply = read_reply(turn.text, shapes_of(fields), around(turn, fields), said_before, asked, opening)
    if reply.kind == "fields":
        known, wrong = _taken(turn, definition, draft, reply.fields)
        return proceed(turn, known, wrong)
    if reply.kind in {"yes", "no"} and draft.asked == CONFIRMATION:
        return _confirmed(turn, draft, reply.kind == "yes")
    if (wanted := field_named(turn.text, shapes_of(fields))) is not None:
        return _ask(turn, definition, draft, wanted)
    return forms.stepping_aside(FORM)


def _said_before(turn: Turn, definition: Definition, draft: CaseDraft) -> Collection[str]:
    """The fields that have a value: in this draft, or in the case that is corrected."""
    if not draft.corrects(definition):
        return draft.values
    _, file = visible_case(turn, str(draft.case))
    return {*draft.values, *seen_values(turn, definition, file)}


def _is_of_something_else(turn: Turn, draft: CaseDraft) -> bool:
    if is_question(turn.text):
        return True
    others = [number for number in numbers_in(turn) if number != draft.case]
    named = bool(others or read_order_numbers(turn.text))
    return named and turn.intent in _ELSEWHERE and turn.confidence > _SURE


def _names_another(turn: Turn, draft: CaseDraft) -> bool:
    return any(each.process != draft.process for each in processes_named(turn))


def _decision_named(turn: Turn, definition: Definition, draft: CaseDraft) -> str | None:
    """Approve or reject said while either is being asked about."""
    if draft.asked != CONFIRMATION:
        return None
    return meant_among(read_decision(turn.text), definition.rule(str(draft.task)).decisions)


def _decided_otherwise(turn: Turn, draft: CaseDraft, decision: str) -> list[Event]:
    """The same word again is a yes; the other one is another card."""
    if decision == draft.decision:
        return _confirmed(turn, draft, True)
    return proceed(turn, replace(draft, decision=decision, reason=None))


def _confirmed(turn: Turn, draft: CaseDraft, yes: bool) -> list[Event]:
    card = turn.uow.cards.open_of(turn.user_id)
    if card is None or not case_command.is_of_form(card):
        return proceed(turn, draft)
    used = turn.uow.cards.consume(card.id, turn.user_id, cards.CONFIRM if yes else cards.REJECT, turn.uow.now)
    turn.changed = True
    if yes:
        case_command.carry_out(turn, used)
        return forms.leaving(SLOTS)
    stays = case_command.declined(turn, used)
    return forms.asking({PROCESS: draft.process}, FIELD) if stays else forms.leaving(SLOTS)


def _left(turn: Turn) -> list[Event]:
    turn.void_command_card()
    turn.say("utter_process_left")
    return _KEPT.left(turn)


def _again(turn: Turn, draft: CaseDraft) -> list[Event]:
    """After something else was answered: the same question, or the card if another one has taken its place."""
    if draft.asked != CONFIRMATION:
        _say_question(turn, definition_of(turn, draft), draft, str(draft.asked))
        return forms.asking({PROCESS: draft.process}, FIELD)
    card = turn.uow.cards.open_of(turn.user_id)
    if card is None or not case_command.is_of_form(card):
        return proceed(turn, draft)
    turn.say("utter_process_card_waits")
    return forms.asking({PROCESS: draft.process}, FIELD)


def _taken(
    turn: Turn, definition: Definition, draft: CaseDraft, said: Iterable[FieldReading]
) -> tuple[CaseDraft, str | None]:
    """The draft with what was said, and the first field whose value can't be used; why is said."""
    wrong: str | None = None
    for reading in said:
        try:
            draft = draft.with_value(reading.name, _checked(turn, definition.fields[reading.name], reading))
        except FieldInvalid as error:
            case_cards.say_field_problem(turn, definition, error)
            draft, wrong = draft.without(reading.name), wrong or reading.name
    return draft, wrong


def _checked(turn: Turn, field: Field, reading: FieldReading) -> object:
    if reading.problem is not None:
        about = {"choices": ", ".join(reading.candidates), "unit": field.unit or ""}
        raise FieldInvalid(field=field.name, value="", problem=reading.problem, **about)
    value = reading.value
    if field.type is FieldType.MONEY and isinstance(value, Decimal):
        value = round(value, 2)
    return plain(read(field, value, turn.uow.now, turn.today))


def _ask(turn: Turn, definition: Definition, draft: CaseDraft, name: str) -> list[Event]:
    draft = replace(draft, asked=name)
    if turn.form is None and not draft.values and name != REASON and draft.purpose == START:
        turn.say("utter_process_begun", process=definition.title[turn.language])
    _say_question(turn, definition, draft, name)
    return _KEPT.ask(turn, FIELD, draft.state(), {PROCESS: draft.process})


def _say_question(turn: Turn, definition: Definition, draft: CaseDraft, name: str) -> None:
    if name == REASON:
        decision = turn.wording.say("decisions", str(draft.decision), turn.language)
        turn.say("utter_question_decision_reason", decision=decision, number=draft.case)
        return
    field = definition.fields[name]
    turn.say("utter_question_process_field", question=question_of(field, turn.language))
    if field.choices:
        options = [cards.Option(value, title) for value, title in choice_titles(field, turn.language)]
        cards.ask_which(turn, titled(field, turn.language), options, {"purpose": FIELD_CHOICE, "field": name})


def _show(turn: Turn, definition: Definition, draft: CaseDraft) -> list[Event]:
    """The card that says what will happen; a value that is refused only now is asked for again."""
    try:
        outcome = turn.rehearse_case(draft.command())
    except FieldInvalid as error:
        turn.attempted = None
        case_cards.say_field_problem(turn, definition, error)
        name = str(error.data["field"])
        return _ask(turn, definition, draft.without(name), name)
    case_cards.ask_yes(turn, definition, draft, outcome)
    waits = replace(draft, asked=CONFIRMATION, offered=True)
    return _KEPT.ask(turn, FIELD, waits.state(), {PROCESS: draft.process})
