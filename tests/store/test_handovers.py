"""Who has a conversation: the bot, nobody yet, a person; one handover at a time, and nothing of other companies."""

from __future__ import annotations

import pytest

from deskhand.store import Desk, Handover, UnitOfWork
from tests.support.desks import OTHER_TENANT, TENANT, FakeClock


def opened(uow: UnitOfWork, user: str = "customer") -> str:
    conversation = uow.conversations.open(user, "chat")
    assert conversation is not None
    return conversation.id


def asked(desk: Desk, user: str = "customer") -> Handover:
    with desk.unit_of_work(TENANT) as uow:
        made, _ = uow.handovers.ask(opened(uow, user), user, "asked", "zh")
        uow.commit()
    return made


def standing(uow: UnitOfWork, conversation: str) -> tuple[str, str | None]:
    found = uow.conversations.get(conversation)
    assert found is not None
    return found.state, found.person_id


def test_a_conversation_has_one_open_handover(desk: Desk) -> None:
    first = asked(desk)

    with desk.unit_of_work(TENANT) as uow:
        again, created = uow.handovers.ask(first.conversation_id, "customer", "failed", "en")
        assert (again, created) == (first, False)
        assert standing(uow, first.conversation_id) == ("waiting", None)
        uow.handovers.close(first.id, first.conversation_id, "closed", "clerk")
        assert standing(uow, first.conversation_id) == ("bot", None)
        next_one, created = uow.handovers.ask(first.conversation_id, "customer", "failed", "en")

    assert created and next_one.id != first.id


def test_the_database_itself_allows_no_second_open_one(desk: Desk) -> None:
    first = asked(desk)
    row = {"id": "x", "conversation_id": first.conversation_id, "user_id": "customer", "reason": "asked"}

    with desk.unit_of_work(TENANT) as uow:
        from deskhand.store.schema import handover

        given = row | {"language": "zh", "state": "waiting", "asked_at": uow.now}
        assert uow.handovers.add_missing(handover, [given]) == 0


def test_one_person_takes_it_and_what_the_bot_had_not_answered_is_theirs(desk: Desk) -> None:
    first = asked(desk)
    with desk.unit_of_work(TENANT) as uow:
        uow.messages.add_inbound(first.conversation_id, "c1", "hello?")
        taken = [uow.handovers.take(first.id, first.conversation_id, who) for who in ("clerk", "manager")]

        assert taken == [True, False]
        assert standing(uow, first.conversation_id) == ("person", "clerk")
        assert uow.messages.unanswered_of(first.conversation_id, 10) == []


def test_what_comes_in_while_a_person_has_it_is_not_for_the_bot(desk: Desk) -> None:
    first = asked(desk)
    with desk.unit_of_work(TENANT) as uow:
        waiting, _ = uow.messages.add_inbound(first.conversation_id, "c1", "while waiting")
        uow.handovers.take(first.id, first.conversation_id, "clerk")
        during, _ = uow.messages.add_inbound(first.conversation_id, "c2", "to the person")
        uow.handovers.close(first.id, first.conversation_id, "returned", "clerk")
        after, _ = uow.messages.add_inbound(first.conversation_id, "c3", "to the bot")

        assert [each.answered for each in (waiting, during, after)] == [False, True, False]
        assert [each.id for each in uow.messages.unanswered_of(first.conversation_id, 10)] == [after.id]


def test_a_reply_says_who_wrote_it_and_is_written_once(desk: Desk) -> None:
    first = asked(desk)
    with desk.unit_of_work(TENANT) as uow:
        uow.handovers.take(first.id, first.conversation_id, "clerk")
        reply, created = uow.messages.add_written(first.conversation_id, "r1", "clerk", "I'll look")
        repeated, again = uow.messages.add_written(first.conversation_id, "r1", "clerk", "I'll look")

        assert (created, again) == (True, False)
        assert repeated == reply and (reply.direction, reply.written_by, reply.turn) == ("out", "clerk", None)
        assert uow.messages.last_said(first.conversation_id) is None


def test_who_asked_waits_from_their_first_word_that_was_not_answered(desk: Desk, clock: FakeClock) -> None:
    first = asked(desk)
    with desk.unit_of_work(TENANT) as uow:

        def since() -> object:
            found = uow.handovers.get(first.id)
            assert found is not None
            return uow.handovers.silent_since(found)

        clock.forward(minutes=1)
        uow.handovers.take(first.id, first.conversation_id, "clerk")
        assert since() == clock.now  # not a word yet
        clock.forward(minutes=1)
        uow.messages.add_written(first.conversation_id, "r1", "clerk", "Hello, what is it?")
        assert since() is None  # the person has the last word
        clock.forward(minutes=1)
        uow.messages.add_inbound(first.conversation_id, "c1", "my order")
        asked_at = clock.now
        clock.forward(minutes=1)
        uow.messages.add_inbound(first.conversation_id, "c2", "are you there?")
        assert since() == asked_at


def test_those_that_wait_stand_first_the_longest_wait_before_the_others(desk: Desk, clock: FakeClock) -> None:
    made = []
    for user in ("customer", "acme", "warehouse"):
        made.append(asked(desk, user))
        clock.forward(minutes=1)
    with desk.unit_of_work(TENANT) as uow:
        uow.handovers.take(made[0].id, made[0].conversation_id, "clerk")

        assert [each.user_id for each in uow.handovers.list()] == ["acme", "warehouse", "customer"]


@pytest.mark.parametrize("own", [True, False])
def test_another_company_sees_and_changes_nothing_of_it(desk: Desk, own: bool) -> None:
    first = asked(desk)
    with desk.unit_of_work(TENANT if own else OTHER_TENANT) as uow:
        found = [
            uow.handovers.get(first.id),
            uow.handovers.open_of(first.conversation_id),
            uow.handovers.hold(first.id),
        ]
        changed = [
            uow.handovers.take(first.id, first.conversation_id, "clerk"),
            uow.handovers.close(first.id, first.conversation_id, "closed", "clerk"),
        ]

        assert [each is not None for each in found] == [own] * 3
        assert changed == [own] * 2 and uow.handovers.list() == []


def test_a_deleted_conversation_takes_its_handovers_along(desk: Desk) -> None:
    first = asked(desk)
    with desk.unit_of_work(TENANT) as uow:
        uow.conversations.delete(first.conversation_id)

        assert uow.handovers.get(first.id) is None
