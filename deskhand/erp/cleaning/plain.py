"""Texts and words: names, addresses, e-mail, currency, unit, carrier, yes and no."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from deskhand.erp.cleaning import codes
from deskhand.erp.cleaning.model import Change
from deskhand.erp.cleaning.outcome import Read, Refusal
from deskhand.erp.cleaning.signs import currencies_of
from deskhand.erp.cleaning.texts import LOST, narrow, tidy
from deskhand.erp.cleaning.words import flags
from deskhand.erp.findings import Reason
from deskhand.language.carriers import carrier_in
from deskhand.language.values.currencies import names, symbols

_LONGEST = 4000
_NAME = 60  # characters of a carrier's
_QUESTION_MARKS = re.compile(r"\?{3,}|\?[ ?]*\?|锟斤拷|烫烫烫")
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_][\w-]{1,62}")
_NAMED = re.compile(r"(?:[^<>]*<)?(?:mailto:)?(?P<email>[^<>]+?)>?", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]{3}")


def text(cell: object) -> Read:
    """A text as people wrote it."""
    if not isinstance(cell, str):
        return Read(_written(cell))
    tidied, changes = tidy(cell)
    if len(tidied) > _LONGEST:
        raise Refusal(Reason.TOO_LONG, str(len(tidied)))
    damaged = LOST in tidied or (tidied.startswith(("?", "锟", "烫")) and _QUESTION_MARKS.fullmatch(tidied))
    return Read(tidied or None, changes, warning=Reason.TEXT_DAMAGED if damaged else None)


def _written(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, (int, float, Decimal)):
        return str(codes.code(cell).value)
    return cell.isoformat() if isinstance(cell, (date, datetime)) else str(tidy(str(cell))[0])


def email(cell: object) -> Read:
    """One address. Raises Refusal."""
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        raise Refusal(Reason.NOT_AN_EMAIL)
    tidied, changes = tidy(cell)
    match = _NAMED.fullmatch(narrow(tidied).strip(" ;,."))
    address = match["email"].strip() if match else ""
    if not _EMAIL.fullmatch(address) or ".." in address:
        raise Refusal(Reason.NOT_AN_EMAIL)
    name, _, domain = address.rpartition("@")
    return _respelt(cell, f"{name}@{domain.lower()}", changes)


def currency(cell: object) -> Read:
    """An ISO code from a code, a name or a sign. Raises Refusal."""
    if not isinstance(cell, str) or len(cell) > _LONGEST:
        raise Refusal(Reason.CURRENCY_UNKNOWN)
    tidied, changes = tidy(cell)
    word = narrow(tidied).strip().lower()
    code = {**symbols()}.get(word) or names().get(word)
    if code is None:
        found = currencies_of(word)
        if len(found) != 1:
            raise Refusal(Reason.CURRENCY_UNKNOWN)
        (code,) = found
    return _respelt(cell, code, changes)


def unit(cell: object) -> Read:
    """A unit's name as given, in narrow letters."""
    found = text(cell)
    return Read(tidy(narrow(str(found.value)))[0] or None, found.changes) if found.value is not None else found


def carrier(cell: object) -> Read:
    """The code of a carrier that is named and nothing else; any other name as given."""
    found = text(cell)
    known = carrier_in(narrow(str(found.value))) if found.value and len(str(found.value)) <= _NAME else None
    if known is None or known.code is None or known.span != (0, len(str(found.value))):
        return found
    return _respelt(str(cell), known.code, found.changes)


def flag(cell: object) -> Read:
    """Raises Refusal: neither yes nor no."""
    word = narrow(str(cell)[:_NAME]).strip().lower()
    if word not in flags():
        raise Refusal(Reason.NOT_YES_OR_NO)
    return Read(flags()[word], () if word in ("true", "false", "1", "0") else (Change.SPELLING,))


def _respelt(cell: str, value: str, changes: tuple[Change, ...]) -> Read:
    return Read(value, changes if value == cell else (*changes, Change.SPELLING))
