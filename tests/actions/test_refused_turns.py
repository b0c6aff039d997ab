"""What an action refuses to believe stands in the audit, by what is certain of it, and once a minute at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import jwt
import pytest

from actions.ask_help import AskHelpAction
from actions.refused_turns import USE_TURN
from actions.talk_to_person import TalkToPersonAction
from deskhand.channels.turn_token import mint, verify
from deskhand.settings import key_id
from deskhand.store import AuditRow
from tests.support.bench import SECRET, Bench

OTHER_SECRET = "another-turn-secret-than-that-of-the-tests-02"


def refused(bench: Bench, tenant: str = "demo") -> Sequence[AuditRow]:
    """Newest first."""
    with bench.desk.unit_of_work(tenant, read_only=True) as uow:
        return [row for row in uow.audit.list() if row.action == USE_TURN]


def forged(bench: Bench, message: str, **changes: str) -> str:
    claims = verify(bench.token("clerk", message), [SECRET], bench.clock())
    return mint(replace(claims, **changes), OTHER_SECRET, bench.clock())


async def ask(bench: Bench, token: str, message: str, sender: str | None = None) -> None:
    said = await bench.run(AskHelpAction, "clerk", "帮助", token=token, message_id=message, sender=sender)
    assert said.responses == ["utter_turn_refused"]


async def test_an_expired_token_says_whose_it_was(bench: Bench) -> None:
    message = bench.message_id("clerk", "帮助")
    token = bench.token("clerk", message)
    bench.clock.forward(minutes=6)

    await ask(bench, token, message)

    (row,) = refused(bench)
    assert (row.actor, row.role, row.target, row.cause, row.channel) == ("", "nobody", "clerk", message, "chat")
    assert row.detail == {"code": "turn_token_expired", "action": "action_ask_help", "times": 1}
    assert token not in repr(row)


@pytest.mark.parametrize("kind", ["of another conversation", "of no message", "of an answered message"])
async def test_a_token_of_ours_that_does_not_belong_here_says_whose_it_was(bench: Bench, kind: str) -> None:
    message = bench.message_id("clerk", "帮助")
    sender = None
    if kind == "of another conversation":
        bench.message_id("manager", "x")
        sender = f"{bench.conversations['manager']}-0"
    elif kind == "of no message":
        message = "0" * 32
    else:
        with bench.desk.unit_of_work("demo") as uow:
            uow.messages.mark_answered(message)
            uow.commit()

    await ask(bench, bench.token("clerk", message), message, sender)

    (row,) = refused(bench)
    assert (row.target, row.cause) == ("clerk", message)
    assert (
        row.detail["code"]
        == {
            "of another conversation": "turn_token_of_another_conversation",
            "of no message": "turn_token_without_message",
            "of an answered message": "turn_token_used",
        }[kind]
    )


@pytest.mark.parametrize("kind", ["forged", "missing", "garbage"])
async def test_of_any_other_the_company_of_the_conversation_is_told_and_nobody_is_named(
    bench: Bench, kind: str
) -> None:
    message = bench.message_id("clerk", "帮助")
    token = {"forged": forged(bench, message), "missing": "", "garbage": "abc"}[kind]

    await ask(bench, token, message)

    (row,) = refused(bench)
    sender = f"{bench.conversations['clerk']}-0"
    assert (row.actor, row.role, row.target, row.cause) == ("", "nobody", None, sender)
    assert row.detail["code"] == ("turn_token_missing" if kind == "missing" else "turn_token_forged")


async def test_what_a_forged_token_says_counts_for_nothing(bench: Bench) -> None:
    message = bench.message_id("clerk", "帮助")
    claims = asdict(verify(bench.token("clerk", message), [SECRET], bench.clock()))
    lies = {**claims, "tenant": "other", "sub": "manager", "conversation": "0" * 32}
    token = jwt.encode(lies, OTHER_SECRET, algorithm="HS256", headers={"kid": key_id(SECRET)})

    await ask(bench, token, message)

    (row,) = refused(bench)
    assert "manager" not in repr(row) and row.target is None


@pytest.mark.parametrize("sender", ["", "-0", "0" * 32 + "-0", "../../x-0", "' or 1=1 --", "x" * 5000])
async def test_of_a_conversation_that_is_none_there_is_a_line_in_the_log(
    bench: Bench, sender: str, caplog: pytest.LogCaptureFixture
) -> None:
    message = bench.message_id("clerk", "帮助")

    await ask(bench, forged(bench, message), message, sender)

    assert refused(bench) == [] and "turn refused: turn_token_forged" in caplog.text


async def test_many_leave_a_row_a_minute_that_says_how_many(bench: Bench) -> None:
    message = bench.message_id("clerk", "帮助")
    for _ in range(6):
        await ask(bench, forged(bench, message), message)
    at_once = [row.detail["times"] for row in refused(bench)]
    bench.clock.forward(seconds=61)
    await ask(bench, "", message)  # another kind
    await bench.services.refused_turns.close()

    assert at_once == [1]
    assert sorted((row.detail["code"], row.detail["times"]) for row in refused(bench)) == [
        ("turn_token_forged", 1),
        ("turn_token_forged", 5),
        ("turn_token_missing", 1),
    ]


async def test_who_wrote_is_answered_even_if_the_row_can_not_be_written(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    message = bench.message_id("clerk", "帮助")
    bench.message_id("manager", "x")
    with bench.desk.database.transaction() as connection:
        connection.exec_driver_sql("create trigger no before insert on audit begin select raise(abort, 'full'); end")

    said = await bench.run(TalkToPersonAction, "clerk", "转人工", token="abc", message_id=message)

    assert said.responses == ["utter_turn_refused"] and "a refused turn could not be noted" in caplog.text
