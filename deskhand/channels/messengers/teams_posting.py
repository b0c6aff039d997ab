"""Posts into Teams by the Agents SDK, to conversations that were stored. Knows nothing of the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp
from microsoft_agents.activity import Activity, Attachment, ConversationReference
from microsoft_agents.hosting.aiohttp import CloudAdapter
from microsoft_agents.hosting.core import (
    AgentAuthConfiguration,
    ConnectionManager,
    OutboundHostValidator,
    TurnContext,
)
from microsoft_agents.hosting.core.connector import ConnectorClientBase
from yarl import URL

from deskhand.channels.messengers import adaptive_cards
from deskhand.channels.messengers.face import Face
from deskhand.channels.messengers.posting import NotPosted, SlowDown, seconds_to_wait
from deskhand.channels.messengers.settings import TeamsCredentials
from deskhand.channels.messengers.teams_tokens import TeamsTokens
from deskhand.orders.tenant import Tenant

_LOCALE = "en-US"  # of conversations that say none: the SDK would send a null, which is refused
_GONE = frozenset({400, 403, 404, 405, 410, 413})

Json = Mapping[str, Any]


class OwnHosts(OutboundHostValidator):
    """The hosts of the settings and no other: the SDK's own list holds more than Teams needs."""

    def __init__(self, credentials: TeamsCredentials) -> None:
        super().__init__([*credentials.hosts], enabled=True, include_default_microsoft_hosts=False)
        self._credentials = credentials

    def is_allowed(self, url: str | URL) -> bool:
        return self._credentials.may_send_to(str(url))


async def _pass_on(context: TurnContext, error: Exception) -> None:
    """The SDK would print the traceback and send it to the user."""
    raise error


def adapter_of(credentials: TeamsCredentials) -> CloudAdapter:
    """The SDK's adapter with our tokens and our list of hosts."""
    connection = AgentAuthConfiguration(
        client_id=credentials.app_id, tenant_id=credentials.directory, connection_name="SERVICE_CONNECTION"
    )
    tokens = TeamsTokens(credentials)
    connections = ConnectionManager(lambda _: tokens, {"SERVICE_CONNECTION": connection})
    adapter = CloudAdapter(connection_manager=connections, host_validator=OwnHosts(credentials))
    adapter.on_turn_error = _pass_on
    return adapter


class TeamsPosting:
    """`place` is a conversation reference; what was posted is {reference, activity}."""

    def __init__(self, credentials: TeamsCredentials, adapter: CloudAdapter | None = None) -> None:
        self._credentials = credentials
        self._adapter = adapter or adapter_of(credentials)

    async def post(self, tenant: Tenant, place: Json, face: Face, key: str) -> Json:
        posted: dict[str, Any] = {}

        async def send(context: TurnContext) -> None:
            """By the connector itself: `send_activity` would send an `id` that is null, which is refused."""
            activity = activity_of(face, people_of(place))
            activity.apply_conversation_reference(context.activity.get_conversation_reference())
            connector = context.services.get(ConnectorClientBase)  # type: ignore[type-abstract]  # the SDK keeps it so
            if connector is None:
                raise NotPosted("no_connector")
            said = await connector.conversations.send_to_conversation(place["conversation"]["id"], activity)
            posted.update(reference=dict(place), activity=said.id if said is not None else None)

        await self._at(place, send)
        return posted

    async def update(self, tenant: Tenant, posted: Json, face: Face) -> None:
        if not posted.get("activity"):
            raise NotPosted("no_activity")

        async def change(context: TurnContext) -> None:
            activity = activity_of(face, people_of(posted["reference"]))
            activity.id = posted["activity"]
            await context.update_activity(activity)

        await self._at(posted["reference"], change)

    async def _at(self, place: Json, do: Any) -> None:
        """The address was checked when it was stored; who changes the database must not get our token either."""
        reference = ConversationReference.model_validate(dict(place))
        if not self._credentials.may_send_to(reference.service_url):
            raise NotPosted("foreign_service_address")
        continued = reference.get_continuation_activity()
        continued.locale = reference.locale or _LOCALE
        continued.id = None  # made up by the SDK, which would make an answer to it of what is said
        try:
            await self._adapter.continue_conversation(self._credentials.app_id, continued, do)
        except aiohttp.ClientResponseError as error:
            raise _meant(error) from error


def activity_of(face: Face, people: tuple[str, ...] = ()) -> Activity:
    """A text as it is, everything else as a card."""
    plain = not (face.title or face.facts or face.lines or face.items or face.says or face.asks or face.outcome)
    if plain and face.subject is None:
        return Activity(type="message", text=adaptive_cards.escaped(face.text) or "…", text_format="markdown")
    shown = replace(face, buttons=(), says=(), asks=None) if people else face  # of a group each asks for their own
    content = adaptive_cards.card(shown, people)
    attachment = Attachment(content_type=adaptive_cards.CONTENT_TYPE, content=content)
    return Activity(type="message", attachments=[attachment], summary=face.plain[:200])


def people_of(place: Json) -> tuple[str, ...]:
    """For whom a card in a group has a view of its own; in a conversation of two there is nobody else."""
    group = (place.get("conversation") or {}).get("isGroup")
    person = (place.get("user") or {}).get("id")
    return (str(person),) if group and person else ()


def _meant(error: aiohttp.ClientResponseError) -> Exception:
    if error.status == 429:
        asked = error.headers.get("Retry-After") if error.headers is not None else None
        return SlowDown(seconds_to_wait(asked))
    return NotPosted(f"status_{error.status}") if error.status in _GONE else error
