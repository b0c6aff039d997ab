"""Runs the stages of a run one after another, each from what the last one left; goes on where it was cut off.

A stage is done when its folder has `done.json`. One that was cut off goes on from its last checkpoint and ends with the
same weights as if nothing had happened.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, set_seed
from transformers.utils import logging as transformers_logging

from llm_server.data.card import check_files_of
from llm_server.data.preparing import EXAMINED
from llm_server.finetune.adapters import check_files, going_on
from llm_server.finetune.errors import RunChanged, TrainingError
from llm_server.finetune.examining import examine
from llm_server.finetune.examples import Padded, Parts, parts_for
from llm_server.finetune.models import load_model, load_tokenizer, merged, prepared
from llm_server.finetune.plan import Method, Run, Stage
from llm_server.finetune.report import curve, page, told
from llm_server.finetune.room import check_room, told_when_full
from llm_server.finetune.searching import tuned
from llm_server.finetune.training import Tell, train
from llm_server.registry.model_files import checksums

log = logging.getLogger(__name__)
DONE, RUN = "done.json", "run.json"
_SHARD = "1GB"


def run_stages(run: Run, tell: Tell = lambda step, steps, logged: None) -> Path:
    """Trains; the folder of the last stage's model.

    Raises:
        RunChanged: the output belongs to another run.
        DataChanged: what is to be learnt isn't what its card says.
        NotAModel: the base is broken, or a pickle.
        NothingToLearn, NotEnough, TrainingError: said before training begins wherever it can be.
    """
    quiet: Any = transformers_logging
    quiet.set_verbosity_error()  # it warns of weights that are tied, and of clocks of file systems
    quiet.disable_progress_bar()
    if run.threads:
        torch.set_num_threads(run.threads)
    if run.fsdp and not can_shard():
        raise TrainingError("`fsdp` needs several GPUs: torchrun --nproc-per-node 2 -m llm_server.finetune RUN.yml.")

    def done(number: int) -> bool:
        return (run.folder(number) / DONE).is_file()

    _check_data(run, done)
    _claim(run)
    for number, stage in enumerate(run.stages, 1):
        if not done(number):
            log.info("stage %d of %d: %s", number, len(run.stages), stage.method)
            with told_when_full(run.output):
                _Stage(run, number, tell).run()
            _wait_for_the_others()
    if _is_first():
        _report(run)
    return run.folder(len(run.stages)) / "model"


def _wait_for_the_others() -> None:
    """What the first process writes, the next stage of each begins with."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()


def can_shard() -> bool:
    """accelerate shards over GPUs only; a processor's memory is one anyway."""
    return torch.cuda.is_available() and int(os.environ.get("WORLD_SIZE", "1")) > 1


def _claim(run: Run) -> None:
    """The output is this run's from now on; one whose first stages are the same is gone on with. Raises RunChanged."""
    said, digests = run.output / RUN, run.digests()
    if said.is_file() and json.loads(said.read_text(encoding="utf-8"))["digest"] not in digests:
        raise RunChanged(f"{run.output} belongs to a run with other stages, data or base. Name another `output`.")
    if _is_first():
        run.output.mkdir(parents=True, exist_ok=True)
        _write(said, {"digest": digests[-1]})


def _check_data(run: Run, done: Callable[[int], bool]) -> None:
    """Raises DataChanged: what a stage is still to learn isn't what its card says."""
    for folder in {stage.data or run.data for number, stage in enumerate(run.stages, 1) if not done(number)}:
        check_files_of(folder)


