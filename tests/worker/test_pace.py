"""A few at once, then one a second, each that waits at a time of its own; nothing while the messenger wants to wait."""

from __future__ import annotations

from deskhand.worker.pace import Pace


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_few_go_at_once_and_the_others_one_after_the_other() -> None:
    pace = Pace(burst=4, rate=1, clock=Clock())

    assert [pace.wait("acme", "C1") for _ in range(8)] == [0, 0, 0, 0, 1, 2, 3, 4]
    assert pace.wait("acme", "C2") == 0


def test_a_thousand_that_wait_are_looked_at_twice_each() -> None:
    clock = Clock()
    pace = Pace(burst=4, rate=1, clock=clock)
    due = [(clock.now, number) for number in range(1000)]
    looks, went = 0, []
    while due:
        due.sort()
        at, number = due.pop(0)
        clock.now = max(clock.now, at)
        looks += 1
        if (seconds := pace.wait("acme", "C1")) == 0:
            went.append((clock.now, number))
        else:
            due.append((clock.now + seconds, number))

    assert looks <= 2000
    assert [number for _, number in went] == list(range(1000))
    assert went[-1][0] - 100.0 >= 1000 - 4 - 1


def test_what_waited_goes_at_its_time() -> None:
    clock = Clock()
    pace = Pace(burst=1, rate=2, clock=clock)
    assert pace.wait("acme", "C1") == 0
    first, second = pace.wait("acme", "C1"), pace.wait("acme", "C1")

    clock.now += first
    assert pace.wait("acme", "C1") == 0
    clock.now += second - first
    assert pace.wait("acme", "C1") == 0


def test_nothing_goes_while_the_messenger_has_asked_to_wait() -> None:
    clock = Clock()
    pace = Pace(clock=clock)
    pace.stop("acme", 30)

    assert [pace.wait("acme", "C1"), pace.wait("acme", "C1"), pace.wait("other", "C1")] == [30, 31, 0]
    clock.now += 30
    assert pace.wait("acme", "C1") == 0
