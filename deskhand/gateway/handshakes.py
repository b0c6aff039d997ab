"""What is looked at before Socket.IO sees a handshake: how many come from there, and which site's page asks.

Who connects is looked at later, by `sockets`; what comes from a foreign page the library refuses by itself.
"""

from __future__ import annotations

from aiohttp import web

from deskhand.gateway.cookies import cookie_name
from deskhand.gateway.door import door
from deskhand.gateway.errors import RequestForged
from deskhand.gateway.keys import COMPANY, REQUEST_ID, caller_of
from deskhand.gateway.problems import Handler
from deskhand.gateway.refused_tokens import USE_SESSION, Shown, company_in, note_refused
from deskhand.gateway.security import own_origin
from deskhand.orders.tenant import CHAT

SOCKET_PATH = "/socket.io/"


@web.middleware
async def handshakes(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Counts whoever opens a socket, and notes a foreign page that tries to.

    Raises:
        TooManyRequests: this address has opened enough of them.
    """
    if request.path == SOCKET_PATH:
        await _look_at(request)
    return await handler(request)


async def _look_at(request: web.Request) -> None:
    at, origin = door(request), request.headers.get("Origin")
    cookie = request.cookies.get(cookie_name(at.settings), "")
    if "sid" not in request.query:  # what belongs to a socket that is open already is no handshake
        request[COMPANY] = company_in(cookie)
        at.limits.handshake(caller_of(request))
    if origin is not None and not own_origin(origin, request.host, at.settings):
        shown = Shown(cookie, USE_SESSION, CHAT, request[REQUEST_ID], caller_of(request))
        await note_refused(at, shown, RequestForged())
