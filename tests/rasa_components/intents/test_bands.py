"""What follows from how sure one is: acting, asking back, declining."""

from __future__ import annotations

import pytest

from rasa_components.intents.bands import FALLBACK, Bands

BANDS = Bands(act=0.3, act_changing=0.8, change_mind=0.1, changing=["cancel_order", "amend_order"])


def test_what_is_likely_enough_is_acted_on() -> None:
    assert BANDS.decide([("query_order", 0.3), ("greet", 0.29)], None) == ("query_order", 0.3)


def test_what_is_too_unlikely_is_asked_back() -> None:
    assert BANDS.decide([("query_order", 0.25), ("greet", 0.2)], None) == (FALLBACK, 0.75)


def test_a_change_needs_more() -> None:
    assert BANDS.decide([("cancel_order", 0.79), ("query_order", 0.2)], None)[0] == FALLBACK
    assert BANDS.decide([("cancel_order", 0.8), ("query_order", 0.2)], None)[0] == "cancel_order"


def test_which_change_it_is_may_be_less_sure_than_that_it_is_one() -> None:
    ranking = [("amend_order", 0.5), ("cancel_order", 0.4), ("query_order", 0.1)]

    assert BANDS.decide(ranking, None) == ("amend_order", 0.5)


def test_declining_needs_no_certainty() -> None:
    assert BANDS.decide([("out_of_scope", 0.2), ("greet", 0.1)], None) == ("out_of_scope", 0.2)


@pytest.mark.parametrize(("other", "found"), [(0.2, "query_order"), (0.05, FALLBACK)])
def test_what_only_speaks_of_a_change_never_begins_one(other: float, found: str) -> None:
    assert BANDS.decide([("cancel_order", 0.79), ("query_order", other)], "query_order")[0] == found


def test_a_guard_is_not_asked_where_no_change_is_likely() -> None:
    assert BANDS.decide([("greet", 0.9), ("deny", 0.1)], "deny") == ("greet", 0.9)
