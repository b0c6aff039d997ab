"""What comes again and again is told at once, and then once a minute with how often it came."""

from __future__ import annotations

from deskhand.store.tally import MOST_KEYS, Tally
from tests.support.desks import FakeClock


def test_the_first_is_told_at_once_and_the_others_together_when_the_minute_is_over() -> None:
    clock = FakeClock()
    tally: Tally[str] = Tally(clock)

    told = [tally.count("a", f"a{number}") for number in range(4)]
    early = tally.due()
    clock.forward(seconds=60)

    assert told == [True, False, False, False]
    assert (early, tally.due(), tally.due()) == ([], [("a3", 3)], [])


def test_who_goes_on_is_told_of_once_a_minute_and_who_rests_is_told_at_once_again() -> None:
    clock = FakeClock()
    tally: Tally[str] = Tally(clock)
    rows = 0
    for _ in range(600):  # ten minutes, one a second
        rows += tally.count("a", "a")
        rows += len(tally.due())
        clock.forward(seconds=1)

    assert rows == 10
    clock.forward(minutes=1)
    tally.due()
    clock.forward(minutes=1)
    tally.due()
    assert tally.count("a", "a")


def test_every_key_is_counted_for_itself_and_nothing_is_lost_at_the_end() -> None:
    tally: Tally[str] = Tally(FakeClock())
    for key in ("a", "b", "a", "b", "b"):
        tally.count(key, key)

    assert (tally.rest(), tally.rest()) == ([("a", 1), ("b", 2)], [])


def test_its_memory_is_bounded_and_free_again_after_the_minute() -> None:
    clock = FakeClock()
    tally: Tally[int] = Tally(clock)

    told = [tally.count(number, number) for number in range(MOST_KEYS + 5)]
    clock.forward(minutes=1)
    tally.due()

    assert (sum(told), tally.count("new", 0)) == (MOST_KEYS, True)
