"""Overload: locust asks for several times what the server takes, in turn with just what it takes.

The server is a process of its own with a short queue, on the packaged model. Wanted: each shed request is a 429 within
50 ms, and those that are served take no more than a quarter longer than without overload. Locust's crowd takes a good
part of a small machine and sees its own delays too; so one caller more, who asks now and then, is measured beside it.
"""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, rounded
from tests.support.deskhand import ROOT, free_ports

QUEUE, ROUNDS, SECONDS, TIMES = 4, 3, 12, 4
COMING = 3  # seconds within which a crowd is there
MODEL = "smollm2-135m-instruct"
CROWD = Path(__file__).with_name("crowd.py")


@dataclass(frozen=True, slots=True)
class Told:
    """What a crowd was told in one round: seconds of what was served and shed, and how many got neither."""

    served: list[float]
    shed: list[float]
    others: int


def measure(bench: Bench) -> Iterator[Row]:
    with _server(bench.folder) as address:
        places = int(_figure(address, f'llm_max_num_seqs{{model_name="{MODEL}"}}') or 1) + QUEUE
        _crowd(address, places, 8)
        rounds, beside = [], []
        for _ in range(ROUNDS):
            calm = _crowd(address, places, SECONDS)
            with _caller_beside(address) as shed:
                rounds.append((calm, _crowd(address, places * TIMES, SECONDS)))
            beside += shed
    yield from _rows(rounds, places)
    yield _shed_row("shed with 429, slowest, of a caller beside", beside)


def _rows(rounds: list[tuple[Told, Told]], places: int) -> Iterator[Row]:
    calm, full = ([second for one in part for second in one.served] for part in zip(*rounds, strict=True))
    shed = [second for _, over in rounds for second in over.shed]
    others = sum(calm.others + over.others for calm, over in rounds)
    ratio = statistics.median(statistics.mean(over.served) / statistics.mean(calm.served) for calm, over in rounds)
    yield Row(
        "served, as many as it takes", statistics.median(calm) * 1000, "ms", f"{places} users, {len(calm)} served"
    )
    yield Row(f"served, {TIMES} times as many", statistics.median(full) * 1000, "ms", f"{len(full)} served")
    yield Row("served, longer by overload", ratio, "times", "wanted: at most 1.25")
    yield _shed_row("shed with 429, slowest, of the crowd", shed)
    yield Row("neither served nor shed", others, "requests", "wanted: 0")


def _shed_row(name: str, shed: list[float]) -> Row:
    late = sum(second > 0.05 for second in shed)
    note = f"{len(shed)} shed, median {rounded(statistics.median(shed) * 1000)} ms, {late} after 50 ms"
    return Row(name, max(shed) * 1000, "ms", note)


@contextmanager
def _caller_beside(address: str) -> Iterator[list[float]]:
    """Gives the seconds after which each of its requests was shed; one that is let in is given up."""
    shed: list[float] = []
    over = threading.Event()
    asking = threading.Thread(target=_ask_now_and_then, args=(address, shed, over))
    asking.start()
    try:
        yield shed
    finally:
        over.set()
        asking.join()


def _ask_now_and_then(address: str, shed: list[float], over: threading.Event) -> None:
    body = json.dumps({"model": MODEL, "messages": [{"role": "user", "content": "Now."}], "max_tokens": 1})
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=0.5)
    while not over.wait(0.05):
        began = time.perf_counter()
        try:
            connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 429:
                shed.append(time.perf_counter() - began)
        except (OSError, http.client.HTTPException):
            connection.close()
    connection.close()


def _crowd(address: str, users: int, seconds: int) -> Told:
    command = [
        sys.executable, "-m", "locust", "-f", str(CROWD), "--headless", "--json", "--loglevel", "ERROR",
        "--host", address, "--users", str(users), "--spawn-rate", str(users / COMING), "--run-time", f"{seconds}s",
        "--stop-timeout", "30",
    ]  # fmt: skip
    environ = {**os.environ, "OVERLOAD_MODEL": MODEL}
    told = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
    by_name = {entry["name"]: entry for entry in json.loads(told.stdout[told.stdout.index("[") :])}
    others = sum(entry["num_requests"] for name, entry in by_name.items() if name not in {"served", "shed"})
    return Told(_seconds(by_name.get("served")), _seconds(by_name.get("shed")), others)


def _seconds(entry: dict[str, dict[str, int]] | None) -> list[float]:
    """Locust counts rounded milliseconds: to the whole one below 100, above to two digits."""
    times = entry["response_times"] if entry else {}
    return [float(milliseconds) / 1000 for milliseconds, count in times.items() for _ in range(count)]


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    (port,) = free_ports(1)
    environ = {
        **os.environ, "LLM_PORT": str(port), "LLM_QUEUE_LIMIT": str(QUEUE), "LLM_CACHE_MB": "0",
        "LLM_THREADS": "1", "LLM_TIMEOUT_SECONDS": "120", "HF_HUB_OFFLINE": "1",
    }  # fmt: skip
    with (folder / "overload.log").open("w") as log:
        process = subprocess.Popen([sys.executable, "-m", "llm_server"], cwd=ROOT, env=environ, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _await_ready(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(60)


def _await_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(address + "/readyz", timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the language model server did not get ready")


def _figure(address: str, name: str) -> float | None:
    with urllib.request.urlopen(address + "/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name)), None)
