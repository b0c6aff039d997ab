"""An account is linked once, by its own person, and unlinked by them or by who manages users."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from deskhand.gateway.messengers.slack_text import typed
from deskhand.store import MessengerAccount
from tests.support.gateway import TENANT, open_session_in_other_tenant, problem, until
from tests.support.messengers import PERSONS, TEAM, Office, said


async def link_in(office: Office) -> str:
    """The token that somebody unknown is given in Slack."""
    await office.write("clerk", "hello")
    link = re.compile(r"/connect#([\w.%-]+)")
    await until(lambda: link.search(said(office.slack.calls)), "a link")
    return link.findall(said(office.slack.calls))[0]


async def test_who_opens_their_link_is_from_then_on_known_there(office: Office) -> None:
    token = await link_in(office)

    async with office.gateway.http("clerk") as http:
        async with http.post("/api/messengers", json={"token": token}) as response:
            assert response.status == 201 and (await response.json())["channel"] == "slack"
        async with http.post("/api/messengers", json={"token": token}) as response:
            await problem(response, 410, "link_over")
        async with http.get("/api/messengers") as response:
            assert [each["channel"] for each in (await response.json())["items"]] == ["slack"]
    await office.work(1)
    await office.write("clerk", "hello again")
    await office.answered()

    assert office.gateway.rasa.heard == ["hello again"]
    assert office.gateway.rasa.claims()["sub"] == "clerk" and office.gateway.rasa.claims()["role"] == "sales"
    assert "林晓" in said(office.slack.of("chat.postMessage"))
    assert office.audit("link_account") == [("http", "refused", "link_over"), ("http", "done", "None")]


async def test_a_link_is_over_after_a_quarter_of_an_hour(office: Office) -> None:
    token = await link_in(office)
    office.gateway.clock.now += timedelta(minutes=15)

    async with office.gateway.http("clerk") as http, http.post("/api/messengers", json={"token": token}) as response:
        await problem(response, 410, "link_over")


async def test_a_link_that_somebody_has_changed_is_none(office: Office) -> None:
    token = await link_in(office)
    head, body, signature = token.split(".")
    token = f"{head}.{body[:-2]}AA.{signature}"

    async with office.gateway.http("clerk") as http, http.post("/api/messengers", json={"token": token}) as response:
        await problem(response, 410, "link_over")


async def test_a_link_of_one_company_is_nothing_in_another(office: Office) -> None:
    token = await link_in(office)
    stranger = {"Authorization": f"Bearer {open_session_in_other_tenant(office.gateway)}"}

    async with (
        office.gateway.http(None, **stranger) as http,
        http.post("/api/messengers", json={"token": token}) as response,
    ):
        await problem(response, 410, "link_over")


async def test_nobody_links_a_second_account_and_no_account_a_second_user(office: Office) -> None:
    first = await link_in(office)
    office.slack.calls.clear()
    second = await link_in(office)

    async with office.gateway.http("clerk") as http, http.post("/api/messengers", json={"token": first}) as response:
        assert response.status == 201
    async with office.gateway.http("manager") as http, http.post("/api/messengers", json={"token": second}) as response:
        await problem(response, 409, "already_linked")


async def test_who_is_unlinked_is_nobody_again(office: Office) -> None:
    office.link("clerk")

    async with office.gateway.http("clerk") as http:
        async with http.delete("/api/messengers/slack") as response:
            assert response.status == 204
        async with http.delete("/api/messengers/slack") as response:
            await problem(response, 404, "not_linked")
        async with http.delete("/api/messengers/fax") as response:
            await problem(response, 404, "not_linked")
    await office.write("clerk", "hello")

    assert office.gateway.rasa.heard == []
    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.messengers.find(MessengerAccount("slack", TEAM, PERSONS["clerk"])) is None


async def test_what_was_on_its_way_to_somebody_who_unlinked_goes_nowhere(office: Office) -> None:
    office.link("clerk")
    await office.write("clerk", "hello")
    await office.answered()
    async with office.gateway.http("clerk") as http, http.delete("/api/messengers/slack"):
        pass

    await office.work()

    assert office.slack.of("chat.postMessage") == []


async def test_notices_are_chosen_for_each_account(office: Office) -> None:
    office.link("clerk")

    async with office.gateway.http("clerk") as http:
        async with http.patch("/api/messengers/slack/notices", json={"notices": "never"}) as response:
            assert (await response.json())["notices"] == "never"
        async with http.patch("/api/messengers/slack/notices", json={"notices": "loudly"}) as response:
            await problem(response, 422, "invalid_request")
        async with http.patch("/api/messengers/teams/notices", json={"notices": "never"}) as response:
            await problem(response, 404, "not_linked")


async def test_the_page_of_a_link_is_there_for_who_has_still_to_sign_in(office: Office) -> None:
    async with office.gateway.http(None) as http, http.get("/connect") as response:
        assert response.status == 200 and "connect.js" in await response.text()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a &lt; b &amp; c &gt; d", "a < b & c > d"),
        ("see <https://a.example/x|the page>", "see the page"),
        ("see <https://a.example/x>", "see https://a.example/x"),
        ("<mailto:a@b.example|a@b.example> wants paper", "a@b.example wants paper"),
        ("<!channel> <@U1|ann> <#C1|orders> hi", "ann orders hi"),
        ("  20箱A4纸  ", "20箱A4纸"),
    ],
)
def test_what_slack_writes_in_its_own_way_is_read_as_it_was_typed(written: str, meant: str) -> None:
    assert " ".join(typed(written).split()) == meant
