"""A model in pieces over several processes (FSDP) is trained, kept, gone on with and put together again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from llm_server.finetune import RunInvalid, TrainingError
from llm_server.finetune.models import load_model
from llm_server.finetune.plan import Run, read_run
from llm_server.finetune.running import run_stages
from tests.support.deskhand import ROOT

TWO = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
WHOLE = {"method": "whole", "steps": 6, "learning_rate": 1e-3}


@pytest.fixture
def written(base: Path, learnt: Path, tmp_path: Path) -> Any:
    """written(name, stage, ...): a RUN.yml whose output is `name`."""

    def write(name: str, *stages: dict[str, Any], **more: Any) -> Path:
        quick = {"batch": 2, "evaluate_every": 2, "precision": "float32", "length": 64}
        said = {"data": str(learnt), "base": str(base), "output": name, "threads": 1, "samples": 1,
                "stages": [{**quick, **stage} for stage in stages], **more}  # fmt: skip
        path = tmp_path / f"{name}.yml"
        path.write_text(yaml.safe_dump(said))
        return path

    return write


def trained(*command: str, path: Path) -> Run:
    ended = subprocess.run([*TWO, *command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return read_run(path)


def weights(run: Run, number: int = 1) -> dict[str, torch.Tensor]:
    model: Any = load_model(run.folder(number) / "model")
    return dict(model.state_dict())


@pytest.mark.full
def test_in_pieces_it_learns_what_it_learns_whole_and_goes_on_after_a_kill(written: Any) -> None:
    whole, pieces, cut = (
        written("whole", WHOLE), written("pieces", WHOLE, {"method": "adapter", "rank": 2, "steps": 2}, fsdp=True),
        written("cut", WHOLE, fsdp=True),
    )  # fmt: skip
    script = "tests/training/sharded_on_cpu.py"
    expected = weights(trained("-m", "llm_server.finetune", str(whole), path=whole))

    sharded = trained(script, str(pieces), path=pieces)
    killed = subprocess.run([*TWO, script, str(cut), "5"], cwd=ROOT, capture_output=True, check=False, timeout=500)
    assert killed.returncode and (read_run(cut).folder(1) / "checkpoints" / "checkpoint-4").is_dir()
    again = weights(trained(script, str(cut), path=cut))

    found = weights(sharded)
    assert found.keys() == expected.keys()
    for name, weight in expected.items():  # the order of the sums differs, and Adam divides by their size
        assert torch.allclose(found[name], weight, atol=2e-4), name
        assert torch.equal(again[name], found[name]), name
    assert (sharded.folder(2) / "adapter" / "adapter_model.safetensors").is_file()
    assert json.loads((sharded.folder(2) / "done.json").read_text())["trained"] < 20_000


def test_nothing_is_sharded_where_there_is_one_gpu_or_none(written: Any) -> None:
    with pytest.raises(TrainingError, match="`fsdp` needs several GPUs: torchrun"):
        run_stages(read_run(written("alone", WHOLE, fsdp={"cpu_offload": True})))
    with pytest.raises(RunInvalid, match="fsdp: .*'magic' was unexpected"):
        read_run(written("wrong", WHOLE, fsdp={"magic": True}))
