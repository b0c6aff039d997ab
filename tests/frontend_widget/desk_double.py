"""A stand-in for the gateway's Socket.IO side: the widget's protocol and nothing of the business.

Keeps what it was told, so that a test can ask; can be cut off, can lose an answer, can refuse.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import socketio
from aiohttp import web

from tests.support.gateway import until

Json = dict[str, Any]

WIDGET = Path(__file__).parents[2] / "frontend_widget"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
PANEL = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Intranet</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<script src="/widget/deskhand-chat.js" defer></script>
<main><h1>Intranet</h1><button id="below">A button of the page</button></main>
<deskhand-chat {attributes}></deskhand-chat></html>"""


_MODES = {"at_once": ("立即", "At once"), "digest": ("汇总", "In the digest"), "off": ("不通知", "Off")}
_TOPICS: tuple[tuple[str, str, str, list[str], bool], ...] = (
    ("orders", "订单", "Orders", ["order_confirmed"], False),
    ("shipping", "发货", "Shipping", ["order_shipped"], False),
    ("approvals", "审批", "Approvals", ["approval_asked"], True),
)
PREFERENCES: Json = {
    "kinds": [
        {"kind": kind, "label": {"zh": zh, "en": en}, "events": events, "required": required,
         "wants": {"desk": "at_once", "slack": "digest"}}
        for kind, zh, en, events, required in _TOPICS
    ],
    "channels": [
        {"channel": "desk", "label": {"zh": "网页", "en": "Desk"}, "modes": [*_MODES]},
        {"channel": "slack", "label": {"zh": "Slack", "en": "Slack"}, "modes": [*_MODES]},
    ],
    "modes": [{"mode": mode, "label": {"zh": zh, "en": en}} for mode, (zh, en) in _MODES.items()],
    "quiet": None,
    "time_zone": "Asia/Shanghai",
    "digest": {"every": "day", "at": "08:00"},
    "muted_until": None,
}  # fmt: skip


