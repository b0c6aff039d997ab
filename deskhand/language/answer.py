"""What a text is to the question that is pending: an answer, a correction, a digression, or giving up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from deskhand.language.carriers import carrier_in
from deskhand.language.catalogue import Catalogue
from deskhand.language.change import read_change
from deskhand.language.choice import choice_in
from deskhand.language.customers import customer_in
from deskhand.language.dates import dates_in
from deskhand.language.delivery import mode_in
from deskhand.language.fillers import trimmed
from deskhand.language.lines import Mention, line_of, lines_in, mention_of
from deskhand.language.order import order_in
from deskhand.language.quantities import MOST, quantities_in
from deskhand.language.readings import AnswerReading, ChangeReading, DraftLine, OrderReading
from deskhand.language.references import read_order_numbers
from deskhand.language.replies import is_leave, is_no, is_question, is_yes
from deskhand.language.shipment import tracking_number_in
from deskhand.language.text import normalise

_CHANGES = re.compile(
    r"改成|改为|改到|换成|去掉|删掉|删除|再加|追加|移除|拿掉|加倍|翻倍|^不是|^不对|不要|"
    r"\b(?:change|remove|delete|drop|add|update|replace|swap|instead|make it|"
    r"set the|double|don'?t (?:want|need))\b|^no[, ]|^actually\b",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(r"不是|不对|[,。]不|错了|\b(?:not|no|sorry|i mean|wait)\b", re.IGNORECASE)  # 5, no, 6
_ONLY_A_QUANTITY = re.compile(r"[-\d.,零一二两三四五六七八九十百千万半]+\s*[\u4e00-\u9fffA-Za-z]{0,3}")
_BARE_ORDER = re.compile(r"\D{0,12}?(?P<n>(?:[A-Za-z]{2,4}-?)?\d[\d-]{0,20})\D{0,6}")
_BARE_DAY = re.compile(r"(?:the )?(?:(?P<month>\d{1,2})[.-])?(?P<day>\d{1,2})(?:号|日|st|nd|rd|th)?(?:吧|前)?", re.I)
_BARE_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z-]*\d)[A-Za-z0-9-]{3,32}(?![A-Za-z0-9])")
_ADDRESS_LEAD = re.compile(
    r"^(?:(?:it'?s|it is|is|to|at|就|是|在|the address is)[ :]+|就?是|就?送?到|在)", re.IGNORECASE
)


@dataclass(frozen=True)
class _Asked:
    """The text with everything that an answer is read against."""

    text: str
    catalogue: Catalogue
    today: date
    lines: tuple[DraftLine, ...]

    @property
    def fields(self) -> OrderReading:
        """All that the text says about an order."""
        return order_in(self.text, self.catalogue, self.today)

    @property
    def change(self) -> ChangeReading | None:
        """The corrections in the text."""
        return read_change(self.text, self.catalogue, self.today, self.lines)


DIGRESSION = AnswerReading("digression")


def read_answer(
    text: str, asked: str, catalogue: Catalogue, today: date, draft_lines: Sequence[DraftLine] = ()
) -> AnswerReading:
    """What a text is to the pending question `asked`; a text that answers nothing is a digression.

    `problem` on an answer says why it can't be used yet: unknown_customer, unknown_product, date_in_past, ...
    """
    asking = _Asked(normalise(text), catalogue, today, tuple(draft_lines))
    steered = _steered(asking.text)
    if steered:
        return steered
    change = asking.change if _CHANGES.search(asking.text) or asked == "confirm" else None
    if change and not _only_answers(change, asked, asking):
        return AnswerReading("correction", change=change, fields=change.fields)
    reader = _READERS.get(asked)
    answer = reader(asking) if reader else None
    if answer:
        return answer
    other = change or asking.change
    return AnswerReading("correction", change=other, fields=other.fields) if other and _certain(other) else DIGRESSION


def _steered(text: str) -> AnswerReading | None:
    if not text:
        return DIGRESSION
    if is_leave(text):
        return AnswerReading("leave", text=text)
    if is_question(text):
        return replace(DIGRESSION, text=text, order_numbers=read_order_numbers(text))
    if is_no(text):
        return AnswerReading("no", text=text)
    return AnswerReading("yes", text=text) if is_yes(text) else None


def _only_answers(change: ChangeReading, asked: str, asking: _Asked) -> bool:
    """Whether what looks like a correction is no more than the answer to the question."""
    if asked in {"reason", "choice", "order_number", "carrier", "tracking_number"}:
        return not (change.set_lines or change.remove_skus) or asked == "reason"
    if asked == "quantity":
        named = any(line.said for line in lines_in(asking.text, asking.catalogue))
        return not named and not change.remove_skus and change.fields.is_empty
    if asked == "lines":
        return not (change.set_lines or change.remove_skus) and change.fields.is_empty
    if change.set_lines or change.add_lines or change.remove_skus or asked == "confirm":
        return False
    name = {"address": "address", "customer": "customer_said"}.get(asked, asked)
    return getattr(change.fields, name, None) is not None or bool(change.unknown and asked in {"customer", "address"})


def _certain(change: ChangeReading) -> bool:
    """Whether a change that nobody announced is plain enough to be one."""
    return bool(
        any(line.product for line in (*change.set_lines, *change.add_lines))
        or change.remove_skus
        or not replace(change.fields, customer_said=None, note=None).is_empty
    )


def _customer(asking: _Asked) -> AnswerReading | None:
    found = customer_in(asking.text, asking.catalogue)
    customers = found.customers if found else ()
    said = found.said if found else asking.text
    if not customers:
        start, end = trimmed(said, 0, len(said))
        said = said[start:end]
        customers = tuple(asking.catalogue.customers[n] for n in asking.catalogue.resolve_customer(said).entries)
    if not customers and (not said or len(said) > 60 or asking.fields.lines):
        return None
    return AnswerReading(
        "answer",
        customer=customers[0] if len(customers) == 1 else None,
        customer_candidates=customers if len(customers) > 1 else (),
        text=said,
        fields=asking.fields,
        problem=None if len(customers) == 1 else "ambiguous_customer" if customers else "unknown_customer",
    )


def _lines(asking: _Asked) -> AnswerReading | None:
    fields = asking.fields
    if fields.same_order:
        return AnswerReading("answer", lines=fields.lines, fields=fields)
    lines = fields.lines
    if not lines and fields.is_empty and (mention := _whole_mention(asking)):
        lines = (line_of(asking.catalogue, mention, None),)
    problem = next((line.problem for line in lines if line.problem), None)
    return AnswerReading("answer", lines=lines, fields=fields, problem=problem) if lines else None


def _whole_mention(asking: _Asked) -> Mention | None:
    return mention_of(asking.text, asking.catalogue) if len(asking.text) <= 60 else None


def _quantity(asking: _Asked) -> AnswerReading | None:
    names = [span for span, _ in asking.catalogue.product_spans(asking.text)]
    found = quantities_in(asking.text, names, asking.catalogue)
    if not found:
        return None
    lines = tuple(line for line in lines_in(asking.text, asking.catalogue) if line.said)
    if any(line.product is None and not line.candidates for line in lines) and len(found) > 1:
        return None
    first = found[-1] if _TAKEN_BACK.search(asking.text) else found[0]
    value = None if first.high is not None else first.value
    problem = "quantity_range" if first.high is not None else None
    if not problem and value is None:
        problem = "quantity_missing"
    elif not problem and value is not None:
        problem = "quantity_not_positive" if value <= 0 else "quantity_absurd" if value > MOST else None
    return AnswerReading("answer", quantity=value, unit=first.unit, lines=lines, text=asking.text, problem=problem)


def _address(asking: _Asked) -> AnswerReading | None:
    fields = asking.fields
    if fields.same_address or fields.same_order:
        return AnswerReading("answer", text=asking.text, fields=replace(fields, same_address=True, same_order=False))
    if fields.address is None:
        if _ONLY_A_QUANTITY.fullmatch(asking.text) or any(line.product for line in fields.lines):
            return None
        address = _ADDRESS_LEAD.sub("", asking.text)
        led = replace(asking, text=f"地址: {address}").fields
        fields = led if led.address else replace(led, address=address if _is_free_text(address) else None)
    if not fields.address:
        return None
    return AnswerReading("answer", text=fields.address, fields=fields)


def _is_free_text(words: str) -> bool:
    return len(words) >= 2 and any(c.isalnum() for c in words) and mode_in(words) is None


def _mode(asking: _Asked) -> AnswerReading | None:
    found = mode_in(asking.text)
    mode = found[0] if found else "courier" if carrier_in(asking.text) else None
    return AnswerReading("answer", delivery_mode=mode, fields=asking.fields) if mode else None


def _date(asking: _Asked) -> AnswerReading | None:
    fields = asking.fields
    day = fields.delivery_date
    if day is None:
        bare = _BARE_DAY.fullmatch(asking.text.strip(" .。"))
        said = f"{bare['month']}/{bare['day']}" if bare and bare["month"] else f"{bare['day']}号前" if bare else ""
        found = dates_in(said, asking.today)
        day = found[0].date if found else None
    if day is None:
        return None
    return AnswerReading(
        "answer", delivery_date=day, fields=fields, problem="date_in_past" if day < asking.today else None
    )


def _order_number(asking: _Asked) -> AnswerReading | None:
    numbers = read_order_numbers(asking.text)
    bare = _BARE_ORDER.fullmatch(asking.text)
    numbers = numbers or ((bare["n"].upper(),) if bare else ())
    return AnswerReading("answer", order_numbers=numbers) if numbers else None


def _carrier(asking: _Asked) -> AnswerReading | None:
    found = carrier_in(asking.text)
    tracking = tracking_number_in(asking.text, True)
    number = tracking[0] if tracking else None
    if found:
        return AnswerReading("answer", carrier=found.code or found.said, text=found.said, tracking_number=number)
    start, end = trimmed(asking.text, 0, len(asking.text))
    said = asking.text[start:end]
    if not 2 <= len(said) <= 30 or any(c.isdigit() for c in said):
        return None
    return AnswerReading("answer", carrier=said, text=said, problem="unknown_carrier")


def _tracking(asking: _Asked) -> AnswerReading | None:
    found = tracking_number_in(asking.text, True)
    bare = _BARE_CODE.search(asking.text)
    number = found[0] if found else bare[0].upper() if bare else None
    carrier = carrier_in(asking.text.replace(number, "") if number else asking.text)
    code = (carrier.code or carrier.said) if carrier else None
    return AnswerReading("answer", tracking_number=number, carrier=code) if number else None


def _reason(asking: _Asked) -> AnswerReading | None:
    return AnswerReading("answer", text=asking.text)


def _choice(asking: _Asked) -> AnswerReading | None:
    place = choice_in(asking.text)
    if place:
        return AnswerReading("answer", choice=place, text=asking.text)
    answer = AnswerReading("answer", text=asking.text, order_numbers=read_order_numbers(asking.text))
    customer = _customer(asking)
    lines = _lines(asking)
    if customer and not customer.problem:
        answer = replace(answer, customer=customer.customer, text=customer.text)
    if lines and not answer.customer:
        answer = replace(answer, lines=lines.lines)
    known = answer.customer or answer.order_numbers or any(line.product or line.candidates for line in answer.lines)
    return answer if known or len(asking.text) <= 40 else None


_READERS: dict[str, Callable[[_Asked], AnswerReading | None]] = {
    "customer": _customer,
    "lines": _lines,
    "quantity": _quantity,
    "address": _address,
    "delivery_mode": _mode,
    "delivery_date": _date,
    "order_number": _order_number,
    "carrier": _carrier,
    "tracking_number": _tracking,
    "reason": _reason,
    "choice": _choice,
}
