"""What is told of one row, or of one column: a stable code and where it stands. Its sentences are in findings.yml.

Knows no files and no storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from deskhand.yaml_files import yaml_in

_SENTENCES = Path(__file__).with_name("findings.yml")
SHOWN = 80  # characters of a value
EXAMPLES = 20  # findings of one code that are kept to be shown


class Reason(StrEnum):
    """Why something is told."""

    # A row was refused, or its value left out where the field allows it.
    MISSING_CUSTOMER = "missing_customer"  # nobody to send it to
    MISSING_VALUE = "missing_value"
    UNREADABLE_VALUE = "unreadable_value"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE_NUMBER = "negative_number"
    NUMBER_TOO_LARGE = "number_too_large"
    DECIMAL_SIGN_UNCLEAR = "decimal_sign_unclear"  # 1,234 in a column that writes both ways
    DISCOUNT_UNCLEAR = "discount_unclear"  # 15: per cent, or an amount?
    DIGITS_LOST = "digits_lost"  # 1.23457E+12: a spreadsheet cut the number
    CURRENCY_UNKNOWN = "currency_unknown"
    CURRENCY_DIFFERS = "currency_differs"  # $5 among amounts in yuan
    NOT_A_DATE = "not_a_date"
    DATE_INCOMPLETE = "date_incomplete"  # a month without a day, a day without a year
    DATE_IMPOSSIBLE = "date_impossible"  # the 30th of February
    DATE_ORDER_UNCLEAR = "date_order_unclear"  # 3/4/2024, and nothing says which is the day
    ZONE_UNCLEAR = "zone_unclear"  # a zone's letters that several zones share
    TIME_SKIPPED = "time_skipped"  # the clock went forward over it
    NOT_A_CODE = "not_a_code"
    NOT_AN_EMAIL = "not_an_email"
    NOT_A_PHONE = "not_a_phone"
    NOT_YES_OR_NO = "not_yes_or_no"
    CHARACTERS_LOST = "characters_lost"  # another system wrote a sign for what it couldn't
    TOO_LONG = "too_long"
    ROW_TOO_LONG = "row_too_long"  # more values than columns: it can't be said which is which
    NOT_AN_ORDER_LINE = "not_an_order_line"  # a correction of stock or accounts
    HELD = "held"  # another row of its order was refused, and the order waits as a whole
    NOT_TAKEN = "not_taken"  # what it belongs to isn't known, or a rule of the process forbids it
    CANCELLATION_UNMATCHED = "cancellation_unmatched"  # the order that it cancels is not known
    # Taken, and told.
    DOUBLED_LINE = "doubled_line"  # left out: the same line stands in the same order already
    NO_DATE = "no_date"  # of one order; it is of today
    CUSTOMERS_DIFFER = "customers_differ"  # rows of one order name several; one of them has it
    CANCELLATION_APPLIED = "cancellation_applied"
    DATE_FAR = "date_far"  # long ago, or years ahead
    TIME_TWICE = "time_twice"  # the clock went back over it: the earlier one is meant
    TEXT_DAMAGED = "text_damaged"  # characters lost in a text that nothing hangs on
    DATE_ORDER_ASSUMED = "date_order_assumed"  # of a column
    DATE_ORDER_MIXED = "date_order_mixed"  # of a column
    DECIMAL_SIGN_ASSUMED = "decimal_sign_assumed"  # of a column
    DECIMAL_SIGN_MIXED = "decimal_sign_mixed"  # of a column
    DISCOUNT_ASSUMED = "discount_assumed"  # of a column: 15 is per cent


@dataclass(unsafe_hash=True)  # never changed; freezing would treble the time of making a million of them
class Finding:
    """One row of one file (line 0: a whole column) and what became of it.

    Attributes:
        column: the header as the file has it.
        value: as it stood there, printable and at most 80 characters.
        reason: what the sentence needs beyond column and value: a number of days, the other order.
    """

    file: str
    line: int
    kind: Reason
    column: str = ""
    value: str = ""
    reason: str = ""


def shown(value: object) -> str:
    """A value as a report shows it: printable, on one line, cut."""
    text = str(value)[: SHOWN + 1]
    plain = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"


def sentence(finding: Finding, language: str) -> str:
    """What a person reads, in zh or en."""
    texts = _sentences()[finding.kind]
    text = texts.get(language) or texts["en"]
    return text.format(column=finding.column, value=finding.value, about=finding.reason)


@lru_cache(maxsize=1)
def _sentences() -> Mapping[str, Mapping[str, str]]:
    loaded: Mapping[str, Mapping[str, str]] = yaml_in(_SENTENCES)
    return loaded


@dataclass
class Tally:
    """How often each code was told for each column, and the first few of each: a million rows take no more room."""

    counts: Counter[tuple[Reason, str]] = field(default_factory=Counter)
    examples: dict[Reason, list[Finding]] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.counts[finding.kind, finding.column] += 1
            kept = self.examples.setdefault(finding.kind, [])
            if len(kept) < EXAMPLES:
                kept.append(finding)

    @property
    def by_reason(self) -> dict[str, int]:
        """How many findings of each code."""
        totals: Counter[str] = Counter()
        for (reason, _), count in self.counts.items():
            totals[str(reason)] += count
        return dict(sorted(totals.items()))
