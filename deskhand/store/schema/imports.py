"""What other systems have said: the newest record of each of them, which of their orders may be one, and which files
were taken over whole.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import ExactDecimal, Json, UtcTime

source_record = table(
    "source_record",
    key("source"),
    key("kind"),
    Column("key", String, primary_key=True),
    Column("match_hash", String(64), nullable=False),  # of what makes records of several systems the same
    Column("digest", String(64), nullable=False),  # of all that the record says: the same again changes nothing
    Column("stamped_at", UtcTime, nullable=False),  # the source's own time; the newer says more
    text("state"),
    optional_text("customer_key"),
    optional_text("order_id"),
    optional_text("customer_id"),
    Column("day", Date),
    Column("amount", ExactDecimal),
    Column("said", Json, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Index(None, "tenant", "kind", "match_hash"),
    Index(None, "tenant", "kind", "customer_key", "day"),
    Index(None, "tenant", "order_id"),
)

imported_file = table(
    "imported_file",
    key("digest"),  # of its bytes and of how it was read
    text("source"),
    text("kind"),
    Column("records", Integer, nullable=False),  # that the source had afterwards
    Column("report", Json, nullable=False),
    Column("at", UtcTime, nullable=False),
)

order_candidate = table(
    "order_candidate",
    key(),  # of the two records
    text("source"),
    Column("key", String, nullable=False),
    text("like_source"),
    Column("like_key", String, nullable=False),
    Column("difference", ExactDecimal, nullable=False),
    text("state"),
    optional_text("decided_by"),
    Column("found_at", UtcTime, nullable=False),
    Column("decided_at", UtcTime),
    Column("undo", Json),  # how it was before, once two orders have become one
    Index(None, "tenant", "state"),
)
