"""`python -m tests.benchmarks.training_ways FOLDER ROUNDS`: every way of training, ours beside plain Trainer code.

Prints a JSON line for each: {"way", "side", "seconds": median of a step, "memory": VmHWM in MB}. Each is trained in a
child of its own (libraries are loaded once), ours and the plain one in turn. The folder holds `base` and `data`.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DataCollatorForSeq2Seq,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    set_seed,
)

from llm_server.finetune.examples import Parts, parts_for
from llm_server.finetune.models import load_model, load_tokenizer, prepared
from llm_server.finetune.plan import Method, Run, Stage
from llm_server.finetune.running import _some
from llm_server.finetune.training import train

STEPS, WARM, BATCH, LENGTH, LAYERS = 12, 3, 8, 128, 4
STAGE = Stage(
    Method.WHOLE, batch=BATCH, steps=STEPS, length=LENGTH, precision="float32", evaluate_every=10_000,
    learning_rate=1e-4, student_layers=LAYERS // 2,
)  # fmt: skip
_Trainer: Any = Trainer
_Callback: Any = TrainerCallback
_Model: Any = AutoModelForCausalLM


class Clock(_Callback):  # type: ignore[misc]  # transformers has no types
    """When each step was over, by the processor's time of this one thread: a busy machine distorts it less."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, step: int, steps: int, logged: dict[str, float]) -> None:
        if "loss" in logged:
            self.times.append(time.process_time())

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        self(state.global_step, state.max_steps, logs)

    def seconds(self) -> float:
        taken = [behind - before for before, behind in zip(self.times, self.times[1:], strict=False)]
        return statistics.median(taken[WARM:])


def ours(method: Method, folder: Path, data: Parts, out: Path, clock: Clock) -> None:
    stage, tokenizer = replace(STAGE, method=method), load_tokenizer(folder / "base")
    run = Run(folder / "data", folder / "base", out, (stage,))
    end = tokenizer.eos_token_id
    set_seed(run.seed)
    source = load_model(folder / "base")
    teacher = load_model(folder / "base") if method is Method.DISTIL else None
    train(run, stage, out, prepared(source, stage, _some(data, end)), teacher, data, end, clock)


def plain(method: Method, folder: Path, data: Parts, out: Path, clock: Clock) -> None:
    """As the libraries' documentation has it."""
    tokenizer_class: Any = AutoTokenizer
    set_seed(1)
    model = _PLAIN[method](_loaded(folder))
    arguments: Any = TrainingArguments
    given = {
        "model": model, "train_dataset": data.train, "callbacks": [clock],
        "data_collator": DataCollatorForSeq2Seq(tokenizer_class.from_pretrained(folder / "base")),
        "args": arguments(
            output_dir=str(out), per_device_train_batch_size=BATCH, learning_rate=1e-4, lr_scheduler_type="cosine",
            warmup_steps=STAGE.warmup, max_steps=STEPS, max_grad_norm=1.0, seed=1, use_cpu=True, logging_steps=1,
            save_strategy="no", report_to=[], disable_tqdm=True, train_sampling_strategy="group_by_length",
            remove_unused_columns=False, dataloader_pin_memory=False,
        ),
    }  # fmt: skip
    trainer = PlainDistilling(_loaded(folder), **given) if method is Method.DISTIL else _Trainer(**given)
    trainer.remove_callback(PrinterCallback)
    trainer.train()


def _loaded(folder: Path) -> Any:
    return _Model.from_pretrained(folder / "base", dtype=torch.float32)


def _lora(model: Any) -> Any:
    make: Any = LoraConfig
    return get_peft_model(model, make(task_type="CAUSAL_LM", r=16, lora_alpha=32, target_modules="all-linear"))


def _frozen(model: Any) -> Any:
    model.requires_grad_(False)
    model.model.layers[-1].requires_grad_(True)
    model.model.norm.requires_grad_(True)
    return model


def _fewer(model: Any, kept: int) -> Any:
    model.model.layers = model.model.layers[:kept]
    model.config.num_hidden_layers = kept
    return model


_PLAIN: dict[Method, Callable[[Any], Any]] = {
    Method.PRETRAIN: lambda model: model,
    Method.ADAPTER: _lora,
    Method.HEAD: _frozen,
    Method.WHOLE: lambda model: model,
    Method.DISTIL: lambda model: _fewer(model, LAYERS // 2),
    Method.PRUNE: lambda model: _fewer(model, LAYERS - 1),
}


class PlainDistilling(_Trainer):  # type: ignore[misc]  # transformers has no types
    """Hinton's loss in the fewest lines."""

    def __init__(self, teacher: Any, **more: Any) -> None:
        super().__init__(**more)
        self.teacher = teacher.eval()

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        outputs = model(**inputs)
        with torch.no_grad():
            wanted = self.teacher(**inputs).logits
        learnt = inputs["labels"][:, 1:] != -100
        student, teacher = (logits[:, :-1][learnt] / 2.0 for logits in (outputs.logits, wanted))
        distance = torch.nn.functional.kl_div(
            student.log_softmax(-1), teacher.log_softmax(-1), log_target=True, reduction="batchmean"
        )  # fmt: skip
        loss = outputs.loss + 4.0 * distance
        return (loss, outputs) if return_outputs else loss


def measured(way: Method, side: Callable[..., None], folder: Path) -> dict[str, Any]:
    """Trains in this process."""
    torch.set_num_threads(1)
    clock = Clock()
    tokenizer = load_tokenizer(folder / "base")
    data = parts_for(folder / "data", way is Method.PRETRAIN, tokenizer, LENGTH)
    with tempfile.TemporaryDirectory() as out:
        side(way, folder, replace(data, dev=_Nothing()), Path(out), clock)
    status = Path("/proc/self/status").read_text()
    most = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return {"way": str(way), "side": side.__name__, "seconds": clock.seconds(), "memory": most / 1024}


class _Nothing(torch.utils.data.Dataset[Any]):
    """No dev part: evaluating isn't what is timed."""

    def __len__(self) -> int:
        return 0


def main(folder: Path, rounds: int) -> None:
    for _ in range(rounds):
        for way in Method:
            for side in (ours, plain):
                sys.stdout.flush()
                child = os.fork()
                if not child:
                    sys.stdout.write(json.dumps(measured(way, side, folder)) + "\n")
                    sys.stdout.flush()
                    os._exit(0)
                if os.waitpid(child, 0)[1]:
                    raise SystemExit(f"{way} {side.__name__} failed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
