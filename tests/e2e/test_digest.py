"""A digest of notices, over all real services: chosen over HTTP, kept back, told once though the worker is killed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2 as httpx

from tests.support.deskhand import Running, until

PATH = "/api/notifications"
PREFERENCES = f"{PATH}/preferences"
PATIENCE = 240.0  # the digest comes with the minute, and what was on its way half a minute later


def inbox(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = client.get(PATH, params={"after": after}).json()
        found, after = [*found, *page["items"]], page["next"]
    return found


def digests(client: httpx.Client) -> list[dict[str, Any]]:
    return [item for item in inbox(client) if item["kind"] == "Digest"]


def post(client: httpx.Client, text: str) -> None:
    answer = client.post(PATH, json={"to": "user:finance", "en": text, "zh": text})
    assert answer.status_code == 201, answer.text


def told(client: httpx.Client, text: str) -> dict[str, Any] | None:
    return next((item for item in inbox(client) if item["content"]["en"] == text), None)


def choose(client: httpx.Client, said: dict[str, Any]) -> None:
    answer = client.put(PREFERENCES, json=said)
    assert answer.status_code == 200, answer.text


def hourly(at: datetime) -> dict[str, str]:
    return {"every": "hour", "at": f"00:{at.astimezone(UTC).minute:02}"}


def test_a_digest_comes_once_though_the_worker_is_killed(deskhand: Running) -> None:
    finance, manager = deskhand.session("finance"), deskhand.session("manager")
    far = datetime.now(UTC) + timedelta(minutes=30)
    choose(finance, {"kinds": {"notices": {"desk": "digest"}}, "digest": hourly(far), "time_zone": "UTC"})
    try:
        post(manager, "the first of two")
        post(manager, "the second of two")
        second = until(lambda: told(finance, "the second of two"), 60, "both are in the inbox")
        assert second["silent"] and digests(finance) == []
        choose(finance, {"digest": hourly(datetime.fromisoformat(second["at"]) + timedelta(minutes=1))})
        deskhand.wait_restarted("worker", deskhand.kill("worker"))

        until(lambda: digests(finance), PATIENCE, "the digest")
        choose(finance, {"kinds": {"notices": {"desk": "at_once"}}})
        post(manager, "after it")
        until(lambda: told(finance, "after it"), 60, "what is told at once")
        named = [each for item in digests(finance) for each in item["digest"]["orders"]]
        assert sum(item["digest"]["count"] for item in digests(finance)) == 2
        assert named[0]["last"]["en"] == "the second of two" and "2" in digests(finance)[0]["content"]["zh"]
    finally:
        choose(finance, {"kinds": {"notices": {"desk": "at_once"}}})
