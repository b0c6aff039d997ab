"""Choosing how one is told, over HTTP, and what it does to the desk: silent pushes, counts, what must be heard."""

from __future__ import annotations

from typing import Any

from deskhand.gateway.app import SOCKETS
from deskhand.notifications.topics import topics
from deskhand.worker.notices import tell_messengers
from tests.support.gateway import TENANT, Gateway, problem, tab, until

PATH = "/api/notifications/preferences"


async def test_who_has_chosen_nothing_is_told_at_once_and_sees_what_can_be_chosen(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        shown = await (await http.get(PATH)).json()

    assert [each["kind"] for each in shown["kinds"]] == [*topics()]
    assert shown["kinds"][0]["label"] == {"zh": "订单", "en": "Orders"}
    assert all(each["wants"]["desk"] == "at_once" for each in shown["kinds"])
    assert [each["kind"] for each in shown["kinds"] if each["required"]] == ["approvals", "escalations", "people"]
    assert (shown["quiet"], shown["muted_until"], shown["digest"]) == (None, None, {"every": "day", "at": "08:00"})


async def test_what_is_left_out_stays_and_null_takes_away(gateway: Gateway) -> None:
    quiet = {"from": "22:00", "to": "07:00", "days": ["mon", "fri"]}
    async with gateway.http("clerk") as http:
        await http.put(PATH, json={"kinds": {"orders": {"desk": "digest"}}, "quiet": quiet, "time_zone": "Asia/Tokyo"})
        await http.put(PATH, json={"digest": {"every": "hour", "at": "00:15"}})
        kept = await (await http.get(PATH)).json()
        bare = await (await http.put(PATH, json={"quiet": None})).json()

    assert (kept["quiet"], kept["time_zone"], kept["digest"]) == (quiet, "Asia/Tokyo", {"every": "hour", "at": "00:15"})
    assert kept["kinds"][0]["wants"]["desk"] == "digest" == bare["kinds"][0]["wants"]["desk"]
    assert bare["quiet"] is None


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kinds": {"weather": {"desk": "off"}}}, "kinds"),
    ({"kinds": {"orders": {"pigeon": "off"}}}, "kinds.orders.pigeon"),
    ({"kinds": {"orders": {"desk": "unread"}}}, "kinds.orders.desk"),
    ({"kinds": {"orders": "off"}}, "kinds.orders"),
    ({"kinds": [1]}, "kinds"),
    ({"quiet": {"from": "25:00", "to": "07:00"}}, "quiet.from"),
    ({"quiet": {"from": "22:00", "to": "07:00", "days": []}}, "quiet.days"),
    ({"quiet": {"from": "22:00", "to": "07:00", "days": [[]]}}, "quiet.days"),
    ({"quiet": "always"}, "quiet"),
    ({"time_zone": "../etc/passwd"}, "time_zone"),
    ({"time_zone": "Asia"}, "time_zone"),
    ({"time_zone": 5}, "time_zone"),
    ({"digest": {"every": "week"}}, "digest.every"),
    ({"digest": {"every": {}}}, "digest.every"),
    ({"kinds": {"orders": {"desk": {}}}}, "kinds.orders.desk"),
    ({"muted_until": "2026-11-23T08:00:00"}, "muted_until"),
    ({"muted_until": "0001-01-01T00:00:00+14:00"}, "muted_until"),
    ({"something": 1}, "something"),
)


async def test_what_cannot_be_is_refused_by_name_and_changes_nothing(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        before = await (await http.get(PATH)).json()
        for body, field in WRONG:
            refused = await problem(await http.put(PATH, json=body), 422, "invalid_request")
            assert field in str(refused), (body, refused)
        after = await (await http.get(PATH)).json()

    assert after == before


async def test_what_the_role_must_hear_cannot_be_switched_off_everywhere(gateway: Gateway) -> None:
    async with gateway.http("manager") as http:
        await problem(await http.put(PATH, json={"kinds": {"approvals": {"desk": "off"}}}), 422, "must_be_heard")
        allowed = await http.put(PATH, json={"kinds": {"approvals": {"desk": "digest"}, "orders": {"desk": "off"}}})
        assert allowed.status == 200
    async with gateway.http("customer") as http:
        assert (await http.put(PATH, json={"kinds": {"approvals": {"desk": "off"}}})).status == 200


async def test_what_somebody_does_not_want_at_once_comes_silently_and_is_not_counted(gateway: Gateway) -> None:
    async with gateway.http("finance") as http:
        await http.put(PATH, json={"kinds": {"orders": {"desk": "off"}}})
        async with tab(gateway, "finance") as quiet, tab(gateway, "warehouse") as loud:
            gateway.notify("role:finance")
            gateway.notify("role:warehouse")
            (told,), (heard,) = await quiet.wait("notification"), await loud.wait("notification")
            again = await quiet.resume()
            inbox = await (await http.get("/api/notifications")).json()

    assert (told["silent"], heard["silent"]) == (True, False)
    assert (again["unread"], inbox["unread"], len(inbox["items"]), inbox["items"][0]["silent"]) == (0, 0, 1, True)


async def test_a_choice_that_is_made_while_connected_counts_from_the_next_look(gateway: Gateway) -> None:
    async with gateway.http("finance") as http, tab(gateway, "finance") as here:
        gateway.notify("role:finance")
        await here.wait("notification")
        await http.put(PATH, json={"quiet": {"from": "00:00", "to": "00:00"}})
        await gateway.app[SOCKETS].check_sessions()
        gateway.notify("role:finance")
        await here.wait("notification", 2)
        await until(lambda: len(here.of("unread")) >= 2, "counted")

    assert [each["silent"] for each in here.of("notification")] == [False, True]


async def test_a_digest_is_heard_whatever_is_in_it(gateway: Gateway) -> None:
    """Also by who wants announcements, its own topic, in the digest alone."""
    wants = {topic: {"desk": "digest"} for topic in topics()}
    async with gateway.http("finance") as http:
        await http.put(PATH, json={"kinds": wants, "digest": {"every": "hour", "at": "00:00"}})
        async with tab(gateway, "finance") as here:
            gateway.notify("role:finance")
            await here.wait("notification")
            gateway.clock.forward(hours=1, minutes=1)
            tell_messengers(gateway.desk, gateway.desk.tenant(TENANT))
            _, digest = await here.wait("notification", 2)
            await until(lambda: {"count": 1} in here.of("unread"), "it is counted")

    assert (digest["kind"], digest["silent"], digest["digest"]["count"]) == ("Digest", False, 1)
    assert digest["content"]["zh"].startswith("通知汇总：1 条")
