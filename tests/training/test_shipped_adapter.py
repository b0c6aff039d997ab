"""The adapter that is shipped: its card is of these very files, and it writes right texts through the real server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import torch
from safetensors.torch import load_file

from deskhand.writing import LlmClient, load_templates
from deskhand.writing.trial import Outcome, cases, run
from deskhand.writing.trial.scoring import FIRST, SECOND
from llm_server.convert import convert
from llm_server.registry.evaluation import read_evaluation
from llm_server.registry.model_files import checksums
from llm_server.settings import DEFAULT_MODEL_DIR
from llm_server.shipped import ORDER_TEXTS
from training.order_texts.card import card
from training.order_texts.measuring import ready, served
from training.order_texts.ship import MOST_BYTES, WEIGHTS, evaluation
from training.order_texts.things import HERE

ROOT = HERE.parents[1]
TEXTS = ROOT / "processes/order_to_cash/writing"
JOBS = (
    "confirmation",
    "invoice_cover",
    "quality_report",
    "contract_clause",
)  # the first cases of which it writes right


def test_evaluation_and_card_are_of_these_files() -> None:
    said = json.loads(evaluation(ORDER_TEXTS).read_text(encoding="utf-8"))

    assert said["files"] == {name: value for name, value in checksums(ORDER_TEXTS).items() if not name.endswith(".md")}
    assert read_evaluation(evaluation(ORDER_TEXTS)).figures["right_all_all"] > 0
    assert (ORDER_TEXTS / "README.md").read_text(encoding="utf-8") == card(said)


def test_it_is_small_and_whole() -> None:
    weights = load_file(ORDER_TEXTS / WEIGHTS)

    assert (ORDER_TEXTS / WEIGHTS).stat().st_size < MOST_BYTES
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    assert all(torch.isfinite(weight).all() and (weight != 0).any() for weight in weights.values())


@pytest_asyncio.fixture
async def client() -> AsyncIterator[LlmClient]:
    """Of the real server with its own settings: the packaged model, and whatever is laid over it by default."""
    convert(ROOT / DEFAULT_MODEL_DIR)
    with served({"LLM_MODEL_DIR": str(ROOT / DEFAULT_MODEL_DIR)}) as url:
        await ready(url)
        async with LlmClient(url, DEFAULT_MODEL_DIR.name) as asking:
            yield asking


@pytest.mark.model
async def test_the_default_server_writes_held_out_texts_right_without_the_template(client: LlmClient) -> None:
    told: list[Outcome] = []

    outcomes = await run(load_templates(TEXTS), client, cases(1, 1, JOBS), told.append, at_once=1, seconds=300)

    assert len(outcomes) == len(told) == 2 * len(JOBS)
    assert [(each.job, each.language, each.causes) for each in outcomes if each.how not in (FIRST, SECOND)] == []
