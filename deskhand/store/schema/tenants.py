"""Which tenants there have been. The one table whose rows every transaction may read; it holds no company's data."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, String

from deskhand.store.schema.base import table
from deskhand.store.types import UtcTime

known_tenant = table(
    "known_tenant",
    Column("fingerprint", String(64), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", UtcTime, nullable=False),
)
