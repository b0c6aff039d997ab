"""How long a customer has to pay, as systems write it: 30, net 30, 月结30天, 30 days EOM, 次月15日, 货到付款.

What comes out is days, with EOM behind them where they count from the end of the month. Knows no customer.
"""

from __future__ import annotations

import re
from decimal import Decimal

from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.outcome import Read, Refusal
from deskhand.erp.cleaning.texts import narrow, tidy
from deskhand.erp.findings import Reason

MONTH_END = "EOM"
_LONGEST = 400  # days
_DAYS = re.compile(r"(\d{1,3})(?:\.0+)?")
_AT_ONCE = re.compile(
    r"现结|现款|现金|现付|款到发货|货到付款|先款后货|预付|见票即付|即付|立即|"
    r"\b(?:cash|cod|c\.o\.d\.?|prepaid|pre-?payment|advance|immediate(?:ly)?|(?:due )?(?:up)?on receipt|proforma|"
    r"sofort)\b",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"月结|月底|月末|月终|次月|下月|隔月|\b(?:eom|emo|end of (?:the )?(?:current |following )?month|month[- ]?end|"
    r"mfi|fin de mois|fdm|(?:of |the )?(?:month following|following month|next month)|monatsende)\b",
    re.IGNORECASE,
)
_NET = re.compile(r"(?:\bnet|\bn/?)[\s-]*(\d{1,3})\b", re.IGNORECASE)


def terms(cell: object) -> Read:
    """Days as text, `30` or `30 EOM`. Raises Refusal: it can't be told how many."""
    if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool):
        return Read(_checked(_whole(cell)))
    if not isinstance(cell, str):
        raise Refusal(Reason.UNREADABLE_VALUE)
    tidied, changes = tidy(cell)
    plain = narrow(tidied).strip()
    if not plain:
        return Read(None, changes)
    if plain[0] in "-(" and any(map(str.isdigit, plain)):
        raise Refusal(Reason.NEGATIVE_NUMBER)
    if _DAYS.fullmatch(plain):
        return Read(_checked(int(float(plain))), changes)
    days, month = _days(plain), _MONTH.search(plain) is not None
    if days is None and not month and not _AT_ONCE.search(plain):
        raise Refusal(Reason.UNREADABLE_VALUE)
    said = _checked(days or 0)
    return Read(f"{said} {MONTH_END}" if month else said, (*changes, Change.SPELLING))


def _whole(number: float | Decimal) -> int:
    try:
        return int(number)
    except (OverflowError, ValueError):  # infinite, or no number at all
        raise Refusal(Reason.UNREADABLE_VALUE) from None


def _days(text: str) -> int | None:
    """2/10 net 30 is thirty days; without such a word the only number counts."""
    net = _NET.search(text)
    if net:
        return int(net[1])
    numbers = _DAYS.findall(text)
    if len(set(numbers)) > 1:
        raise Refusal(Reason.UNREADABLE_VALUE)
    return int(numbers[0]) if numbers else None


def _checked(days: int) -> str:
    if days < 0:
        raise Refusal(Reason.NEGATIVE_NUMBER)
    if days > _LONGEST:
        raise Refusal(Reason.UNREADABLE_VALUE)
    return str(days)


def days_of(said: str | None) -> tuple[int, bool]:
    """What came out of `terms`: days, and whether they count from the end of the month."""
    if said is None:
        return 0, False
    days, _, month = said.partition(" ")
    return int(float(days)), month == MONTH_END
