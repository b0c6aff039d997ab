"""What the hash of a stored row must be, for either chain. Knows no command and changes nothing.

A row is read as the repositories read it, or as the database keeps it (`raw`): one that was tampered with may not even
be readable.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, String, Table, type_coerce

from deskhand.orders.audit import audit_hash
from deskhand.orders.chains import digest_holds
from deskhand.orders.history import row_hash
from deskhand.orders.model import Actor
from deskhand.store.types import Json, UtcTime, to_time_text


def raw(table: Table) -> list[Any]:
    """The columns of a table as the driver gives them."""
    return [
        type_coerce(column, String).label(column.name) if column.type is Json or isinstance(column.type, UtcTime)
        else column
        for column in table.c
    ]  # fmt: skip


def history_row_hash(row: RowMapping, detail: Any) -> str | None:
    """What the hash of a history row must be; None where the row is not what it was."""
    try:
        personal = said_in(row["personal"])
        if not digest_holds(row["salt"], personal, row["personal_digest"]):
            return None
        actor = Actor(
            row["actor"], row["role"], row["tenant"], row["channel"], row["cause"], on_behalf_of=row["on_behalf_of"]
        )
        said = (row["order_id"], row["seq"], row["event"], row["before"], row["after"])
        return row_hash(said, actor, _time(row["at"]), detail, row["personal_digest"], row["previous_hash"])
    except (ValueError, TypeError, AttributeError):
        return None


def audit_row_hash(row: RowMapping) -> str | None:
    """The same for a row of the audit."""
    try:
        values: dict[str, Any] = {**row, "at": _time(row["at"])}
        for name in ("detail", "before", "after", "personal"):
            values[name] = said_in(row[name])
        if not digest_holds(row["salt"], values["personal"], row["personal_digest"]):
            return None
        expected = (values["personal"] or {}).get("target")
        if row["personal_target"] and row["target"] != expected:
            return None
        values["personal_target"] = bool(row["personal_target"])
        return audit_hash(values)
    except (ValueError, TypeError, AttributeError):
        return None


def said_in(value: Any) -> Any:
    """A JSON column, read or not.

    Raises:
        ValueError: it is no JSON.
    """
    return json.loads(value) if isinstance(value, str | bytes) else value


def _time(value: Any) -> datetime:
    """
    Raises:
        ValueError: if SQLite keeps it in another form than ours.
    """
    if isinstance(value, datetime):
        return value
    at = datetime.fromisoformat(value)
    if to_time_text(at) != value:
        raise ValueError(value)
    return at
