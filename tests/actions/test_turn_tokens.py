"""What an action believes: one fresh token of one unanswered message of this conversation, and nothing beside it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from actions.ask_help import AskHelpAction
from actions.confirm_order import ConfirmOrderAction
from actions.desk_action import DeskAction
from actions.list_orders import ListOrdersAction
from actions.registry import ACTIONS
from actions.session_start import SessionStartAction
from actions.talk_to_person import TalkToPersonAction
from deskhand.channels.turn_token import TurnClaims, mint, verify
from deskhand.orders.status import Role
from deskhand.settings import key_id
from deskhand.store import new_id
from tests.support.bench import SECRET, Bench, Said

OTHER_SECRET = "another-turn-secret-than-that-of-the-tests-01"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
REFUSED = {"utter_turn_refused"}


def state(bench: Bench) -> Any:
    """Everything that a turn could have left behind."""
    with bench.desk.unit_of_work("demo", read_only=True) as uow:
        orders = [(order.number, order.status, order.row_version) for order in uow.orders.list().items]
        return orders, uow.drafts.open_of("clerk"), uow.cards.open_of("clerk"), uow.drafts.open_of("manager")


def body(bench: Bench, message: str, **changes: Any) -> dict[str, Any]:
    known = jwt.decode(bench.token("clerk", message), options={"verify_signature": False}) | changes
    return {name: value for name, value in known.items() if value is not ...}


def forgeries(bench: Bench, message_id: str) -> dict[str, str]:
    """Tokens that the gateway did not make for this message."""
    good = body(bench, message_id)
    header = {"kid": key_id(SECRET)}
    now = int(bench.clock().timestamp())
    session = {**good, "iss": "deskhand", "aud": "deskhand-session", "sid": "s-1"}
    return {
        "no algorithm": jwt.encode(good, None, algorithm="none", headers=header),
        "an RSA key": jwt.encode(good, RSA_KEY, algorithm="RS256", headers=header),
        "another HMAC": jwt.encode(good, SECRET, algorithm="HS512", headers=header),
        "another key": jwt.encode(good, OTHER_SECRET, algorithm="HS256", headers=header),
        "another key under its own name": jwt.encode(
            good, OTHER_SECRET, algorithm="HS256", headers={"kid": key_id(OTHER_SECRET)}
        ),
        "no name of a key": jwt.encode(good, SECRET, algorithm="HS256"),
        "a name that is no text": jwt.encode(good, SECRET, algorithm="HS256", headers={"kid": ""}),
        "a session": jwt.encode(session, SECRET, algorithm="HS256", headers=header),
        "another audience": jwt.encode({**good, "aud": "deskhand"}, SECRET, algorithm="HS256", headers=header),
        "expired": jwt.encode({**good, "exp": now}, SECRET, algorithm="HS256", headers=header),
        "no end": jwt.encode(body(bench, message_id, exp=...), SECRET, algorithm="HS256", headers=header),
        "no message": jwt.encode(
            body(bench, message_id, **{"message_id": ...}), SECRET, algorithm="HS256", headers=header
        ),
        "a role that is none": jwt.encode({**good, "role": "root"}, SECRET, algorithm="HS256", headers=header),
        "a letter changed": bench.token("clerk", message_id)[:-2] + "AA",
        "nothing signed": bench.token("clerk", message_id).rsplit(".", 1)[0] + ".",
    }


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("action", [ConfirmOrderAction, ListOrdersAction, SessionStartAction])
async def test_a_token_that_the_gateway_did_not_make_for_this_turn_does_nothing(
    bench: Bench, action: type[DeskAction]
) -> None:
    number, message = bench.placed().number, bench.message_id("clerk", "x")
    before = state(bench)

    for kind, token in forgeries(bench, message).items():
        said = await run(bench, action, f"确认订单{number}", token, message)
        assert set(said.responses) <= REFUSED and not said.cards and state(bench) == before, kind
    if action is not SessionStartAction:
        good = await run(bench, action, f"确认订单{number}", bench.token("clerk", message), message)
        assert good.messages and "utter_turn_refused" not in good.responses


async def run(bench: Bench, action: type[DeskAction], text: str, token: str, message: str, **more: Any) -> Said:
    slots = {"session_started_metadata": {"token": token}} if action is SessionStartAction else {}
    return await bench.run(action, "clerk", text, token=token, message_id=message, slots=slots, **more)


async def test_the_key_before_is_believed_until_it_is_dropped(bench: Bench) -> None:
    message = bench.message_id("clerk", "帮助")
    claims = verify(bench.token("clerk", message), [SECRET], bench.clock())
    former = mint(claims, OTHER_SECRET, bench.clock())

    bench.services = replace(bench.services, turn_secrets=(SECRET, OTHER_SECRET))
    believed = await bench.run(AskHelpAction, "clerk", "帮助", token=former, message_id=message)
    bench.services = replace(bench.services, turn_secrets=(SECRET,))
    dropped = await bench.run(AskHelpAction, "clerk", "帮助", token=former, message_id=message)

    assert "utter_help" in believed.responses and set(dropped.responses) == REFUSED


async def test_tokens_that_lie_about_in_the_tracker_are_never_looked_at(bench: Bench) -> None:
    good = {"token": bench.token("manager", bench.message_id("manager", "x"))}
    older = [
        {"event": "user", "text": "x", "metadata": good, "parse_data": {"metadata": good}},
        {"event": "slot", "name": "token", "value": good["token"]},
        {"event": "slot", "name": "metadata", "value": good},
        {"event": "bot", "text": "x", "metadata": good},
    ]
    before = state(bench)

    for action in ACTIONS:
        slots = {"token": good["token"], "metadata": good, "turn_token": good["token"]}
        slots |= {} if action is SessionStartAction else {"session_started_metadata": good}
        said = await bench.run(action, "manager", "列出所有订单", token="", events=older, slots=slots)
        assert set(said.responses) <= REFUSED and not said.cards and state(bench) == before, action


async def test_a_session_starts_by_the_token_in_its_own_slot_alone(bench: Bench) -> None:
    good = bench.token("clerk", bench.message_id("clerk", "x"))

    said = await bench.run(SessionStartAction, "clerk", "x", token=good)  # in the message, not in the slot

    assert [event["event"] for event in said.events] == ["session_started", "action"]


FOREIGN = ("", "c", "other-0", "{}", "{}-", "{}-x", "{}-0-0", "{}-１", "x{}-0", "{}-0 ", "{}-0\n", "-0", "{}--1")


async def test_the_token_of_another_conversation_is_refused(bench: Bench) -> None:
    message = bench.message_id("clerk", "帮助")
    for pattern in (*FOREIGN, "{}-0", "{}-7", "{}-1234"):
        sender = pattern.replace("{}", bench.conversations["clerk"])
        said = await bench.run(AskHelpAction, "clerk", "帮助", message_id=message, sender=sender)
        assert (set(said.responses) == REFUSED) is (pattern in FOREIGN), pattern


async def test_a_message_of_another_conversation_or_none_is_refused(bench: Bench) -> None:
    foreign = bench.message_id("manager", "x")
    bench.message_id("clerk", "x")

    for message in (foreign, new_id()):
        said = await bench.run(TalkToPersonAction, "clerk", "转人工", message_id=message)
        assert set(said.responses) == REFUSED


def answered(bench: Bench, message: str) -> None:
    with bench.desk.unit_of_work("demo") as uow:
        uow.messages.mark_answered(message)
        uow.commit()


async def test_the_token_of_an_answered_message_does_nothing(bench: Bench) -> None:
    number, message = bench.placed().number, bench.message_id("clerk", "你好")
    token = bench.token("clerk", message)
    answered(bench, message)
    before = state(bench)

    for action in ACTIONS:
        said = await run(bench, action, f"确认订单{number}，给华星下单20箱A4纸", token, message)
        assert set(said.responses) <= REFUSED and not said.cards and state(bench) == before, action


async def test_the_repeat_of_an_answered_message_is_said_again_by_any_action_and_done_by_none(bench: Bench) -> None:
    number = bench.placed().number
    message = bench.message_id("clerk", f"确认{number}")
    first = await bench.run(ConfirmOrderAction, "clerk", f"确认{number}", message_id=message)
    answered(bench, message)
    before = state(bench)

    same = await bench.run(ConfirmOrderAction, "clerk", f"确认{number}", message_id=message)
    ran = [{"event": "action", "name": "action_confirm_order"}]  # as if it were a further action of that very turn
    other = await bench.run(TalkToPersonAction, "clerk", "转人工", message_id=message, events=ran)

    assert first.card["id"] == same.card["id"] == other.card["id"] and state(bench) == before
    with bench.desk.unit_of_work("demo") as uow:
        events = uow.outbox.claim("notify", 50, 60, bench.clock() + timedelta(minutes=1))
    assert "PersonRequested" not in [delivery.event.name for delivery in events]


def test_a_token_names_who_where_and_what_for() -> None:
    claims = TurnClaims("u", Role.SALES, "demo", "chat", "c", "m", "zh", "N")

    assert {"user_id", "role", "tenant", "channel", "conversation", "message_id"} <= set(asdict(claims))
