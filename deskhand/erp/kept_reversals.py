"""A cancellation as it is kept: so that it is never applied twice, and finds an order that comes later. Pure."""

from __future__ import annotations

from deskhand.erp.wholes import Reversal
from deskhand.store.repositories.source_records import TAKEN, WAITING, SourceRecord

REVERSAL = "reversal"


def reversal_record(one: Reversal, order_id: str | None, customer_id: str | None = None) -> SourceRecord:
    """What is kept of a cancellation, so that it is never applied twice; without an order it waits for it."""
    said = {"number": one.number, "sku": one.sku, "quantity": one.quantity, "price": one.price, "file": one.file,
            "line": one.line, "customer": one.customer, "again": one.again}  # fmt: skip
    state = TAKEN if order_id else WAITING
    return SourceRecord(
        *(one.system, REVERSAL, one.key, "", one.key[:64], one.at, state, one.customer, order_id, customer_id),
        day=one.at.date(),
        said=said,
    )


def reversal_of(record: SourceRecord) -> Reversal:
    said = record.said
    return Reversal(
        *(record.source, said["number"], said["customer"], said["sku"], said["quantity"], said["price"]),
        *(record.stamped_at, said["file"], said["line"], said["again"]),
    )
