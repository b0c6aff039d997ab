"""The pages and their files. No inline script or style: the policy forbids them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from deskhand.gateway.errors import GatewayError, PeopleOnly, RouteUnknown
from deskhand.gateway.security import require_session

_OWN = Path(__file__).parent / "static"
_TYPES: Mapping[str, str] = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}


class Pages:
    """The pages that people see, and the files that they name; files are found once, at the start."""

    def __init__(self, widget_dir: Path) -> None:
        self._static = {**_files(widget_dir / "demo"), **_files(_OWN)}
        self._widget = _files(widget_dir / "dist")

    async def sign_in_page(self, request: web.Request) -> web.StreamResponse:
        return self._send(self._static, "index.html")

    async def desk_page(self, request: web.Request) -> web.StreamResponse:
        return await self._for_people(request, "desk.html")

    async def connect_page(self, request: web.Request) -> web.StreamResponse:
        """Also for who has still to sign in: what the address holds behind its `#` must not get lost."""
        return self._send(self._static, "connect.html")

    async def account_page(self, request: web.Request) -> web.StreamResponse:
        return await self._for_people(request, "account.html")

    async def replies_page(self, request: web.Request) -> web.StreamResponse:
        return await self._for_people(request, "replies.html")

    async def _for_people(self, request: web.Request, name: str) -> web.StreamResponse:
        """For people who are signed in; others are shown where."""
        try:
            signed_in = await require_session(request)
            if signed_in.scopes is not None:
                raise PeopleOnly()
        except GatewayError:
            return web.Response(status=303, headers={"Location": "/"})
        return self._send(self._static, name)

    async def static_file(self, request: web.Request) -> web.StreamResponse:
        return self._send(self._static, request.match_info["name"])

    async def widget_file(self, request: web.Request) -> web.StreamResponse:
        return self._send(self._widget, request.match_info["name"])

    def _send(self, files: Mapping[str, Path], name: str) -> web.StreamResponse:
        path = files.get(name)
        if path is None:
            raise RouteUnknown()
        response = web.FileResponse(path, headers={"Cache-Control": "no-cache"})
        response.content_type = _TYPES[path.suffix]
        response.charset = "utf-8"
        return response


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    return {path.name: path for path in folder.iterdir() if path.is_file() and path.suffix in _TYPES}
