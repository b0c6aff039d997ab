"""`python -m tests.benchmarks.fan_out.server ours|stock`: a Socket.IO server that does what it is told on its input.

`emit K` sends K events to all in the room, `cpu` prints this process's seconds of processor, the end of input ends it.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from typing import Any

import socketio
from aiohttp import web

from deskhand.garbage import collect_seldom
from deskhand.gateway.socket_server import make_server

EVENT, ROOM = "notification", "all"
DATA = {
    "id": "0f6c2f3a9d5b4a7e8c1d2e3f4a5b6c7d", "seq": 123456, "sender": "clerk", "receiver": "role:warehouse",
    "content": "SO-1042 is confirmed: 20 boxes of A4 paper and 3 printers leave by courier on Friday.",
    "order": "SO-1042",
    "at": "2026-11-22T08:00:00+00:00",
}  # fmt: skip
PING_SECONDS = 300  # none of them comes during a run


def _server(kind: str) -> Any:
    calm = {"ping_interval": PING_SECONDS, "ping_timeout": PING_SECONDS}
    if kind == "ours":
        return make_server("*", 1 << 16, **calm)
    return socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*", **calm)


async def serve(kind: str) -> None:
    server, app = _server(kind), web.Application()

    async def connect(sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        await server.enter_room(sid, ROOM)

    server.on("connect", connect)
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    say(str(runner.addresses[0][1]))
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        if line[0] == "emit":
            for _ in range(int(line[1])):
                await server.emit(EVENT, DATA, room=ROOM)
                await asyncio.sleep(0)
            say("emitted")
        else:
            say(str(time.process_time()))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    collect_seldom()  # as the gateway does
    asyncio.run(serve(sys.argv[1]))
