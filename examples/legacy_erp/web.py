"""The old ERP in a browser: sign-in, search, an order form of four pages, windows. All rendered on the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web
from multidict import MultiDictProxy

from examples.legacy_erp import book as kept
from examples.legacy_erp.book import Book, Invalid, Line, Order, checked_line, day, document
from examples.legacy_erp.faults import Faults
from examples.legacy_erp.sessions import Session, Sessions
from examples.legacy_erp.words import LANGUAGES, word

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
USER, PASSWORD = "robot", "erp-Secret-42"
ON_A_PAGE = 10
BOOK, FAULTS, SESSIONS = web.AppKey("book", Book), web.AppKey("faults", Faults), web.AppKey("sessions", Sessions)
ACCOUNT = web.AppKey("account", tuple[str, str])
SESSION = web.RequestKey("session", Session)
_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


def legacy_erp(book: Book, faults: Faults | None = None, *, user: str = USER, password: str = PASSWORD,
               session_minutes: float = 20) -> web.Application:  # fmt: skip
    """The application; `faults` may be changed while it runs."""
    app = web.Application(middlewares=[something_wrong, signed_in])
    app[BOOK], app[FAULTS], app[SESSIONS] = book, faults or Faults(), Sessions(session_minutes)
    app[ACCOUNT] = (user, password)
    app.add_routes(
        [
            web.get("/", to_menu), web.get("/signin", sign_in_page), web.post("/signin", sign_in),
            web.get("/signout", sign_out), web.get("/language/{language}", speak), web.get("/menu", menu),
            web.get("/find", find), web.get("/day", orders_of_day), web.get("/order/{doc}", show),
            web.get("/customers", customers), web.get("/new", begin), web.get("/new/{page:[1-4]}", form),
            web.post("/new/1", take_header), web.post("/new/2", take_line), web.post("/new/3", take_delivery),
            web.post("/new/post", post), web.get("/posted/{doc}", posted),
        ]
    )  # fmt: skip
    return app


# What goes wrong, and who may come in


@web.middleware
async def something_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    faults = request.app[FAULTS]
    if faults.happens("slow"):
        await asyncio.sleep(faults.slow_for)
    if faults.happens("time_outs"):
        request.app[SESSIONS].end(request.cookies.get("session", ""))
    if not faults.happens("failing"):
        return await handler(request)
    if not faults.first_half():
        try:
            await handler(request)
        except web.HTTPException:
            pass  # done all the same; only the page is not shown
    return _page(request, "failed", status=500)


@web.middleware
async def signed_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    open_to_all = request.path == "/signin" or request.path.startswith("/language/")
    session = request.app[SESSIONS].get(request.cookies.get("session", ""))
    if session is None and not open_to_all:
        raise web.HTTPSeeOther("/signin?over=1" if "session" in request.cookies else "/signin")
    if session is not None:
        request[SESSION] = session
    return await handler(request)


def _page(request: web.Request, name: str, status: int = 200, **values: Any) -> web.Response:
    language = request.cookies.get("language", "en")
    language = language if language in LANGUAGES else "en"
    text = _PAGES.get_template(f"{name}.html.j2").render(
        t=lambda key, **given: word(key, language, **given),
        language=language,
        news=status == 200 and name not in ("sign_in", "customers") and request.app[FAULTS].happens("pop_ups"),
        document=document,
        widths=kept.WIDTHS,
        deliveries=kept.DELIVERIES,
        customer_name=request.app[BOOK].customer_name,
        **values,
    )
    return web.Response(text=text, content_type="text/html", status=status, headers={"Cache-Control": "no-store"})


def _draft(request: web.Request) -> Order:
    return request[SESSION].draft


# Signing in, the menu, finding


async def to_menu(request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther("/menu")


async def sign_in_page(request: web.Request) -> web.StreamResponse:
    return _page(request, "sign_in", wrong=False, over="over" in request.query)


async def sign_in(request: web.Request) -> web.StreamResponse:
    said = await request.post()
    if (said.get("user"), said.get("password")) != request.app[ACCOUNT]:
        return _page(request, "sign_in", wrong=True, over=False)
    response = web.HTTPSeeOther("/menu")
    response.set_cookie("session", request.app[SESSIONS].begin(str(said["user"])), httponly=True, samesite="Lax")
    raise response


async def sign_out(request: web.Request) -> web.StreamResponse:
    request.app[SESSIONS].end(request.cookies.get("session", ""))
    raise web.HTTPSeeOther("/signin")


async def speak(request: web.Request) -> web.StreamResponse:
    response = web.HTTPSeeOther("/menu")
    response.set_cookie("language", request.match_info["language"], samesite="Lax")
    raise response


async def menu(request: web.Request) -> web.StreamResponse:
    return _page(request, "menu", today=datetime.now(UTC).strftime("%d.%m.%Y"))


async def find(request: web.Request) -> web.StreamResponse:
    reference = request.query.get("reference", "")
    return _page(request, "found", orders=request.app[BOOK].by_reference(reference), reference=reference)


async def orders_of_day(request: web.Request) -> web.StreamResponse:
    said = request.query.get("day", "")
    orders = request.app[BOOK].of_day(said)
    page = max(1, int(request.query.get("page", "1")))
    pages = max(1, -(-len(orders) // ON_A_PAGE))
    shown = orders[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    return _page(request, "day", orders=shown, day=said, page=page, pages=pages)


async def show(request: web.Request) -> web.StreamResponse:
    order = request.app[BOOK].order(int(request.match_info["doc"].removeprefix("L")))
    if order is None:
        raise web.HTTPNotFound
    return _page(request, "order", order=order)


async def customers(request: web.Request) -> web.StreamResponse:
    words = request.query.get("words", "")
    return _page(request, "customers", words=words, found=request.app[BOOK].customers(words) if words else [])


# The order form


async def begin(request: web.Request) -> web.StreamResponse:
    request[SESSION].draft = Order()
    raise web.HTTPSeeOther("/new/1")


async def form(request: web.Request) -> web.StreamResponse:
    page = request.match_info["page"]
    return _page(request, f"new_{page}", order=_draft(request), wrong=request.query.get("wrong", ""))


async def take_header(request: web.Request) -> web.StreamResponse:
    said, draft = await request.post(), _draft(request)
    _take(draft, said, "reference", "customer", "ordered_on", "deliver_on")
    try:
        day(draft.ordered_on, "ordered_on"), day(draft.deliver_on, "deliver_on")
        _wanted(draft, "reference", "customer")
    except Invalid as problem:
        raise web.HTTPSeeOther(f"/new/1?wrong={problem}") from problem
    raise web.HTTPSeeOther("/new/2")


async def take_line(request: web.Request) -> web.StreamResponse:
    said, draft = await request.post(), _draft(request)
    if "clear" in said:
        draft.lines.clear()
        raise web.HTTPSeeOther("/new/2")
    try:
        texts = {key: _text(said, key) for key in ("sku", "description", "quantity", "unit", "price")}
        draft.lines.append(checked_line(Line(**texts)))
    except Invalid as problem:
        raise web.HTTPSeeOther(f"/new/2?wrong={problem}") from problem
    raise web.HTTPSeeOther("/new/2")


async def take_delivery(request: web.Request) -> web.StreamResponse:
    said, draft = await request.post(), _draft(request)
    _take(draft, said, "delivery", "address", "remark")
    try:
        kept.checked(draft)
    except Invalid as problem:
        raise web.HTTPSeeOther(f"/new/3?wrong={problem}") from problem
    raise web.HTTPSeeOther("/new/4")


async def post(request: web.Request) -> web.StreamResponse:
    session = request[SESSION]
    try:
        doc = request.app[BOOK].post(session.draft, session.user)
    except Invalid as problem:
        raise web.HTTPSeeOther(f"/new/4?wrong={problem}") from problem
    session.draft = Order()
    raise web.HTTPSeeOther(f"/posted/{doc}")


async def posted(request: web.Request) -> web.StreamResponse:
    return _page(request, "posted", doc=int(request.match_info["doc"]))


def _take(draft: Order, said: MultiDictProxy[Any], *keys: str) -> None:
    for key in keys:
        setattr(draft, key, _text(said, key))


def _text(said: Mapping[str, Any], key: str) -> str:
    """Browsers send a new line as two characters."""
    return str(said.get(key, "")).replace("\r\n", "\n")


def _wanted(draft: Order, *keys: str) -> None:
    for key in keys:
        if not getattr(draft, key).strip():
            raise Invalid(key)
