"""JSON schemas -> grammars, in a process that is killed if it takes too long. Knows nothing of models or HTTP."""

import asyncio
import logging
import re
from collections import OrderedDict

from llm_server.engines.child_process import ChildProcess
from llm_server.engines.engine import Grammar
from llm_server.errors import InvalidRequest

log = logging.getLogger(__name__)

KEPT = 64
START_SECONDS = 60.0
_PLACE = re.compile(r"^\[[\d:]+\] \S+:\d+: ")


class GrammarCompiler:
    """Compiles one grammar at a time; those compiled before are kept."""

    def __init__(self, seconds: float = 10.0, module: str = "llm_server.engines.grammar_process") -> None:
        self._seconds = seconds
        self._module = module
        self._child: ChildProcess | None = None
        self._turn = asyncio.Lock()
        self._kept: OrderedDict[tuple[str | None, int], str] = OrderedDict()

    async def compiled(self, grammar: Grammar, vocabulary: str) -> str:
        """The grammar as text.

        Raises:
            InvalidRequest: it isn't one, or takes too long.
        """
        key = (grammar.schema, hash(vocabulary))
        if key not in self._kept:
            async with self._turn:
                made = self._kept.get(key) or await self._made(grammar, vocabulary)
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    async def close(self) -> None:
        """Ends the process."""
        if self._child is not None:
            await self._child.kill()
            self._child = None

    async def _made(self, grammar: Grammar, vocabulary: str) -> str:
        try:
            fresh = await self._started()
            answer = await self._asked(grammar, vocabulary)
            if answer is None and not fresh:  # it had gone home
                await self.close()
                await self._started()
                answer = await self._asked(grammar, vocabulary)
        except TimeoutError:
            log.warning("a grammar was given up after %.0f s", self._seconds)
            await self.close()
            raise _refused("its grammar takes too long to compile") from None
        except asyncio.CancelledError:
            await self.close()  # half a conversation is of no use to the next
            raise
        if answer is None:
            await self.close()
            raise _refused("its grammar needs too much memory to compile")
        made, problem = answer
        if made is None:
            raise _refused(problem or "it can't be compiled")
        return made

    async def _started(self) -> bool:
        """Whether the process had to be started; that is not counted as compiling, a busy machine may take long."""
        if self._child is not None:
            return False
        async with asyncio.timeout(START_SECONDS):
            self._child = await ChildProcess.start(self._module)
            await self._child.wire.receive()  # it says that it is ready
        return True

    async def _asked(self, grammar: Grammar, vocabulary: str) -> tuple[str | None, str | None] | None:
        """What the process says; None if it died over it."""
        if self._child is None:
            return None
        async with asyncio.timeout(self._seconds):
            self._child.wire.send("compile", grammar.schema, vocabulary)
            answer = await self._child.wire.receive()
        return None if answer is None else (answer[0], answer[1])


def _refused(why: str) -> InvalidRequest:
    """The compiler says before its words when and in which line of its own source it said them."""
    said = _PLACE.sub("", why).strip().rstrip(".")
    return InvalidRequest(f"The schema can't be used: {said}.", param="response_format", code="invalid_schema")
