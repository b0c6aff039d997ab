"""Tells people what their inbox has, as each has chosen: at once, when they left it unread, or in a digest.

What is new is decided on once for each person and channel: it is told, or it waits. The cursor moves, and what waited
goes, in the transaction that writes what is told: nothing is told twice, and nothing is skipped, whoever dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deskhand.notifications.audience import Listener
from deskhand.notifications.digest import card_of, digest_of, text_of
from deskhand.notifications.inbox import with_lent
from deskhand.notifications.preferences import DESK, MAIL, Hearing, Mode
from deskhand.notifications.settings import show
from deskhand.orders.events import DIGEST
from deskhand.orders.tenant import LANGUAGES, Tenant
from deskhand.store import Desk, MessengerLink, Notification, StandIn, UnitOfWork, User
from deskhand.store.projector import LOCK
from deskhand.store.repositories.notifications import NewNotification
from deskhand.worker.notice_cards import language_of, notice_of
from deskhand.worker.rounds import Rounds

BATCH = 500
UNREAD_AFTER = timedelta(minutes=10)
SETTLING = timedelta(seconds=30)  # a digest takes what came until its moment along, also what was just on its way
LOOK_AGAIN = timedelta(seconds=10)  # how often it is seen whether the hour of what waits has come
MOST_POSTS, A_WHILE = 10, timedelta(minutes=1)  # of more in a while, all that are left become one

_DESK_SEQ, _MAIL_SEQ = "desk_seq", "mail_seq"


class Notices:
    """The worker's round over all companies."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._rounds = Rounds("messengers")
        self._looked: dict[str, datetime] = {}

    async def run_once(self) -> int:
        return await self._rounds.run(self._desk.tenants.values(), self._tell)

    async def _tell(self, tenant: Tenant) -> int:
        told = await asyncio.to_thread(tell_news, self._desk, tenant)
        now = self._desk.clock()
        if now - self._looked.get(tenant.id, now - LOOK_AGAIN) >= LOOK_AGAIN:
            self._looked[tenant.id] = now
            told += await asyncio.to_thread(tell_waiting, self._desk, tenant)
        return told


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's channel, and up to which notification it was decided what is told there."""

    user_id: str
    channel: str
    seq: int
    move: Callable[[UnitOfWork, int], bool]


@dataclass(frozen=True, slots=True)
class _Person:
    user: User
    hearing: Hearing
    who: Listener


def tell_messengers(desk: Desk, tenant: Tenant) -> int:
    """One company's round, with a look at all that waits; says how much was told."""
    return tell_news(desk, tenant) + tell_waiting(desk, tenant)


def tell_news(desk: Desk, tenant: Tenant) -> int:
    """What came since: told at once, or laid by. Those whom it doesn't concern move on together."""
    with desk.unit_of_work(tenant.id, read_only=True) as uow:
        latest = uow.notifications.latest_seq()
        behind = [place for place in _places(uow) if place.seq < latest]
        concerned, seen = _concerned(uow, behind, latest)
    told = sum(_news(desk, tenant, place, latest) for place in concerned)
    others = [place for place in behind if place not in concerned and place.seq < seen]
    if others:
        with desk.unit_of_work(tenant.id) as uow:
            for place in others:
                place.move(uow, seen)
            uow.commit()
    return told


def _concerned(uow: UnitOfWork, places: list[Place], latest: int) -> tuple[list[Place], int]:
    """Those to whom something of the next notifications is told, and up to which one was looked."""
    if not places:
        return [], latest
    rows = uow.notifications.since(min(place.seq for place in places), BATCH)
    people = {place.user_id for place in places}
    lent, users = uow.delegations.lent_to_all(uow.now), uow.users.many(people)
    heard = {user.id: _audiences(user, lent.get(user.id, ())) for user in users}
    concerned = [
        place
        for place in places
        if any(row.seq > place.seq and row.audience in heard.get(place.user_id, ()) for row in rows)
    ]
    return concerned, latest if len(rows) < BATCH else rows[-1].seq


