"""Training beside plain code of transformers' Trainer with the same recipe, and how fast training data is made.

A small model on one thread: what differs between the two is what is measured, and that doesn't grow with the model.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

from llm_server.data import prepare
from llm_server.data.plan import plan_of
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, interleaved_ratio, spread, timed
from tests.llm_server.tiny_model import make_tiny_model
from tests.support.deskhand import ROOT

ROUNDS, DOCUMENTS = 3, 5_000
WIDTH, LAYERS = 192, 4
_WORDS = (
    "order steel sheet harbour invoice freight carrier pallet warehouse customer price quality batch delay contract "
    "thickness tolerance inspection delivery pump valve bearing drawing revision supplier 订单 钢板 发运 客户 仓库 合同"
).split()


def measure(bench: Bench) -> Iterator[Row]:
    folder = bench.folder / "training"
    folder.mkdir()
    _base(folder)
    yield from _prepared(folder)
    yield from _ways(folder)


def _base(folder: Path) -> None:
    """Random weights and a tokenizer of bytes."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    make_tiny_model(folder / "base")
    torch.manual_seed(1)
    tokenizer = AutoTokenizer.from_pretrained(folder / "base")  # type: ignore[no-untyped-call]
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=3 * WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=6, num_key_value_heads=3, max_position_embeddings=512, tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id, bos_token_id=None, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder / "base")


def _prepared(folder: Path) -> Iterator[Row]:
    draw = Random(1)
    with (folder / "texts.jsonl").open("w", encoding="utf-8") as file:
        for number in range(DOCUMENTS):
            text = " ".join(draw.choices(_WORDS, k=draw.randint(20, 120)))
            file.write(json.dumps({"text": f"{number} {text}."}, ensure_ascii=False) + "\n")
    with (folder / "pairs.jsonl").open("w", encoding="utf-8") as file:
        for number in range(400):
            pair = {"prompt": f"SO-{number}, " + " ".join(draw.choices(_WORDS[:25], k=4)), "group": f"g{number}",
                    "text": f"We confirm SO-{number}, " + " ".join(draw.choices(_WORDS[:25], k=4))}  # fmt: skip
            file.write(json.dumps(pair) + "\n")
    texts, pairs = {"kind": "text", "path": "texts.jsonl"}, {"kind": "pair", "path": "pairs.jsonl"}
    plan = plan_of({"sources": [texts], "output": "split"}, folder)
    packed = plan_of(
        {"sources": [texts, pairs], "output": "data", "tokens": {"tokenizer": "base", "block": 128}}, folder
    )
    size = (folder / "texts.jsonl").stat().st_size / DOCUMENTS
    for name, each in (("cleaned, split, compared", plan), ("the same, tokens counted and packed", packed)):
        seconds, _ = timed(prepare, each)
        yield Row(f"data {name}", DOCUMENTS / seconds, "documents/s", f"{DOCUMENTS} of {size:.0f} bytes; one process")


def _ways(folder: Path) -> Iterator[Row]:
    command = [sys.executable, "-m", "tests.benchmarks.training_ways", str(folder), str(ROUNDS)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr[-500:])
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    memory: dict[tuple[str, str], list[float]] = defaultdict(list)
    for said in map(json.loads, ran.stdout.splitlines()):
        seconds[said["way"], said["side"]].append(said["seconds"])
        memory[said["way"], said["side"]].append(said["memory"])
    for way in dict.fromkeys(way for way, _ in seconds):
        own, other = seconds[way, "ours"], seconds[way, "plain"]
        beside = f"{interleaved_ratio(own, other):.3f} of plain Trainer code ({statistics.median(other):.3g} s)"
        yield Row(f"{way}, a step", statistics.median(own), "s of one core", f"{beside}; {spread(own)}")
        held, theirs = (statistics.median(memory[way, side]) for side in ("ours", "plain"))
        yield Row(f"{way}, memory at most", held, "MB", f"{held / theirs:.3f} of plain ({theirs:.0f} MB)")
