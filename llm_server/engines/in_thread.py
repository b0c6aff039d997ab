"""Work that blocks, in a thread that nobody waits for when the server ends. Knows nothing of what it does."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result]) -> Result:
    """What the work gives, or raises; it may take minutes, and goes on alone if its caller goes away."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Result] = loop.create_future()

    def told(result: Result | None, problem: BaseException | None) -> None:
        if outcome.done():
            return
        if problem is not None:
            outcome.set_exception(problem)
        else:
            outcome.set_result(result)  # type: ignore[arg-type]  # None only where the work gives None

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except Exception as raised:  # handed on to whoever waits
            problem = raised
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(told, result, problem)

    threading.Thread(target=run, name="work", daemon=True).start()
    return await outcome
