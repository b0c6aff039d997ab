"""Generated orders: every right text passes, every mutated one is caught, in both languages."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deskhand.writing import Facts, facts
from tests.writing.sample import TEMPLATES, order

LANGUAGES = st.sampled_from(["zh", "en"])
KINDS = st.sampled_from(["receipt", "confirmation", "invoice_cover"])
AMOUNTS = st.decimals(Decimal("0.01"), Decimal("9999999"), places=2)
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
ORDERS = st.builds(
    order,
    total=AMOUNTS,
    paper=st.integers(2, 5000),
    printers=st.integers(2, 5000),
    delivery=DAYS,
    number=st.integers(1001, 99999).map(lambda number: f"SO-{number}"),
)


def _said(known: Facts, key: str, language: str) -> str:
    return facts.as_fact(known[key]).say(language)


def _passes(text: str, known: Facts, kind: str, language: str) -> bool:
    return TEMPLATES.get(kind, language).check(text, known).ok


@settings(max_examples=150, deadline=None)
@given(ORDERS, KINDS, LANGUAGES)
def test_every_template_passes_its_own_check(known: Facts, kind: str, language: str) -> None:
    text = TEMPLATES.get(kind, language).render(known)

    verdict = TEMPLATES.get(kind, language).check(text, known)
    assert verdict.ok, (text, verdict)


@settings(max_examples=150, deadline=None)
@given(ORDERS, KINDS, LANGUAGES, AMOUNTS)
def test_another_amount_is_caught(known: Facts, kind: str, language: str, other: Decimal) -> None:
    assume(other != facts.as_fact(known["total"]).value)
    text = TEMPLATES.get(kind, language).render(known)

    wrong = text.replace(_said(known, "total", language), facts.money(other, "CNY").say(language))

    assert not _passes(wrong, known, kind, language)


@settings(max_examples=150, deadline=None)
@given(ORDERS, st.sampled_from(["receipt", "confirmation"]), LANGUAGES, st.integers(-400, 400))
def test_another_date_is_caught(known: Facts, kind: str, language: str, days: int) -> None:
    real = facts.as_fact(known["delivery_date"]).day
    assert real is not None
    other = facts.day(real + timedelta(days=days))
    assume(other not in [facts.as_fact(fact) for fact in known.values()])
    text = TEMPLATES.get(kind, language).render(known)

    assert not _passes(
        text.replace(_said(known, "delivery_date", language), other.say(language)), known, kind, language
    )


@settings(max_examples=200, deadline=None)
@given(ORDERS, KINDS, LANGUAGES, st.data())
def test_one_changed_digit_is_caught(known: Facts, kind: str, language: str, data: st.DataObject) -> None:
    """Wherever a digit stands (amount, date, quantity, order id, address), another in its place is a wrong fact."""
    text = TEMPLATES.get(kind, language).render(known)
    at = data.draw(st.sampled_from([place for place, char in enumerate(text) if char.isdigit()]))
    digit = data.draw(st.sampled_from([char for char in "0123456789" if char != text[at]]))
    wrong = text[:at] + digit + text[at + 1 :]
    spoken = [fact for fact in map(facts.as_fact, known.values())]
    assume(not any(leaf.say(language) in wrong[max(0, at - 14) : at + 15] and at_within(wrong, at, leaf.say(language))
                   for fact in spoken for leaf in facts.leaves(fact)))  # fmt: skip

    assert not _passes(wrong, known, kind, language), wrong


@settings(max_examples=150, deadline=None)
@given(ORDERS, KINDS, LANGUAGES, st.data())
def test_one_changed_letter_of_the_customers_name_is_caught(
    known: Facts, kind: str, language: str, data: st.DataObject
) -> None:
    name = _said(known, "customer", language)
    at = data.draw(st.integers(0, len(name) - 1).filter(lambda place: not name[place].isspace()))
    pool = "甲乙丙丁戊" if language == "zh" else "qxzjk"
    wrong = name[:at] + data.draw(st.sampled_from(pool)) + name[at + 1 :]
    assume(wrong.casefold() != name.casefold())
    text = TEMPLATES.get(kind, language).render(known)

    assert not _passes(text.replace(name, wrong), known, kind, language)


@settings(max_examples=100, deadline=None)
@given(ORDERS, st.sampled_from(["receipt", "confirmation"]), LANGUAGES)
def test_quantities_that_changed_places_are_caught(known: Facts, kind: str, language: str) -> None:
    paper, printers = (part.parts[1] for part in facts.as_fact(known["lines"]).parts)
    assume(paper.value != printers.value)
    text = TEMPLATES.get(kind, language).render(known)
    first, second = paper.say(language), printers.say(language)
    swapped = text.replace(first, "\0").replace(second, first).replace("\0", second)

    assert not _passes(swapped, known, kind, language)


@settings(max_examples=100, deadline=None)
@given(ORDERS, KINDS, LANGUAGES, st.integers(2, 10**7))
def test_a_further_number_is_caught(known: Facts, kind: str, language: str, number: int) -> None:
    numbers = [leaf.value for fact in known.values() for leaf in facts.leaves(facts.as_fact(fact))]
    assume(Decimal(number) not in numbers)
    text = TEMPLATES.get(kind, language).render(known)
    more = f"另加{number}件。" if language == "zh" else f" There are {number} more."

    assert not _passes(text + more, known, kind, language)


def at_within(text: str, at: int, form: str) -> bool:
    """Whether `form` stands in the text across position `at`: then the change made another right fact."""
    start = text.find(form, max(0, at - len(form) + 1))
    return 0 <= start <= at < start + len(form)