def _audiences(user: User, lent: Sequence[StandIn]) -> frozenset[str]:
    own = Listener(user.tenant, user.id, user.role, user.customer_id).audiences
    return frozenset(
        (*own, *(name for away in lent for name in Listener(user.tenant, away.user_id, away.role).audiences))
    )


def tell_waiting(desk: Desk, tenant: Tenant) -> int:
    """What waited and whose hour has come."""
    with desk.unit_of_work(tenant.id, read_only=True) as uow:
        places = uow.notice_settings.places_waited_for()
    return sum(_waited(desk, tenant, user_id, channel) for user_id, channel in places)


def _places(uow: UnitOfWork) -> Iterable[Place]:
    """On the desk everybody hears everything at once who has chosen nothing: that is the gateway's."""
    for link in uow.messengers.all():
        yield Place(link.user_id, link.account.channel, link.notified_seq, _linked(link))
    for kept in uow.notice_settings.all():
        for channel, column, seq in ((DESK, _DESK_SEQ, kept.desk_seq), (MAIL, _MAIL_SEQ, kept.mail_seq)):
            yield Place(kept.user_id, channel, seq, _mover(kept.user_id, column, seq))


def _linked(link: MessengerLink) -> Callable[[UnitOfWork, int], bool]:
    return lambda uow, seq: uow.messengers.set_notified(link.account, link.notified_seq, seq)


def _mover(user_id: str, column: str, before: int) -> Callable[[UnitOfWork, int], bool]:
    return lambda uow, seq: uow.notice_settings.advance(user_id, column, before, seq)


def _person(desk: Desk, uow: UnitOfWork, user_id: str, channel: str) -> _Person | None:
    """None: nobody is there any more who could be told by this channel."""
    user = uow.users.get(user_id)
    if user is None or not user.active:
        return None
    hearing = show(desk, uow, user)
    if channel not in hearing.channels:
        return None
    who = with_lent(uow, Listener(uow.tenant.id, user.id, user.role, user.customer_id))
    return _Person(user, hearing, who)


def _news(desk: Desk, tenant: Tenant, place: Place, latest: int) -> int:
    with desk.unit_of_work(tenant.id) as uow:
        person = _person(desk, uow, place.user_id, place.channel)
        found, reached = ([], latest) if person is None else _found(uow, person, place.seq, latest)
        if not place.move(uow, reached):
            return 0  # unlinked, or told by another worker
        told = 0
        if person is not None:
            told = _tell_or_lay_by(desk, uow, person, place.channel, found)
        uow.commit()
    return told


def _found(uow: UnitOfWork, person: _Person, after: int, latest: int) -> tuple[list[Notification], int]:
    """What concerns the person, and where the cursor stands then. One's own doing is no news, nor is a digest."""
    found = uow.notifications.after(person.who.audiences, after, BATCH, dict(person.who.lent))
    reached = latest if len(found) < BATCH else found[-1].seq
    return [each for each in found if each.payload.get("by") != person.user.id and each.kind != DIGEST], reached


def _tell_or_lay_by(desk: Desk, uow: UnitOfWork, person: _Person, channel: str, found: list[Notification]) -> int:
    """What the desk tells at once is pushed by the gateway."""
    wanted = [each for each in found if person.hearing.mode(each.kind, channel) is not Mode.OFF]
    now = [each for each in wanted if _is_told_at_once(person.hearing, each, channel, uow.now)]
    told = [] if channel == DESK else _post(desk, uow, person, channel, now)
    done = {each.seq for each in (now if channel == DESK else told)}
    later = [(each.seq, each.created_at) for each in wanted if each.seq not in done]
    uow.notice_settings.wait(person.user.id, channel, later)
    return len(told)


