"""What docs/agent.md and the docstring say is run, with a model of no size under the name that they use."""

from __future__ import annotations

import os
import re
import runpy
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

import llm_server.agent
from llm_server.registry import Registry
from llm_server.settings import DEFAULT_MODEL_DIR
from tests.agent.conftest import Elsewhere
from tests.llm_server.tiny_model import make_tiny_model
from tests.support.deskhand import ROOT


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with nothing but the model."""
    make_tiny_model(tmp_path / DEFAULT_MODEL_DIR)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LLM_REGISTRY", raising=False)
    return tmp_path


def test_the_page_does_what_it_says(place: Path, elsewhere: Elsewhere) -> None:
    elsewhere.engine.words = ['{"value": "yes"}']
    page = (ROOT / "docs" / "agent.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (place / "page.py").write_text("\n".join(blocks).replace("http://127.0.0.1:8080", elsewhere.url), encoding="utf-8")

    said = runpy.run_path(str(place / "page.py"))

    assert len(blocks) == 5
    assert said["trained"].after["perplexity_answers"] < said["trained"].before["perplexity_answers"]
    entry = Registry(str(place / "var/registry")).version("letters")
    assert (entry.version, entry.is_adapter) == (1, True)
    assert entry.evaluation == said["trained"].after
    assert [thread.name for thread in threading.enumerate() if thread.name == "agent"] == []


def test_the_module_s_own_example_runs(place: Path) -> None:
    indented = re.findall(r"(?:^    .*\n|^\n)+", llm_server.agent.__doc__ or "", re.MULTILINE)
    (place / "example.py").write_text(textwrap.dedent("".join(indented)), encoding="utf-8")

    assert "agent" in runpy.run_path(str(place / "example.py"))


def test_the_model_s_process_goes_with_a_python_that_is_killed(place: Path) -> None:
    script = place / "killed.py"
    script.write_text(
        "import os, psutil, signal, sys\n"
        "from llm_server.agent import Agent\n"
        f"agent = Agent.load({DEFAULT_MODEL_DIR.name!r})\n"
        "print(*[child.pid for child in psutil.Process().children(recursive=True)], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    ended = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True)

    pids = [int(pid) for pid in ended.stdout.split()]
    assert (ended.returncode, bool(pids)) == (-signal.SIGKILL, True), ended.stderr
    until = time.monotonic() + 300
    while any(_runs(pid) for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
