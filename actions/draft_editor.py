"""Puts what was read into the draft of an order, and says what of it could not be taken.

Knows nothing of Rasa, the store or sentences: what was wrong is a `Problem`, the code of a sentence with its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from actions.catalogue import TenantCatalogue
from actions.order_draft import Line, OpenLine, OrderDraft
from deskhand.language import CatalogueCustomer, ChangeReading, DraftLine, LineReading, OrderReading

_QUANTITY_PROBLEMS = {"quantity_not_positive": "invalid_quantity", "quantity_absurd": "invalid_quantity"}


@dataclass(frozen=True)
class Problem:
    """What could not be taken, as the code of a sentence with its values."""

    code: str
    values: Mapping[str, object]


@dataclass
class DraftEditor:
    """Puts readings into a draft and collects what was wrong with them."""

    draft: OrderDraft
    catalogue: TenantCatalogue
    language: str
    own_customer: str | None = None  # role customer: may order for nobody else
    last_order: Callable[[str], OrderDraft | None] = lambda customer_id: None  # what a customer ordered last
    problems: list[Problem] = field(default_factory=list)
    applied: int = 0

    def take_order(self, reading: OrderReading) -> None:
        """Everything that a message said about an order; what it did not say stays."""
        self.take_customer(reading.customer, reading.customer_candidates, reading.customer_said)
        for line in reading.lines:
            self.take_line(line)
        if reading.address:
            self._set("address", reading.address)
        if reading.delivery_mode:
            self._set("delivery_mode", reading.delivery_mode)
        if reading.appointment is not None:
            self._set("appointment", reading.appointment)
        self._take_besides(reading)
        self.take_date(reading.delivery_date, reading.delivery_date_problem, reading.delivery_time)
        if reading.delivery_date_choices:
            one, other = reading.delivery_date_choices
            self.problem("date_choice", date=one.isoformat(), other_date=other.isoformat())
        if reading.same_order:
            self.draft.as_before, self.applied = True, self.applied + 1
        self._repeat(reading.same_address)

    def _take_besides(self, reading: OrderReading) -> None:
        """Whom to ask for, remarks and terms."""
        for name in ("contact", "phone"):
            if said := getattr(reading, name):
                self._set(name, said)
        if reading.note:
            known = [] if reading.note_replaces else (self.draft.note or "").split("; ")
            self._set("note", "; ".join(dict.fromkeys([*filter(None, known), *reading.note.split("; ")])))
        if reading.payment_days is not None:
            self._set("payment_days", reading.payment_days)
            self._set("payment_month_end", reading.payment_month_end)

    def _repeat(self, address_only: bool = False) -> None:
        """Same as last time, as far as nothing else was said; its date is asked for anew."""
        draft = self.draft
        if draft.customer is None or not (draft.as_before or address_only):
            return
        last, customer = self.last_order(draft.customer), self.catalogue.customers.get(draft.customer)
        usual = (last and last.address) or (customer and customer.address)
        if draft.as_before and last is not None:
            self._copy(last)
        elif not draft.as_before and usual:
            self._set("address", usual)
        else:
            self.problem("no_order_before", customer=customer.name if customer else draft.customer)
        draft.as_before = False

    def _copy(self, last: OrderDraft) -> None:
        draft = self.draft
        named = {line.sku for line in draft.lines} | {line.sku for line in draft.open_lines}
        for line in last.lines:
            if line.sku not in self.catalogue.products:
                self.problem("unknown_product", product=line.sku)
            elif line.sku not in named:  # the same goods may stand there twice
                draft.lines.append(line)
                self.applied += 1
        own = self.catalogue.customers.get(draft.customer or "")
        draft.address = last.address if draft.address in {None, own and own.address} else draft.address
        for name in ("delivery_mode", "contact", "phone"):
            setattr(draft, name, getattr(draft, name) or getattr(last, name))

    def take_change(self, change: ChangeReading) -> None:
        """A correction: a line that is not right leaves the draft as it was."""
        for line in change.set_lines:
            self._correct(line, self._put)
        for sku in change.remove_skus:
            self.remove(sku)
        for line in change.add_lines:
            if line.product and any(own.sku == line.product.sku for own in self.draft.lines):
                self._correct(line, self._increase)
            else:
                self.take_line(line)
        self.take_order(replace(change.fields, lines=()))
        told = {str(problem.values.get("product")) for problem in self.problems}
        told |= {line.said for line in self.draft.open_lines}
        for said in change.unknown:
            if said not in told:
                self.problem("not_in_draft", said=said)
        if "line_unclear" in change.problems:
            self.problem("line_unclear")

    def choose_customer(self, customer_id: str) -> None:
        self._set("customer", customer_id)
        self.draft.customer_choices, self.draft.customer_said = [], None
        known = self.catalogue.customers.get(customer_id)
        if known and known.address and self.draft.address is None:
            self.draft.address = known.address
        self._repeat()

    def choose_product(self, sku: str) -> None:
        """The answer to "which one": the open line becomes certain, or its quantity is asked next."""
        line = self.draft.open_lines.pop(0)
        self.applied += 1
        self._settle(replace(line, sku=sku, candidates=[]))

    def take_quantity(self, quantity: Decimal | None, unit: str | None, problem: str | None) -> None:
        """The answer to "how much" for the first open line."""
        line = self.draft.open_lines[0]
        name = self.catalogue.product_name(line.sku, self.language) if line.sku else line.said
        if problem in {"quantity_range", "quantity_missing"}:
            self.problem("one_number", product=name)
            return
        if problem or quantity is None:
            self.problem(_QUANTITY_PROBLEMS.get(problem or "", "invalid_quantity"), product=name, quantity=quantity)
            return
        if line.sku and unit and not self._sold_by(line.sku, unit):
            self._unknown_unit(line.sku, unit)
            return
        self.draft.open_lines.pop(0)
        self.applied += 1
        self._settle(replace(line, quantity=str(quantity), unit=unit or line.unit))

    def take_line(self, line: LineReading) -> None:
        """A line of a new order: taken, or kept open with a question, or refused with its reason."""
        if line.problem == "unknown_product":
            if line.said:
                self.problem("unknown_product", product=line.said)
            elif line.quantity is not None:
                self.problem("goods_missing", quantity=line.quantity, unit=line.unit)
            return
        self.applied += 1
        quantity = None if line.quantity is None else str(line.quantity)
        if line.product is None:
            skus = [candidate.sku for candidate in line.candidates]
            self.draft.open_lines.append(OpenLine(line.said, skus, None, quantity, line.unit))
        elif line.problem is None:
            self._put(line)
        else:
            self._say_line_problem(line)
            self.draft.open_lines.append(OpenLine(line.said, [], line.product.sku))

    def take_date(self, day: date | None, problem: str | None, clock: str | None = None) -> None:
        """With the time of that day, if one was said; another day's goes. A time alone is the wanted day's."""
        if problem and day is not None:
            self.problem(problem, date=day.isoformat())
            return
        if clock or (day is not None and self.draft.delivery_date is not None):
            self._set("delivery_time", clock)
        if day is not None:
            self._set("delivery_date", day.isoformat())

    def remove(self, sku: str) -> None:
        self.draft.lines = [line for line in self.draft.lines if line.sku != sku]
        self.draft.open_lines = [line for line in self.draft.open_lines if line.sku != sku]
        self.applied += 1

    def problem(self, code: str, **values: object) -> None:
        self.problems.append(Problem(code, values))

    def draft_lines(self, called: Mapping[str, str] | None = None) -> tuple[DraftLine, ...]:
        """The lines as `deskhand.language` reads corrections against them.

        Args:
            called: sku -> name, of goods that the catalogue may have no more.
        """
        names = called or {}
        return tuple(
            DraftLine(
                line.sku,
                self.catalogue.product_name(line.sku, self.language, names.get(line.sku)),
                Decimal(line.quantity),
                line.unit,
            )
            for line in self.draft.lines
        )

    def take_customer(
        self, customer: CatalogueCustomer | None, choices: tuple[CatalogueCustomer, ...], said: str | None
    ) -> None:
        """Who it is for; a user of a customer orders for that customer alone."""
        if self.own_customer is not None:
            if customer and customer.id != self.own_customer:
                self.problem("own_orders_only")
            return
        if customer:
            if customer.id != self.draft.customer:
                self._forget_address_of_customer()
            self.choose_customer(customer.id)
        elif choices:
            self.draft.customer, self.draft.customer_said = None, said
            self.draft.customer_choices = [choice.id for choice in choices]
            self.applied += 1
        elif said:
            self.problem("unknown_customer", customer=said)

    def _forget_address_of_customer(self) -> None:
        """The address that came with a customer goes with it; one that was said stays."""
        known = self.catalogue.customers.get(self.draft.customer or "")
        if known and self.draft.address == known.address:
            self.draft.address = None

    def _correct(self, line: LineReading, apply: Callable[[LineReading], None]) -> None:
        if line.problem is None:
            apply(line)
        elif line.problem == "unknown_product":
            self.problem("unknown_product", product=line.said)
        else:
            self._say_line_problem(line)

    def _say_line_problem(self, line: LineReading) -> None:
        product = line.product
        name = self.catalogue.product_name(product.sku, self.language) if product else line.said
        if line.problem == "quantity_range" and line.quantity_range:
            self.problem("range_not_quantity", product=name, low=line.quantity_range[0], high=line.quantity_range[1])
        elif line.problem == "unit_unknown" and product:
            self._unknown_unit(product.sku, line.unit or "?")
        elif line.problem == "quantity_not_whole":
            self.problem("quantity_not_whole", product=name, quantity=line.quantity)
        elif line.problem in _QUANTITY_PROBLEMS:
            self.problem("invalid_quantity", product=name, quantity=line.quantity)

    def _unknown_unit(self, sku: str, unit: str) -> None:
        product = self.catalogue.products[sku]
        name = self.catalogue.product_name(sku, self.language)
        self.problem("unknown_unit", product=name, unit=unit, units=tuple({product.base_unit: 1, **product.units}))

    def _sold_by(self, sku: str, unit: str) -> bool:
        code = self.catalogue.unit_code(sku, unit)
        product = self.catalogue.products[sku]
        return code == product.base_unit or code in product.units

    def _settle(self, line: OpenLine) -> None:
        """An open line whose product is known: into the order when it has a quantity, else asked on."""
        assert line.sku is not None
        if line.quantity is None or (line.unit and not self._sold_by(line.sku, line.unit)):
            if line.quantity is not None:
                self._unknown_unit(line.sku, line.unit or "?")
            self.draft.open_lines.insert(0, replace(line, quantity=None, unit=None))
            return
        quantity = Decimal(line.quantity)
        if quantity <= 0:
            name = self.catalogue.product_name(line.sku, self.language)
            self.problem("invalid_quantity", product=name, quantity=quantity)
            self.draft.open_lines.insert(0, replace(line, quantity=None))
            return
        self._put_line(line.sku, quantity, line.unit)

    def _put(self, line: LineReading) -> None:
        assert line.product is not None and line.quantity is not None
        self._put_line(line.product.sku, line.quantity, line.unit)

    def _put_line(self, sku: str, quantity: Decimal, unit: str | None) -> None:
        made = Line(sku, str(quantity), self.catalogue.unit_code(sku, unit))
        self.draft.open_lines = [line for line in self.draft.open_lines if line.sku != sku]
        skus = [line.sku for line in self.draft.lines]
        if sku in skus:
            self.draft.lines[skus.index(sku)] = made
        else:
            self.draft.lines.append(made)
        self.applied += 1

    def _increase(self, line: LineReading) -> None:
        """Another 5 boxes of what is there already; in base units where the units differ."""
        assert line.product is not None and line.quantity is not None
        own = next(one for one in self.draft.lines if one.sku == line.product.sku)
        unit = self.catalogue.unit_code(own.sku, line.unit) if line.unit else own.unit
        if unit == own.unit:
            self._put_line(own.sku, Decimal(own.quantity) + line.quantity, own.unit)
            return
        product = self.catalogue.products[own.sku]
        sizes = {product.base_unit: Decimal(1), **product.units}
        total = Decimal(own.quantity) * sizes[own.unit] + line.quantity * sizes[unit]
        self._put_line(own.sku, total, product.base_unit)

    def _set(self, name: str, value: object) -> None:
        setattr(self.draft, name, value)
        self.applied += 1
