"""A process of this program's own, at the other end of a wire. Knows nothing of what it does."""

import asyncio
import os
import socket
import sys
from contextlib import ExitStack, suppress

from llm_server.engines.wire import AsyncWire

# Two arenas: a thread more must not mean sixty megabytes more. Nothing is ever downloaded.
_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "2",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_WAIT_POLICY": "PASSIVE",  # spinning costs most of the speed beside a busy neighbour
}


class ChildProcess:
    """A started process; it ends when this end of the wire does, however that comes about."""

    def __init__(self, process: asyncio.subprocess.Process, wire: AsyncWire) -> None:
        self._process = process
        self.wire = wire

    @classmethod
    async def start(cls, module: str) -> "ChildProcess":
        """Runs ``python -m module``, which finds its end of the wire under the number in its first argument."""
        ours, theirs = socket.socketpair()
        with ExitStack() as unless_started, theirs:
            unless_started.enter_context(ours)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                env={**os.environ, **_ENVIRONMENT},
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C is for the server, which ends its children itself
            )
            unless_started.pop_all()
        return cls(process, await AsyncWire.over(ours))

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    async def ended(self) -> int:
        """Waits for its end; its exit code, negative for a signal."""
        return await self._process.wait()

    async def kill(self) -> None:
        """Ends it at once, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self.wire.close()
