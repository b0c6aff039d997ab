"""Corrections to a draft in one utterance: A4纸改成30箱, remove the printers, no, Acme Ltd not Acme Inc.

The utterance is cut into clauses; each sets, adds, takes away or swaps lines, or changes a field of the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from deskhand.language.catalogue import Catalogue
from deskhand.language.change_words import ALL_BUT, CLAUSE, NOT_SO_MANY, NOT_THIS, THAT_ORDER
from deskhand.language.corrections import Editor
from deskhand.language.draft import Draft
from deskhand.language.order import fields_in
from deskhand.language.readings import ChangeReading, DraftLine, OrderReading
from deskhand.language.replies import is_leave, is_question
from deskhand.language.text import blank, normalise


def read_change(text: str, catalogue: Catalogue, today: date, draft_lines: Sequence[DraftLine]) -> ChangeReading | None:
    """The corrections in an utterance, or None when it corrects nothing (a question, small talk, giving up)."""
    plain = normalise(text)
    if not plain or is_question(plain) or is_leave(plain):
        return None
    plain = THAT_ORDER.sub("", plain)
    plain = ALL_BUT.sub(r"\1 except", NOT_SO_MANY.sub("改成", plain))
    rest, fields = fields_in(_without_negated_customer(plain, catalogue), catalogue, today, refusals=False)
    editor = Editor(catalogue, Draft(draft_lines, catalogue))
    for clause in CLAUSE.split(rest):
        editor.read(clause)
    found = editor.found
    fields, unknown = _known_customer(fields)
    fields = replace(fields, note="; ".join(filter(None, (fields.note, *found.remarks))) or None)
    problems = (*found.problems, *((fields.delivery_date_problem,) if fields.delivery_date_problem else ()))
    if not found and fields.is_empty and not unknown:
        return None
    removed = tuple(dict.fromkeys(found.removed))
    return ChangeReading(tuple(found.sets), tuple(found.adds), removed, fields, (*found.unknown, *unknown), problems)


def _without_negated_customer(text: str, catalogue: Catalogue) -> str:
    """ "Acme Ltd not Acme Inc": the second one is what it is not."""
    for span, _ in catalogue.customer_spans(text):
        negated = NOT_THIS.search(text[: span[0]])
        if negated:
            text = blank(text, (negated.start(), span[1]))
    return text


def _known_customer(fields: OrderReading) -> tuple[OrderReading, tuple[str, ...]]:
    if fields.customer_said and not fields.customer and not fields.customer_candidates:
        return replace(fields, customer_said=None), (fields.customer_said,)
    return fields, ()
