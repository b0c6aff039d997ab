"""``python -m llm_server.engines.engine_process``: one model in a process of its own, at the other end of a wire.

Killed, out of memory or stuck, it takes nothing else along: the server starts it anew. Knows nothing of HTTP.
"""

import dataclasses
import gc
import logging
import os
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any

from llm_server.engines.engine import ChoiceFinished, EngineFigures, GenerationEvent, GenerationRequest
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.wire import BlockingWire
from llm_server.errors import LlmError
from llm_server.log_format import set_up

log = logging.getLogger("llm_server.engine")

# What it tells of itself at each start is of no use to who runs the server.
logging.getLogger("ContinuousBatchingLogger").setLevel(logging.WARNING)

FIGURES_SECONDS = 1.0


def main() -> None:
    """Loads the model that the first message names, then serves until the other end is gone."""
    set_up()
    _be_killed_first()
    threading.excepthook = _end_with_thread
    wire = BlockingWire(socket.socket(fileno=int(sys.argv[1])))
    first = wire.receive()
    if first is None:
        return
    try:
        process = EngineProcess(wire, first[1])
    except LlmError as problem:
        wire.send("unloadable", type(problem).__name__, str(problem))
        return
    except ModuleNotFoundError as problem:
        wire.send("missing", str(problem.name))
        return
    except (OSError, ValueError, RuntimeError) as problem:
        wire.send("unloadable", type(problem).__name__, f"The model can't be loaded: {problem}")
        return
    try:
        process.serve()
    finally:
        os._exit(1)  # threads that compute are not waited for


class EngineProcess:
    """The model, its lanes, and who asked for what."""

    def __init__(self, wire: BlockingWire, spec: ModelSpec) -> None:
        from llm_server.engines.lean_torch import keep_lean

        keep_lean()
        from llm_server.engines.batch_lane import BatchLane
        from llm_server.engines.grammar_guide import Grammars
        from llm_server.engines.model_loading import load
        from llm_server.engines.plain_lane import PlainLane

        self._wire = wire
        self._open: dict[str, int] = {}  # choices that have not ended, by request
        self._lock = threading.Lock()
        self._loaded = load(spec)
        self._grammars = Grammars(self._loaded.tokenizer, self._loaded.size, self._loaded.vocabulary.ends)
        self._batch = BatchLane(self._loaded, spec, self._tell)
        self._plain = PlainLane(self._loaded, self._tell)
        self._encoder = ThreadPoolExecutor(1, "encoder")
        self._spec = spec

    def serve(self) -> None:
        """Starts the lanes, says that it is ready, then does as it is told."""
        from llm_server.engines.hardware import give_back_freed

        self._batch.start()
        self._plain.start()
        gc.collect()
        gc.freeze()
        give_back_freed()
        self._wire.send("ready", self._loaded.context_length, self._loaded.size, self._loaded.digest)
        threading.Thread(target=self._report, name="figures", daemon=True).start()
        while (message := self._wire.receive()) is not None:
            getattr(self, f"_on_{message[0]}")(*message[1:])

    def _on_encode(self, number: int, source: Any) -> None:
        self._encoder.submit(self._answer, number, lambda: self._loaded.encode(source))

    def _on_vocabulary(self, number: int) -> None:
        self._encoder.submit(self._answer, number, lambda: self._grammars.info().serialize_json())

    def _on_generate(self, request_id: str, request: GenerationRequest, grammar: str | None) -> None:
        with self._lock:
            self._open[request_id] = request.choices
        try:
            if request.sampling.beams > 1:
                self._plain.submit(request_id, request)
            else:
                guides = self._grammars.guides(grammar, request.choices) if grammar else []
                self._batch.submit(request_id, request, guides)
        except Exception as problem:  # a request that can't even begin is told so; the others go on
            log.exception("a request could not begin")
            self._tell(request_id, [], type(problem).__name__)

    def _on_cancel(self, request_id: str) -> None:
        with self._lock:
            self._open.pop(request_id, None)
        self._batch.cancel(request_id)
        self._plain.cancel(request_id)

    def _answer(self, number: int, work: Any) -> None:
        try:
            self._wire.send("answer", number, work(), None)
        except Exception as problem:  # told to whoever asked
            self._wire.send("answer", number, None, f"{type(problem).__name__}: {problem}"[:300])

    def _tell(self, request_id: str, events: list[GenerationEvent], failed: str | None) -> None:
        ended = sum(isinstance(event, ChoiceFinished) for event in events)
        with self._lock:
            if request_id not in self._open:
                return
            self._open[request_id] -= ended
            over = failed is not None or self._open[request_id] <= 0
            if over:
                del self._open[request_id]
        if events:
            self._wire.send("events", request_id, events)
        if over:
            self._wire.send("over", request_id, failed)
        if failed:
            self._batch.cancel(request_id)

    def _report(self) -> None:
        last = None
        while True:
            figures = dataclasses.replace(self._batch.figures(), memory_bytes=_memory())
            if figures != last:
                self._wire.send("figures", figures)
                last = figures
            if not self._batch.is_alive:
                os._exit(1)
            sleep(FIGURES_SECONDS)


def _end_with_thread(died: threading.ExceptHookArgs) -> None:
    """Half an engine answers nobody; the server starts a whole one."""
    with suppress(Exception):  # there may be no memory left to say anything
        log.error("a thread died: %s", died.exc_type.__name__)
    os._exit(1)


def _memory() -> int:
    with suppress(OSError, ValueError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return EngineFigures().memory_bytes


def _be_killed_first() -> None:
    """When the machine runs out of memory, this process is the one that can be started again."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


if __name__ == "__main__":
    main()
