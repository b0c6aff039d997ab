"""Sales people of a running Deskhand who talk to the bot over `POST /api/chat`, and a clock on each turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import httpx2 as httpx

from deskhand.gateway.signin import signin_link
from deskhand.orders.status import Role
from deskhand.store import Desk, User
from tests.benchmarks.bench import TENANT
from tests.support.talk import Talker

PEOPLE, APART = 16, 12
PLACE = "客户华星要20箱A4纸和3台打印机，送到上海浦东张江路1号，下周五前，走快递"
SMALL_TALK = ("讲个笑话", "你叫什么名字", "今天过得怎么样", "你是真人吗")


@dataclass
class Person(Talker):
    """Waits, off the clock, when the gateway says that it was too much. `number` is that of the latest order."""

    number: str = ""
    seconds: float = 0.0

    def send(self, body: dict[str, Any]) -> httpx.Response:
        began = time.perf_counter()
        response = super().send(body)
        self.seconds = time.perf_counter() - began
        return response

    def timed(self, turn: Callable[[Person], object]) -> float:
        """Seconds of the turn's last request."""
        turn(self)
        return self.seconds


class Crowd:
    """Enough people for none to meet the rate limit, in turn; those `apart` keep their conversations short until asked.

    A turn takes longer the longer the conversation is, so benchmarks that talk much bring their own people.
    """

    def __init__(self, people: list[Person]) -> None:
        self.people, self.apart = people[:PEOPLE], people[PEOPLE:]
        self._turns = cycle(self.people)

    @classmethod
    def gather(cls, address: str, secret: str, desk: Desk) -> Crowd:
        """Signs them in; each has placed one order, so everything is loaded and there is something to ask about."""
        people = [Person(_client(address, signin_link(user, secret, address))) for user in _users(desk)]
        for person in people:
            greet(person)
            place(person)
            confirm(person)
        return cls(people)

    def next(self) -> Person:
        return next(self._turns)


def _users(desk: Desk) -> list[User]:
    names = [f"bench-{number}" for number in range(PEOPLE + APART)]
    users = [User(name, TENANT, name, name, Role.SALES, None, None, "zh") for name in names]
    with desk.unit_of_work(TENANT) as uow:
        for user in users:
            uow.users.add(user)
        uow.commit()
    return users


def _client(address: str, link: str) -> httpx.Client:
    client = httpx.Client(base_url=address, follow_redirects=True, timeout=60, headers={"X-Requested-With": "deskhand"})
    client.get(link).raise_for_status()
    return client


def greet(person: Person) -> None:
    person.say(SMALL_TALK[len(person.cards) % len(SMALL_TALK)])


def ask(person: Person) -> None:
    """Where an order is."""
    expect(person.say(f"{person.number}到哪了"), person.number)


def place(person: Person) -> None:
    """One sentence that says it all; the draft is read back on a card."""
    person.say(PLACE)
    expect(person.card["kind"], "order_draft")


def correct(person: Person) -> None:
    """Of the draft that is open: another quantity each time."""
    cards = len(person.cards)
    heard = person.say(f"A4纸改成{21 + cards % 60}箱")
    assert len(person.cards) > cards, heard


def confirm(person: Person) -> None:
    """The yes to the draft: the order is placed."""
    expect(person.press("confirm"), "SO-")
    person.number = str(person.card["order"])


def leave(person: Person) -> None:
    person.press("reject")


def expect(heard: str, wanted: str) -> None:
    """A turn that was not understood is no measurement."""
    assert wanted in heard, heard
