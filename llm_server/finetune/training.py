"""One stage, by transformers' Trainer: its arguments, the distilling loss, and how far it is. Knows no file of ours."""

from __future__ import annotations

import copy
import inspect
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.distributed.tensor import DTensor
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer import TRAINER_STATE_NAME

from llm_server.engines.hardware import choose_placement
from llm_server.finetune.examples import IGNORED, Padded, Parts
from llm_server.finetune.plan import Method, Run, Stage

log = logging.getLogger(__name__)
Tell = Callable[[int, int, dict[str, float]], None]  # step, steps, what was logged
_KEPT = 2  # checkpoints
_SHARDED = {"version": 2, "state_dict_type": "SHARDED_STATE_DICT"}  # each process writes its own part of a checkpoint

_Trainer: Any = Trainer
_Callback: Any = TrainerCallback


def arguments(run: Run, stage: Stage, folder: Path, has_dev: bool) -> TrainingArguments:
    """As the Trainer wants them."""
    make: Any = TrainingArguments
    evaluated = {
        "eval_strategy": "steps", "eval_steps": stage.evaluate_every, "metric_for_best_model": "eval_loss",
        "greater_is_better": False, "load_best_model_at_end": True,
    }  # fmt: skip
    return make(  # type: ignore[no-any-return]  # transformers has no types
        output_dir=str(folder / "checkpoints"), per_device_train_batch_size=stage.batch,
        per_device_eval_batch_size=stage.batch, gradient_accumulation_steps=stage.accumulation,
        learning_rate=stage.learning_rate, lr_scheduler_type=stage.schedule, warmup_steps=stage.warmup,
        weight_decay=stage.weight_decay, max_grad_norm=stage.clipping, max_steps=stage.steps or -1,
        num_train_epochs=stage.epochs, seed=run.seed, data_seed=run.seed, bf16=_half(stage),
        use_cpu=not torch.cuda.is_available(), logging_steps=1, save_strategy="steps",
        save_steps=stage.evaluate_every, save_total_limit=_KEPT, report_to=[], disable_tqdm=True,
        train_sampling_strategy="group_by_length",  # hardly any padding
        remove_unused_columns=False, label_names=["labels"], dataloader_pin_memory=torch.cuda.is_available(),
        fsdp=bool(run.fsdp), fsdp_config={**_SHARDED, **run.fsdp} if run.fsdp else None,
        **(evaluated if has_dev else {}),
    )  # fmt: skip


def _half(stage: Stage) -> bool:
    """Whether it is computed in bfloat16; the weights stay in float32."""
    if stage.precision != "auto":
        return stage.precision == "bfloat16"
    return choose_placement("auto", "auto").dtype is torch.bfloat16


def loss_of_answers(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
    """Cross-entropy of the tokens that are learnt, of logits that may begin later than the labels.

    Args:
        num_items_in_batch: over how many tokens the mean is taken; those of all the batches of one step.
    """
    logits = outputs.logits[:, :-1]
    wanted = labels[:, labels.shape[1] - logits.shape[1] :]
    learnt = wanted != IGNORED
    total = torch.nn.functional.cross_entropy(logits[learnt].float(), wanted[learnt], reduction="sum")
    return total / (learnt.sum() if num_items_in_batch is None else num_items_in_batch)


class PlainTrainer(_Trainer):  # type: ignore[misc]  # transformers has no types
    """transformers' Trainer, whose processes agree which checkpoint is the best where each writes a part of it.

    It asks whether the folder is there before any of them has made it; who sees it waits for who doesn't, for ever.
    """

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        if output_dir is not None and self.is_fsdp_enabled:
            Path(output_dir).mkdir(parents=True, exist_ok=True)
        super().save_model(output_dir, _internal_call)


class DistillingTrainer(PlainTrainer):
    """Cross-entropy + weight x temperature^2 x KL(teacher || student), over the tokens that are learnt.

    (Hinton, Vinyals and Dean 2015: the square keeps the size of the gradient whatever the temperature.)
    """

    def __init__(self, *, teacher: Any, weight: float, temperature: float, **more: Any) -> None:
        super().__init__(**more)
        self._teacher = teacher.eval().requires_grad_(False).to(self.args.device)
        self._weight = weight
        self._temperature = temperature

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **more: Any) -> Any:
        loss, outputs = super().compute_loss(model, dict(inputs), return_outputs=True, **more)
        with torch.no_grad():
            wanted = self._teacher(**{name: rows for name, rows in inputs.items() if name != "labels"}).logits
        loss = loss + self._weight * distance(outputs.logits, wanted, inputs["labels"], self._temperature)
        return (loss, outputs) if return_outputs else loss


