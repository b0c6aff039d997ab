"""Digests, quiet hours, bundles and letters: what the worker tells people, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from deskhand.channels.messengers.face import face_of_card
from deskhand.notifications.settings import save
from deskhand.orders.events import DIGEST
from deskhand.orders.status import Role
from deskhand.store import Desk, MessengerAccount, MessengerLink, Notification
from deskhand.store.repositories.notifications import NewNotification
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.errors import NotDeliverable
from deskhand.worker.metrics import Metrics
from deskhand.worker.notice_mail import MailPosting
from deskhand.worker.notices import Notices, tell_messengers
from deskhand.worker.posts import PostConsumer
from tests.support.desks import FINANCE, TENANT, FakeClock, demo_database, open_desk

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, nine in Shanghai
EVERYTHING = ("orders", "goods", "money", "notices")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = open_desk(demo_database(tmp_path), FakeClock(MORNING))
    yield made
    made.close()


def clock(desk: Desk) -> FakeClock:
    assert isinstance(desk.clock, FakeClock)
    return desk.clock


def choose(desk: Desk, said: Mapping[str, Any], channel: str | None = None, mode: str = "digest") -> None:
    with desk.unit_of_work(TENANT) as uow:
        user = uow.users.get("finance")
        assert user is not None
        wants = {topic: {channel: mode} for topic in EVERYTHING} if channel else {}
        save(desk, uow, FINANCE, user, {"time_zone": "Asia/Shanghai", "wants": wants, **said})
        uow.commit()


def link(desk: Desk, notices: str = "at_once") -> None:
    with desk.unit_of_work(TENANT) as uow:
        account = MessengerAccount("slack", "T1", "U-finance")
        uow.messengers.add(MessengerLink(account, "finance", "", {"channel": "D1"}, notices, 0, uow.now))
        uow.commit()


def come(desk: Desk, *orders: str | None, kind: str = "PaymentRecorded", audience: str = "role:finance") -> None:
    with desk.unit_of_work(TENANT) as uow:
        made = uow.notifications.latest_seq()
        uow.notifications.add([
            NewNotification(audience, kind, order, {"text": {"zh": f"{order} 已付", "en": f"{order} was paid"}},
                            "Bo", "finance", f"{made}:{place}", uow.now)
            for place, order in enumerate(orders)
        ])  # fmt: skip
        uow.commit()


def tell(desk: Desk, **later: float) -> int:
    clock(desk).forward(**later)
    return tell_messengers(desk, desk.tenant(TENANT))


def shown(desk: Desk, channel: str = "slack") -> list[Mapping[str, Any]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        deliveries = [each for each in uow.outbox.claim(channel if channel != "mail" else "notice_mail", 5_000)]
        posts = [uow.messengers.get(str(each.event.payload["post"])) for each in deliveries]
    return [each.shown or {} for each in posts if each is not None]


def digests(desk: Desk) -> list[Notification]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return [row for row in uow.notifications.since(0, 5_000) if row.kind == DIGEST]


def test_a_daily_digest_has_counts_and_the_orders_in_the_language_of_the_person(desk: Desk) -> None:
    link(desk)
    choose(desk, {"digest": {"every": "day", "at": "17:30"}}, "slack")
    come(desk, "SO-1001", "SO-1002", "SO-1001")
    come(desk, None, kind="NoticePosted")

    assert [tell(desk), tell(desk, hours=8), tell(desk, hours=1)] == [0, 0, 4]  # 09:00, 17:00, 18:00
    (card,) = shown(desk)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        language = uow.users.many({"finance"})[0].language
    chinese = language == "zh"
    assert card["title"] == ("通知汇总：4 条" if chinese else "4 notices")
    assert [each["value"] for each in card["facts"]] == ["3", "1"]
    titles = [each["title"] for each in card["items"]]
    assert titles == (
        ["其他（1 条）", "SO-1001（2 条）", "SO-1002（1 条）"]
        if chinese
        else ["Others (1)", "SO-1001 (2)", "SO-1002 (1)"]
    )
    assert tell(desk, hours=24) == 0
    assert len(face_of_card(card, desk.tenant(TENANT)).items) == 3


def test_the_desk_has_its_digest_in_both_languages_and_what_was_acknowledged_is_left_out(desk: Desk) -> None:
    choose(desk, {"digest": {"every": "hour", "at": "00:00"}}, "desk")
    come(desk, "SO-1001")
    with desk.unit_of_work(TENANT) as uow:
        uow.notifications.ack("finance", uow.notifications.latest_seq())
        uow.commit()
    clock(desk).forward(minutes=1)
    come(desk, "SO-1002")
    tell(desk)

    assert tell(desk, hours=1) == 1
    (row,) = digests(desk)
    assert (row.audience, row.payload["digest"]["count"]) == ("user:finance", 1)
    assert "SO-1002 was paid" in row.payload["text"]["en"] and "SO-1002 已付" in row.payload["text"]["zh"]
    assert "SO-1001" not in row.payload["text"]["en"] and tell(desk, hours=2) == 0


def test_quiet_hours_hold_back_what_is_not_urgent_until_they_end(desk: Desk) -> None:
    link(desk)
    choose(desk, {"quiet": {"from": "08:00", "to": "12:00"}})
    come(desk, "SO-1001")
    come(desk, "SO-1002", kind="DeliveryFailed")

    assert tell(desk) == 1 and [each["text"] for each in shown(desk)] == _said(desk, "SO-1002")
    assert [tell(desk, hours=2), tell(desk, hours=1, minutes=1)] == [0, 2]  # Slack, and what the desk was silent about
    assert [row.payload["digest"]["orders"][0]["order"] for row in digests(desk)] == ["SO-1001"]


def test_a_mute_ends_by_itself(desk: Desk) -> None:
    link(desk)
    choose(desk, {"muted_until": "2026-11-23T11:00:00+08:00"})
    come(desk, "SO-1001")

    assert [tell(desk), tell(desk, hours=1), tell(desk, hours=1)] == [0, 0, 2]


def test_a_thousand_notices_are_few_posts(desk: Desk) -> None:
    link(desk)
    for _ in range(20):
        come(desk, *(f"SO-{number}" for number in range(50)))
        tell(desk, seconds=1)
    for _ in range(3):
        tell(desk, seconds=61)

    cards = shown(desk)
    assert len(cards) <= 15
    told = sum(int(fact["value"]) for card in cards for fact in card.get("facts", ()))
    assert told + sum("facts" not in card for card in cards) == 1_000


def test_what_is_wanted_no_more_when_its_hour_comes_is_not_told(desk: Desk) -> None:
    link(desk)
    choose(desk, {}, "slack")
    come(desk, "SO-1001")
    tell(desk)
    choose(desk, {}, "slack", "off")

    assert tell(desk, hours=24) == 0 and shown(desk) == []


def test_somebody_who_changed_the_role_is_not_told_of_the_old_one(desk: Desk) -> None:
    link(desk)
    choose(desk, {}, "slack")
    come(desk, "SO-1001")
    tell(desk)
    with desk.unit_of_work(TENANT) as uow:
        uow.users.set_role("finance", Role.WAREHOUSE, None)
        uow.commit()

    assert tell(desk, hours=24) == 0 and shown(desk) == []


class Post:
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.fails: list[Exception] = []

    def send(self, message: EmailMessage) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(message)


async def test_a_digest_goes_by_mail_to_who_wants_it_there(desk: Desk) -> None:
    choose(desk, {"digest": {"every": "day", "at": "17:30"}}, "mail")
    come(desk, "SO-1001", "SO-1002")
    tell(desk)
    tell(desk, hours=9)
    server = Post()
    server.fails = [OSError("away")]
    consumer = PostConsumer(desk, "notice_mail", MailPosting(server, "desk@example.org", desk.clock))
    run = Dispatcher(desk, consumer, Metrics(), 60)
    for _ in range(3):
        await run.run_once()
        clock(desk).forward(hours=1)

    (letter,) = server.sent
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        user = uow.users.get("finance")
    assert user is not None and str(letter["To"]) == user.email
    assert "SO-1001" in letter.get_content() and "2" in str(letter["Subject"])


async def test_a_letter_that_is_refused_for_good_waits_for_an_operator(desk: Desk) -> None:
    choose(desk, {}, "mail", "at_once")
    come(desk, "SO-1001")
    tell(desk)
    server = Post()
    server.fails = [NotDeliverable("no such mailbox")]
    posting = MailPosting(server, "desk@example.org", desk.clock)

    await Dispatcher(desk, PostConsumer(desk, "notice_mail", posting), Metrics(), 60).run_once()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert "no such mailbox" in (uow.outbox.dead_letters()[0].error or "")


async def test_what_waits_is_looked_at_from_time_to_time_only(desk: Desk) -> None:
    """The round itself comes three times a second."""
    link(desk)
    choose(desk, {"digest": {"every": "hour", "at": "00:00"}}, "slack")
    rounds = Notices(desk)
    come(desk, "SO-1001")
    assert await rounds.run_once() == 0
    clock(desk).forward(hours=1, minutes=1)

    assert [await rounds.run_once(), await rounds.run_once()] == [1, 0]


def _said(desk: Desk, *orders: str) -> list[str]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        language = uow.users.many({"finance"})[0].language
    return [f"{order} 已付" if language == "zh" else f"{order} was paid" for order in orders]