def now(minutes: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


@dataclass
class DeskDouble:
    """One conversation of one user, as the gateway would keep it."""

    user: Json = field(default_factory=lambda: {"id": "u-clerk", "name": "林晓", "role": "sales", "customer": None})
    language: str = "zh"
    policy: str = POLICY
    messages: list[Json] = field(default_factory=list)
    notifications: list[Json] = field(default_factory=list)
    unread: int = 0
    heard: list[Json] = field(default_factory=list)
    """Every `user_uttered`, repeated ones too."""
    taken: Counter[str] = field(default_factory=Counter)
    """What counted: client id -> how often it was carried out."""
    acknowledged: list[int] = field(default_factory=list)
    resumes: list[Json] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    tokens: list[Any] = field(default_factory=list)
    signed_out: int = 0
    refuse: Json | None = None
    refuse_reads: int = 0
    """How often reading is not taken."""
    refuse_connect: str | None = None
    lose_next_answer: bool = False
    page_size: int = 100
    url: str = ""
    imports: Callable[[web.Request], Awaitable[web.Response]] | None = None
    transports: tuple[str, ...] = ("polling", "websocket")
    pings: tuple[float, float] = (25, 20)
    """How often the line is felt for, and how long an answer may take; in seconds."""
    tasks: list[Json] = field(default_factory=list)
    decided: list[tuple[str, str, Json]] = field(default_factory=list)
    """Task, decision, and what was said with it; each key once."""
    refuse_decision: str = ""
    preferences: Json = field(default_factory=lambda: json.loads(json.dumps(PREFERENCES)))
    saved: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._keys: set[str] = set()
        self._new_hub()

    async def _import(self, request: web.Request) -> web.Response:
        if self.imports is None:
            raise web.HTTPNotFound
        return await self.imports(request)

    def _new_hub(self) -> None:
        self.hub = socketio.AsyncServer(
            async_mode="aiohttp",
            cors_allowed_origins=None,
            transports=list(self.transports),
            ping_interval=self.pings[0],
            ping_timeout=self.pings[1],
        )
        self.sids: list[str] = []
        for name in ("connect", "disconnect", "user_uttered", "resume", "notification_ack", "set_language", "typing"):
            self.hub.on(name, getattr(self, f"_on_{name}"))

    # The line

    async def start(self) -> None:
        app = web.Application(client_max_size=64 << 20)
        self.hub.attach(app)
        app.router.add_get("/desk", self._file(WIDGET / "demo" / "desk.html"))
        app.router.add_get("/panel", self._panel)
        app.router.add_post("/api/imports", self._import)
        app.router.add_get("/static/desk.css", self._file(WIDGET / "demo" / "desk.css"))
        app.router.add_get("/static/desk.js", self._file(WIDGET / "demo" / "desk.js"))
        app.router.add_get("/widget/deskhand-chat.js", self._file(WIDGET / "dist" / "deskhand-chat.js"))
        app.router.add_delete("/api/sessions", self._delete_session)
        app.router.add_get("/api/tasks", self._list_tasks)
        app.router.add_post("/api/tasks/{id}/{decision}", self._decide)
        app.router.add_get("/api/notifications/preferences", self._show_preferences)
        app.router.add_put("/api/notifications/preferences", self._save_preferences)
        app.router.add_get("/api/conversations/c-1", self._transcript)
        app.on_response_prepare.append(self._add_policy)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """The gateway goes away: every line breaks and no new one is taken."""
        if self._runner is None:
            return
        for sid in [*self.sids]:
            await self.hub.disconnect(sid)
        await self._runner.cleanup()
        self._runner = None
        self.sids.clear()

    async def restart(self) -> None:
        """Back at the same address, with what was stored and a new hub."""
        self._new_hub()
        await self.start()

    def cut(self) -> None:
        """Breaks every connection without a farewell, as a network does."""
        assert self._runner is not None and self._runner.server is not None
        for handler in [*self._runner.server.connections]:
            if handler.transport is not None:
                handler.transport.abort()

    # What the desk says

    async def say(self, text: str = "", **more: Any) -> Json:
        message = self._store(direction="out", text=text, language=self.language, turn=uuid.uuid4().hex, **more)
        await self.hub.emit("bot_uttered", message)
        return message

    def keep(self, text: str = "", *, direction: str = "out", **more: Any) -> Json:
        """Stored while nobody was connected."""
        return self._store(direction=direction, text=text, **more)

    async def notify(
        self, zh: str, en: str, *, order: str | None = "SO-1001", quiet: bool = False, **more: Any
    ) -> Json:
        seq = len(self.notifications) + 1
        notification = {
            "id": f"n-{seq}", "seq": seq, "sender": "warehouse", "receiver": "sales", "content": {"zh": zh, "en": en},
            "order": order, "kind": "order_shipped", "at": now(), "dedupe_key": f"d-{seq}", **more,
        }  # fmt: skip
        self.notifications.append(notification)
        self.unread += 1
        if not quiet:
            await self.hub.emit("notification", notification)
            await self.hub.emit("unread", {"count": self.unread})
        return notification

    async def update_card(self, shown: Json, state: str, outcome: Json | None) -> None:
        shown |= {"state": state, "outcome": outcome}
        await self.hub.emit("card_updated", {"id": shown["id"], "state": state, "outcome": outcome})

    def texts(self) -> list[str]:
        """What the user said, each carried out once, in order."""
        return [message["text"] for message in self.messages if message["direction"] == "in" and message["text"]]

    def presses(self) -> list[Json]:
        return [heard["card"] for heard in self.heard if "card" in heard]

    async def pressed(self) -> list[Json]:
        """What was pressed, once something was: the button shuts before the press is here."""
        await until(self.presses, "a press is heard")
        return self.presses()

    # What the widget says

    async def _on_connect(self, sid: str, environ: Json, auth: Json | None) -> None:
        self.tokens.append((auth or {}).get("token"))
        if self.refuse_connect:
            raise socketio.exceptions.ConnectionRefusedError(self.refuse_connect)
        self.sids.append(sid)
        session = {
            "conversation": "c-1",
            "user": self.user,
            "language": self.language,
            "latest_seq": len(self.messages),
        }
        self.hub.start_background_task(self.hub.emit, "session_confirm", session, to=sid)

    async def _on_disconnect(self, sid: str, *_: Any) -> None:
        if sid in self.sids:
            self.sids.remove(sid)

    async def _on_user_uttered(self, sid: str, data: Json) -> Json:
        self.heard.append(data)
        if self.refuse:
            return {"ok": False, **self.refuse}
        known = next((message for message in self.messages if message.get("client_id") == data["id"]), None)
        message = known or self._store(direction="in", text=data.get("text", "按钮"), client_id=data["id"])
        if known is None:
            self.taken[data["id"]] += 1
        if self.lose_next_answer:
            self.lose_next_answer = False
            self.cut()
        return {"ok": True, "id": message["id"], "seq": message["seq"]}

    async def _on_resume(self, sid: str, data: Json) -> Json:
        self.resumes.append(data)
        messages = [m for m in self.messages if m["seq"] > data["conversation_seq"]]
        notifications = [n for n in self.notifications if n["seq"] > data["notification_seq"]]
        return {
            "messages": messages[: self.page_size],
            "notifications": notifications[: self.page_size],
            "unread": self.unread,
            "more": max(len(messages), len(notifications)) > self.page_size,
        }

    async def _on_notification_ack(self, sid: str, data: Json) -> Json:
        if self.refuse_reads:
            self.refuse_reads -= 1
            return {"ok": False, "code": "too_many_requests"}
        self.acknowledged.append(data["seq"])
        self.unread = sum(1 for n in self.notifications if n["seq"] > data["seq"])
        await self.hub.emit("unread", {"count": self.unread})
        return {"ok": True, "unread": self.unread}

    async def _on_set_language(self, sid: str, data: Json) -> None:
        self.languages.append(data["language"])

    async def _on_typing(self, sid: str, *_: Any) -> None:
        return None

    def _store(self, *, direction: str, text: str, **more: Any) -> Json:
        seq = len(self.messages) + 1
        message = {"id": f"m-{seq}", "seq": seq, "direction": direction, "text": text, "at": now(), **more}
        self.messages.append(message)
        return message

    # Pages

    @staticmethod
    def _file(path: Path) -> Any:
        async def serve(_: web.Request) -> web.FileResponse:
            return web.FileResponse(path)

        return serve

    async def _panel(self, request: web.Request) -> web.Response:
        return web.Response(text=PANEL.format(attributes=request.query.get("with", "")), content_type="text/html")

    async def _delete_session(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Requested-With") == "deskhand":
            self.signed_out += 1
        return web.Response(status=204)

    async def _list_tasks(self, _: web.Request) -> web.Response:
        return web.json_response({"items": self.tasks, "next_cursor": None})

    async def _decide(self, request: web.Request) -> web.Response:
        said = await request.json()
        task, decision = request.match_info["id"], request.match_info["decision"]
        if request.headers.get("Idempotency-Key") in self._keys:
            return web.json_response({})
        if self.refuse_decision:
            return web.json_response({"code": self.refuse_decision}, status=409)
        self._keys.add(request.headers["Idempotency-Key"])
        self.decided.append((task, decision, said))
        self.tasks = [each for each in self.tasks if each["id"] != task]
        return web.json_response({})

    async def _show_preferences(self, _: web.Request) -> web.Response:
        return web.json_response(self.preferences)

    async def _save_preferences(self, request: web.Request) -> web.Response:
        change = await request.json()
        kinds = {each["kind"]: each for each in self.preferences["kinds"]}
        for name, wants in change.pop("kinds", {}).items():
            if kinds[name]["required"] and set((kinds[name]["wants"] | wants).values()) == {"off"}:
                return web.json_response({"code": "must_be_heard"}, status=422)
            kinds[name]["wants"] |= wants
            self.saved.append({name: wants})
        self.saved += [{name: value} for name, value in change.items()]
        self.preferences |= change
        return web.json_response(self.preferences)

    async def _transcript(self, request: web.Request) -> web.Response:
        rest = [each for each in self.messages if each["seq"] > int(request.query["after"])]
        page = rest[: self.page_size]
        following = page[-1]["seq"] if len(rest) > len(page) else None
        return web.json_response({"conversation": "c-1", "messages": page, "next": following})

    async def _add_policy(self, _: web.Request, response: web.StreamResponse) -> None:
        if self.policy:
            response.headers["Content-Security-Policy"] = self.policy


def card(kind: str, title: str, **more: Any) -> Json:
    """A card with every field that the contract names."""
    blank: Json = {
        "id": None,
        "kind": kind,
        "language": "en",
        "title": title,
        "order": None,
        "status": None,
        "facts": [],
    }
    blank |= {
        "lines": [],
        "total": None,
        "items": [],
        "actions": [],
        "expires_at": None,
        "state": "open",
        "outcome": None,
    }
    return blank | more


def draft_card(card_id: str = "card-1", **more: Any) -> Json:
    """The order draft that a clerk's first sentence leads to."""
    facts = {
        "customer": ("客户", "华星科技有限公司"),
        "address": ("送货地址", "上海市浦东新区张江路1号"),
        "due": ("最晚送达", "2026年11月27日（星期五）"),
        "delivery": ("配送方式", "快递"),
    }
    paper = {"sku": "PAPER-A4", "name": "A4纸", "quantity": "20", "unit": "箱", "unit_price": "250.00"}
    printers = {"sku": "PRN-L100", "name": "激光打印机", "quantity": "3", "unit": "台", "unit_price": "1,299.00"}
    draft = card(
        "order_draft",
        "请确认新订单",
        id=card_id,
        language="zh",
        status={"code": "draft", "label": "草稿"},
        facts=[{"key": key, "label": label, "value": value} for key, (label, value) in facts.items()],
        lines=[
            paper | {"amount": "5,000.00", "note": "1箱 = 10包；现货 86 箱"},
            printers | {"amount": "3,897.00", "note": None},
        ],
        total={"label": "合计", "value": "¥ 8,897.00"},
        actions=[
            {"id": "confirm", "label": "确认下单", "style": "primary"},
            {"id": "reject", "label": "取消", "style": "default"},
        ],
        edits=[
            edit("quantity", "A4纸", "20", "A4纸改成{value}箱", sku="PAPER-A4", type="number", drop="去掉A4纸"),
            edit(
                "quantity",
                "激光打印机",
                "3",
                "激光打印机改成{value}台",
                sku="PRN-L100",
                type="number",
                drop="去掉激光打印机",
            ),
            edit("customer", "客户", facts["customer"][1], "客户改成{value}", apart=True),
            edit("address", "送货地址", facts["address"][1], "送货地址改成{value}"),
            edit("due", "最晚送达", "2026-11-27", "要求送达改成{value}", type="date", min="2026-11-20"),
        ],
        expires_at=now(30),
    )
    return draft | more


def edit(key: str, label: str, value: str, say: str, **more: Any) -> Json:
    return {"key": key, "label": label, "type": "text", "value": value, "say": say} | more


def task(number: str = "SR-1001", node: str = "approve_by_manager", **more: Any) -> Json:
    """Something to approve, as `GET /api/tasks` has it."""
    waiting: Json = {
        "id": f"{number}.{node}", "case": number, "node": node,
        "title": {"zh": "经理审批", "en": "Manager's approval"},
        "process": "spend_request", "process_title": {"zh": "费用申请", "en": "Spend request"},
        "subject": {"zh": "两台显示器，3,200.00 元", "en": "Two screens, CNY 3,200.00"},
        "status": "awaiting_approval", "since": now(-90), "due_at": now(600), "claimed_by": None,
        "decisions": ["approve", "reject", "return"], "reason_for": ["reject", "return"], "fields": [], "facts": {},
        "on_behalf_of": None, "stopped": None, "version": 3,
    }  # fmt: skip
    return waiting | more


def choice_card() -> Json:
    customers = {"Acme Ltd": "London · 12 orders", "Acme Inc": "Boston · 3 orders"}
    return card(
        "choices",
        "Which customer do you mean?",
        id="card-choice",
        items=[{"order": None, "title": name, "subtitle": where} for name, where in customers.items()],
        actions=[{"id": f"choose:{n}", "label": name, "style": "default"} for n, name in enumerate(customers, 1)],
        expires_at=now(30),
    )


def report_card() -> Json:
    rows = [("shipped", "Shipped", "3", "CNY 8,897.00"), ("late", "Late", "1", "CNY 459.00")]
    table = {
        "columns": ["Figure", "Orders", "Amount"],
        "rows": [{"key": key, "cells": cells} for key, *cells in rows],
    }
    return card("report", "Report: today", table=table)


def several_card() -> Json:
    """Several commands with one yes."""
    effect = "一次确认，按顺序办理。有一项办不了就停下，前面办好的保留，后面的不办。"
    steps = {
        "1. 确认订单 SO-1001": "华星科技有限公司 · 待确认 → 已确认待入库 · 8,897.00 元 · 确认后向客户开出发票。",
        "2. 修改订单 SO-1004": "东方贸易 · 待确认 · A4纸 30 箱 (原 20箱) · 5,000.00 元 → 7,500.00 元 · 订单照此修改。",
        "3. 取消订单 SO-1007": "华星科技有限公司 · 待确认 → 已取消 · 459.00 元 · 原因：下错单了 · 订单作废。",
    }
    return card(
        "command",
        "依次办理 3 项",
        id="card-several",
        language="zh",
        facts=[{"key": "effect", "label": "说明", "value": effect}],
        items=[{"order": None, "title": title, "subtitle": what} for title, what in steps.items()],
        actions=[
            {"id": "confirm", "label": "确认", "style": "danger"},
            {"id": "reject", "label": "不办", "style": "default"},
        ],
        expires_at=now(30),
    )


def orders_card() -> Json:
    orders = {"SO-1001": ("Huaxing Technology", "CNY 8,897.00"), "SO-1004": ("Acme Ltd", "CNY 459.00")}
    return card(
        "orders",
        "Orders waiting for shipment",
        items=[
            {"order": number, "title": name, "subtitle": f"awaiting shipment · {total}"}
            for number, (name, total) in orders.items()
        ],
    )
