"""Plans and texts in a folder of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llm_server.data.plan import Plan, plan_of

Make = Callable[..., Plan]


@pytest.fixture
def plan(tmp_path: Path) -> Make:
    """A plan over files that are written first: plan({"a.jsonl": [{...}]}, kind="pair", split=[1, 0, 0])."""

    def make(files: Mapping[str, Any], kind: str = "text", **more: Any) -> Plan:
        folder = tmp_path / "in"
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_bytes(content))
        sources = more.pop("sources", [{"kind": kind, "path": "in"}])
        return plan_of({"sources": sources, "output": "out", **more}, tmp_path)

    return make


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content).encode()


def rows(plan: Plan, part: str) -> list[dict[str, Any]]:
    """What was written for a part."""
    return [json.loads(line) for line in (plan.output / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's tokenizer, small, made here."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<end>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())  # fmt: skip
    made.train_from_iterator(["the machine stands in hall 3", "your order is confirmed"], trainer)
    folder = tmp_path_factory.mktemp("tokenizer")
    PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>").save_pretrained(folder)
    return folder
