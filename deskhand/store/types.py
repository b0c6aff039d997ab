"""Column types: exact decimals, aware UTC times and JSON, alike on SQLite and PostgreSQL.

SQLite has neither decimals nor times. Decimals are stored as scaled integers on both, so that sums in SQL are exact;
times are stored on SQLite as text of fixed width, so that they compare as they sort.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

PLACES = 4
_SCALE = Decimal(10) ** PLACES
_TIMES_KEPT = 4096


def to_scaled(value: Decimal) -> int:
    """What the database keeps of a decimal: ten-thousandths, rounded half-up."""
    return int((value * _SCALE).to_integral_value(rounding=ROUND_HALF_UP))


def from_scaled(value: int) -> Decimal:
    """The decimal without trailing zeros, and never in exponent form (20, not 2E+1)."""
    whole, rest = divmod(value, 10**PLACES)
    return Decimal(whole) if not rest else (Decimal(value) / _SCALE).normalize()


def to_time_text(value: datetime) -> str:
    """Text of fixed width in UTC.

    Raises:
        ValueError: if the time is naive.
    """
    if value.tzinfo is UTC:
        return _utc_text(value)
    if value.tzinfo is None:
        raise ValueError(f"naive time {value}")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(_TIMES_KEPT)
def _utc_text(value: datetime) -> str:
    """Of a time that stands in several columns and tables, once. Equal times of other zones may be different ones."""
    return value.isoformat(timespec="microseconds")


class ExactDecimal(TypeDecorator[Decimal]):
    """A Decimal with four places, kept as a 64-bit integer."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else to_scaled(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_scaled(int(value))


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        text = to_time_text(value)
        return text if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""Plain JSON; money and times inside are strings."""
