"""Answers to the questions about a draft: which product, which customer, how much, and all the rest.

Knows nothing of Rasa, the store or sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from actions.draft_editor import DraftEditor
from actions.order_draft import CONFIRM, CUSTOMER, PRODUCT, QUANTITY
from deskhand.language import AnswerReading, pick

READ_AS: Mapping[str, str] = {CONFIRM: "confirm", PRODUCT: "choice"}  # what `read_answer` calls a question


_FEW_WORDS = 30


def take_answer(editor: DraftEditor, asked: str, answer: AnswerReading) -> None:
    if asked == PRODUCT:
        _take_product(editor, answer)
    elif asked == CUSTOMER:
        _take_customer(editor, answer)
    elif asked == QUANTITY:
        editor.take_quantity(answer.quantity, answer.unit, answer.problem)
    else:
        editor.take_order(replace(answer.fields, lines=answer.lines or answer.fields.lines))
        if answer.delivery_mode and editor.draft.delivery_mode is None:
            editor.draft.delivery_mode, editor.applied = answer.delivery_mode, editor.applied + 1
        if answer.delivery_date and editor.draft.delivery_date is None and not editor.problems:
            editor.take_date(answer.delivery_date, answer.problem)


def _take_product(editor: DraftEditor, answer: AnswerReading) -> None:
    """Which of several products: by place in the list, or by a name that fits one of them."""
    choices = editor.draft.open_lines[0].candidates
    named = [line.product.sku for line in answer.lines if line.product]
    named += [each.sku for line in answer.lines for each in line.candidates]
    sku = answer.chosen(choices) or next((sku for sku in named if sku in choices), None)
    sku = sku or _picked(answer, choices, {one: _names_of(editor, one) for one in choices})
    if sku:
        editor.choose_product(sku)


def _names_of(editor: DraftEditor, sku: str) -> tuple[str, ...]:
    product = editor.catalogue.names.product(sku)
    return (sku, *product.names) if product else (sku,)


def _picked(answer: AnswerReading, choices: Sequence[str], names: Mapping[str, Iterable[str]]) -> str | None:
    """The one that a few words fit: the black one."""
    said = answer.text or ""
    place = pick(said, [names.get(one, ()) for one in choices]) if len(said) <= _FEW_WORDS else None
    return choices[place - 1] if place else None


def _take_customer(editor: DraftEditor, answer: AnswerReading) -> None:
    choices = editor.draft.customer_choices
    chosen = answer.chosen(choices)
    if not chosen and not answer.customer:
        customers = editor.catalogue.customers
        chosen = _picked(answer, choices, {one: (customers[one].name, *customers[one].aliases) for one in choices})
    if chosen:
        editor.choose_customer(chosen)
        return
    editor.take_order(answer.fields.without_customer())
    editor.take_customer(answer.customer, answer.customer_candidates, answer.text or "?")
