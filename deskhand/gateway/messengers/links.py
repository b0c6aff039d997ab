"""Linking an account in Slack or Teams to a user: a link that the messenger hands out to the person alone.

It is opened by the signed-in user, who sees which account it is and says yes; once, and within a quarter of an hour.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web

from deskhand.channels.errors import AlreadyLinked, LinkOver, NotLinked
from deskhand.channels.sentences import sentence
from deskhand.gateway.channels import require_channels
from deskhand.gateway.door import actor, door, session
from deskhand.gateway.errors import InvalidRequest, SessionExpired, SessionForged
from deskhand.gateway.fields import fields_of
from deskhand.gateway.messengers.people import Person
from deskhand.gateway.sessions import decode, encode
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.store import Desk, MessengerAccount, MessengerLink, UnitOfWork
from deskhand.store.repositories.messengers import AT_ONCE, NOTICES

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

LIFETIME = timedelta(minutes=15)
LINK, UNLINK, CHOOSE = "link_account", "unlink_account", "choose_notices"
_AUDIENCE = "deskhand-messenger"
_LONGEST_NAME = 80

TEXT: Mapping[str, Any] = {"type": "string"}
LINK_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["token"],
    "properties": {"token": TEXT},
}
NOTICES_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["notices"],
    "properties": {"notices": {"type": "string", "enum": [*NOTICES]}},
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a link says: which account, of whom in their own messenger's words, and where they are written to."""

    id: str
    tenant: str
    account: MessengerAccount
    name: str
    place: Mapping[str, Any]


def link_address(at: Door, person: Person, name: str, place: Mapping[str, Any]) -> str:
    """For this person alone: whoever opens it signed in, and says yes, is from then on who writes from there."""
    account = person.account
    claims = {
        "aud": _AUDIENCE, "jti": secrets.token_hex(16), "tenant": person.tenant.id, "channel": account.channel,
        "team": account.team, "person": account.person, "name": name[:_LONGEST_NAME], "place": dict(place),
    }  # fmt: skip
    token = encode(claims, at.clock() + LIFETIME, at.settings.session_secret)
    return f"{at.settings.public_url}/connect#{quote(token)}"


async def add_link(request: web.Request) -> web.Response:
    """The signed-in user takes the account for theirs."""
    at, signed_in, fields = door(request), session(request), await fields_of(request)
    token = fields.text("token")
    fields.done()
    async with _noted(at, actor(request), LINK):
        wish = read_wish(at, token, signed_in.tenant)
        require_channels(at.desk, signed_in.tenant, (wish.account.channel,))
        link = await at.threads.run(_link, at.desk, actor(request), wish, signed_in.language)
    return web.json_response(link_json(link), status=201)


async def list_links(request: web.Request) -> web.Response:
    at, signed_in = door(request), session(request)
    found = await at.threads.run(_links, at.desk, signed_in.tenant, signed_in.user_id)
    return web.json_response({"items": [link_json(each) for each in found]})


async def choose_notices(request: web.Request) -> web.Response:
    """When one is told there: at once, after ten minutes if it was left unread, never."""
    at, who, fields = door(request), actor(request), await fields_of(request)
    notices = fields.text("notices")
    fields.done()
    if notices not in NOTICES:
        raise InvalidRequest(field="notices", problem=f"must be one of {', '.join(NOTICES)}")
    async with _noted(at, who, CHOOSE):
        link = await at.threads.run(_choose, at.desk, who, request.match_info["channel"], notices)
    return web.json_response(link_json(link))


async def remove_link(request: web.Request) -> web.Response:
    at, who = door(request), actor(request)
    async with _noted(at, who, UNLINK):
        await at.threads.run(_unlink, at.desk, who, request.match_info["channel"])
    return web.Response(status=204)


def read_wish(at: Door, token: str, tenant: str) -> Wish:
    """
    Raises:
        LinkOver: it is over, not ours, or of another company.
    """
    wanted = ["jti", "tenant", "channel", "team", "person", "name", "place"]
    try:
        body = decode(token, at.settings.session_secrets, _AUDIENCE, at.clock(), wanted)
    except (SessionExpired, SessionForged) as error:
        raise LinkOver() from error
    if body["tenant"] != tenant or not isinstance(body["place"], dict):
        raise LinkOver()
    account = MessengerAccount(*(str(body[name]) for name in ("channel", "team", "person")))
    return Wish(str(body["jti"]), tenant, account, str(body["name"]), body["place"])


def unlink(uow: UnitOfWork, who: Actor, user_id: str, channel: str) -> None:
    """By whoever is asked to have the right: the user themselves, or who manages users.

    Raises:
        NotLinked.
    """
    if not uow.messengers.remove(user_id, channel):
        raise NotLinked()
    uow.audit.add(who, UNLINK, user_id, "done", {"channel": channel})


def link_json(link: MessengerLink) -> dict[str, Any]:
    return {
        "channel": link.account.channel,
        "name": link.name,
        "notices": link.notices,
        "created_at": link.created_at.isoformat(),
    }


def _link(desk: Desk, who: Actor, wish: Wish, language: str) -> MessengerLink:
    with desk.unit_of_work(who.tenant) as uow:
        if uow.inbox.begin(f"link:{wish.id}", wish.id) is not None:
            raise LinkOver()
        seq = uow.notifications.latest_seq()
        link = MessengerLink(wish.account, who.user_id, wish.name, wish.place, AT_ONCE, seq, uow.now)
        if not uow.messengers.add(link):
            raise AlreadyLinked()
        uow.audit.add(who, LINK, who.user_id, "done", {"channel": wish.account.channel})
        user = uow.users.get(who.user_id)
        hello = sentence("messenger_linked", language, name=user.name if user else who.user_id)
        uow.messengers.post(wish.account.channel, who.user_id, shown={"language": language, "text": hello})
        uow.commit()
    return link


def _links(desk: Desk, tenant: str, user_id: str) -> list[MessengerLink]:
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return uow.messengers.of_user(user_id)


def _choose(desk: Desk, who: Actor, channel: str, notices: str) -> MessengerLink:
    with desk.unit_of_work(who.tenant) as uow:
        if not uow.messengers.set_notices(who.user_id, channel, notices):
            raise NotLinked()
        uow.audit.add(who, CHOOSE, who.user_id, "done", {"channel": channel, "kind": notices})
        (link,) = [each for each in uow.messengers.of_user(who.user_id) if each.account.channel == channel]
        uow.commit()
    return link


def _unlink(desk: Desk, who: Actor, channel: str) -> None:
    with desk.unit_of_work(who.tenant) as uow:
        unlink(uow, who, who.user_id, channel)
        uow.commit()


@asynccontextmanager
async def _noted(at: Door, who: Actor, action: str) -> AsyncIterator[None]:
    """A refusal stands in the audit."""
    try:
        yield
    except DeskhandError as refused:
        await at.threads.run(at.desk.note_refused, who, action, refused)
        raise
