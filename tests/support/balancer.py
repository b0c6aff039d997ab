"""A balancer as companies put one before several gateways: it passes connections on, each client's to one gateway."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

_CLIENT = re.compile(rb"[?&]client=(\d+)")  # stands for the address by which a real one tells clients apart


@asynccontextmanager
async def balancer(gateways: Sequence[str]) -> AsyncIterator[str]:
    """Its address; whoever asks with `client=n` is passed on to the n-th of the addresses, counted in a circle."""
    open_ones: set[asyncio.Task[None]] = set()

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        ends = [writer]
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            found = _CLIENT.search(head)
            host, port = gateways[int(found[1]) % len(gateways) if found else 0].removeprefix("http://").split(":")
            behind, onward = await asyncio.open_connection(host, int(port))
            ends.append(onward)
            onward.write(head)
            await asyncio.gather(_pour(reader, onward), _pour(behind, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # a task of start_server must not end cancelled: asyncio asks it for its exception
        finally:
            for end in ends:
                end.close()
            await asyncio.gather(*(end.wait_closed() for end in ends), return_exceptions=True)
            open_ones.discard(task)

    server = await asyncio.start_server(passed_on, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(open_ones):
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
    finally:
        writer.close()
