"""Socket.IO: who is connected, what they say, what they are shown. The work is done by `chat` and `hub`.

Rooms follow from the sign-in alone. Whoever connects joins their rooms first and asks with `resume` for what they
missed, so nothing falls between.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from deskhand.channels.errors import MessageInvalid
from deskhand.channels.inbound import read_inbound
from deskhand.channels.sentences import sentence, sentence_for
from deskhand.channels.turns import Speaker
from deskhand.gateway.channels import require_channels
from deskhand.gateway.chat_routes import noted
from deskhand.gateway.cookies import session_cookie
from deskhand.gateway.errors import RequestForged, SessionExpired, SessionForged, SignInRequired, TooManyRequests
from deskhand.gateway.excess import TOO_MANY, Excess, note_excess
from deskhand.gateway.handover_routes import may_take_over
from deskhand.gateway.keys import REQUEST_ID, caller_of
from deskhand.gateway.notification_routes import listener_of
from deskhand.gateway.rasa_events import as_ours, as_theirs, is_theirs
from deskhand.gateway.refused_tokens import USE_SESSION, Shown, note_refused
from deskhand.gateway.security import OWN_SITES
from deskhand.gateway.sessions import Session, read_token
from deskhand.gateway.sessions_store import check_session, lasting
from deskhand.notifications.audience import Listener, lent_room, room
from deskhand.notifications.fan_out import MOST_QUEUED
from deskhand.notifications.inbox import acknowledge, present, present_all, replay
from deskhand.notifications.redis_fan_out import RedisFanOut
from deskhand.orders.actions import TAKE_HANDOVERS
from deskhand.orders.errors import DeskhandError, TenantNotServed
from deskhand.orders.tenant import CHAT, LANGUAGES

if TYPE_CHECKING:
    from deskhand.gateway.door import Door

PAGE = 100
LARGEST_MESSAGE = 64 << 10

_log = logging.getLogger("deskhand.gateway")

Event = Callable[["DeskNamespace", str, Any], Awaitable[dict[str, Any]]]


def acknowledged(handler: Event) -> Event:
    """The client gets `{ok: false, code, message}` for every refusal, and never a traceback."""

    @wraps(handler)
    async def answer(self: DeskNamespace, sid: str, data: Any = None, *more: Any) -> dict[str, Any]:
        language = self.language_of(sid)
        try:
            return await handler(self, sid, data)
        except DeskhandError as error:
            await self.note(sid, error)
            refused = {"ok": False, "code": error.code, "message": sentence_for(error, language)}
        except Exception:
            _log.exception("socket event %s failed", handler.__name__)
            refused = {"ok": False, "code": "internal_error", "message": sentence("internal_error", language)}
        await self.say_refused(sid, refused)
        return refused

    return answer


class DeskNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # python-socketio has no types
    """The namespace `/`."""

    def __init__(self) -> None:
        super().__init__("/")
        self._sessions: dict[str, Session] = {}
        self._listeners: dict[str, Listener] = {}
        self._used: set[str] = set()  # ids of sessions, since the last round
        self._rasa: set[str] = set()  # those that speak as with Rasa's own channel
        self._door: Door | None = None
        self._missed = False  # something that was said on another gateway

    def open(self, door: Door) -> None:
        """From now on clients may connect."""
        self._door = door

    @property
    def door(self) -> Door:
        if self._door is None:
            raise RuntimeError("the gateway is not open yet")
        return self._door

    def language_of(self, sid: str) -> str:
        return self._sessions[sid].language if sid in self._sessions else "en"

    async def on_connect(self, sid: str, environ: Mapping[str, Any], auth: Any = None) -> None:
        """A refusal called `signed_out` is final for a client; it comes back by itself after any other."""
        if self._door is None:
            raise Refused("the gateway is starting", {"code": "starting"})
        try:
            signed_in = await self._authenticate(environ, auth)
            self.door.limits.socket(signed_in)
        except TooManyRequests as error:
            await self._note(signed_in, environ, error)
            raise Refused(str(error), {"code": error.code, "seconds": error.data["seconds"]}) from error
        except DeskhandError as error:
            raise Refused(str(error), {"code": "signed_out", "reason": error.code}) from error
        except Exception as error:
            _log.exception("a handshake failed")
            raise Refused("something went wrong", {"code": "internal_error"}) from error
        self._sessions[sid] = signed_in
        self.door.metrics.sockets.inc()
        await self._listen(sid, await self.door.threads.run(present, self.door.desk, listener_of(signed_in)))
        self.server.start_background_task(self._confirm, sid, signed_in)

    async def note(self, sid: str, refused: DeskhandError) -> None:
        """What was refused because it was too much stands in the audit."""
        if isinstance(refused, TOO_MANY) and sid in self._sessions:
            await self._note(self._sessions[sid], self.server.get_environ(sid), refused)

    async def say_refused(self, sid: str, refused: Mapping[str, Any]) -> None:
        """Windows made for Rasa read no acknowledgement: they are told by the bot's mouth."""
        if sid in self._rasa:
            await self.emit("bot_uttered", {"text": refused["message"]}, to=sid)

    async def _note(self, signed_in: Session, environ: Mapping[str, Any], refused: DeskhandError) -> None:
        cause = environ["aiohttp.request"][REQUEST_ID]
        await note_excess(self.door, Excess(signed_in.tenant, refused, CHAT, cause, "", signed_in.actor(CHAT, cause)))

    async def on_disconnect(self, sid: str, reason: str | None = None) -> None:
        signed_in = self._sessions.pop(sid, None)
        self._rasa.discard(sid)
        if signed_in is not None:
            if (listener := self._listeners.pop(sid, None)) is not None:
                self.door.hub.leave(listener)
            self.door.metrics.sockets.dec()

    @acknowledged
    async def on_user_uttered(self, sid: str, data: Any) -> dict[str, Any]:
        """A text, or a press of a button: stored before it is acknowledged, answered afterwards."""
        signed_in = self._session(sid)
        require_channels(self.door.desk, signed_in.tenant, (CHAT,))
        self.door.limits.message(signed_in)
        if is_theirs(data) and (data := as_ours(data)) is None:
            return {"ok": True}
        inbound = read_inbound(data)
        async with noted(self.door, signed_in.actor(CHAT, inbound.id)):
            received = await self.door.chat.receive(_speaker(signed_in), inbound, skip=sid)
        if not received.message.answered:
            self.door.chat.wake(signed_in.tenant, received.conversation.id)
        return {"ok": True, "id": received.message.id, "seq": received.message.seq}

    @acknowledged
    async def on_session_request(self, sid: str, data: Any) -> dict[str, Any]:
        """A window that was made for Rasa's own channel: from now on it is spoken to like that."""
        signed_in = self._session(sid)
        if sid not in self._rasa:
            self._rasa.add(sid)
            await self.leave_room(sid, self._listeners[sid].own_room)
            await self.enter_room(sid, _rasa_room(signed_in.tenant, signed_in.user_id))
        conversation, _, _ = await self.door.threads.run(self.door.chat.turns.open, _speaker(signed_in))
        await self.emit("session_confirm", conversation.id, to=sid)
        return {"ok": True}

    @acknowledged
    async def on_resume(self, sid: str, data: Any) -> dict[str, Any]:
        """Everything after both cursors, a page at a time."""
        at, signed_in = self.door, self._session(sid)
        speaker = _speaker(signed_in)
        conversation, _, _ = await at.threads.run(at.chat.turns.open, speaker)
        after = _cursor(data, "conversation_seq")
        messages = await at.threads.run(at.chat.turns.transcript, speaker, conversation.id, after, PAGE)
        inbox = await at.threads.run(replay, at.desk, listener_of(signed_in), _cursor(data, "notification_seq"), PAGE)
        return {
            "ok": True,
            "messages": messages,
            "notifications": list(inbox.items),
            "unread": inbox.unread,
            "more": inbox.more or len(messages) == PAGE,
        }

    @acknowledged
    async def on_notification_ack(self, sid: str, data: Any) -> dict[str, Any]:
        at, listener = self.door, listener_of(self._session(sid))
        unread = await at.threads.run(acknowledge, at.desk, listener, _cursor(data, "seq"))
        await self.emit("unread", {"count": unread}, room=listener.own_room)
        return {"ok": True, "unread": unread}

    @acknowledged
    async def on_set_language(self, sid: str, data: Any) -> dict[str, Any]:
        language = data.get("language") if isinstance(data, Mapping) else None
        if language not in LANGUAGES:
            raise MessageInvalid(field="language")
        await self.door.threads.run(self.door.chat.turns.set_language, _speaker(self._session(sid)), language)
        return {"ok": True}

    async def on_typing(self, sid: str, *data: Any) -> None:
        """For a colleague who answers in the bot's place; the bot does not care."""

    async def tell(
        self, tenant: str, user_id: str, event: str, data: Mapping[str, Any], skip: str | None = None
    ) -> None:
        """All tabs of one user, on whichever gateway they are connected."""
        await self.emit(event, dict(data), room=room(tenant, f"user:{user_id}"), skip_sid=skip)
        if event == "bot_uttered":
            said = as_theirs(data, self.door.desk.tenant(tenant))
            await self.emit(event, said, room=_rasa_room(tenant, user_id), skip_sid=skip)

    async def tell_staff(self, tenant: str, event: str, data: Mapping[str, Any]) -> None:
        """All who may take a conversation over, by themselves or for who is away."""
        for role in self.door.desk.permissions.rules[TAKE_HANDOVERS]:
            for name in (room(tenant, f"role:{role}"), lent_room(tenant, f"role:{role}")):
                await self.emit(event, dict(data), room=name)

    async def push(self, event: str, data: Mapping[str, Any], room: str) -> None:
        """Those connected here; every gateway reads the notifications for itself."""
        await self.emit(event, dict(data), room=room, ignore_queue=True)

    def slow(self, sid: str) -> None:
        """This client's queue is full, at the moment of an event that it would have got."""
        if sid in self._sessions:
            self.server.start_background_task(self._cut_off, sid)

    async def sweep(self) -> None:
        """Disconnect those whose session is over, those who don't take what is sent, and those nobody knows."""
        now = self.door.clock()
        await self.server.end_unknown(now.timestamp())
        for sid, signed_in in list(self._sessions.items()):
            if signed_in.expires_at <= now:
                await self._sign_out(sid, "session_expired")
            elif self._queued(sid) > MOST_QUEUED:
                await self._cut_off(sid)

    async def check_sessions(self) -> None:
        """Disconnect those whose session was ended elsewhere, or is another's since; see whom the others stand in for.

        The row counts, not the token that opened the socket: who sits in the chat stays signed in.
        """
        at, used, open_ones = self.door, self._used, dict(self._sessions)
        self._used = set()
        alive = await at.threads.run(lasting, at.desk, open_ones.values(), used, at.clock())
        for sid, signed_in in open_ones.items():
            if signed_in.id not in alive:
                served = signed_in.tenant in at.desk.tenants
                await self._sign_out(sid, SessionExpired.code if served else TenantNotServed.code)
        people = {sid: listener_of(signed_in) for sid, signed_in in open_ones.items() if signed_in.id in alive}
        present_now = await at.threads.run(present_all, at.desk, set(people.values()))
        for sid, listener in people.items():
            await self._listen(sid, present_now.get(listener, listener))

    async def _listen(self, sid: str, now: Listener) -> None:
        """Joins the rooms of the moment, and leaves those that were lent and are not any more."""
        before = self._listeners.get(sid)
        if now == before or sid not in self._sessions:  # gone meanwhile
            return
        for name in set(before.rooms if before else ()) - set(now.rooms):
            await self.leave_room(sid, name)
        for name in now.rooms:
            if sid not in self._rasa or name != now.own_room:
                await self.enter_room(sid, name)
        self._listeners[sid] = now
        self.door.hub.join(now)
        if before is not None:
            self.door.hub.leave(before)

    async def sign_out(self, *session_ids: str) -> None:
        """All sockets of these sign-ins."""
        for sid, signed_in in list(self._sessions.items()):
            if signed_in.id in session_ids:
                await self._sign_out(sid, "signed_out")

    async def move(self, session_id: str, user_id: str) -> None:
        """The browser has a new session: tabs of the same user come back with it by themselves, others are told."""
        for sid, signed_in in list(self._sessions.items()):
            if signed_in.id == session_id and signed_in.user_id == user_id:
                await self.disconnect(sid)
        await self.sign_out(session_id)

    def missed(self) -> None:
        """Events of other gateways may not have come."""
        self._missed = True

    async def catch_up(self) -> None:
        """Confirms each session anew, upon which its client asks for all after its cursors."""
        if self._missed:
            self._missed = False
            for sid, signed_in in list(self._sessions.items()):
                if sid in self._sessions and sid not in self._rasa:
                    await self._confirm(sid, signed_in)

    async def close(self) -> None:
        """The gateway stops: clients see a broken line, and come back by themselves."""
        for eio_sid in list(self.server.eio.sockets):
            await self.server.eio.drop(eio_sid)
        if isinstance(self.server.manager, RedisFanOut):
            await self.server.manager.close()
        await self.server.shutdown()

    async def _authenticate(self, environ: Mapping[str, Any], auth: Any) -> Session:
        at = self.door
        given = auth.get("token") if isinstance(auth, Mapping) else None
        bearer = given if isinstance(given, str) and given else None
        token = bearer or session_cookie(environ.get("HTTP_COOKIE", ""), at.settings)
        if not token:
            raise SignInRequired()
        try:
            # a foreign Origin was refused before; without one the browser itself says who asks
            told = "HTTP_ORIGIN" in environ or environ.get("HTTP_SEC_FETCH_SITE", "none") in OWN_SITES
            if bearer is None and not told:
                raise RequestForged()
            ticket = read_token(token, at.settings.session_secrets, at.clock())
            return await at.threads.run(check_session, at.desk, ticket.tenant, ticket.session_id, at.clock())
        except (SessionForged, SessionExpired, RequestForged) as refused:
            request = environ["aiohttp.request"]
            await note_refused(at, Shown(token, USE_SESSION, CHAT, request[REQUEST_ID], caller_of(request)), refused)
            raise

    async def _confirm(self, sid: str, signed_in: Session) -> None:
        at = self.door
        conversation, seq, standing = await at.threads.run(at.chat.turns.open, _speaker(signed_in))
        user = {
            "id": signed_in.user_id,
            "name": signed_in.name,
            "role": signed_in.role.value,
            "customer": signed_in.customer_id,
        }
        confirmed = {
            "conversation": conversation.id,
            "session_id": conversation.id,  # as a window made for Rasa reads it
            "user": user,
            "language": conversation.language,
            "latest_seq": seq,
            "handover": standing.json(),
            "takes_handovers": await at.threads.run(may_take_over, at.desk, signed_in),
        }
        await self.emit("session_confirm", confirmed, to=sid)

    async def _sign_out(self, sid: str, code: str) -> None:
        await self.emit("signed_out", {"code": code, "message": sentence(code, self.language_of(sid))}, to=sid)
        await self.disconnect(sid)

    def _session(self, sid: str) -> Session:
        """Checked again with each event: the socket may have outlived it.

        Raises:
            SignInRequired, TooManyRequests.
        """
        signed_in = self._sessions.get(sid)
        if signed_in is None or signed_in.expires_at <= self.door.clock():
            raise SignInRequired()
        self.door.limits.api(signed_in)
        self._used.add(signed_in.id)
        return signed_in

    def _queued(self, sid: str) -> int:
        socket = self.server.eio.sockets.get(self.server.manager.eio_sid_from_sid(sid, "/"))
        return socket.queue.qsize() if socket is not None else 0

    async def _cut_off(self, sid: str) -> None:
        """It will come back and catch up from its cursor."""
        if sid not in self._sessions:
            return
        _log.warning("a client of %s takes nothing and is cut off", self._sessions[sid].user_id)
        self.door.metrics.evicted.inc()
        await self.server.eio.drop(self.server.manager.eio_sid_from_sid(sid, "/"))


def _speaker(signed_in: Session) -> Speaker:
    return Speaker(signed_in.tenant, signed_in.user_id)


def _rasa_room(tenant: str, user_id: str) -> str:
    return room(tenant, f"rasa:{user_id}")


def _cursor(data: Any, name: str) -> int:
    value = data.get(name, 0) if isinstance(data, Mapping) else 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise MessageInvalid(field=name)
    return value