def distance(
    student: torch.Tensor, teacher: torch.Tensor, labels: torch.Tensor, temperature: float
) -> torch.Tensor:  # fmt: skip
    """temperature^2 x KL(teacher || student), the mean over the tokens that are learnt.

    Args:
        student, teacher: logits, shape (batch, length, vocabulary); those at a place are of the token behind it.
        labels: shape (batch, length); -100 where nothing is learnt. Logits may begin later.
    """
    learnt = labels[:, labels.shape[1] - student.shape[1] + 1 :] != IGNORED
    said, wanted = (
        torch.log_softmax(logits[:, :-1][learnt].float() / temperature, dim=-1) for logits in (student, teacher)
    )  # fmt: skip
    return temperature**2 * torch.nn.functional.kl_div(said, wanted, log_target=True, reduction="batchmean")


class Progress(_Callback):  # type: ignore[misc]  # transformers has no types
    """Tells what the Trainer logs."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        if state.is_world_process_zero:
            self._tell(state.global_step, state.max_steps, dict(logs or {}))


def keeps_some(model: Any) -> bool:
    """Whether the model can be asked for the logits of the last tokens alone."""
    whole = model.get_base_model() if hasattr(model, "peft_config") else model
    return "logits_to_keep" in inspect.signature(whole.forward).parameters


def train(
    run: Run, stage: Stage, folder: Path, model: Any, teacher: Any, parts: Parts, end: int, tell: Tell
) -> tuple[Any, list[dict[str, float]]]:
    """Trains the model, going on from the last checkpoint in `folder` if there is one.

    Returns:
        The model, whole in each process (of one that is sharded: the same model, put together again), and what was
        logged: step, loss, eval_loss, learning_rate, grad_norm.
    """
    plain = copy.deepcopy(model) if run.fsdp else None
    has_dev = len(parts.dev) > 0  # type: ignore[arg-type]  # ours have a length
    callbacks: list[Any] = [Progress(tell)]
    if stage.patience and has_dev:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=stage.patience))
    given: dict[str, Any] = {
        "model": model, "args": arguments(run, stage, folder, has_dev), "train_dataset": parts.train,
        "eval_dataset": parts.dev if has_dev else None, "data_collator": Padded(end, keeps_some(model)),
        "callbacks": callbacks, "compute_loss_func": loss_of_answers,
    }  # fmt: skip
    if stage.method is Method.DISTIL:
        trainer: Any = DistillingTrainer(teacher=teacher, weight=stage.weight, temperature=stage.temperature, **given)
    else:
        trainer = PlainTrainer(**given)
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=last_checkpoint(folder / "checkpoints"))
    if trainer.state.global_step < trainer.state.max_steps:
        log.info("stopped early at step %d of %d: no better", trainer.state.global_step, trainer.state.max_steps)
    return whole_again(model, plain) if plain is not None else model, list(trainer.state.log_history)


def last_checkpoint(folder: Path) -> str | None:
    """The last one that is whole, from which a training goes on.

    One that was being written when the training ended is taken away: its state is written last.
    """
    found = sorted(folder.glob("checkpoint-*"), key=lambda each: int(each.name.rpartition("-")[2]))
    while found:
        try:
            json.loads((found[-1] / TRAINER_STATE_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            shutil.rmtree(found.pop(), ignore_errors=True)
        else:
            log.info("goes on behind step %s", found[-1].name.rpartition("-")[2])
            return str(found[-1])
    return None


def whole_again(sharded: Any, plain: Any) -> Any:
    """`plain` with the weights that `sharded` has in pieces; every process must take part."""
    weights = {
        name: (weight.full_tensor() if isinstance(weight, DTensor) else weight).detach().cpu()
        for name, weight in sharded.state_dict().items()
    }
    plain.load_state_dict(weights)
    return plain
