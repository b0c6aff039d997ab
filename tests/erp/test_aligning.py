"""What several systems say of one thing: the newest of each field, whatever the order in which it is heard."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from deskhand.erp.aligning import Precedence, Saying, match_hash, merged, same_source

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
CENT = Decimal("0.01")
AMOUNTS = frozenset({"total"})


def saying(source: str, day: int, **said: str) -> Saying:
    return Saying(source, FIRST + timedelta(days=day), said)


sayings = st.lists(
    st.builds(
        lambda source, day, address, total: saying(source, day, address=address, total=str(total)),
        st.sampled_from(["erp", "finance", "sales"]), st.integers(0, 3), st.sampled_from("abc"), st.integers(1, 3),
    ),
    min_size=1, max_size=4, unique_by=lambda one: one.source,
)  # fmt: skip


@given(sayings)
def test_the_order_in_which_systems_are_heard_does_not_matter(said: list[Saying]) -> None:
    outcomes = [merged("1", list(some), Precedence(), CENT, AMOUNTS)[:2] for some in permutations(said)]

    assert all(outcome == outcomes[0] for outcome in outcomes)
    values, won_by = outcomes[0]
    newest = max(said, key=lambda one: (one.at, one.source))
    assert (values["address"], won_by["address"]) == (newest.said["address"], newest.source)


@given(sayings)
def test_amounts_within_the_tolerance_do_not_differ(said: list[Saying]) -> None:
    _, _, told = merged("1", said, Precedence(), Decimal(5), AMOUNTS)

    assert [one.field for one in told if one.field == "total"] == []


def test_a_difference_is_told_with_every_value_and_who_won() -> None:
    said = [saying("erp", 1, total="10.00"), saying("sales", 2, total="10.02"), saying("shop", 0, total="10.01")]

    values, _, (told,) = merged("1", said, Precedence(), CENT, AMOUNTS)

    assert values["total"] == "10.02"
    assert (dict(told.values), told.won, told.reason) == ({"erp": "10.00", "sales": "10.02"}, "sales", "newer")


def test_precedence_counts_for_its_field_alone() -> None:
    said = [saying("erp", 1, total="1", address="a"), saying("sales", 2, total="2", address="b")]

    values, _, _ = merged("1", said, Precedence({"total": ("erp",)}), CENT, AMOUNTS)

    assert values == {"total": "1", "address": "b"}


def test_what_a_newer_record_does_not_say_stays() -> None:
    both = same_source(saying("erp", 1, address="a", total="1"), saying("erp", 2, address="b"))

    assert dict(both.said) == {"address": "b", "total": "1"}
    assert both.stamp("total") == FIRST + timedelta(days=1)
    assert same_source(saying("erp", 2, address="b"), saying("erp", 1, address="a", total="1")) == both


def test_orders_are_the_same_by_number_customer_and_day_alone() -> None:
    day = date(2026, 1, 1)

    assert match_hash("1", "17", day) == match_hash("1", "17", day)
    assert len({match_hash("1", "17", day), match_hash("11", "7", day), match_hash("1", "17", date(2026, 1, 2))}) == 3
