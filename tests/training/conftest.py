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


@pytest.fixture(scope="session")
def base(tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows nothing, of 4 layers."""
    import shutil

    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("models") / "base"
    shutil.copytree(tokenizer, folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=400, hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, tie_word_embeddings=True, eos_token_id=0, bos_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def learnt(tokenizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of training data with pairs and unlabelled text."""
    from llm_server.data import prepare

    folder = tmp_path_factory.mktemp("data")
    (folder / "texts").mkdir()
    for number in range(40):
        text = f"Machine {number * 37 % 101} stands in hall {number}. It is cleaned every week."
        (folder / "texts" / f"{number}.txt").write_text(text)
    pairs = [{"prompt": f"confirm SO-{number}", "text": f"Order SO-{number} is confirmed.", "group": f"g{number}",
              "facts": {"order": f"SO-{number}"}} for number in range(100, 180)]  # fmt: skip
    (folder / "p.jsonl").write_bytes(_bytes(pairs))
    sources = [{"kind": "pair", "path": "p.jsonl"}, {"kind": "text", "path": "texts"}]
    made = plan_of({"sources": sources, "output": "out", "leaks": {"shared": 1},
                    "tokens": {"tokenizer": str(tokenizer), "block": 32}}, folder)  # fmt: skip
    prepare(made)
    return made.output
