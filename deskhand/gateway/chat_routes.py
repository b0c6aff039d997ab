"""Chat and conversations over HTTP: the same turns as over the socket, for programs."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from deskhand.channels.errors import CardActionUnknown, ConversationUnknown, MessageInvalid, PersonAnswers
from deskhand.channels.handovers import BOT, PERSON, Standing
from deskhand.channels.inbound import read_inbound
from deskhand.channels.sentences import sentence
from deskhand.channels.turns import Speaker, own_conversation
from deskhand.gateway.door import Door, actor, door, session
from deskhand.gateway.errors import InvalidRequest
from deskhand.gateway.fields import query_number
from deskhand.gateway.json_body import json_object
from deskhand.orders.errors import CardError, DeskhandError
from deskhand.orders.events import DomainEvent, EventName
from deskhand.orders.model import Actor
from deskhand.orders.tenant import CHAT
from deskhand.store import Conversation, Desk, said_of

PAGE = 200
MOST_NAMED = 64  # characters of a conversation's id that somebody made up
FIELDS, OF_CARD = frozenset({"id", "text", "card", "conversation"}), frozenset({"id", "action"})


async def say(request: web.Request) -> web.Response:
    """One message in, the bot's messages out. The same `id` again gives the same answer."""
    at, signed_in = door(request), session(request)
    at.limits.message(signed_in)
    body = await json_object(request)
    _refuse_unknown(body)
    conversation = body.get("conversation")
    if conversation is not None and not isinstance(conversation, str):
        raise MessageInvalid(field="conversation")
    inbound = read_inbound({"id": request.headers.get("Idempotency-Key") or uuid.uuid4().hex} | body)
    speaker = Speaker(signed_in.tenant, signed_in.user_id)
    async with noted(at, actor(request), conversation):
        received = await at.chat.receive(speaker, inbound, conversation)
    messages = await at.chat.answer(signed_in.tenant, received)
    turn: dict[str, Any] = {"conversation": received.conversation.id, "turn": received.message.id, "messages": messages}
    if received.conversation.state != BOT:
        standing = await at.threads.run(at.chat.turns.standing, speaker, received.conversation.id)
        turn["handover"] = standing.json() | {"said": _who_answers(standing, received.conversation.language)}
    return web.json_response(turn)


async def list_conversations(request: web.Request) -> web.Response:
    at, signed_in = door(request), session(request)
    found = await at.threads.run(_conversations, at.desk, Speaker(signed_in.tenant, signed_in.user_id))
    return web.json_response({"items": [_conversation(one) for one in found]})


async def show_conversation(request: web.Request) -> web.Response:
    """Messages after `after`, oldest first; `next` is where to go on."""
    at, signed_in = door(request), session(request)
    speaker, identifier = Speaker(signed_in.tenant, signed_in.user_id), request.match_info["id"]
    after = query_number(request, "after", 0, 2**53)
    limit = max(1, query_number(request, "limit", PAGE, PAGE))
    async with noted(at, actor(request), identifier):
        messages = await at.threads.run(at.chat.turns.transcript, speaker, identifier, after, limit)
    more = messages[-1]["seq"] if len(messages) == limit else None
    return web.json_response({"conversation": identifier, "messages": messages, "next": more})


async def delete_conversation(request: web.Request) -> web.Response:
    at, signed_in = door(request), session(request)
    speaker = Speaker(signed_in.tenant, signed_in.user_id)
    async with noted(at, actor(request), request.match_info["id"]):
        was = await at.threads.run(_delete, at.desk, actor(request), speaker, request.match_info["id"])
    if was.state != BOT:
        await at.chat.colleagues.forget(speaker.tenant, speaker.user_id)
    return web.Response(status=204)


@asynccontextmanager
async def noted(at: Door, who: Actor, conversation: str | None = None) -> AsyncIterator[None]:
    """What stands in the audit: asking for a conversation or a card that is not one's own, whether there is one or not,
    and a button that was pressed before, too late, while a person answers, or is none.
    """
    try:
        yield
    except (ConversationUnknown, CardError, CardActionUnknown, PersonAnswers) as refused:
        await at.threads.run(_note, at.desk, who, conversation, refused)
        raise


def _note(desk: Desk, who: Actor, conversation: str | None, refused: DeskhandError) -> None:
    with desk.unit_of_work(who.tenant) as uow:
        uow.audit.add(who, CHAT, conversation[:MOST_NAMED] if conversation else None, "refused", said_of(refused))
        uow.commit()


def _who_answers(standing: Standing, language: str) -> str | None:
    """In words, while it is not the bot alone."""
    if standing.state == BOT:
        return None
    return sentence("person_has_it" if standing.state == PERSON else "person_awaited", language, name=standing.name)


def _refuse_unknown(body: Mapping[str, Any]) -> None:
    card = body.get("card")
    for unknown in (body.keys() - FIELDS, card.keys() - OF_CARD if isinstance(card, Mapping) else ()):
        if unknown:
            raise InvalidRequest(field=min(unknown), problem="is not known here")


def _conversation(one: Conversation) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "language": one.language,
        "state": one.state,
        "created_at": one.created_at.isoformat(),
    }


def _conversations(desk: Desk, speaker: Speaker) -> list[Conversation]:
    with desk.unit_of_work(speaker.tenant, read_only=True) as uow:
        return uow.conversations.list(speaker.user_id)


def _delete(desk: Desk, who: Actor, speaker: Speaker, identifier: str) -> Conversation:
    """As it was."""
    with desk.unit_of_work(speaker.tenant) as uow:
        found = own_conversation(uow, speaker, identifier)
        if not uow.conversations.delete(identifier):
            raise ConversationUnknown()
        uow.audit.add(who, "delete_conversation", identifier, "done")
        uow.outbox.publish(DomainEvent(EventName.CONVERSATION_DELETED, None, {"conversation": identifier}), who)
        uow.commit()
    return found
