"""Tables of people, customers, goods and numbers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, Integer, String, UniqueConstraint, false

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import ExactDecimal, Json, UtcTime

sequence = table("sequence", key("name"), Column("value", BigInteger, nullable=False))

app_user = table(
    "app_user",
    key(),
    text("login"),
    text("name"),
    text("role"),
    optional_text("customer_id"),
    optional_text("email"),
    text("language"),
    optional_text("password_hash"),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("tenant", "login"),
    Index(None, "tenant", "customer_id"),
)

customer = table(
    "customer",
    key(),
    text("name"),
    Column("aliases", Json, nullable=False),
    optional_text("email"),
    optional_text("address"),
    optional_text("region"),
    Column("account_days", Integer, nullable=False),
    Column("month_end", Boolean, nullable=False, server_default=false()),
    Column("credit_limit", ExactDecimal),
    optional_text("customer_class"),
    text("language"),
    optional_text("source"),
    optional_text("external_id"),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("tenant", "source", "external_id"),
)

product = table(
    "product",
    key("sku"),
    text("name_zh"),
    text("name_en"),
    text("base_unit"),
    Column("units", Json, nullable=False),
    Column("price", ExactDecimal, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("aliases", Json, nullable=False),
    Column("weight_kg", ExactDecimal, nullable=False),
    optional_text("source"),
    Column("created_at", UtcTime, nullable=False),
)

warehouse = table("warehouse", key("code"), text("name"))

stock = table(
    "stock",
    key("warehouse"),
    key("sku"),
    Column("on_hand", ExactDecimal, nullable=False),
    Column("reserved", ExactDecimal, nullable=False),
    CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),
    CheckConstraint("reserved >= 0", name="reserved_not_negative"),
)

stock_movement = table(
    "stock_movement",
    key(),
    text("warehouse"),
    text("sku"),
    optional_text("order_id"),
    text("kind"),
    Column("on_hand_change", ExactDecimal, nullable=False),
    Column("reserved_change", ExactDecimal, nullable=False),
    Column("expires_at", UtcTime),
    Column("at", UtcTime, nullable=False),
    Index(None, "tenant", "order_id"),
    Index(None, "tenant", "warehouse", "sku"),
)
