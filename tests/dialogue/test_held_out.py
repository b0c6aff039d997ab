"""How many utterances that training never saw are understood: one pass of Rasa's own parser over held_out.yml."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deskhand.cli.services import rasa_python
from tests.dialogue.conftest import ROOT, Services

pytestmark = pytest.mark.rasa

LEAST = 0.9
NONSENSE = ("asdfgh", "x" * 2500, "k" * 2500, "7" * 2500, "啊" * 2500, "zxczxc zxc")
CHANGING = {
    "confirm_order",
    "receive_goods",
    "give_shipment",
    "change_shipment",
    "complete_shipment",
    "cancel_order",
    "amend_order",
}
HELD_OUT = yaml.safe_load((Path(__file__).parent / "held_out.yml").read_text(encoding="utf-8"))["utterances"]
SCRIPT = """
import asyncio, json, sys
from rasa.core.agent import Agent
agent = Agent.load(sys.argv[1])
async def parse(texts):
    return [(await agent.parse_message(text))["intent"]["name"] for text in texts]
print("FOUND" + json.dumps(asyncio.run(parse(json.loads(sys.stdin.read())))))
"""


def intents(model: Path, texts: list[str]) -> list[str]:
    ran = subprocess.run(
        [str(rasa_python(ROOT)), "-c", SCRIPT, str(model)], input=json.dumps(texts), cwd=ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    line = next((line for line in ran.stdout.splitlines() if line.startswith("FOUND")), None)
    assert line is not None, ran.stderr[-2000:]
    found: list[str] = json.loads(line.removeprefix("FOUND"))
    return found


def is_right(utterance: dict[str, Any], intent: str) -> bool:
    """Declining what is out of scope is right whichever way it is said."""
    wanted = {utterance["intent"], *utterance.get("or", [])}
    return intent in wanted or ("out_of_scope" in wanted and intent == "nlu_fallback")


@pytest.fixture(scope="module")
def found(services: Services) -> list[str]:
    return intents(services.model, [*(utterance["text"] for utterance in HELD_OUT), *NONSENSE])


def test_held_out_utterances_are_understood(found: list[str]) -> None:
    wrong = [
        (utterance["text"], utterance["intent"], intent)
        for utterance, intent in zip(HELD_OUT, found[: len(HELD_OUT)], strict=True)
        if not is_right(utterance, intent)
    ]

    assert 1 - len(wrong) / len(HELD_OUT) >= LEAST, wrong


def test_what_is_not_done_by_chat_is_never_taken_for_a_step_of_an_order(found: list[str]) -> None:
    wrong = [
        (utterance["text"], intent)
        for utterance, intent in zip(HELD_OUT, found[: len(HELD_OUT)], strict=True)
        if utterance["intent"] == "ask_not_by_chat" and intent in CHANGING
    ]

    assert not wrong


def test_nonsense_is_declined(found: list[str]) -> None:
    assert set(found[len(HELD_OUT) :]) <= {"out_of_scope", "nlu_fallback"}


def test_training_never_saw_them() -> None:
    files = (ROOT / "data" / "nlu").glob("*.yml")
    trained = {line.strip().removeprefix("- ") for file in files for line in file.read_text("utf-8").splitlines()}

    assert not trained & {utterance["text"] for utterance in HELD_OUT}
