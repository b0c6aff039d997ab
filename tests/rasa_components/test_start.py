"""How Rasa is started, in its own Python: secrets from files, a log without people, faults without variables."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from deskhand.cli.services import rasa_python
from tests.support.deskhand import ROOT

pytestmark = pytest.mark.rasa

FAULT = """
import logging, sys
from rasa_components import start
start.keep_variables_out()
sys.stdout = start.MaskedStream(sys.stdout)
from rasa.utils.log_utils import configure_structlog
configure_structlog(logging.INFO)
import structlog
def answer(text):
    token = "not-to-be-seen"
    raise ValueError("no answer")
try:
    answer("what a person wrote")
except ValueError:
    structlog.get_logger().exception("fault.of.ours", who="wang.wei@example.com")
sys.stdout.close()
"""
FILES = """
import json, os
from rasa_components.start import read_files
read_files(os.environ)
print(json.dumps({name: value for name, value in os.environ.items() if "TOKEN" in name}))
"""
THREADS = """
import os, runpy, sys
from rasa_components import start
runpy.run_module = lambda *_, **__: None
start.work_out_once = lambda: print(*map(os.environ.get, start.THREADS), "numpy" in sys.modules)
start.main()
"""
LINES = """
import sys
from rasa_components.start import masked_line
for line in sys.stdin.read().splitlines():
    print(masked_line(line))
"""


def rasas(
    code: str, stdin: str = "", arguments: Sequence[str] = (), **environ: str
) -> subprocess.CompletedProcess[str]:
    if not rasa_python(ROOT).exists():
        pytest.skip("no .venv-dialogue: make setup")
    return subprocess.run(
        [str(rasa_python(ROOT)), "-W", "ignore", "-c", code, *arguments], cwd=ROOT, input=stdin, capture_output=True,
        text=True, check=False, env={**{k: v for k, v in os.environ.items() if "TOKEN" not in k}, **environ},
    )  # fmt: skip


def test_a_fault_is_logged_without_the_codes_variables() -> None:
    ran = rasas(FAULT)

    assert ran.returncode == 0, ran.stderr
    assert "fault.of.ours" in ran.stdout and "ValueError" in ran.stdout and "<e-mail>" in ran.stdout
    assert "not-to-be-seen" not in ran.stdout and "what a person wrote" not in ran.stdout.replace(FAULT, "")


def test_secrets_are_read_from_files_and_not_from_both(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-the-file\n")
    named = {"DESKHAND_RASA_TOKEN_FILE": str(tmp_path / "token")}

    read = rasas(FILES, **named)
    both = rasas(FILES, **named, DESKHAND_RASA_TOKEN="x")
    none = rasas(FILES, DESKHAND_RASA_TOKEN_FILE=str(tmp_path / "none"))

    assert json.loads(read.stdout) == {"DESKHAND_RASA_TOKEN": "from-the-file"}
    assert both.returncode == none.returncode == 1
    assert "both set" in both.stderr and "can't be read" in none.stderr


def test_people_keys_and_control_characters_are_masked() -> None:
    lines = {
        "mail wang.wei@example.com, 13800138000": "mail <e-mail>, <phone>",
        "redis://:pw-pw@redis:6379/1": "redis://:***@redis:6379/1",
        'login {"password": "hunter2"}': 'login {"password": ***}',
        "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc": "token <token>",
        "\x1b[31mred\x07": r"\x1b[31mred\x07",
        "Rasa server is up and running, 127.0.0.1:5005": "Rasa server is up and running, 127.0.0.1:5005",
    }

    assert rasas(LINES, "\n".join(lines)).stdout.splitlines() == list(lines.values())


OUTPUT = """
import asyncio, json
from rasa_components.desk_channel import DeskOutput
output = DeskOutput()
for message in (
    {"text": "Hello!", "utter_action": "utter_greet", "timestamp": 1.0},
    {"text": "Ours.", "utter_action": "utter_help", "own_words": True},
    {"text": "One.\\n\\nTwo.", "utter_action": "utter_two"},
    {"text": "Ask?", "buttons": [{"title": "a", "payload": "a"}], "utter_action": "utter_ask"},
    {"text": "written by the model"},
    {"text": None, "custom": {"card": {}}},
):
    asyncio.run(output.send_response("c-0", message))
print(json.dumps(output.messages))
"""


def test_the_gateway_is_told_which_sentence_it_is_unless_the_company_has_put_its_own_words_in() -> None:
    ran = rasas(OUTPUT)

    assert ran.returncode == 0, ran.stderr
    told = [(message.get("text"), message.get("response")) for message in json.loads(ran.stdout)]
    assert told == [
        ("Hello!", "utter_greet"), ("Ours.", None), ("One.", "utter_two"), ("Two.", "utter_two"),
        ("Ask?", "utter_ask"), ("written by the model", None), (None, None),
    ]  # fmt: skip


def test_rasa_does_not_start_without_the_shared_secret() -> None:
    code = "from rasa_components.desk_channel import DeskInput; DeskInput.from_credentials(None)"

    for environ in (
        {},
        {"DESKHAND_RASA_TOKEN": "short"},
        {"DESKHAND_RASA_TOKEN": "x" * 40, "DESKHAND_RASA_TOKEN_PREVIOUS": "y"},
    ):
        ran = rasas(code, **environ)
        assert (
            ran.returncode
            and "DESKHAND_RASA_TOKEN is not set, or shorter" in ran.stderr
            and "short\n" not in ran.stderr
        )


@pytest.mark.parametrize(("said", "printed"), [({}, "1 1 False"), ({"OPENBLAS_NUM_THREADS": "4"}, "4 1 False")])
def test_one_thread_recognises_a_message_unless_somebody_says_otherwise(said: dict[str, str], printed: str) -> None:
    ran = rasas(THREADS, **said)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == printed
