"""Chat turns through the whole Deskhand beside the same Rasa with the same actions and its default pipeline.

The two are measured in turn, so that a busy machine slows both. Ours counts everything from the HTTP request to the
stored answer; the peer's REST channel neither knows who asks nor stores a message.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deskhand.gateway.limits import chat_rate
from deskhand.orders.status import Role
from deskhand.orders.tenant import Limits
from deskhand.store import Desk, User
from tests.benchmarks import people
from tests.benchmarks.bench import TENANT, Bench
from tests.benchmarks.default_rasa.peer import Peer, PeerPerson, running, tomorrow, train
from tests.benchmarks.figures import Row, interleaved_ratio, spread, timed
from tests.benchmarks.memory import resident
from tests.benchmarks.people import Person
from tests.support.deskhand import ROOT

AT_ONCE, ROUNDS, TIMES = 8, 5, 2
TALK = (people.ask, people.place, people.correct, people.leave, people.greet)
TALKED = "query, order, correction, no, small talk"
Talk = Callable[[Person], list[float]]


def measure(bench: Bench) -> Iterator[Row]:
    trained = train(Path(bench.environment["DESKHAND_MODELS_DIR"]), bench.environment)
    yield Row(
        "default pipeline, training",
        trained.seconds,
        "s",
        "20 epochs, 150 utterances of an intent; when last needed",
    )
    folder = bench.folder / "peer"
    folder.mkdir()
    with running(trained.model, folder, bench.environment) as peer:
        theirs, ours = _acquainted(bench, peer), bench.crowd.apart[-AT_ONCE:]
        yield from _beside("1 person, a turn", ours[:1], theirs[:1], talk, _medians)
        yield from _beside(f"{AT_ONCE} people at once", ours, theirs, talk, _turns_a_second)
        yield from _beside(f"{AT_ONCE} people, no action asked", ours, theirs, chatter, _turns_a_second)
        yield Row("memory, default Rasa", resident(peer.pid) / 1e6, "MB", "resident")
        yield Row("memory, Deskhand's Rasa", resident(bench.deskhand.pid("rasa")) / 1e6, "MB", "the same")


def talk(person: Person) -> list[float]:
    return [person.timed(turn) for _ in range(TIMES) for turn in TALK]


def chatter(person: Person) -> list[float]:
    """Rasa answers from its domain; the actions are not called."""
    return [person.timed(people.greet) for _ in range(TIMES * len(TALK))]


def _acquainted(bench: Bench, peer: Peer) -> list[PeerPerson]:
    """As many people as ours, each with an order behind them; all has been loaded."""
    live = bench.live_desk
    desk = Desk(live.database, live.tenants, ROOT / "processes", tomorrow)
    secret = bench.environment["DESKHAND_TURN_SECRET"]
    names = [f"peer-{number}" for number in range(AT_ONCE)]
    users = [User(name, TENANT, name, name, Role.SALES, None, None, "zh") for name in names]
    with desk.unit_of_work(TENANT) as uow:
        for user in users:
            uow.users.add(user)
        uow.commit()
    met = [PeerPerson.meet(peer, user, desk, secret) for user in users]
    for person in met:
        person.prepare(3)
        people.greet(person)
        people.place(person)
        people.confirm(person)
    return met


def _beside(
    name: str, ours: Sequence[Person], theirs: Sequence[PeerPerson], said: Talk, figure: Callable[..., float]
) -> Iterator[Row]:
    rate, found, peers = chat_rate(Limits()), [], []
    for _ in range(ROUNDS):
        for person in theirs:
            person.prepare(TIMES * len(TALK))
        time.sleep(rate.burst / rate.per_second)  # nobody is to meet the rate limit on the way
        peers.append(figure(*timed(_together, theirs, said)))
        found.append(figure(*timed(_together, ours, said)))
    unit = "ms" if figure is _medians else "turns/s"
    yield Row(f"{name}: Deskhand", statistics.median(found), unit, f"{spread(found)}; {TALKED}")
    yield Row(f"{name}: default Rasa", statistics.median(peers), unit, spread(peers))
    yield Row(f"{name}: Deskhand : default", interleaved_ratio(found, peers), "x", f"{ROUNDS} interleaved rounds")


def _together(everybody: Sequence[Person], said: Talk) -> list[float]:
    """Nobody waits for another."""
    with ThreadPoolExecutor(len(everybody)) as pool:
        return [turn for turns in pool.map(said, everybody) for turn in turns]


def _medians(_: float, turns: Sequence[float]) -> float:
    return statistics.median(turns) * 1000


def _turns_a_second(seconds: float, turns: Sequence[float]) -> float:
    return len(turns) / seconds
