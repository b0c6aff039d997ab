"""What only a GPU can show: the default model at full size, in bfloat16, alone and in pieces over two."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from llm_server.data import prepare
from llm_server.data.plan import plan_of
from llm_server.finetune.plan import Run, read_run
from llm_server.settings import DEFAULT_MODEL_DIR
from tests.support.deskhand import ROOT

pytestmark = [pytest.mark.gpu, pytest.mark.model]
STAGES = [{"method": "whole", "steps": 20, "batch": 8, "learning_rate": 5e-5, "precision": "bfloat16",
           "evaluate_every": 10}]  # fmt: skip


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """written(**more): a RUN.yml over the default model and pairs of which each has facts of its own."""

    def write(**more: Any) -> Path:
        pairs = [{"prompt": f"confirm SO-{number}, {number * 7} bolts", "group": f"g{number}",
                  "text": f"We confirm SO-{number}: {number * 7} bolts."} for number in range(100, 400)]  # fmt: skip
        (tmp_path / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
        sources = [{"kind": "pair", "path": "pairs.jsonl"}]
        prepare(plan_of({"sources": sources, "output": "data", "leaks": {"shared": 1}}, tmp_path))
        said = {"data": "data", "base": str(ROOT / DEFAULT_MODEL_DIR), "output": "run", "samples": 4, **more}
        path = tmp_path / "run.yml"
        path.write_text(yaml.safe_dump({"stages": STAGES, **said}))
        return path

    return write


def trained(path: Path, *launched: str) -> Run:
    command = [sys.executable, "-m", *launched, "llm_server.finetune", str(path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return read_run(path)


def has_learnt(run: Run) -> bool:
    done = json.loads((run.folder(1) / "done.json").read_text())
    return bool(done["after"]["perplexity_answers"] < done["before"]["perplexity_answers"] / 2)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_every_weight_of_the_default_model_is_trained_in_bfloat16(written: Any) -> None:
    assert has_learnt(trained(written()))


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="fewer than two GPUs")
def test_two_gpus_train_it_in_pieces(written: Any) -> None:
    launched = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m")

    assert has_learnt(trained(written(fsdp={"activation_checkpointing": True}), *launched))