def _is_told_at_once(hearing: Hearing, item: Notification, channel: str, now: datetime) -> bool:
    """On the desk by the time at which it came, as the gateway goes by it too."""
    if hearing.mode(item.kind, channel) is not Mode.AT_ONCE:
        return False
    return not hearing.is_held(item.kind, item.created_at if channel == DESK else now)


def _waited(desk: Desk, tenant: Tenant, user_id: str, channel: str) -> int:
    with desk.unit_of_work(tenant.id) as uow:
        if channel == DESK:
            uow.outbox.lock(LOCK)  # a digest there is a notification, and these are numbered in commit order
        seqs = uow.notice_settings.waiting(user_id, channel)
        person = _person(desk, uow, user_id, channel)
        wanted = [] if person is None else _still_wanted(uow, person, channel, uow.notifications.many(seqs))
        told = [] if person is None else _due_now(desk, uow, person, channel, wanted)
        kept = {each.seq for each in wanted} - {each.seq for each in told}
        done = [seq for seq in seqs if seq not in kept]
        if not done or not uow.notice_settings.done(user_id, channel, done):
            return 0  # it is no time yet, or another worker tells it
        uow.commit()
    return len(told)


def _still_wanted(uow: UnitOfWork, person: _Person, channel: str, items: list[Notification]) -> list[Notification]:
    """Without what was acknowledged meanwhile, is somebody else's matter by now, or isn't wanted any more."""
    read = uow.notifications.cursor(person.user.id)
    return [
        each
        for each in items
        if each.seq > read
        and person.who.hears(each.audience, each.created_at)
        and person.hearing.mode(each.kind, channel) is not Mode.OFF
    ]


def _due_now(
    desk: Desk, uow: UnitOfWork, person: _Person, channel: str, items: list[Notification]
) -> list[Notification]:
    """Tells what is due, and says what that was."""
    due = [each for each in items if _is_due(person.hearing, each, channel, uow.now)]
    together = [each for each in due if channel == DESK or person.hearing.mode(each.kind, channel) is Mode.DIGEST]
    if together:
        _tell_digest(uow, person, channel, together)
    alone = {each.seq for each in due} - {each.seq for each in together}
    return together + _post(desk, uow, person, channel, [each for each in due if each.seq in alone])


def _is_due(hearing: Hearing, item: Notification, channel: str, now: datetime) -> bool:
    if hearing.is_held(item.kind, now):
        return False
    mode = hearing.mode(item.kind, channel)
    if mode is Mode.DIGEST:
        return item.created_at <= hearing.preferences.digest_due(now - SETTLING)
    return mode is Mode.AT_ONCE or item.created_at <= now - UNREAD_AFTER


def _post(desk: Desk, uow: UnitOfWork, person: _Person, channel: str, items: list[Notification]) -> list[Notification]:
    """One by one while there are few in a while, then all together, then later; returns those that were told."""
    if not items:
        return []
    free = MOST_POSTS - uow.messengers.count_notices(channel, person.user.id, uow.now - A_WHILE)
    if free <= 0:
        return []
    if len(items) <= free:
        for each in items:
            uow.messengers.post(channel, person.user.id, **notice_of(desk, uow, person.user, each))
    else:
        _tell_digest(uow, person, channel, items)
    return items


def _tell_digest(uow: UnitOfWork, person: _Person, channel: str, items: list[Notification]) -> None:
    digest = digest_of(items)
    if channel != DESK:
        uow.messengers.post(channel, person.user.id, shown=card_of(digest, language_of(person.user)))
        return
    texts = {language: text_of(digest, language) for language in LANGUAGES}
    row = NewNotification(
        audience=f"user:{person.user.id}",
        kind=DIGEST,
        order_number=None,
        payload={"text": texts, "digest": digest},
        sender="Deskhand",
        receiver="user",
        dedupe_key=f"{DIGEST}:{person.user.id}:{min(each.seq for each in items)}",
        at=uow.now,
    )
    uow.notifications.add([row])
