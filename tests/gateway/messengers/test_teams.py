"""Teams: the SDK with tokens of our own keys; who is not the Bot Connector, or sends us elsewhere, is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from aiohttp import ClientSession
from cryptography.hazmat.primitives.asymmetric import rsa
from microsoft_agents.activity import Attachment

from deskhand.channels.messengers.settings import TeamsCredentials
from deskhand.gateway.messengers.files import Sent
from deskhand.gateway.messengers.teams_files import FILE, sent_in_teams
from deskhand.orders.commands import ConfirmOrder, PlaceOrder
from deskhand.orders.status import OrderStatus
from tests.support.desks import CLERK, done
from tests.support.gateway import TENANT
from tests.support.messengers import DIRECTORY, Office, said

SENT = "POST v3/conversations/a:{}/activities"


async def test_a_message_is_answered_in_its_conversation(office: Office) -> None:
    office.link("clerk", "teams")

    status, _ = await office.send(office.activity("clerk", text="hello"))
    await office.answered()
    await office.work()

    assert status in (200, 202) and office.gateway.rasa.heard == ["hello"]
    assert office.gateway.rasa.claims()["channel"] == "teams"
    (posted,) = office.teams.of(SENT.format("clerk"))
    assert posted["text"] == "heard: hello" and posted["authorization"] == "Bearer connector-token"
    assert None not in posted.values() and "id" not in posted  # a null is refused by the connector


async def test_the_same_activity_is_carried_out_once(office: Office) -> None:
    office.link("clerk", "teams")
    activity = office.activity("clerk", text="hello")

    for _ in range(3):
        await office.send(activity)
    await office.answered()

    assert office.gateway.rasa.heard == ["hello"]


async def test_a_card_is_pressed_and_returned_with_who_did_it(office: Office) -> None:
    office.link("clerk", "teams")
    issued = office.gateway.issue_card("clerk")
    buttons = [{"id": "confirm", "label": "是", "style": "primary"}, {"id": "reject", "label": "否"}]
    card = {
        "id": issued.id,
        "kind": "command",
        "language": "zh",
        "title": "确认订单",
        "actions": buttons,
        "state": "open",
    }
    office.gateway.rasa.answer = lambda body: [{"recipient_id": body["sender"], "custom": {"card": card}}]
    await office.send(office.activity("clerk", text="confirm SO-1"))
    await office.answered()
    await office.work()
    (posted,) = office.teams.of(SENT.format("clerk"))
    execute = posted["attachments"][0]["content"]["actions"][0]
    assert execute["type"] == "Action.Execute" and execute["fallback"]["type"] == "Action.Submit"

    office.gateway.rasa.answer = office.gateway.consume_card
    status, answer = await office.invoke("clerk", execute["data"])
    again, refused = await office.invoke("clerk", execute["data"])
    await office.work()

    assert (status, again) == (200, 200) and office.gateway.rasa.heard == ["confirm SO-1", "/affirm"]
    assert answer["type"] == "application/vnd.microsoft.card.adaptive"
    assert "是 · 林晓 Lin Xiao · 2026-11-22 16:00" in said([answer]) and not answer["value"].get("actions")
    assert refused["type"] == "application/vnd.microsoft.activity.message"
    updated = [body for name, body in office.teams.calls if name.startswith("PUT ")]
    assert updated and "林晓" in said(updated)


async def test_a_client_that_knows_submit_alone_presses_too(office: Office) -> None:
    office.link("clerk", "teams")
    issued = office.gateway.issue_card("clerk")
    office.gateway.rasa.answer = office.gateway.consume_card

    data = {"verb": "press", "subject": f"card:{issued.id}", "action": "confirm"}
    await office.send(office.activity("clerk", value=data))
    await office.answered()

    assert office.gateway.rasa.heard == ["/affirm"]


async def test_each_person_is_shown_their_own_view_of_a_card(office: Office) -> None:
    for login in ("clerk", "manager"):
        office.link(login, "teams")
    issued = office.gateway.issue_card("clerk")
    buttons = [{"id": "confirm", "label": "是"}]
    card = {"id": issued.id, "kind": "command", "language": "zh", "title": "确认", "actions": buttons, "state": "open"}
    office.gateway.rasa.answer = lambda body: [{"recipient_id": body["sender"], "custom": {"card": card}}]
    group = {"id": "g:1", "tenantId": DIRECTORY, "conversationType": "groupChat", "isGroup": True}
    await office.send(office.activity("clerk", text="confirm", conversation=group))
    await office.answered()
    await office.work()

    (posted,) = office.teams.of("POST v3/conversations/g:1/activities")
    shown = posted["attachments"][0]["content"]
    assert not shown.get("actions") and shown["refresh"]["userIds"] == ["29:clerk"]
    data = shown["refresh"]["action"]["data"]
    _, own = await office.invoke("clerk", data, conversation=group)
    _, other = await office.invoke("manager", data, conversation=group)
    assert own["value"]["actions"] and not other["value"].get("actions")


async def test_a_manager_approves_and_everybody_who_was_asked_sees_who_did(office: Office) -> None:
    for login in ("manager", "admin"):
        office.link(login, "teams")
    office.link("clerk")
    number = _large_order(office)
    await office.work()
    asked = [body for login in ("manager", "admin") for body in office.teams.of(SENT.format(login))]
    assert len(asked) == 2 and all(number in said([body]) for body in asked)

    actions = asked[0]["attachments"][0]["content"]["actions"]
    _, answer = await office.invoke("manager", actions[0]["data"])
    await office.work()

    assert _status(office, number) is OrderStatus.CONFIRMED
    assert "批准" in said([answer]) or "Approve" in said([answer])
    changed = {name for name, _ in office.teams.calls if name.startswith("PUT ")}
    assert len(changed) == 2  # both posts say who has decided
    assert number in said(office.slack.of("chat.postMessage"))  # and the clerk hears of it where they are


async def test_a_rejection_without_a_reason_is_none(office: Office) -> None:
    office.link("manager", "teams")
    number = _large_order(office)
    data = {"verb": "press", "subject": f"approval:{number}", "action": "reject"}

    await office.invoke("manager", data)
    assert _status(office, number) is OrderStatus.PENDING_APPROVAL
    await office.invoke("manager", data | {"reason": "太贵了"})
    assert _status(office, number) is not OrderStatus.PENDING_APPROVAL


async def test_who_is_not_linked_gets_a_link_in_private_and_nothing_else(office: Office) -> None:
    issued = office.gateway.issue_card("clerk")

    await office.send(office.activity("clerk", text="hello"))
    group = {"id": "g:1", "tenantId": DIRECTORY, "conversationType": "groupChat", "isGroup": True}
    await office.send(office.activity("clerk", text="hello", conversation=group))
    data = {"verb": "press", "subject": f"card:{issued.id}", "action": "confirm"}
    _, answer = await office.invoke("clerk", data)

    assert office.gateway.rasa.heard == [] and answer["type"] == "application/vnd.microsoft.activity.message"
    private = [body for name, body in office.teams.calls if "a:clerk" in name]
    public = [body for name, body in office.teams.calls if "g:1" in name]
    assert "/connect#" in said(private) and "/connect#" not in said(public)
    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.cards.get(issued.id, "clerk").state == "open"


STRANGER = rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": STRANGER}, "token"),
        ({"iss": "https://evil.example"}, "token"),
        ({"iss": None}, "token"),
        ({"aud": "another-bot"}, "token"),
        ({"aud": None}, "token"),
        ({"exp": 1}, "token"),
        ({"exp": None}, "token"),
        ({"serviceurl": "https://evil.example/"}, "service_address"),
        ({"serviceurl": None}, "service_address"),
    ],
)
async def test_a_token_that_is_not_for_us_is_refused_and_audited(
    office: Office, changes: dict[str, Any], code: str
) -> None:
    office.link("clerk", "teams")

    status, _ = await office.send(office.activity("clerk", text="hello"), office.token(**changes))

    assert status == 401 and office.gateway.rasa.heard == []
    assert office.audit("use_messenger") == [("teams", "refused", code)]


async def test_a_foreign_service_address_is_refused_though_the_token_names_it_too(office: Office) -> None:
    office.link("clerk", "teams")
    for address in (
        "https://evil.example/",
        "http://127.0.0.1:1/",
        "https://u:p@smba.trafficmanager.net/",
        "file:///x",
    ):
        status, _ = await office.send(
            office.activity("clerk", text="hello", serviceUrl=address), office.token(serviceurl=address)
        )
        assert status == 401

    assert office.gateway.rasa.heard == [] and office.teams.calls == []
    assert office.audit("use_messenger") == [("teams", "refused", "service_address")] * 4


async def test_our_own_token_goes_to_no_address_that_somebody_has_put_into_the_store(office: Office) -> None:
    office.link("clerk", "teams")
    with office.desk.unit_of_work(TENANT) as uow:
        (link,) = uow.messengers.of_user("clerk")
        uow.messengers.set_place(link.account, {**link.place, "serviceUrl": "http://127.0.0.1:1/"})
        uow.messengers.post("teams", "clerk", shown={"language": "en", "text": "hello"})
        uow.commit()

    await office.work(1)

    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        (dead,) = uow.outbox.dead_letters()
    assert "foreign_service_address" in (dead.error or "")


async def test_another_directory_is_no_company_of_ours(office: Office) -> None:
    office.link("clerk", "teams")
    other = "99999999-0000-0000-0000-000000000000"
    conversation = {"id": "a:clerk", "tenantId": other, "conversationType": "personal"}

    for more in ({"tenant": {"id": other}}, {"tenant": {"id": DIRECTORY}}):
        activity = office.activity("clerk", text="hello", conversation=conversation, channelData=more)
        assert (await office.send(activity))[0] == 401

    assert office.gateway.rasa.heard == []


async def test_an_invoke_that_is_sent_again_as_it_was_is_refused_and_audited(office: Office) -> None:
    office.link("manager", "teams")
    number = _large_order(office)
    data = {"verb": "press", "subject": f"approval:{number}", "action": "approve"}

    answers = [(await office.invoke("manager", data, id="same"))[0] for _ in range(2)]

    assert answers == [200, 401]
    assert office.audit("use_messenger") == [("teams", "refused", "replayed")]


async def test_without_a_token_nothing_is_read(office: Office) -> None:
    async with ClientSession() as http, http.post(f"{office.gateway.url}/teams", json={"type": "message"}) as response:
        assert response.status == 401 and (await response.json())["code"] == "messenger_forged"


async def test_the_senders_token_is_asked_for_once(office: Office) -> None:
    office.link("clerk", "teams")
    for text in ("one", "two"):
        await office.send(office.activity("clerk", text=text))
    await office.answered()
    await office.work()

    assert len(office.teams.of(SENT.format("clerk"))) == 2
    assert json.dumps(office.teams.calls).count("teams-secret-of-the-tests") == 0


def _file(address: str, kind: str = FILE) -> dict[str, Any]:
    return {"contentType": kind, "name": "shop.csv", "content": {"downloadUrl": address, "fileType": "csv"}}


async def test_a_file_is_fetched_from_where_teams_keeps_it_looked_at_and_previewed(office: Office) -> None:
    office.link("clerk", "teams")
    office.teams.files["shop.csv"] = b"order number,customer,total\nX-1,Huaxing,100.00\n"
    activity = office.activity("clerk", attachments=[_file(f"{office.teams.url}/files/shop.csv")])

    for _ in range(2):
        assert (await office.send(activity))[0] < 300
    await office.answered()

    assert office.gateway.rasa.heard == ["/import_orders"] and office.gateway.rasa.claims()["file"]
    assert {body["authorization"] for name, body in office.teams.calls if name == "GET files/shop.csv"} == {None}


ELSEWHERE = (
    "https://sharepoint.com.example.org/shop.csv", "http://demo.sharepoint.com/shop.csv", "file:///etc/passwd",
    "https://user:word@demo.sharepoint.com/shop.csv", "https://demo.sharepoint.com:8443/shop.csv", "https://[",
    "http://169.254.169.254/latest/meta-data", "", None,
)  # fmt: skip


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_nothing_is_fetched_from_anywhere_else(office: Office, address: Any) -> None:
    office.link("clerk", "teams")

    assert (await office.send(office.activity("clerk", attachments=[_file(address)])))[0] < 300

    assert not office.gateway.rasa.heard and not [name for name, _ in office.teams.calls if name.startswith("GET")]
    assert "无法取得" in said([body for _, body in office.teams.calls])


def test_files_in_a_companys_sharepoint_are_fetched() -> None:
    kept = Attachment(content_type=FILE, name="a.csv", content={"downloadUrl": "https://demo.sharepoint.com/a.csv"})
    picture = Attachment(content_type="image/png", content_url="https://demo.sharepoint.com/a.png")

    sent = sent_in_teams(TeamsCredentials("app", "secret", DIRECTORY), [kept, picture])

    assert sent == [Sent("a.csv", "https://demo.sharepoint.com/a.csv")]


def _large_order(office: Office) -> str:
    large = PlaceOrder("huaxing", total=Decimal(300_000))
    number = done(office.desk, large, CLERK).number
    done(office.desk, ConfirmOrder(number), CLERK)
    assert _status(office, number) is OrderStatus.PENDING_APPROVAL
    return number


def _status(office: Office, number: str) -> OrderStatus:
    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.orders.get(number).status
