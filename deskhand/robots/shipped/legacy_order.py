"""An order as the old ERP wants it typed: texts, dates as dd.mm.yyyy. Knows the item's input, no screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from deskhand.robots.outcome import BusinessException
from deskhand.robots.robot import refuse
from deskhand.robots.screen import Difference, differences
from deskhand.robots.work_item import WorkItem

HEAD = ("reference", "customer", "ordered_on", "deliver_on", "delivery", "address", "remark")
LINE = ("sku", "description", "quantity", "unit", "price")
LONGEST = {"reference": 60, "address": 300, "remark": 2000, "sku": 40, "description": 200, "unit": 12}
DELIVERIES = {
    "courier": ("Courier", "快递"),
    "own": ("Own vehicle", "自送"),
    "pick_up": ("Collected by customer", "自提"),
}


@dataclass(frozen=True, slots=True)
class LegacyLine:
    sku: str
    description: str
    quantity: str
    unit: str
    price: str

    @property
    def amount(self) -> Decimal:
        return (Decimal(self.quantity) * Decimal(self.price)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class LegacyOrder:
    """What is to be typed."""

    reference: str
    customer: str
    ordered_on: str
    deliver_on: str
    delivery: str
    address: str
    remark: str
    lines: tuple[LegacyLine, ...]

    @classmethod
    def of(cls, item: WorkItem) -> LegacyOrder:
        """Raises BusinessException: `field_missing`, `field_refused`, `text_too_long`, `total_differs`."""
        said = item.input
        ordered_on = _day(said, "ordered_on", "date")
        order = cls(
            reference=item.reference,
            customer=_text(said, "customer"),
            ordered_on=ordered_on,
            deliver_on=_day(said, "deliver_on", "date", otherwise=ordered_on),
            delivery=_one_of(said, "delivery", tuple(DELIVERIES)),
            address=_text(said, "address"),
            remark=_text(said, "note", wanted=False),
            lines=tuple(_line(each) for each in said.get("lines") or ()),
        )
        order._fits()
        order._adds_up(str(said.get("total") or ""))
        return order

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    def differences(self, head: Mapping[str, str], rows: list[list[str]]) -> list[Difference]:
        """Each field beside what the screen shows of it; `rows` are the cells of the lines, in the order of LINE."""
        found = differences([(key, getattr(self, key)) for key in HEAD if key != "delivery"], dict(head))
        if head.get("delivery", "") not in (self.delivery, *DELIVERIES[self.delivery]):
            found.append(Difference("delivery", self.delivery, head.get("delivery", "")))
        if len(rows) != len(self.lines):
            return [*found, Difference("lines", str(len(self.lines)), str(len(rows)))]
        for number, (line, row) in enumerate(zip(self.lines, rows, strict=True), 1):
            wanted = [(f"{key} {number}", getattr(line, key)) for key in LINE]
            found += differences(wanted, {name: cell for (name, _), cell in zip(wanted, row, strict=False)})
        return found

    def _fits(self) -> None:
        if self.reference != self.reference.strip() or not self.reference.isprintable():
            raise refuse("field_refused", field="reference", wanted=repr(self.reference)[:200], shown="")
        if not self.lines:
            raise refuse("field_missing", field="lines")
        fields = [(key, getattr(self, key)) for key in HEAD]
        fields += [(key, getattr(line, key)) for line in self.lines for key in LINE]
        for key, text in fields:
            if len(text) > LONGEST.get(key, 300):
                raise refuse("text_too_long", field=key, length=len(text), most=LONGEST.get(key, 300))

    def _adds_up(self, total: str) -> None:
        if total and _number(total, "total") != self.total:
            raise refuse("total_differs", wanted=total, shown=str(self.total))


def read_back(found: list[Difference]) -> None:
    """Raises BusinessException `read_back_differs`, with both values of each field."""
    if found:
        raise BusinessException(
            "read_back_differs",
            "; ".join(f"{each.field}: {each.wanted[:60]!r} / {each.shown[:60]!r}" for each in found[:10]),
            differences=[each.as_data() for each in found[:50]],
        )


def _line(said: Any) -> LegacyLine:
    if not isinstance(said, Mapping):
        raise refuse("field_refused", field="lines", wanted=str(said)[:200], shown="")
    for key in ("quantity", "price"):
        _number(_text(said, key), key)
    return LegacyLine(
        sku=_text(said, "sku"),
        description=_text(said, "name", wanted=False),
        quantity=_text(said, "quantity"),
        unit=_text(said, "unit", wanted=False),
        price=_text(said, "price"),
    )


def _text(said: Mapping[str, Any], key: str, wanted: bool = True) -> str:
    value = said.get(key)
    text = "" if value is None else str(value)
    if wanted and not text.strip():
        raise refuse("field_missing", field=key)
    return text


def _number(text: str, key: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise refuse("field_refused", field=key, wanted=text[:200], shown="")
    return number


def _day(said: Mapping[str, Any], *keys: str, otherwise: str = "") -> str:
    text = next((str(said[key]) for key in keys if said.get(key)), "")
    if not text and otherwise:
        return otherwise
    if not text:
        raise refuse("field_missing", field=keys[0])
    try:
        return date.fromisoformat(text[:10]).strftime("%d.%m.%Y")
    except ValueError as problem:
        raise refuse("field_refused", field=keys[0], wanted=text[:200], shown="") from problem


def _one_of(said: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str:
    text = _text(said, key, wanted=False) or known[0]
    if text not in known:
        raise refuse("field_refused", field=key, wanted=text[:200], shown=", ".join(known))
    return text
