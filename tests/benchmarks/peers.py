"""Servers of language models that are measured side by side: ours, and those that were put under var/peers.

`python -m tests.benchmarks.make_peers` puts them there.

Knows nothing of what is measured.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.deskhand import ROOT

PEERS = ROOT / "var" / "peers"
START_SECONDS = 120
THREADS = str(os.cpu_count() or 1)
GPU = shutil.which("nvidia-smi") is not None
CACHE_TOKENS = 16_384  # of each; ours by default


@dataclass
class Peer:
    """A running server. `model` is the name by which it knows the one model."""

    name: str
    address: str
    model: str
    process: psutil.Popen

    def memory(self) -> float:
        """Megabytes of all its processes, what they share counted once."""
        return self._sum(lambda one: one.memory_full_info().pss) / 1e6

    def worked(self) -> float:
        """Processor seconds of all its processes so far."""
        return self._sum(lambda one: sum(one.cpu_times()[:2]))

    def rest(self) -> None:
        for one in self._family():
            one.suspend()

    def go_on(self) -> None:
        for one in self._family():
            one.resume()

    def stop(self) -> None:
        family = self._family()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(family, timeout=10)
        self.process.wait(10)

    def _sum(self, measured: Callable[[psutil.Process], float]) -> float:
        """One that has ended meanwhile, as an engine that was changed for another, counts for nothing."""
        found = 0.0
        for one in self._family():
            with suppress(psutil.NoSuchProcess):
                found += measured(one)
        return found

    def _family(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return [self.process, *self.process.children(recursive=True)]
        return []


def ours(folder: Path, model: Path, more: Mapping[str, str] | None = None) -> Peer:
    """`more`: variables that are set beside the usual ones."""
    port = _free_port()
    environment = {
        "LLM_PORT": str(port), "LLM_MODEL_DIR": str(model), "LLM_THREADS": THREADS, "LLM_DTYPE": "bfloat16",
        "LLM_CACHE_MB": "0", "LLM_QUEUE_LIMIT": "64", "LLM_TIMEOUT_SECONDS": "300", "LLM_API_KEY": "",
        **(more or {}),
    }  # fmt: skip
    command = [sys.executable, "-m", "llm_server"]
    return _started("llm_server", folder, port, model.name, command, environment, "/readyz")


def transformers_serve(folder: Path, model: Path) -> Peer:
    """With a cache as large as ours: left to itself it takes most of the memory."""
    port = _free_port()
    python = PEERS / "transformers" / "bin" / "python"
    command = [
        str(python), "-m", "transformers.cli.transformers", "serve", "--continuous-batching", "--dtype", "bfloat16",
        "--device", "auto", "--attn-implementation", "sdpa", "--cb-num-blocks", str(CACHE_TOKENS // 256),
        "--cb-max-batch-tokens", "512",
        "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    # Threads that wait for each other by spinning cost it nine tenths of its speed beside a busy neighbour.
    environment = {"HF_HUB_OFFLINE": "1", "OMP_WAIT_POLICY": "PASSIVE", "OMP_NUM_THREADS": THREADS}
    name = "transformers serve --continuous-batching"
    return _started(name, folder, port, str(model), command, environment, "/health")


def vllm(folder: Path, model: Path) -> Peer:
    port = _free_port()
    python = PEERS / "vllm" / "bin" / "python"
    command = [
        str(python), "-m", "vllm.entrypoints.openai.api_server", "--model", str(model), "--served-model-name", "m",
        "--dtype", "bfloat16", "--max-model-len", "4096", "--host", "127.0.0.1", "--port", str(port),
        *([] if GPU else ["--enforce-eager"]),
    ]  # fmt: skip
    environment = {"VLLM_CPU_KVCACHE_SPACE": "1", "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    environment["VLLM_CPU_NUM_OF_RESERVED_CPU"] = "0"  # it would leave one out
    return _started(
        "vLLM" if GPU else "vLLM (vllm-cpu 0.32, eager)", folder, port, "m", command, environment, "/health"
    )


KINDS: dict[str, Callable[[Path, Path], Peer]] = {
    "llm_server": ours,
    "transformers": transformers_serve,
    "vllm": vllm,
}


def present(kind: str) -> bool:
    return kind == "llm_server" or (PEERS / kind / "bin" / "python").exists()


@contextmanager
def running(folder: Path, model: Path, kinds: list[str]) -> Iterator[tuple[list[Peer], dict[str, str]]]:
    """Those that started, and why the others did not; ours must."""
    peers: list[Peer] = []
    problems: dict[str, str] = {}
    try:
        for kind in kinds:
            try:
                peers.append(KINDS[kind](folder, model))
            except RuntimeError as problem:
                if kind == "llm_server":
                    raise
                problems[kind] = str(problem)
        yield peers, problems
    finally:
        for peer in peers:
            peer.go_on()
            peer.stop()


def _started(
    name: str, folder: Path, port: int, model: str, command: list[str], environment: dict[str, str], health: str
) -> Peer:
    log = folder / f"{name.split()[0]}.log"
    with log.open("wb") as file:
        process = psutil.Popen(
            command, cwd=ROOT if command[0] == sys.executable else folder, stdout=file, stderr=subprocess.STDOUT,
            env={**os.environ, **environment}, start_new_session=True,
        )  # fmt: skip
    peer = Peer(name, f"http://127.0.0.1:{port}", model, process)
    limit = time.monotonic() + START_SECONDS
    while not _healthy(peer.address + health):
        if process.poll() is not None or time.monotonic() > limit:
            peer.stop()
            raise RuntimeError(f"{name} did not start: {log.read_text(errors='replace').strip()[-300:]}")
        time.sleep(0.2)
    return peer


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
