"""LoRA by peft: a new adapter over a model, or one that goes on learning, whose files must be whole and must fit."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from llm_server.finetune.errors import TrainingError
from llm_server.finetune.plan import Stage
from llm_server.registry.model_files import checksums

Model = Any  # a transformers model; its classes are many
_PREFIX, _IN, _OUT = "base_model.model.", ".lora_A.weight", ".lora_B.weight"


def new_adapter(model: Model, stage: Stage) -> Model:
    """The model with an adapter that changes nothing yet. Raises TrainingError: it has no such layers."""
    from peft import LoraConfig, get_peft_model

    make: Any = LoraConfig
    config = make(
        task_type="CAUSAL_LM", r=stage.rank, lora_alpha=stage.alpha, lora_dropout=stage.dropout,
        target_modules=list(stage.targets) or "all-linear",
    )  # fmt: skip
    try:
        with _quiet():
            return get_peft_model(model, config)
    except ValueError as problem:
        raise TrainingError(f"`targets: {list(stage.targets)}`: {problem}") from problem


def going_on(model: Model, folder: Path, dropout: float) -> Model:
    """The model with the adapter of a folder, which learns further.

    Raises:
        TrainingError: it is of another model.
    """
    from peft import LoraConfig, PeftModel

    _check_fits(model, folder)
    kind: Any = LoraConfig
    config = kind.from_pretrained(str(folder))
    config.lora_dropout = dropout
    with _quiet():
        return PeftModel.from_pretrained(model, str(folder), config=config, is_trainable=True)


def check_files(folder: Path) -> None:
    """Holds an adapter against the checksums that stand beside it, of its training (`done.json`) or its evaluation.

    Raises:
        TrainingError: a file is another than then.
        NotAModel: it is broken, or a pickle.
    """
    found = checksums(folder)
    for beside in (folder.with_name("done.json"), folder.with_name(f"{folder.name}.json")):
        said = json.loads(beside.read_text(encoding="utf-8")).get("files", {}) if beside.is_file() else {}
        for name in found.keys() & said.keys():
            if found[name] != said[name]:
                raise TrainingError(f"{folder.parent / name} is not the file that {beside} was written for.")


def _check_fits(model: Model, folder: Path) -> None:
    shapes = {name: tuple(part.weight.shape) for name, part in model.named_modules() if _is_linear(part)}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # it has no iterator
                _check_place(name, tuple(file.get_slice(name).get_shape()), shapes, folder)


def _check_place(name: str, shape: tuple[int, ...], shapes: dict[str, tuple[int, ...]], folder: Path) -> None:
    """Raises TrainingError: there is no such layer in the model, or it is of another size."""
    place = name.removeprefix(_PREFIX).removesuffix(_IN).removesuffix(_OUT)
    wanted = shapes.get(place)
    if wanted is None:
        raise TrainingError(f"The adapter in {folder} is of another model: this one has no {place}.")
    there, needed = (shape[1], wanted[1]) if name.endswith(_IN) else (shape[0], wanted[0])
    if there != needed:
        raise TrainingError(
            f"The adapter in {folder} is of another model: {place} is {there} wide in it, here {needed}."
        )


def _is_linear(part: Any) -> bool:
    return isinstance(getattr(part, "weight", None), torch.Tensor) and part.weight.dim() == 2


@contextmanager
def _quiet() -> Iterator[None]:
    """peft asks by a name that transformers has given up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield
