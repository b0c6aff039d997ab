"""The log of what was not understood: masked, alike ones as one, labels in the audit, gone with their messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskhand.orders.model import Customer
from deskhand.store import Desk, Misread, new_id
from deskhand.store.misunderstood import Alike, label, like, misunderstood
from deskhand.store.privacy.retention import forget_old
from tests.support.desks import ADMIN, OTHER_TENANT, TENANT, FakeClock


def hear(desk: Desk, *texts: str, how: Misread = Misread.ASKED, tenant: str = TENANT) -> list[str]:
    """Messages that were not understood; their ids."""
    ids = []
    with desk.unit_of_work(tenant) as uow:
        talk = uow.conversations.open("clerk", "chat")
        assert talk is not None
        for text in texts:
            message, _ = uow.messages.add_inbound(talk.id, new_id(), text)
            uow.messages.mark_answered(message.id)
            understood = {"intent": "nlu_fallback", "confidence": 0.3, "others": {"cancel_order": 0.3}}
            uow.misunderstood.note(message.id, how, understood)
            ids.append(message.id)
        uow.commit()
    return ids


def log(desk: Desk, labelled: bool | None = None, tenant: str = TENANT) -> list[Alike]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return misunderstood(uow, labelled)


def test_the_newest_comes_first_with_the_number_of_those_like_it(desk: Desk, clock: FakeClock) -> None:
    hear(desk, "处理一下1001", "hm")
    clock.forward(minutes=1)
    (newest,) = hear(desk, "处理一下 1002！")

    found = log(desk)

    assert [(each.newest.text, each.count) for each in found] == [("处理一下 1002！", 2), ("hm", 1)]
    assert found[0].newest.id == newest and found[0].newest.others == {"cancel_order": 0.3}


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("给华星科技有限公司弄一下", "给<name>弄一下"),
        ("tell ACME  Ltd about it", "tell <name> about it"),
        ("call 13812345678 or write to li.lei@example.com", "call <phone> or write to <e-mail>"),
        ("送到上海浦东张江路1号那个", "送到<address>那个"),
        ("把它发到北京建国路88号3栋", "把它发到<address>"),
        ("6222021234567890123 这张卡", "<number> 这张卡"),
        ("the parcel for 221B Baker Street please", "the parcel for <address> please"),
        ("password: hunter2222 please", "password: *** please"),
        ("SO-1001 和 20箱A4纸", "SO-1001 和 20箱A4纸"),
    ],
)
def test_what_is_personal_is_masked(desk: Desk, said: str, masked: str) -> None:
    hear(desk, said)

    assert [each.newest.text for each in log(desk)] == [masked]


def test_the_names_of_all_customers_and_users_are_known(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.customers.add(Customer("zhang", "张小凡", ("凡哥",)))
        uow.commit()
    hear(desk, "张小凡的那个", "凡哥呢")

    assert {each.newest.text for each in log(desk)} == {"<name>的那个", "<name>呢"}


def test_a_label_is_for_all_that_are_alike_and_stands_in_the_audit(desk: Desk) -> None:
    first, other, second = hear(desk, "处理一下1001", "hm", "处理一下1002")

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        alike = like(uow, first)
    with desk.unit_of_work(TENANT) as uow:
        assert label(uow, ADMIN, alike, "confirm_order") == 2
        uow.commit()

    (labelled,) = log(desk, labelled=True)
    assert set(labelled.ids) == {first, second} and labelled.newest.label == "confirm_order"
    assert [each.newest.id for each in log(desk, labelled=False)] == [other]
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        (row,) = [row for row in uow.audit.list() if row.action == "label_misunderstood"]
    assert (row.actor, row.target) == ("admin", first)


def test_what_was_understood_takes_no_label(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        talk = uow.conversations.open("clerk", "chat")
        assert talk is not None
        message, _ = uow.messages.add_inbound(talk.id, new_id(), "hello")
        with pytest.raises(KeyError):
            like(uow, message.id)
        with pytest.raises(KeyError):
            label(uow, ADMIN, [message.id], "greet")


def test_another_company_sees_and_labels_nothing_of_it(desk: Desk) -> None:
    (mine,) = hear(desk, "hm")

    assert log(desk, tenant=OTHER_TENANT) == []
    with desk.unit_of_work(OTHER_TENANT) as uow:
        for attempt in (lambda: like(uow, mine), lambda: label(uow, ADMIN, [mine], "greet")):
            with pytest.raises(KeyError):
                attempt()


def test_it_is_forgotten_with_the_messages(desk: Desk, clock: FakeClock) -> None:
    hear(desk, "hm")
    days = desk.tenant(TENANT).retention.messages_days
    assert days is not None
    clock.now += timedelta(days=days + 1)

    forget_old(desk, TENANT, None)

    assert log(desk) == []
