"""``python -m llm_server`` as the supervisor sees it: exit codes, messages, a clean stop."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import llm_server

ROOT = Path(llm_server.__file__).parents[1]


def start(**environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "llm_server"],
        cwd=ROOT,
        env={**os.environ, "LLM_PORT": "0", **environ},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_setting_that_can_not_be_used_ends_it_with_2():
    with start(LLM_PORT="http") as server:
        assert server.wait(20) == 2
        assert "LLM_PORT='http'" in server.stderr.read()


@pytest.mark.model
def test_a_missing_model_ends_it_with_1_and_the_command(tmp_path):
    with start(LLM_MODEL_DIR=str(tmp_path / "none")) as server:
        assert server.wait(60) == 1
        said = server.stderr.read()

    assert "python -m llm_server.convert --out" in said
    assert "Traceback" not in said


def test_a_file_of_models_that_can_not_be_used_ends_it_with_2_before_anything_is_loaded(tmp_path):
    file = tmp_path / "models.yml"
    file.write_text("models: [{name: a, backend: local, folder: /nowhere}]")

    with start(LLM_MODELS_FILE=str(file)) as server:
        assert server.wait(20) == 2
        assert "there is no config.json in /nowhere" in server.stderr.read()


@pytest.mark.model
def test_it_answers_before_the_model_is_loaded_and_stops_cleanly(model_folder):
    with start(LLM_MODEL_DIR=str(model_folder), LLM_THREADS="1") as server:
        url = next(line.split()[-4].rstrip(",") for line in server.stderr if "listening on" in line)
        assert urllib.request.urlopen(url + "/livez", timeout=5).status == 200
        wait_until_ready(url)

        server.send_signal(signal.SIGTERM)

        assert server.wait(20) == 0
        assert "Traceback" not in server.stderr.read()


def wait_until_ready(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url + "/readyz", timeout=5).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            time.sleep(0.1)
    raise AssertionError("never ready")


def test_the_server_knows_nothing_of_the_rest_and_answers_without_torch():
    loaded = "{name.split('.')[0] for name in sys.modules}"
    code = f"import sys, llm_server.__main__; sys.exit(bool({loaded} & {{'deskhand', 'actions', 'torch'}}))"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=30).returncode == 0
