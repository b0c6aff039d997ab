"""How long a chat turn takes through the gateway, alone, with eight people at once, and late in a long conversation."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from deskhand.gateway.limits import chat_rate
from deskhand.orders.tenant import Limits
from deskhand.store import Desk
from tests.benchmarks.bench import TENANT, Bench
from tests.benchmarks.figures import Row, interleaved_ratio, percentile, spread, timed
from tests.benchmarks.people import Crowd, Person, ask, confirm, correct, greet, leave, place

TURNS = 40
AT_ONCE, ROUNDS, TIMES = 8, 3, 2
LONG = 100
Turn = Callable[[Person], object]


def measure(bench: Bench) -> Iterator[Row]:
    crowd, placed = bench.crowd, []
    yield from reported("small talk", alone(crowd, greet))
    yield from reported("query of an order", alone(crowd, ask))
    yield from reported("correction of a draft", alone(crowd, correct, before=place, after=leave))
    yield from reported("order in one sentence", alone(crowd, place, after=leave))
    taken = alone(crowd, confirm, before=place, after=lambda person: placed.append(person.number))
    yield from reported("yes that places it", taken, receipts(bench.live_desk, placed))
    yield from at_once(crowd.apart[:ROUNDS], crowd.apart[-AT_ONCE:])
    yield from at_length(crowd.apart[ROUNDS])


def alone(crowd: Crowd, turn: Turn, before: Turn | None = None, after: Turn | None = None) -> list[float]:
    """Seconds of each turn, one at a time; `before` and `after` are off the clock."""
    taken = []
    for _ in range(TURNS):
        person = crowd.next()
        if before:
            before(person)
        taken.append(person.timed(turn))
        if after:
            after(person)
    return taken


def reported(name: str, taken: Sequence[float], note: str = "") -> Iterator[Row]:
    milliseconds = [seconds * 1000 for seconds in taken]
    yield Row(f"{name}, median", statistics.median(milliseconds), "ms", spread(milliseconds, "turns"))
    yield Row(f"{name}, 95th percentile", percentile(milliseconds, 95), "ms", note)


def receipts(desk: Desk, numbers: Sequence[str]) -> str:
    """Who wrote the texts that the turn waited for: the model, or the template and why."""
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        texts = [text for number in numbers for text in uow.texts.of_order(uow.orders.get(number).id)]
    by = Counter(f"{text.source} {text.reason or ''}".strip() for text in texts)
    return "receipts by " + ", ".join(f"{writer}: {count}" for writer, count in by.items())


def at_once(few: Sequence[Person], many: Sequence[Person]) -> Iterator[Row]:
    """One person and then eight, in turn, so that a busy machine slows both."""
    single, several, turns, rate = [], [], [], chat_rate(Limits())
    for person in few:
        time.sleep(rate.burst / rate.per_second)  # nobody is to meet the rate limit on the way
        seconds, taken = timed(_talk, person)
        single.append(len(taken) / seconds)
        seconds, taken = timed(_talk_together, many)
        several.append(len(taken) / seconds)
        turns += taken
    yield Row("1 person alone", statistics.median(single), "turns/s", f"{spread(single)}; {_TALK}")
    yield Row(f"{AT_ONCE} people at once", statistics.median(several), "turns/s", f"{spread(several)}; the same")
    yield Row(f"{AT_ONCE} at once : 1 alone", interleaved_ratio(several, single), "x", f"{ROUNDS} interleaved rounds")
    yield from reported(f"{AT_ONCE} at once, a turn", turns)


def at_length(person: Person) -> Iterator[Row]:
    """How much slower the same question is after a long conversation without a pause."""
    first = [person.timed(ask) for _ in range(LONG // 10)]
    turns = 0
    while turns < LONG:
        turns += len(_talk(person))
    last = [person.timed(ask) for _ in range(LONG // 10)]
    slower = statistics.median(last) / statistics.median(first)
    yield Row(f"query after {LONG} turns : at first", slower, "x", f"one conversation without a pause: {_TALK}")


_TALK = "query, order, correction, no, small talk"


def _talk(person: Person) -> list[float]:
    return [person.timed(turn) for _ in range(TIMES) for turn in (ask, place, correct, leave, greet)]


def _talk_together(people: Sequence[Person]) -> list[float]:
    """Nobody waits for another."""
    with ThreadPoolExecutor(len(people)) as pool:
        return [turn for turns in pool.map(_talk, people) for turn in turns]
