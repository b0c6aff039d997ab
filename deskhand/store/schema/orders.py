"""Tables of orders and what hangs on them; `case` belongs to every process."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, UniqueConstraint, false

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import ExactDecimal, Json, UtcTime

sales_order = table(
    "sales_order",
    key(),
    text("number"),
    text("customer_id"),
    text("customer_name"),
    text("status"),
    text("payment_status"),
    Column("currency", String(3), nullable=False),
    Column("total", ExactDecimal, nullable=False),
    Column("row_version", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    text("warehouse"),
    optional_text("delivery_mode"),
    Column("appointment", Boolean, nullable=False),
    optional_text("address"),
    Column("delivery_date", Date),
    Column("paid_at", UtcTime),
    Column("shipped_at", UtcTime),
    Column("payment_due_on", Date),
    optional_text("source"),
    optional_text("external_number"),
    Column("header_only", Boolean, nullable=False),
    optional_text("created_by"),
    optional_text("changed_by"),
    optional_text("hold_reason"),
    Column("reserved_until", UtcTime),
    Column("reservation_lapsed", Boolean, nullable=False, server_default=false()),
    Column("data", Json, nullable=False),
    Column("content_hash", String(64)),  # of what was placed
    Column("history_seq", Integer, nullable=False),
    Column("history_hash", String(64), nullable=False),
    UniqueConstraint("tenant", "number"),
    UniqueConstraint("tenant", "source", "external_number"),
    Index(None, "tenant", "created_at", "id"),
    Index(None, "tenant", "updated_at", "id"),
    Index(None, "tenant", "customer_id", "created_at", "id"),
    Index(None, "tenant", "status", "created_at", "id"),
    Index(None, "tenant", "status", "payment_due_on"),
    Index(None, "tenant", "payment_status", "payment_due_on"),
    Index(None, "tenant", "changed_by", "updated_at"),
    Index(None, "tenant", "content_hash", "created_at"),
)

order_line = table(
    "order_line",
    key("order_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    text("sku"),
    text("name"),
    Column("quantity", ExactDecimal, nullable=False),
    text("unit"),
    Column("base_quantity", ExactDecimal, nullable=False),
    Column("unit_price", ExactDecimal, nullable=False),
    Column("amount", ExactDecimal, nullable=False),
    Column("shipped", ExactDecimal, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    Column("returned", ExactDecimal, nullable=False, server_default="0"),
    Column("back_ordered", ExactDecimal, nullable=False, server_default="0"),
)

case = table(
    "case",
    key(),
    text("process"),
    Column("version", Integer, nullable=False),
    text("marking"),
    Column("row_version", Integer, nullable=False),
    Column("due_at", UtcTime),
    Column("data", Json, nullable=False),
    text("channel"),
    Column("automatic", Boolean, nullable=False),
    Column("ended", Boolean, nullable=False),
    optional_text("stopped_node"),
    optional_text("stopped_reason"),
    Index(None, "tenant", "process", "ended", "marking", "version", "stopped_reason"),
    Index(None, "tenant", "due_at"),
)

shipment = table(
    "shipment",
    key(),
    text("order_id"),
    text("warehouse"),
    Column("freight", ExactDecimal),
    Column("completed_at", UtcTime),
    Column("freight_settled_at", UtcTime),
    Column("contents", Json),
    Index(None, "tenant", "order_id"),
)

parcel = table(
    "parcel",
    key(),
    text("shipment_id"),
    text("order_id"),
    text("carrier"),
    text("tracking_number"),
    text("address"),
    Column("ship_date", Date, nullable=False),
    Column("position", Integer, nullable=False),
    Column("contents", Json),
    Index(None, "tenant", "order_id"),
    Index(None, "tenant", "tracking_number"),
)

freight_settlement = table(
    "freight_settlement",
    key("shipment_id"),
    text("order_id"),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    optional_text("closed_by"),
    Index(None, "tenant", "order_id"),
)

invoice = table(
    "invoice",
    key("number"),
    text("order_id"),
    Column("issued_at", UtcTime, nullable=False),
    Column("total", ExactDecimal, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("sent_count", Integer, nullable=False),
    Column("last_sent_at", UtcTime),
    UniqueConstraint("tenant", "order_id"),
)

credit_note = table(
    "credit_note",
    key("number"),
    text("order_id"),
    text("invoice"),
    text("kind"),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(3), nullable=False),
    text("reason"),
    Column("lines", Json, nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("withdrawn_at", UtcTime),
    Index(None, "tenant", "order_id"),
)

payment = table(
    "payment",
    key(),
    text("order_id"),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(3), nullable=False),
    text("reference"),
    Column("paid_at", UtcTime, nullable=False),
    text("recorded_by"),
    UniqueConstraint("tenant", "order_id", "reference"),
    Index(None, "tenant", "paid_at"),
)

settlement = table(
    "settlement",
    Column("day", Date, primary_key=True),
    Column("opened_at", UtcTime, nullable=False),
    Column("posted_at", UtcTime),
    text("posted_by"),
)

settlement_line = table(
    "settlement_line",
    key("order_id"),
    Column("day", Date, nullable=False),
    Column("amount", ExactDecimal, nullable=False),
    Column("currency", String(3), nullable=False),
    text("outcome"),
    Column("at", UtcTime, nullable=False),
    Index(None, "tenant", "day"),
)

history = table(
    "history",
    key("order_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    text("event"),
    optional_text("before"),
    optional_text("after"),
    text("actor"),
    text("role"),
    text("channel"),
    text("cause"),
    Column("at", UtcTime, nullable=False),
    Column("detail", Json, nullable=False),
    Column("personal", Json),
    Column("salt", String(32), nullable=False),
    Column("personal_digest", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    optional_text("on_behalf_of"),
    Index(None, "tenant", "cause"),
)

import_run = table(
    "import_run",
    key(),
    text("source"),
    text("file"),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime, nullable=False),
    Column("report", Json, nullable=False),
)