class _Stage:
    def __init__(self, run: Run, number: int, tell: Tell) -> None:
        self._run, self._tell = run, tell
        self._stage, self._folder = run.stages[number - 1], run.folder(number)
        self._base, self._adapter = run.base_of(number), run.adapter_of(number)
        self._data = self._stage.data or run.data

    def run(self) -> None:
        self._check_room()
        if self._adapter:
            check_files(self._adapter)
        tokenizer = load_tokenizer(self._base)
        trials = self._search(tokenizer)
        parts = self._parts(tokenizer)
        source = load_model(self._base, self._stage.dropout)
        before = self._examined(self._found(source), tokenizer)
        began = time.monotonic()
        model, logged = self._trained(self._stage, self._folder, parts, tokenizer, source)
        seconds = time.monotonic() - began
        if _is_first():
            self._save(model, tokenizer, {
                "name": f"{self._stage.method}", "log": logged, "seconds": seconds, "before": before,
                "trained": sum(each.numel() for each in model.parameters() if each.requires_grad),
                "parameters": sum(each.numel() for each in model.parameters()), "trials": trials,
            })  # fmt: skip

    def _found(self, source: Any) -> Any:
        """The model as the stage finds it: with the adapter that goes on, if one does."""
        if self._adapter is None:
            return source
        return merged(going_on(load_model(self._base), self._adapter, 0.0), self._stage)

    def _check_room(self) -> None:
        weights = sum(path.stat().st_size for path in self._base.glob("*.safetensors"))
        config: Any = AutoConfig
        check_room(self._run, self._stage, weights, config.from_pretrained(self._base))

    def _parts(self, tokenizer: Any) -> Parts:
        parts = parts_for(self._data, self._stage.method is Method.PRETRAIN, tokenizer, self._stage.length)
        if parts.too_long:
            log.warning("%d examples are longer than %d tokens and are left out", parts.too_long, self._stage.length)
        return parts

    def _search(self, tokenizer: Any) -> list[dict[str, Any]]:
        """Chooses the values of this stage, if it is the one that is searched; what was tried."""
        search = self._run.search
        if search is None or self._run.folder(search.stage) != self._folder:
            return []

        def trial(stage: Stage, folder: Path) -> list[dict[str, float]]:
            _, logged = self._trained(stage, folder, parts_of(stage), tokenizer, load_model(self._base, stage.dropout))
            return logged

        def parts_of(stage: Stage) -> Parts:
            self._stage = stage
            self._check_room()
            return self._parts(tokenizer)

        stage = self._stage
        self._stage, trials = tuned(search, stage, self._run.seed, self._folder / "search", trial, _write)
        return [each.as_json() for each in trials]

    def _trained(
        self, stage: Stage, folder: Path, parts: Parts, tokenizer: Any, source: Any
    ) -> tuple[Any, list[dict[str, float]]]:
        end = tokenizer.eos_token_id
        set_seed(self._run.seed)  # as much was drawn in examining as it likes
        distils = stage.method is Method.DISTIL
        teacher = load_model(Path(stage.teacher) if stage.teacher else self._base) if distils else None
        model = prepared(source if not stage.teacher else teacher, stage, _some(parts, end), self._adapter)
        return train(self._run, stage, folder, model, teacher, parts, end, self._tell)

    def _examined(self, model: Any, tokenizer: Any) -> dict[str, Any]:
        part = EXAMINED[-1]
        return examine(model, tokenizer, self._data, part, self._run.samples, self._stage.length).as_json()

    def _save(self, model: Any, tokenizer: Any, said: dict[str, Any]) -> None:
        """The folder of the model appears whole; the checkpoints go."""
        partial = self._folder / "model.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        if self._stage.method is Method.ADAPTER:
            model.save_pretrained(self._folder / "adapter")
        whole = merged(model, self._stage)
        whole.save_pretrained(partial, max_shard_size=_SHARD)
        tokenizer.save_pretrained(partial)
        said["after"] = self._examined(whole, tokenizer)
        log.info("%s", told(said))
        (self._folder / "loss.svg").write_text(curve(said["log"]), encoding="utf-8")
        shutil.rmtree(self._folder / "model", ignore_errors=True)
        partial.rename(self._folder / "model")
        made = [self._folder / name for name in ("model", "adapter") if (self._folder / name).is_dir()]
        said["files"] = checksums(*made)  # the registry takes these figures for these files alone
        _write(self._folder / DONE, said)
        shutil.rmtree(self._folder / "checkpoints", ignore_errors=True)


def _some(parts: Parts, end: int, batches: int = 4, size: int = 4) -> Iterator[dict[str, torch.Tensor]]:
    """A few batches of what is learnt."""
    train: Any = parts.train
    pad = Padded(end)
    for at in range(0, min(len(train), batches * size), size):
        yield pad([train[each] for each in range(at, min(at + size, len(train)))])


def _report(run: Run) -> None:
    stages = [json.loads((run.folder(number) / DONE).read_text("utf-8")) for number in range(1, len(run.stages) + 1)]
    said = page(f"Training of {run.base.name}", stages, run.text)
    (run.output / "report.html").write_text(said, encoding="utf-8")


def _is_first() -> bool:
    """Of several processes one writes."""
    return int(os.environ.get("RANK", "0")) == 0


def _write(path: Path, said: object) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
