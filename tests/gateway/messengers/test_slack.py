"""Slack: who is linked is talked to like in the widget; what Slack sends twice, late or forged does nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from deskhand.gateway.door import DOOR
from deskhand.gateway.messengers.mounting import MESSENGERS
from deskhand.orders.commands import ConfirmOrder, PlaceOrder
from deskhand.orders.status import OrderStatus
from tests.support.desks import CLERK, done
from tests.support.gateway import TENANT, Clock, open_desk, until
from tests.support.messengers import DEMO, PERSONS, Office, running_office, said

CARD = {"kind": "command", "language": "zh", "title": "确认订单 SO-1", "facts": [], "lines": [], "items": []}


def card_of(office: Office, login: str = "clerk", **more: Any) -> dict[str, Any]:
    """A card as the bot's answer brings it."""
    issued = office.gateway.issue_card(login)
    buttons = [{"id": "confirm", "label": "是", "style": "primary"}, {"id": "reject", "label": "否"}]
    return CARD | {"id": issued.id, "actions": buttons, "state": "open"} | more


async def test_a_direct_message_is_answered_where_it_was_written(office: Office) -> None:
    office.link("clerk")

    assert (await office.write("clerk", "hello &amp; <@U1> good day"))[0] == 200
    await office.answered()
    await office.work()

    assert office.gateway.rasa.heard == ["hello &  good day"]
    assert office.gateway.rasa.claims()["channel"] == "slack"
    (posted,) = office.slack.of("chat.postMessage")
    assert (posted["channel"], posted["authorization"]) == ("Dclerk", "Bearer bot-token-of-the-tests")
    assert "heard: hello &amp;  good day" in posted["text"]


async def test_it_is_acknowledged_before_the_bot_has_answered(office: Office) -> None:
    office.link("clerk")
    office.gateway.rasa.delay = 30.0

    assert (await office.write("clerk", "hello"))[0] == 200

    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        conversation = uow.conversations.open("clerk", "slack", create=False)
        assert conversation is not None
        assert [(m.text, m.answered) for m in uow.messages.after(conversation.id, 0)] == [("hello", False)]


async def test_the_same_event_is_carried_out_once(office: Office) -> None:
    office.link("clerk")

    for _ in range(3):
        assert (await office.write("clerk", "hello", "Ev-same", event={"ts": "1.1"}))[0] == 200
    await office.answered()

    assert office.gateway.rasa.heard == ["hello"]


async def test_a_mention_is_answered_in_its_thread(office: Office) -> None:
    office.link("clerk")
    event = {"type": "app_mention", "channel": "C1", "user": PERSONS["clerk"], "text": "<@UBOT> hello", "ts": "5.5"}

    await office.event(event)
    await office.answered()
    await office.work()

    assert office.gateway.rasa.heard == ["hello"]
    (posted,) = office.slack.of("chat.postMessage")
    assert (posted["channel"], posted["thread_ts"]) == ("C1", "5.5")


async def test_among_strangers_it_is_answered_in_private(office: Office) -> None:
    office.link("clerk")
    event = {"type": "app_mention", "channel": "C1", "user": PERSONS["clerk"], "text": "<@UBOT> hello", "ts": "5.5"}

    await office.event(event, is_ext_shared_channel=True)
    await office.answered()
    await office.work()

    assert [call["channel"] for call in office.slack.of("chat.postMessage")] == [PERSONS["clerk"]]


@pytest.mark.parametrize(
    "event", [{"bot_id": "B1"}, {"subtype": "message_changed"}, {"channel_type": "channel"}, {"subtype": "bot_message"}]
)
async def test_what_nobody_said_to_the_bot_is_left_alone(office: Office, event: dict[str, str]) -> None:
    office.link("clerk")

    assert (await office.write("clerk", "hello", event=event))[0] == 200

    assert office.gateway.rasa.heard == [] and office.slack.calls == []


async def test_a_card_is_pressed_and_says_then_who_did_it_and_when(office: Office) -> None:
    office.link("clerk")
    card = card_of(office)
    office.gateway.rasa.answer = lambda body: [{"recipient_id": body["sender"], "custom": {"card": card}}]
    await office.write("clerk", "confirm SO-1")
    await office.answered()
    await office.work()
    (posted,) = office.slack.of("chat.postMessage")
    (buttons,) = [block for block in posted["blocks"] if block["type"] == "actions"]

    office.gateway.rasa.answer = office.gateway.consume_card
    confirm = buttons["elements"][0]
    for _ in range(3):  # an impatient finger
        status, _ = await office.press("clerk", buttons["block_id"], {k: confirm[k] for k in ("action_id", "value")})
        assert status == 200
    await office.answered()
    await office.work()

    assert office.gateway.rasa.heard == ["confirm SO-1", "/affirm"]
    changed = office.slack.of("chat.update")[-1]
    assert changed["ts"] and "是 · 林晓 Lin Xiao · 2026-11-22 16:00" in said(changed["blocks"])
    assert not [block for block in changed["blocks"] if block["type"] == "actions"]


