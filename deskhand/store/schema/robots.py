"""The tables of robots: work items, their evidence, the switch of each robot, who holds a licence, and credentials."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, UniqueConstraint

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

work_item = table(
    "work_item",
    key(),
    text("robot"),
    text("reference"),
    text("state"),
    Column("input", Json, nullable=False),
    Column("output", Json),
    Column("problem", Json),
    Column("priority", Integer, nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("deadline", UtcTime),
    Column("attempts", Integer, nullable=False),
    text("owner"),
    Column("attended", Boolean, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    optional_text("case_id"),
    optional_text("node"),
    optional_text("conversation_id"),
    text("language"),
    optional_text("step"),
    optional_text("wish"),
    Column("question", Json),
    optional_text("holder"),
    Column("claimed_until", UtcTime),
    optional_text("told"),
    Column("actor", Json, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    UniqueConstraint("tenant", "robot", "reference"),
    Index(None, "tenant", "robot", "state", "priority", "not_before"),
    Index(None, "tenant", "state", "claimed_until"),
    Index(None, "tenant", "owner", "created_at"),
    Index(None, "tenant", "case_id"),
)

robot_evidence = table(
    "robot_evidence",
    key(),
    text("item_id"),
    Column("attempt", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    text("kind"),
    text("name"),
    text("file"),
    Column("size", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("tenant", "item_id", "attempt", "file"),
    Index(None, "tenant", "at"),
)

robot_switch = table(
    "robot_switch",
    key("robot"),
    text("mode"),
    text("changed_by"),
    Column("changed_at", UtcTime, nullable=False),
)

robot_licence = table(
    "robot_licence",
    key("licence"),
    Column("place", Integer, primary_key=True, autoincrement=False),
    optional_text("holder"),
    Column("held_until", UtcTime),
)

credential = table(
    "credential",
    key("name"),
    text("sealed"),
    text("changed_by"),
    Column("changed_at", UtcTime, nullable=False),
)
