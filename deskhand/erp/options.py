"""How an import is to be taken. Knows no files and no storage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from deskhand.erp.mapping import Mapping as Agreed
from deskhand.orders.status import OrderStatus


class OptionInvalid(Exception):
    """An import can't be done like this; the message says why."""


@dataclass(frozen=True)
class ImportOptions:
    """How a set of files is to be taken.

    Attributes:
        source: the system that they come from; with the order's number it makes an order known.
        currency: of all amounts; the tenant's when None.
        zone: of the files' times; the tenant's when None.
        sort: by which time the orders are sorted: created, updated or paid (R2).
        start_status: where open orders begin; None: closed history without effects.
        guest: the customer of rows that name none; None: such rows are refused.
        automatic: the worker carries the orders on without a person.
        dry_run: read, clean and report, write nothing.
        kind: orders, customers, products, stock, shipments; None: as the columns say.
        mapping: how the columns are read, as people agreed; for every file that `mappings` has no own for.
        mappings: the same by the name of the file.
        tolerance: two amounts that differ by no more are the same.
        precedence: field (`*`: every other) -> sources whose value wins over a newer one, the strongest first.
        incomplete: an order of which a row was refused is taken without that row; by default it waits as a whole.
        again: look at every row even if these very files were imported before.
    """

    source: str
    currency: str | None = None
    zone: str | None = None
    sort: str = "created"
    start_status: OrderStatus | None = None
    automatic: bool = False
    guest: str | None = None
    dry_run: bool = False
    kind: str | None = None
    mapping: Agreed | None = None
    mappings: Mapping[str, Agreed] = field(default_factory=dict)
    tolerance: Decimal = Decimal("0.01")
    precedence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    incomplete: bool = False
    again: bool = False

    def check(self) -> None:
        """Raises OptionInvalid before anything is read: what came in with a wrong currency can't be taken back."""
        if self.currency is not None and self.currency not in list_currencies():
            raise OptionInvalid(f"{self.currency} is no currency code; ISO 4217 has three letters, GBP say")
        if self.zone is not None and self.zone not in available_timezones():
            raise OptionInvalid(f"{self.zone} is no time zone; they are called Europe/London, say")

    def mapping_of(self, file: str) -> Agreed | None:
        return self.mappings.get(file, self.mapping)

    @property
    def way(self) -> str:
        """The same for the same way of taking files; for the import's key."""
        left_out = {"dry_run", "again"}
        return "; ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.name not in left_out)
