"""The turn token: what the actions may believe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from deskhand.channels.turn_token import AUDIENCE, ISSUER, TurnClaims, TurnTokenRefused, mint, verify
from deskhand.orders.status import Role
from deskhand.settings import key_id

SECRET = "a-turn-secret-that-is-long-enough-for-all-of-them"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CLAIMS = TurnClaims("u-1", Role.SALES, "demo", "widget", "c-1", "m-1", "zh", "林晓", None, "card-1", "confirm")


def _refusal(token: object, *, secret: str = SECRET, now: datetime = NOW) -> str:
    with pytest.raises(TurnTokenRefused) as refused:
        verify(token, [secret], now)
    return refused.value.code


def _body(**changes: Any) -> dict[str, Any]:
    body = jwt.decode(mint(CLAIMS, SECRET, NOW), options={"verify_signature": False})
    return {key: value for key, value in (body | changes).items() if value is not ...}


def _signed(body: dict[str, Any], key: str = SECRET, named: str = SECRET, algorithm: str = "HS256") -> str:
    """As ours are, with the key's name in the header, so that nothing but what is changed can be what is wrong."""
    return jwt.encode(body, None if algorithm == "none" else key, algorithm=algorithm, headers={"kid": key_id(named)})


def test_claims_come_back_as_they_were_signed() -> None:
    assert verify(mint(CLAIMS, SECRET, NOW), [SECRET], NOW + timedelta(minutes=4)) == CLAIMS


def test_the_actor_carries_the_message_as_its_cause() -> None:
    actor = replace(CLAIMS, role=Role.CUSTOMER, customer_id="k-7").actor()

    assert (actor.user_id, actor.tenant, actor.channel, actor.cause) == ("u-1", "demo", "widget", "m-1")
    assert actor.customer_id == "k-7"


def test_a_token_is_refused_after_five_minutes() -> None:
    assert _refusal(mint(CLAIMS, SECRET, NOW), now=NOW + timedelta(minutes=5)) == "turn_token_expired"


@pytest.mark.parametrize("token", [None, "", 7, {"token": "x"}])
def test_no_token_is_said_to_be_missing(token: object) -> None:
    assert _refusal(token) == "turn_token_missing"


def test_a_token_made_by_hand_is_taken_when_nothing_is_wrong_with_it() -> None:
    assert verify(_signed(_body()), [SECRET], NOW) == CLAIMS


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.", "gICA.gICA.", "bnVsbA.e30."])
def test_garbage_is_forged(token: str) -> None:
    assert _refusal(token) == "turn_token_forged"


OTHER = "another-secret-that-is-long-enough-for-all-of-it"


@pytest.mark.parametrize(
    "token",
    [
        _signed(_body(), key=OTHER),
        _signed(_body(), key=OTHER, named=OTHER),
        _signed(_body(), algorithm="none"),
        _signed(_body(), algorithm="HS384"),
        jwt.encode(_body(), SECRET, algorithm="HS256"),
    ],
    ids=["other key", "other key, named", "no algorithm", "another algorithm", "no key named"],
)
def test_another_key_or_algorithm_is_forged(token: str) -> None:
    assert _refusal(token) == "turn_token_forged"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "deskhand-session"},
        {"role": "emperor"},
        {"tenant": ...},
        {"exp": ...},
        {"exp": "tomorrow"},
        {"exp": float("inf")},
        {"exp": float("nan")},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_is_forged(changes: dict[str, Any]) -> None:
    assert _refusal(_signed(_body(**changes))) == "turn_token_forged"


def test_issuer_and_audience_are_the_agreed_ones() -> None:
    assert (ISSUER, AUDIENCE) == ("deskhand-gateway", "deskhand-actions")
