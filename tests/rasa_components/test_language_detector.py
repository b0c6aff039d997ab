"""The component in its own Python: what language a message is in, and when it cannot be told."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from deskhand.cli.services import rasa_python
from deskhand.language import detect_language

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.rasa

TEXTS = {
    "客户华星要20箱A4纸": "zh",
    "我的 order 到哪了": "zh",
    "20 boxes of A4 paper please": "en",
    "ship it to 张江路1号 by Friday please, thank you": None,  # either will do: both readers must agree
    "where is SO-1001": "en",
    "SO-1001": "?",
    "30": "?",
    "SF1234567890": "?",
    "👍": "?",
}
SCRIPT = """
import base64, json, sys
from rasa.shared.nlu.training_data.message import Message
from rasa_components.language_detector import LanguageDetector, detect, told
texts = json.loads(sys.stdin.read())
body = base64.urlsafe_b64encode(json.dumps({"language": "zh"}).encode()).decode().rstrip("=")
messages = [
    Message(data={"text": "30", "metadata": {"token": f"x.{body}.y"}}),
    Message(data={"text": "thirty boxes", "metadata": {"token": f"x.{body}.y"}}),
    Message(data={"text": "30", "metadata": {"token": "no token"}}),
    Message(data={"text": "30"}),
]
LanguageDetector().process(messages)
print(json.dumps({
    "detected": [detect(text) for text in texts],
    "entities": [[entity["value"] for entity in message.get("entities", [])] for message in messages],
}))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, list[object]]:
    if not rasa_python(ROOT).exists():
        pytest.skip("no .venv-dialogue: make setup")
    ran = subprocess.run(
        [str(rasa_python(ROOT)), "-c", SCRIPT], input=json.dumps(list(TEXTS)), cwd=ROOT, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    answer: dict[str, list[object]] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def test_words_tell_the_language_and_codes_do_not(found: dict[str, list[object]]) -> None:
    for text, language in zip(TEXTS, found["detected"], strict=True):
        wanted = {None: detect_language(text), "?": None}.get(TEXTS[text], TEXTS[text])
        assert language == wanted, text


def test_what_cannot_be_told_is_the_conversations_language_if_the_token_has_one(found: dict[str, list[object]]) -> None:
    assert found["entities"] == [["zh"], ["en"], [], []]
