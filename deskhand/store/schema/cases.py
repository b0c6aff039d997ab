"""Tables of the cases of any process: what a case is called, who has taken a task on, its documents, its clock.

Where a case stands is a row of `case`, as for orders; its history lies in `history` under the case's id.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, UniqueConstraint

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import UtcTime

case_file = table(
    "case_file",
    key(),
    text("process"),
    text("number"),
    text("status"),
    text("started_by"),
    Column("started_at", UtcTime, nullable=False),
    text("changed_by"),
    Column("updated_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("history_seq", Integer, nullable=False),
    Column("history_hash", String(64), nullable=False),
    UniqueConstraint("tenant", "number"),
    Index(None, "tenant", "started_by", "id"),
    Index(None, "tenant", "process", "id"),
)

task_claim = table(
    "task_claim",
    key("case_id"),
    Column("node", String(64), primary_key=True),
    text("claimed_by"),
    Column("claimed_at", UtcTime, nullable=False),
)

case_document = table(
    "case_document",
    key("case_id"),
    Column("name", String(64), primary_key=True),
    Column("language", String(8), primary_key=True),
    optional_text("text"),
    Column("written_at", UtcTime, nullable=False),
)

scheduled_start = table(
    "scheduled_start",
    key("process"),
    Column("name", String(64), primary_key=True),
    Column("due_at", UtcTime, primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    optional_text("case_id"),
)
