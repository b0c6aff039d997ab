"""A text that is wanted: of which kind, in which language, about what. One model for every kind. Knows no store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

OF_ORDERS = ("receipt", "confirmation", "invoice_cover", "shipment", "customer_reply")
OF_BATCHES = ("quality_report",)
OF_CUSTOMERS = ("contract_clause",)
KINDS = (*OF_ORDERS, *OF_BATCHES, *OF_CUSTOMERS)  # what people and programs ask for; risks are found, not asked for
TERMS = ("payment_days", "warranty_months", "amount", "currency", "delivery_date")


@dataclass(frozen=True, slots=True)
class TextJob:
    """`about` is an order's number, a batch, or a customer's id; `terms` are those of a contract, as strings.

    `asked` is what a customer wrote, to which the text answers. `for_user`: who is told when it is there.
    """

    kind: str
    language: str
    about: str
    asked: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    for_user: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "terms": dict(self.terms)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        return cls(**{name: said[name] for name in ("kind", "language", "about", "asked", "terms", "for_user")})