async def test_somebody_elses_card_is_refused_in_private_and_audited(office: Office) -> None:
    office.link("clerk")
    office.link("manager")
    card = card_of(office)

    await office.press("manager", f"card:{card['id']}", {"action_id": "press:confirm", "value": "confirm"})
    await office.answered()

    assert office.gateway.rasa.heard == []
    (told,) = office.slack.of("chat.postEphemeral")
    assert told["user"] == PERSONS["manager"]
    assert told["text"] in ("找不到这张卡片。", "There is no such card of yours.")
    assert ("slack", "refused", "card_unknown") in office.audit("chat")


async def test_many_choices_are_picked_from_a_list(office: Office) -> None:
    office.link("clerk")
    issued = office.gateway.issue_card("clerk")
    office.gateway.rasa.answer = office.gateway.consume_card

    await office.press(
        "clerk", f"card:{issued.id}",
        {"action_id": "pick", "type": "static_select", "selected_option": {"value": "confirm"}},
    )  # fmt: skip
    await office.answered()

    assert office.gateway.rasa.heard == ["/affirm"]


async def test_a_day_is_picked_and_said(office: Office) -> None:
    office.link("clerk")
    office.gateway.rasa.answer = lambda body: [
        {"recipient_id": body["sender"], "text": "哪天送到？", "custom": {}, "response": "utter_question_delivery_date"}
    ]

    await office.press("clerk", "b1", {"action_id": "pick_day", "type": "datepicker", "selected_date": "2026-12-04"})
    await office.answered()

    assert office.gateway.rasa.heard == ["2026-12-04"]


async def test_an_order_is_begun_by_the_command_or_by_its_form(office: Office) -> None:
    office.link("clerk")

    assert (await office.command("clerk", "20箱A4纸给华星"))[0] == 200
    assert (await office.command("clerk", ""))[0] == 200
    await office.answered()
    (opened,) = office.slack.of("views.open")
    view = opened["view"]
    assert {block["block_id"] for block in view["blocks"]} == {
        "customer",
        "product",
        "quantity",
        "lines",
        "day",
        "mode",
    }
    values = {
        "customer": {"selected_option": {"value": "华星"}}, "lines": {"value": "20箱A4纸"},
        "day": {"selected_date": "2026-12-04"},
        "mode": {"selected_option": {"value": "courier"}},
    }  # fmt: skip
    assert (await office.submit("clerk", view, values))[0] == 200
    await office.answered()

    assert office.gateway.rasa.heard == ["20箱A4纸给华星", "华星要20箱A4纸，2026-12-04前送到，走快递"]


async def suggested(office: Office, login: str, about: str, part: str) -> list[str]:
    """What Slack is given while somebody types; the texts that are shown."""
    asked = {"type": "block_suggestion", "action_id": "said", "block_id": about, "value": part}
    status, answer = await office.interact(login, asked)
    assert status == 200
    return [each["text"]["text"] for each in answer["options"]]


async def test_customers_and_products_are_found_while_they_are_typed(office: Office) -> None:
    office.link("clerk")
    office.link("customer")

    assert any("PAPER-A4" in each for each in await suggested(office, "clerk", "product", "paper"))
    assert await suggested(office, "clerk", "customer", "ACME") == ["Acme Inc", "Acme Ltd"]
    assert await suggested(office, "customer", "customer", "acme") == []
    assert any("PAPER-A4" in each for each in await suggested(office, "customer", "product", "a4"))
    for odd in ("%", "_", "'; DROP TABLE customer; --", "nobody at all"):
        assert await suggested(office, "clerk", "customer", odd) == []
    assert await suggested(office, "manager", "customer", "acme") == []  # linked to nobody
    assert await suggested(office, "clerk", "password", "a") == []


async def test_a_product_that_was_picked_is_said_with_its_quantity(office: Office) -> None:
    office.link("clerk")
    await office.press("clerk", "b1", {"action_id": "new_order"})
    await until(lambda: office.slack.of("views.open"), "the form is open")
    (opened,) = office.slack.of("views.open")
    values = {
        "customer": {"selected_option": {"value": "Acme Ltd"}}, "product": {"selected_option": {"value": "PAPER-A4"}},
        "quantity": {"value": "20箱"},
    }  # fmt: skip

    assert (await office.submit("clerk", opened["view"], values))[0] == 200
    await office.answered()
    _, refused = await office.submit("clerk", opened["view"], {"customer": values["customer"]})

    assert office.gateway.rasa.heard == ["Acme Ltd要20箱 PAPER-A4"]
    assert refused["response_action"] == "errors"


