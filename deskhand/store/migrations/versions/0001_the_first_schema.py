"""The first schema"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from deskhand.store import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _app_user() -> None:
    op.create_table(
        "app_user",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("tenant", "login", name=op.f("uq_app_user_tenant_login")),
    )
    op.create_index(op.f("ix_app_user_tenant_customer_id"), "app_user", ["tenant", "customer_id"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", types.Json, nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_tenant_at_id"), "audit", ["tenant", "at", "id"], unique=False)
    op.create_index(op.f("ix_audit_tenant_cause"), "audit", ["tenant", "cause"], unique=False)


def _card() -> None:
    op.create_table(
        "card",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("payload", types.Json, nullable=False),
        sa.Column("actions", types.Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expires_at", types.UtcTime(), nullable=False),
        sa.Column("used_by", sa.String(), nullable=True),
        sa.Column("used_at", types.UtcTime(), nullable=True),
        sa.Column("action", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_card")),
    )
    op.create_index(op.f("ix_card_tenant_user_id_state"), "card", ["tenant", "user_id", "state"], unique=False)


def _case() -> None:
    op.create_table(
        "case",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("marking", sa.String(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("due_at", types.UtcTime(), nullable=True),
        sa.Column("data", types.Json, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("stopped_node", sa.String(), nullable=True),
        sa.Column("stopped_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_case")),
    )
    op.create_index(op.f("ix_case_tenant_due_at"), "case", ["tenant", "due_at"], unique=False)
    op.create_index(
        op.f("ix_case_tenant_process_ended_marking"), "case", ["tenant", "process", "ended", "marking"], unique=False
    )


def _conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_conversation")),
    )
    op.create_index(
        op.f("ix_conversation_tenant_user_id_channel"), "conversation", ["tenant", "user_id", "channel"], unique=False
    )


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", types.Json, nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("account_days", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_customer")),
        sa.UniqueConstraint("tenant", "source", "external_id", name=op.f("uq_customer_tenant_source_external_id")),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", types.UtcTime(), nullable=False),
        sa.Column("claimed_until", types.UtcTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("result", types.Json, nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("finished_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_tenant_event_id"), "delivery", ["tenant", "event_id"], unique=False)
    op.create_index(op.f("ix_delivery_tenant_order_id"), "delivery", ["tenant", "order_id"], unique=False)
    op.create_index(
        op.f("ix_delivery_tenant_state_consumer_due_at_id"),
        "delivery",
        ["tenant", "state", "consumer", "due_at", "id"],
        unique=False,
    )


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", types.Json, nullable=False),
        sa.Column("asked", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_draft")),
    )
    op.create_index(op.f("ix_draft_tenant_user_id_status"), "draft", ["tenant", "user_id", "status"], unique=False)


def _freight_settlement() -> None:
    op.create_table(
        "freight_settlement",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("shipment_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("amount", types.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opened_at", types.UtcTime(), nullable=False),
        sa.Column("closed_at", types.UtcTime(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "shipment_id", name=op.f("pk_freight_settlement")),
    )
    op.create_index(
        op.f("ix_freight_settlement_tenant_order_id"), "freight_settlement", ["tenant", "order_id"], unique=False
    )


def _history() -> None:
    op.create_table(
        "history",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.Column("detail", types.Json, nullable=False),
        sa.Column("personal", types.Json, nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("personal_digest", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "order_id", "seq", name=op.f("pk_history")),
    )
    op.create_index(op.f("ix_history_tenant_cause"), "history", ["tenant", "cause"], unique=False)


def _import_run() -> None:
    op.create_table(
        "import_run",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("started_at", types.UtcTime(), nullable=False),
        sa.Column("finished_at", types.UtcTime(), nullable=False),
        sa.Column("report", types.Json, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_import_run")),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", types.Json, nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", name=op.f("pk_inbox")),
    )


def _invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("issued_at", types.UtcTime(), nullable=False),
        sa.Column("total", types.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sent_count", sa.Integer(), nullable=False),
        sa.Column("last_sent_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_invoice")),
        sa.UniqueConstraint("tenant", "order_id", name=op.f("uq_invoice_tenant_order_id")),
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("card", types.Json, nullable=True),
        sa.Column("card_action", types.Json, nullable=True),
        sa.Column("extra", types.Json, nullable=True),
        sa.Column("client_id", sa.String(), nullable=True),
        sa.Column("turn", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("result", types.Json, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "tenant", "conversation_id", "client_id", name=op.f("uq_message_tenant_conversation_id_client_id")
        ),
        sa.UniqueConstraint("tenant", "conversation_id", "seq", name=op.f("uq_message_tenant_conversation_id_seq")),
    )
    op.create_index(
        op.f("ix_message_tenant_answered_created_at"), "message", ["tenant", "answered", "created_at"], unique=False
    )


def _notification() -> None:
    op.create_table(
        "notification",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_number", sa.String(), nullable=True),
        sa.Column("payload", types.Json, nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_notification")),
        sa.UniqueConstraint("tenant", "dedupe_key", name=op.f("uq_notification_tenant_dedupe_key")),
        sa.UniqueConstraint("tenant", "seq", name=op.f("uq_notification_tenant_seq")),
    )
    op.create_index(
        op.f("ix_notification_tenant_audience_seq"), "notification", ["tenant", "audience", "seq"], unique=False
    )


def _notification_cursor() -> None:
    op.create_table(
        "notification_cursor",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "user_id", name=op.f("pk_notification_cursor")),
    )


def _order_line() -> None:
    op.create_table(
        "order_line",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", types.ExactDecimal(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("base_quantity", types.ExactDecimal(), nullable=False),
        sa.Column("unit_price", types.ExactDecimal(), nullable=False),
        sa.Column("amount", types.ExactDecimal(), nullable=False),
        sa.Column("shipped", types.ExactDecimal(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "order_id", "number", name=op.f("pk_order_line")),
    )


def _outbox_event() -> None:
    op.create_table(
        "outbox_event",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("payload", types.Json, nullable=False),
        sa.Column("actor", types.Json, nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_outbox_event")),
    )
    op.create_index(op.f("ix_outbox_event_tenant_order_id"), "outbox_event", ["tenant", "order_id"], unique=False)


def _parcel() -> None:
    op.create_table(
        "parcel",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("shipment_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("tracking_number", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("ship_date", sa.Date(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_parcel")),
    )
    op.create_index(op.f("ix_parcel_tenant_order_id"), "parcel", ["tenant", "order_id"], unique=False)
    op.create_index(op.f("ix_parcel_tenant_tracking_number"), "parcel", ["tenant", "tracking_number"], unique=False)


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("amount", types.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("paid_at", types.UtcTime(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_payment")),
        sa.UniqueConstraint("tenant", "order_id", "reference", name=op.f("uq_payment_tenant_order_id_reference")),
    )


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("base_unit", sa.String(), nullable=False),
        sa.Column("units", types.Json, nullable=False),
        sa.Column("price", types.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("aliases", types.Json, nullable=False),
        sa.Column("weight_kg", types.ExactDecimal(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "sku", name=op.f("pk_product")),
    )


def _sales_order() -> None:
    op.create_table(
        "sales_order",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("payment_status", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", types.ExactDecimal(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcTime(), nullable=False),
        sa.Column("updated_at", types.UtcTime(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("delivery_mode", sa.String(), nullable=True),
        sa.Column("appointment", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("delivery_date", sa.Date(), nullable=True),
        sa.Column("paid_at", types.UtcTime(), nullable=True),
        sa.Column("shipped_at", types.UtcTime(), nullable=True),
        sa.Column("payment_due_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("external_number", sa.String(), nullable=True),
        sa.Column("header_only", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=True),
        sa.Column("changed_by", sa.String(), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("data", types.Json, nullable=False),
        sa.Column("history_seq", sa.Integer(), nullable=False),
        sa.Column("history_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("tenant", "number", name=op.f("uq_sales_order_tenant_number")),
        sa.UniqueConstraint(
            "tenant", "source", "external_number", name=op.f("uq_sales_order_tenant_source_external_number")
        ),
    )
    op.create_index(
        op.f("ix_sales_order_tenant_changed_by_updated_at"),
        "sales_order",
        ["tenant", "changed_by", "updated_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sales_order_tenant_created_at_id"), "sales_order", ["tenant", "created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_sales_order_tenant_customer_id_created_at_id"),
        "sales_order",
        ["tenant", "customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sales_order_tenant_status_created_at_id"),
        "sales_order",
        ["tenant", "status", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sales_order_tenant_status_payment_due_on"),
        "sales_order",
        ["tenant", "status", "payment_due_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_sales_order_tenant_updated_at_id"), "sales_order", ["tenant", "updated_at", "id"], unique=False
    )


def _sequence() -> None:
    op.create_table(
        "sequence",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_sequence")),
    )


def _settlement() -> None:
    op.create_table(
        "settlement",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened_at", types.UtcTime(), nullable=False),
        sa.Column("posted_at", types.UtcTime(), nullable=True),
        sa.Column("posted_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "day", name=op.f("pk_settlement")),
    )


def _settlement_line() -> None:
    op.create_table(
        "settlement_line",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", types.ExactDecimal(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "order_id", name=op.f("pk_settlement_line")),
    )
    op.create_index(op.f("ix_settlement_line_tenant_day"), "settlement_line", ["tenant", "day"], unique=False)


def _shipment() -> None:
    op.create_table(
        "shipment",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("freight", types.ExactDecimal(), nullable=True),
        sa.Column("completed_at", types.UtcTime(), nullable=True),
        sa.Column("freight_settled_at", types.UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_shipment")),
    )
    op.create_index(op.f("ix_shipment_tenant_order_id"), "shipment", ["tenant", "order_id"], unique=False)


def _stock() -> None:
    op.create_table(
        "stock",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("warehouse", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("on_hand", types.ExactDecimal(), nullable=False),
        sa.Column("reserved", types.ExactDecimal(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_on_hand_not_negative")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_reserved_not_negative")),
        sa.PrimaryKeyConstraint("tenant", "warehouse", "sku", name=op.f("pk_stock")),
    )


def _stock_movement() -> None:
    op.create_table(
        "stock_movement",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("warehouse", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_hand_change", types.ExactDecimal(), nullable=False),
        sa.Column("reserved_change", types.ExactDecimal(), nullable=False),
        sa.Column("expires_at", types.UtcTime(), nullable=True),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_stock_movement")),
    )
    op.create_index(op.f("ix_stock_movement_tenant_order_id"), "stock_movement", ["tenant", "order_id"], unique=False)
    op.create_index(
        op.f("ix_stock_movement_tenant_warehouse_sku"), "stock_movement", ["tenant", "warehouse", "sku"], unique=False
    )


def _text_record() -> None:
    op.create_table(
        "text_record",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("verdict", types.Json, nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("at", types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_text_record")),
    )
    op.create_index(op.f("ix_text_record_tenant_order_id"), "text_record", ["tenant", "order_id"], unique=False)


def _warehouse() -> None:
    op.create_table(
        "warehouse",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "code", name=op.f("pk_warehouse")),
    )


_TABLES: tuple[Callable[[], None], ...] = (
    _app_user,
    _audit,
    _card,
    _case,
    _conversation,
    _customer,
    _delivery,
    _draft,
    _freight_settlement,
    _history,
    _import_run,
    _inbox,
    _invoice,
    _message,
    _notification,
    _notification_cursor,
    _order_line,
    _outbox_event,
    _parcel,
    _payment,
    _product,
    _sales_order,
    _sequence,
    _settlement,
    _settlement_line,
    _shipment,
    _stock,
    _stock_movement,
    _text_record,
    _warehouse,
)


def upgrade() -> None:
    for create in _TABLES:
        create()


def downgrade() -> None:
    for create in reversed(_TABLES):
        op.drop_table(create.__name__.removeprefix("_"))
