"""Conversations, messages, drafts and cards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskhand.orders.errors import CardExpired, CardUnknown, CardUsed, DeskhandError, VersionConflict
from deskhand.store import Desk, UnitOfWork
from tests.support.desks import OTHER_TENANT, TENANT, FakeClock


def opened(uow: UnitOfWork, user: str = "clerk") -> str:
    conversation = uow.conversations.open(user, "widget")
    assert conversation is not None
    return conversation.id


def test_a_user_has_one_conversation_in_a_channel(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        first, again = opened(uow), opened(uow)
        other_channel = uow.conversations.open("clerk", "slack")
        none = uow.conversations.open("finance", "widget", create=False)

    assert first == again
    assert other_channel is not None
    assert other_channel.id != first
    assert none is None
    assert len(first) == 32


def test_a_message_is_stored_once_for_each_client_id(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        conversation = opened(uow)
        message, created = uow.messages.add_inbound(conversation, "c1", "hello")
        repeated, created_again = uow.messages.add_inbound(conversation, "c1", "hello")

    assert (created, created_again) == (True, False)
    assert repeated == message


def test_messages_are_numbered_in_order_and_read_from_a_cursor(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        conversation = opened(uow)
        inbound, _ = uow.messages.add_inbound(conversation, "c1", "hello")
        replies = [{"text": "hi", "quick_replies": [{"title": "Orders"}]}, {"card": {"id": "k1", "state": "open"}}]
        uow.messages.add_outbound(conversation, inbound.id, replies)
        after = uow.messages.after(conversation, inbound.seq)

        assert [message.seq for message in after] == [2, 3]
        assert after[0].extra == {"quick_replies": [{"title": "Orders"}]}
        assert uow.messages.of_turn(inbound.id) == after
        assert uow.messages.latest_seq(conversation) == 3


def test_a_card_in_a_message_shows_its_new_state_after_a_reload(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        conversation = opened(uow)
        uow.messages.add_outbound(conversation, None, [{"card": {"id": "k1", "state": "open"}}])
        uow.messages.update_card("k1", conversation, {"state": "used"})

        assert uow.messages.after(conversation, 0)[0].card == {"id": "k1", "state": "used"}


def test_an_unanswered_message_is_found_until_it_is_answered(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        inbound, _ = uow.messages.add_inbound(opened(uow), "c1", "hello")
        clock.forward(seconds=30)
        late = uow.messages.unanswered(clock.now - timedelta(seconds=20))
        uow.messages.save_turn_result(inbound.id, {"responses": ["hi"]})
        uow.messages.mark_answered(inbound.id)

        assert [message.id for message in late] == [inbound.id]
        assert uow.messages.unanswered(clock.now) == []
        assert uow.messages.turn_result(inbound.id) == {"responses": ["hi"]}


def test_a_deleted_conversation_is_gone_with_its_messages(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        conversation = opened(uow)
        uow.messages.add_inbound(conversation, "c1", "hello")

        assert uow.conversations.delete(conversation)
        assert not uow.conversations.delete(conversation)
        assert uow.messages.after(conversation, 0) == []


def test_a_draft_goes_on_in_another_transaction_until_it_is_finished(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.drafts.save(uow.drafts.new("clerk", "place_order", {"lines": []}, asked="customer"))
        uow.commit()

    with desk.unit_of_work(TENANT) as uow:
        draft = uow.drafts.open_of("clerk", "place_order")
        assert draft is not None
        assert (draft.asked, draft.state) == ("customer", {"lines": []})
        uow.drafts.finish(draft.id)
        assert uow.drafts.open_of("clerk") is None


def test_of_two_tabs_that_save_a_draft_the_second_is_told(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        draft = uow.drafts.save(uow.drafts.new("clerk", "place_order", {}))
        uow.drafts.save(draft)

        with pytest.raises(VersionConflict):
            uow.drafts.save(draft)


def test_a_button_works_once(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        card = uow.cards.issue(
            "command", "clerk", opened(uow), {}, ["confirm", "reject"], clock.now + timedelta(minutes=1)
        )

        used = uow.cards.consume(card.id, "clerk", "confirm", clock.now)

        assert (used.state, used.action) == ("used", "confirm")
        assert uow.cards.open_of("clerk") is None
        with pytest.raises(CardUsed):
            uow.cards.consume(card.id, "clerk", "reject", clock.now)


@pytest.mark.parametrize(
    ("user", "action", "minutes", "error"),
    [
        ("finance", "confirm", 0, CardUnknown),
        ("clerk", "explode", 0, CardUnknown),
        ("clerk", "confirm", 2, CardExpired),
    ],
)
def test_a_card_is_worth_nothing_to_others_later_or_for_more(
    desk: Desk, clock: FakeClock, user: str, action: str, minutes: int, error: type[DeskhandError]
) -> None:
    with desk.unit_of_work(TENANT) as uow:
        card = uow.cards.issue("command", "clerk", opened(uow), {}, ["confirm"], clock.now + timedelta(minutes=1))
        clock.forward(minutes=minutes)

        with pytest.raises(error):
            uow.cards.consume(card.id, user, action, clock.now)


def test_a_newer_card_replaces_those_before(desk: Desk, clock: FakeClock) -> None:
    with desk.unit_of_work(TENANT) as uow:
        card = uow.cards.issue("command", "clerk", opened(uow), {}, ["confirm"], clock.now + timedelta(minutes=1))

        assert uow.cards.supersede_open("clerk") == [card.id]
        with pytest.raises(CardExpired):
            uow.cards.consume(card.id, "clerk", "confirm", clock.now)


def test_what_one_tenant_says_another_does_not_see(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        conversation = opened(uow)
        inbound, _ = uow.messages.add_inbound(conversation, "c1", "hello")
        uow.drafts.save(uow.drafts.new("clerk", "place_order", {}))
        uow.commit()

    with desk.unit_of_work(OTHER_TENANT) as uow:
        assert uow.conversations.get(conversation) is None
        assert uow.conversations.list() == []
        assert uow.messages.get(inbound.id) is None
        assert uow.drafts.open_of("clerk") is None
        assert uow.users.all() == []
        assert uow.products.all() == []
        assert uow.customers.all() == []
