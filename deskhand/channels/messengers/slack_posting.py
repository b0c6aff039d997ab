"""Posts into Slack with slack_sdk's client. Knows nothing of the outbox or of who is told what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from deskhand.channels.messengers import block_kit
from deskhand.channels.messengers.face import Face
from deskhand.channels.messengers.posting import NotPosted, SlowDown, seconds_to_wait
from deskhand.channels.messengers.settings import SlackCredentials
from deskhand.orders.tenant import Tenant

SECONDS = 10
EVENT_TYPE = "deskhand_post"
_PASSES = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited"}
)

Json = Mapping[str, Any]


def client_of(credentials: SlackCredentials, token: str) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=credentials.api_url, timeout=SECONDS, trust_env_in_session=False)


class SlackPosting:
    """`place` is {channel, thread}; what was posted {channel, ts}."""

    def __init__(self, credentials: SlackCredentials) -> None:
        self._credentials = credentials

    async def post(self, tenant: Tenant, place: Json, face: Face, key: str) -> Json:
        """Slack posts a repeat again; the key in the metadata is what an operator can tell it by."""
        said = await self._call(
            tenant,
            "chat.postMessage",
            {
                "channel": place["channel"],
                "thread_ts": place.get("thread"),
                "text": block_kit.fallback(face),
                "blocks": block_kit.blocks(face),
                "unfurl_links": False,
                "unfurl_media": False,
                "metadata": {"event_type": EVENT_TYPE, "event_payload": {"post": key}},
            },
        )
        return {"channel": said.get("channel") or place["channel"], "ts": said["ts"]}

    async def update(self, tenant: Tenant, posted: Json, face: Face) -> None:
        text, blocks = block_kit.fallback(face), block_kit.blocks(face)
        await self._call(
            tenant, "chat.update", {"channel": posted["channel"], "ts": posted["ts"], "text": text, "blocks": blocks}
        )

    async def _call(self, tenant: Tenant, method: str, body: dict[str, Any]) -> Json:
        token = self._credentials.token_of(tenant)
        if token is None:
            raise NotPosted("no_token")
        given = {name: value for name, value in body.items() if value is not None}
        try:
            answer = await client_of(self._credentials, token).api_call(method, json=given)
        except SlackApiError as error:
            raise _meant(error) from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _meant(error: SlackApiError) -> Exception:
    response: Any = error.response
    code = str(response.get("error") or "")
    if response.status_code == 429 or code in ("ratelimited", "rate_limited"):
        return SlowDown(seconds_to_wait(response.headers.get("Retry-After")))
    if response.status_code >= 500 or code in _PASSES:
        return error
    return NotPosted(code or f"status_{response.status_code}")