async def test_what_was_acknowledged_is_done_before_the_gateway_stops(tmp_path: Path) -> None:
    """Slack was told that it is dealt with, and would not send it again."""
    async with running_office(tmp_path) as office:
        office.link("clerk")
        office.slack.files["shop.csv"] = b"order number,customer,total\nX-1,Huaxing,100.00\n"
        file = {"id": "F1", "name": "shop.csv", "url_private_download": f"{office.slack.url}/files/shop.csv"}
        event = {"subtype": "file_share", "files": [file], "ts": "1.1"}
        assert (await office.write("clerk", "", "Ev-file", event=event))[0] == 200

        await office.gateway.app[MESSENGERS].close()

        with office.desk.unit_of_work(TENANT, read_only=True) as uow:
            assert [job.user_id for job in uow.import_jobs.list()] == ["clerk"]
        await office.answered()


async def test_a_file_is_fetched_from_slack_looked_at_and_previewed(office: Office) -> None:
    office.link("clerk")
    office.slack.files["shop.csv"] = b"order number,customer,total\nX-1,Huaxing,100.00\n"
    file = {"id": "F1", "name": "shop.csv", "url_private_download": f"{office.slack.url}/files/shop.csv"}

    for _ in range(2):
        await office.write("clerk", "", "Ev-file", event={"subtype": "file_share", "files": [file], "ts": "1.1"})
    await until(lambda: office.gateway.rasa.heard, "the bot was told of the file")
    await office.answered()

    assert office.gateway.rasa.heard == ["/import_orders"] and office.gateway.rasa.claims()["file"]
    assert ("GET files/shop.csv", "Bearer bot-token-of-the-tests") in [
        (name, body["authorization"]) for name, body in office.slack.calls
    ]


@pytest.mark.parametrize("address", ["https://evil.example/shop.csv", "http://127.0.0.1:1/shop.csv", ""])
async def test_the_apps_token_fetches_nothing_from_elsewhere(office: Office, address: str) -> None:
    office.link("clerk")
    file = {"id": "F1", "name": "shop.csv", "url_private_download": address}

    await office.write("clerk", "", event={"subtype": "file_share", "files": [file]})
    await _called(office, "chat.postEphemeral")

    assert office.gateway.rasa.heard == [] and "导入" in said(office.slack.calls)


async def test_what_was_said_before_a_crash_is_answered_after_it(tmp_path: Path) -> None:
    async with running_office(tmp_path) as office:
        desk = office.desk
        office.link("clerk")
        office.gateway.rasa.delay = 30.0
        await office.write("clerk", "hello")
        folder = tmp_path / "again"
        folder.mkdir()
        async with running_office(folder, desk) as second:
            await second.gateway.app[DOOR].chat.retry(timedelta(seconds=-60))
            await second.answered()
            await second.work()
            assert "heard: hello" in said(second.slack.of("chat.postMessage"))


# --- forged, late, again


async def test_a_wrong_signature_and_an_old_one_are_refused_and_audited(office: Office) -> None:
    office.link("clerk")

    assert (await office.write("clerk", "hello", secret="another-secret-of-somebody"))[0] == 401
    assert (await office.write("clerk", "hello", age=301))[0] == 401
    assert (await office.write("clerk", "hello", age=-301))[0] == 401
    press = {"action_id": "press:confirm", "value": "confirm"}
    assert (await office.press("clerk", "card:x", press, secret="another-secret"))[0] == 401
    assert (await office.post("{}", "application/json", **{"X-Slack-Request-Timestamp": "soon"}))[0] == 401

    assert office.gateway.rasa.heard == []
    assert office.audit("use_messenger") == [("slack", "refused", "signature")] * 4


async def test_a_request_that_is_sent_again_as_it_was_is_refused_and_audited(office: Office) -> None:
    office.link("clerk")
    card = office.gateway.issue_card("clerk")
    office.gateway.rasa.answer = office.gateway.consume_card
    payload = json.dumps({
        "type": "block_actions", "team": {"id": "T0DEMO"}, "user": {"id": PERSONS["clerk"]}, "trigger_id": "t1",
        "actions": [{"block_id": f"card:{card.id}", "action_id": "press:confirm", "value": "confirm"}],
        "channel": {"id": "Dclerk"}, "container": {"type": "message"},
    })  # fmt: skip
    form = urlencode({"payload": payload})

    answers = [(await office.post(form, "application/x-www-form-urlencoded"))[0] for _ in range(2)]
    await office.answered()

    assert answers == [200, 401] and office.gateway.rasa.heard == ["/affirm"]
    assert office.audit("use_messenger") == [("slack", "refused", "replayed")]


async def test_another_workspace_is_no_company_of_ours(office: Office) -> None:
    office.link("clerk")

    assert (await office.write("clerk", "hello", team_id="T0OTHER"))[0] == 200

    assert office.gateway.rasa.heard == [] and office.slack.calls == []


