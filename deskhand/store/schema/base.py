"""What all tables share: the metadata, the tenant column, names of constraints."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, MetaData, String, Table

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: Any) -> Table:
    """A table whose first column is the tenant; every key and every query begins with it."""
    return Table(name, metadata, Column("tenant", String(64), primary_key=True), *parts)


def key(name: str = "id") -> Column[str]:
    return Column(name, String(64), primary_key=True)


def text(name: str, **options: Any) -> Column[str]:
    return Column(name, String, nullable=options.pop("nullable", False), **options)


def optional_text(name: str) -> Column[str]:
    return Column(name, String, nullable=True)
