"""Who has a conversation: the bot, nobody yet, a person; one handover at a time, and nothing of other companies."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier

import pytest

from deskhand.channels.errors import HandoverOver, HandoverTaken
from deskhand.channels.handovers import Change, Handovers
from deskhand.channels.inbound import Inbound
from deskhand.channels.turns import Received, Speaker, Turns
from deskhand.orders.errors import DeskhandError
from deskhand.store import Desk, Handover, UnitOfWork
from deskhand.store.schema import handover
from tests.support.desks import CLERK, MANAGER, OTHER_TENANT, TENANT, FakeClock


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


def test_of_those_that_are_over_the_latest_stand_first(desk: Desk, clock: FakeClock) -> None:
    made = [asked(desk, user) for user in ("customer", "acme", "warehouse")]
    with desk.unit_of_work(TENANT) as uow:
        for each in (made[1], made[0], made[2]):
            clock.forward(minutes=1)
            uow.handovers.close(each.id, each.conversation_id, "closed", "clerk")

        assert [each.user_id for each in uow.handovers.list(["closed"], limit=2)] == ["warehouse", "customer"]


def test_what_was_said_to_a_person_is_read_however_much_was_said_to_the_bot_since(desk: Desk, clock: FakeClock) -> None:
    first, service = asked(desk), Handovers(desk, desk.clock)
    service.claim(CLERK, first.id)
    service.reply(CLERK, first.id, "It comes on Friday", "r1")
    service.give_back(CLERK, first.id)
    clock.forward(minutes=1)
    with desk.unit_of_work(TENANT) as uow:
        for number in range(5):
            uow.messages.add_inbound(first.conversation_id, f"c{number}", "to the bot")
        uow.commit()

    said = [each["text"] for each in service.show(CLERK, first.id, None, limit=3)["messages"]]

    assert "It comes on Friday" in said and "to the bot" not in said


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


def test_nobody_is_asked_into_a_conversation_that_is_gone(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        conversation = opened(uow)
        uow.conversations.delete(conversation)
        with pytest.raises(LookupError):
            uow.handovers.ask(conversation, "customer", "asked", "zh")


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Each in a thread of its own, begun together; what came of it, or the refusal."""
    together = Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        together.wait()
        try:
            return job()
        except DeskhandError as refused:
            return refused

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(run, jobs))


def test_two_claim_at_once_and_one_wins(desk: Desk) -> None:
    first, service = asked(desk), Handovers(desk, desk.clock)

    came = at_once(lambda: service.claim(CLERK, first.id), lambda: service.claim(MANAGER, first.id))

    [won] = [each for each in came if isinstance(each, Change)]
    [lost] = [each for each in came if isinstance(each, HandoverTaken)]
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        winner = uow.users.get(str(won.handover.taken_by))
        assert winner is not None and lost.data["name"] == winner.name
        assert standing(uow, first.conversation_id) == ("person", winner.id)


def test_who_asks_and_deletes_at_once_leaves_no_handover_without_a_conversation(desk: Desk) -> None:
    def ask(conversation: str) -> None:
        with desk.unit_of_work(TENANT) as uow, suppress(LookupError):
            uow.handovers.ask(conversation, "customer", "asked", "zh")
            uow.commit()

    def delete(conversation: str) -> None:
        with desk.unit_of_work(TENANT) as uow:
            uow.conversations.delete(conversation)
            uow.commit()

    for _ in range(20):
        with desk.unit_of_work(TENANT) as uow:
            conversation = opened(uow)
            uow.commit()

        at_once(partial(ask, conversation), partial(delete, conversation))

        with desk.unit_of_work(TENANT, read_only=True) as uow:
            assert uow.conversations.get(conversation) is None and uow.handovers.list() == []


def test_an_answer_and_a_farewell_at_once_leave_one_state(desk: Desk) -> None:
    service, turns = Handovers(desk, desk.clock), Turns(desk, desk.clock)
    for number in range(8):
        made = asked(desk)
        service.claim(CLERK, made.id)
        goodbye = Inbound(f"c{number}", text="back to the bot")
        speaker = Speaker(TENANT, "customer")

        answered, left = at_once(
            partial(service.reply, CLERK, made.id, f"Hello {number}", f"r{number}"),
            partial(turns.receive, speaker, goodbye),
        )

        assert isinstance(answered, Change | HandoverOver) and isinstance(left, Received) and left.ended is not None
        with desk.unit_of_work(TENANT, read_only=True) as uow:
            assert standing(uow, made.conversation_id) == ("bot", None)
            assert uow.messages.unanswered_of(made.conversation_id, 10) == []
