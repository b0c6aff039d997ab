"""One value as written -> one value that we can trust, or the reason why not. Pure; knows no files."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation

_DATE_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%Y-%m-%dT%H:%M:%S", "%Y年%m月%d日", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d.%m.%Y",
)  # fmt: skip
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff]|[\x00-\x08\x0b-\x1f\x7f]")
_MONEY_SIGNS = re.compile(r"[¥￥$€£]|RMB|CNY|USD|EUR|GBP|元", re.IGNORECASE)


class Unclean(Exception):
    """The value can't be read; the message is the reason for the report."""


def text(value: str) -> str:
    """Full-width characters, control and zero-width characters and doubled spaces put right."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).split())


def number(value: str) -> Decimal:
    """A decimal number with thousand separators and currency signs put aside. Raises Unclean."""
    plain = _MONEY_SIGNS.sub("", text(value)).replace(" ", "")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        parsed = Decimal(plain)
    except InvalidOperation as problem:
        raise Unclean("not a number") from problem
    if not parsed.is_finite():
        raise Unclean("not a number")
    return parsed


def moment(value: str, zone: tzinfo) -> datetime:
    """A date and time of the source's zone, as aware UTC. Raises Unclean."""
    plain = text(value).replace("Z", "")
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(plain, pattern).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    raise Unclean("not a date")


def day(value: str) -> date:
    """A calendar day. Raises Unclean."""
    return moment(value, UTC).date()


def identifier(value: str) -> str:
    """A code: spreadsheets write 17850 as 17850.0."""
    return re.sub(r"^(\d+)\.0$", r"\1", text(value))
