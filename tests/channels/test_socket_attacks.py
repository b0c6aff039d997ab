"""Nobody reaches what is somebody else's through a socket; what is sent there can be as odd as it likes."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType
from socketio.exceptions import ConnectionError as Refused

from deskhand.gateway.door import SOCKETS
from deskhand.gateway.sockets import DeskNamespace
from tests.support.attacks import MARK, NOTHING, OTHER, Victim, footprint, victim_of
from tests.support.gateway import TENANT, Gateway, Tab, open_session, socket_client, tab, until
from tests.support.keys import new_key
from tests.support.log import service_log

ATTACKERS = ("acme", "warehouse", "other victim", "other admin")
OPENING = {"connect", "disconnect"}
OWN_NEWS = {"notification", "unread"}  # the victim's own, which come when they come
PRETENDED = {
    "user": "victim", "user_id": "victim", "tenant": TENANT, "role": "admin", "customer_id": "victim-co",
    "room": f"{TENANT}|user:victim", "audience": "customer:victim-co",
}  # fmt: skip


def thing(victim: Victim) -> dict[str, str]:
    return {"conversation": victim.conversation, "conversation_id": victim.conversation, "message": victim.message}


ATTACKS: dict[str, Any] = {  # for every event: what would reach the victim's, were it believed
    "user_uttered": lambda victim: [
        {"id": "client-1", "text": "hello", **thing(victim)},
        {"id": "press-1", "card": {"id": victim.card, "action": "confirm"}},
        {"message": "hello", "session_id": victim.conversation},
        {"message": "/deskhand" + json.dumps({"card": victim.card, "action": "confirm"}), "session_id": "victim"},
    ],
    "session_request": lambda victim: [{"session_id": victim.conversation}, {"session_id": "victim"}],
    "resume": lambda victim: [{"conversation_seq": 0, "notification_seq": 0, **thing(victim)}],
    "notification_ack": lambda victim: [{"seq": 2**53 - 1}],
    "set_language": lambda victim: [{"language": "zh", **thing(victim)}],
    "typing": lambda victim: [thing(victim)],
}


def token_of(gateway: Gateway, who: str) -> str:
    if not who.startswith("other "):
        return gateway.token(who)
    with gateway.desk.unit_of_work(OTHER, read_only=True) as uow:
        user = uow.users.by_login(who.removeprefix("other "))
    assert user is not None
    return open_session(gateway.desk, user, gateway.clock())


def test_every_event_has_an_attack() -> None:
    events = {name[3:] for name, _ in inspect.getmembers(DeskNamespace, inspect.isfunction) if name.startswith("on_")}

    assert events - OPENING == set(ATTACKS)


@pytest.mark.parametrize("who", ATTACKERS)
async def test_no_event_reaches_what_is_somebody_elses(gateway: Gateway, tmp_path: Path, who: str) -> None:
    victim = await victim_of(gateway)
    async with tab(gateway, "victim") as watching, tab(gateway, token=token_of(gateway, who)) as attacker:
        before, heard = footprint(tmp_path), len(watching.events)
        own = {row for row in before if row[:2] in {("app_user", TENANT), ("conversation", TENANT)} and who in row}
        for event, bodies in ATTACKS.items():
            for body in bodies(victim):
                if event == "typing":
                    await attacker.client.emit(event, {**body, **PRETENDED})
                else:
                    await attacker.call(event, {**body, **PRETENDED})
        await attacker.wait("bot_uttered")
        after = footprint(tmp_path)

    assert before - own <= after
    assert not [secret for secret in (*victim.secrets, victim.order) if secret in str(attacker.events)]
    assert {name for name, _ in watching.events[heard:]} <= OWN_NEWS


@pytest.mark.parametrize("who", ATTACKERS)
async def test_anothers_card_is_as_one_that_does_not_exist_and_stands_in_the_audit(gateway: Gateway, who: str) -> None:
    victim = await victim_of(gateway)
    async with tab(gateway, token=token_of(gateway, who)) as attacker:
        theirs, nobodys = await attacker.press("press-0001", victim.card), await attacker.press("press-0002", NOTHING)

    assert theirs == nobodys and theirs["code"] == "card_unknown"
    with gateway.desk.unit_of_work(OTHER if who.startswith("other") else TENANT, read_only=True) as uow:
        assert {row.cause for row in uow.audit.list() if row.outcome == "refused"} >= {"press-0001", "press-0002"}


NO_EVENTS = (
    "join", "enter_room", "leave_room", "emit", "bot_uttered", "notification", "tell", "push", "sign_out", "move",
    "tell_staff", "handover", "open", "close", "sweep", "check_sessions", "_sign_out", "__class__", "",
)  # fmt: skip


@pytest.mark.parametrize("event", NO_EVENTS)
async def test_what_is_no_event_does_nothing(gateway: Gateway, event: str) -> None:
    victim = await victim_of(gateway)
    async with tab(gateway, "victim") as watching, tab(gateway, "acme") as attacker:
        heard = len(watching.events)
        await attacker.client.emit(event, (f"{TENANT}|user:victim", {"text": "forged", "session_id": victim.token}))
        assert (await attacker.resume())["ok"]  # so the other was dealt with

        assert watching.client.connected
        assert {name for name, _ in watching.events[heard:]} <= OWN_NEWS and "forged" not in str(watching.events)
        assert MARK not in str(attacker.events)


@pytest.mark.parametrize("event", ["disconnect", "connect", "connect_error"])
async def test_who_plays_at_going_away_is_gone_for_good(gateway: Gateway, event: str) -> None:
    """Or it would be forgotten here, stay in its rooms, and hear on after being signed out."""
    async with tab(gateway, "acme") as client:
        await client.client.emit(event, ({"HTTP_COOKIE": ""}, {"token": "x"}))
        await until(lambda: not client.client.connected, "the socket is closed")

    namespace = gateway.app[SOCKETS]
    await until(lambda: not namespace.server.manager.rooms.get("/"), "its rooms are left")


async def test_a_room_is_not_a_namespace(gateway: Gateway) -> None:
    for namespace in ("/admin", f"/{OTHER}", "/desk", "/../", f"/{TENANT}|role:admin"):
        async with socket_client() as client:
            with pytest.raises(Refused):
                token = {"token": gateway.token()}
                await client.connect(gateway.url, auth=token, namespaces=[namespace], transports=["websocket"])


@pytest.mark.parametrize("kind", ["key", "cookie value", "other secret", "list", "number", "half a character", "long"])
async def test_nobody_is_let_in_by_something_else(gateway: Gateway, kind: str) -> None:
    given: Any = {
        "key": new_key(gateway, "admin")[1],
        "cookie value": "deskhand_session=" + gateway.token(),
        "other secret": gateway.token()[:-4] + "AAAA",
        "list": [gateway.token()],
        "number": 1,
        "half a character": "\ud800.\ud800.\ud800",
        "long": "a." * 10_000,
    }[kind]
    with service_log() as log:
        async with socket_client() as client:
            with pytest.raises(Refused):
                await client.connect(gateway.url, auth={"token": given}, transports=["websocket"])

    assert "Traceback" not in log.getvalue()


ODD: list[Any] = [
    None, 5, -1, 1.5, True, "", "x", "\x00", "\x1b[31m", "\ud800", "\u202e", [], [[]], {}, {"id": None}, {"id": "m"},
    {"id": "m-1", "text": None}, {"id": "m-1", "text": 5}, {"id": "m-1", "text": ["x"]}, {"id": "m-1", "text": "\x00"},
    {"id": "m-1", "text": "\ud800"}, {"id": "m-1", "text": "x" * 5000}, {"id": "x" * 65, "text": "x"},
    {"id": "m\n1", "text": "x"}, {"id": "m-1", "card": []}, {"id": "m-1", "card": {"id": {}, "action": []}},
    {"id": "m-1", "card": {"id": "\ud800", "action": "x"}}, {"seq": -1}, {"seq": 2**53}, {"seq": "1"},
    {"seq": 1.5}, {"seq": True}, {"seq": float("nan")}, {"conversation_seq": -1}, {"conversation_seq": []},
    {"notification_seq": 10**30}, {"language": "fr"}, {"language": ["zh"]}, {"language": {}}, {"language": "zh\n"},
    {"__proto__": {"ok": True}},
]  # fmt: skip


@pytest.mark.parametrize("event", sorted(set(ATTACKS) - {"typing"}))
async def test_whatever_is_sent_is_answered_in_order_and_unforeseen_by_nobody(gateway: Gateway, event: str) -> None:
    with service_log() as log:
        async with tab(gateway, "acme") as client:
            for odd in ODD:
                answer = await client.call(event, odd)
                assert answer["ok"] in {True, False} and answer.get("code") != "internal_error", (odd, answer)
            assert (await client.resume())["ok"]

    assert "Traceback" not in log.getvalue(), log.getvalue()[-3000:]


FRAMES = {
    "no packet": "hello",
    "an empty packet": "4",
    "an unknown kind": "49",
    "no JSON": "42[",
    "an object": '42{"a":1}',
    "a number as the event": "42[5]",
    "no event": "42[]",
    "a list as the event": '42[["user_uttered"]]',
    "an object as the event": '42[{"a":1}]',
    "very deep": "42" + "[" * 60_000,
    "very deep and closed": '42["resume",' + "[" * 20_000 + "]" * 20_000 + "]",
    "a huge number": '42["resume",{"conversation_seq":' + "9" * 5000 + "}]",
    "a huge ack": "42" + "9" * 5000 + '["resume",{}]',
    "a negative ack": '42-1["resume",{}]',
    "an ack that nobody waits for": "43999[1]",
    "attachments that never come": '451-["user_uttered",{"_placeholder":true,"num":0}]',
    "more attachments than anybody has": '455-["user_uttered",{"_placeholder":true,"num":0}]',
    "a binary packet without a part": '450-["user_uttered",{}]',
    "another part than there is": '451-["user_uttered",{"_placeholder":true,"num":9}]',
    "the name as a part": '451-[{"_placeholder":true,"num":0}]',
    "very many attachments": "45" + "9" * 30 + '-["user_uttered",{"_placeholder":true,"num":0}]',
    "a second connect": "40",
    "an upgrade": "5",
    "a ping of ours": "2probe",
    "a namespace": '42/admin,["resume",{}]',
    "half a character": '42["user_uttered",{"id":"m-1","text":"\\ud800"}]',
}


@pytest.mark.parametrize("kind", FRAMES)
async def test_an_odd_frame_harms_nobody_else(gateway: Gateway, kind: str) -> None:
    with service_log() as log:
        async with tab(gateway, "clerk") as bystander:
            await _send(gateway, FRAMES[kind])
            assert (await bystander.resume())["ok"]

    assert "Traceback" not in log.getvalue(), log.getvalue()[-3000:]


async def _send(gateway: Gateway, frame: str) -> None:
    """As a signed-in client that speaks Socket.IO by hand: connects, sends, and listens until nothing more comes."""
    async with ClientSession() as http:
        async with http.ws_connect(f"{gateway.url}/socket.io/?EIO=4&transport=websocket") as line:
            await line.receive()
            await line.send_str("40" + json.dumps({"token": gateway.token("acme")}))
            while not (await line.receive()).data.startswith("40"):
                pass
            await line.send_str(frame)
            await line.send_str('4277["resume",{}]')
            while True:
                try:
                    message = await asyncio.wait_for(line.receive(), timeout=1)
                except TimeoutError:
                    return
                if message.type is not WSMsgType.TEXT or message.data.startswith("4377"):
                    return


async def test_a_client_that_shouts_does_not_stop_the_others(gateway: Gateway) -> None:
    async with tab(gateway, "acme") as shouting, tab(gateway, "clerk") as quiet:
        answers = await asyncio.gather(*(_say(shouting, number) for number in range(60)))

        assert {answer.get("code") for answer in answers if not answer["ok"]} <= {
            "too_many_requests",
            "too_many_messages",
        }
        assert not all(answer["ok"] for answer in answers)
        assert (await quiet.say("m-1", "hello"))["ok"]


async def _say(client: Tab, number: int) -> dict[str, Any]:
    return await client.say(f"m-{number}", "hello")