async def test_slack_is_told_that_the_address_is_ours(office: Office) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c-1", "token": "t"})

    assert await office.post(body, "application/json") == (200, {"challenge": "c-1"})


# --- who nobody knows


async def test_who_is_not_linked_gets_a_link_and_nothing_else(office: Office) -> None:
    card = office.gateway.issue_card("clerk")

    await office.write("clerk", "confirm SO-1")
    await office.press("clerk", f"card:{card.id}", {"action_id": "press:confirm", "value": "confirm"})
    await office.press("clerk", "approval:SO-1001", {"action_id": "press:approve", "value": "approve"})
    _, told = await office.command("clerk", "20 boxes")
    await office.event({"type": "app_home_opened", "user": PERSONS["clerk"], "tab": "home"})
    await office.work(1)

    assert office.gateway.rasa.heard == []
    assert told["response_type"] == "ephemeral" and "/connect#" in said([told])
    for each in (*office.slack.of("chat.postMessage"), *office.slack.of("chat.postEphemeral")):
        assert "/connect#" in said([each])
    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.conversations.open("clerk", "slack", create=False) is None
        assert uow.cards.get(card.id, "clerk").state == "open"


async def test_whose_user_is_locked_is_nobody(office: Office) -> None:
    office.link("clerk")
    with office.desk.unit_of_work(TENANT) as uow:
        uow.users.set_active("clerk", False)
        uow.commit()

    await office.write("clerk", "hello")

    assert office.gateway.rasa.heard == []


async def test_a_company_without_the_channel_refuses_it(tmp_path: Path) -> None:
    desk = open_desk(tmp_path, Clock(), demo=DEMO + "channels: [chat, http]\n")
    folder = tmp_path / "gateway"
    folder.mkdir()
    async with running_office(folder, desk) as office:
        office.link("clerk")

        await office.write("clerk", "hello")
        await _called(office, "chat.postEphemeral")

        assert office.gateway.rasa.heard == []
    desk.database.close()


# --- Home


async def test_home_shows_orders_and_what_waits_and_is_decided_there(office: Office) -> None:
    office.link("manager")
    number = _large_order(office)

    await office.event({"type": "app_home_opened", "user": PERSONS["manager"], "tab": "home"})
    await _called(office, "views.publish")
    (first,) = office.slack.of("views.publish")
    buttons = next(block for block in first["view"]["blocks"] if block.get("block_id") == f"approval:{number}")
    approve = {k: buttons["elements"][0][k] for k in ("action_id", "value")}
    await office.press("manager", f"approval:{number}", approve, container={"type": "view"}, channel=None, message=None)
    await _called(office, "views.publish", 2)

    assert _status(office, number) is OrderStatus.CONFIRMED
    again = office.slack.of("views.publish")[-1]["view"]["blocks"]
    assert number in said(again) and f"approval:{number}" not in said(again)


# --- rejections


async def test_a_rejection_needs_its_reason(office: Office) -> None:
    office.link("manager")
    number = _large_order(office)

    button = {"action_id": "reason:reject", "value": "reject"}
    await office.press("manager", f"approval:{number}", button)
    await _called(office, "views.open")
    view = office.slack.of("views.open")[0]["view"]
    status, answer = await office.submit("manager", view, {"reason": {"value": "  "}})
    assert (status, answer["response_action"]) == (200, "errors")
    assert _status(office, number) is OrderStatus.PENDING_APPROVAL
    status, answer = await office.submit("manager", view, {"reason": {"value": "太贵了"}})

    assert (status, answer) == (200, "")
    assert _status(office, number) is not OrderStatus.PENDING_APPROVAL


async def test_who_may_not_approve_is_told_in_private_and_it_is_audited(office: Office) -> None:
    office.link("clerk")
    number = _large_order(office)

    await office.press("clerk", f"approval:{number}", {"action_id": "press:approve", "value": "approve"})
    await _called(office, "chat.postEphemeral")

    assert _status(office, number) is OrderStatus.PENDING_APPROVAL
    assert ("slack", "refused", "role_not_allowed") in office.audit("ApproveOrder")


# --- helpers of this file


def _large_order(office: Office) -> str:
    large = PlaceOrder("huaxing", total=Decimal(300_000))  # above what a clerk's confirmation takes effect for
    number = done(office.desk, large, CLERK).number
    done(office.desk, ConfirmOrder(number), CLERK)
    assert _status(office, number) is OrderStatus.PENDING_APPROVAL
    return number


def _status(office: Office, number: str) -> OrderStatus:
    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.orders.get(number).status


async def _called(office: Office, method: str, count: int = 1) -> None:
    await until(
        lambda: len(office.slack.of(method)) >= count, f"{method} in {[name for name, _ in office.slack.calls]}"
    )
