"""The model that a stage trains: which weights move, what stands beside them, what is taken out. Reads no data."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from llm_server.finetune.adapters import going_on, new_adapter
from llm_server.finetune.errors import TrainingError
from llm_server.finetune.plan import Method, Stage

Model = Any  # a transformers model; its classes are many


def load_tokenizer(folder: Path) -> Any:
    """Raises TrainingError: there is none that can be read."""
    tokenizer: Any = AutoTokenizer
    try:
        return tokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as problem:
        why = str(problem).strip().partition("\n")[0]
        raise TrainingError(f"The tokenizer in {folder} can't be read ({why}); copy tokenizer.json there.") from problem


def load_model(folder: Path, dropout: float = 0.0) -> Model:
    """In float32: what is trained needs its small differences. Raises TrainingError: it can't be loaded."""
    model_class: Any = AutoModelForCausalLM
    changed = {"attention_dropout": dropout} if dropout else {}
    try:
        return model_class.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32, **changed
        )  # fmt: skip
    except (OSError, ValueError, KeyError, RuntimeError) as problem:
        why = str(problem).strip().partition("\n")[0]
        raise TrainingError(f"The model in {folder} can't be loaded: {why}") from problem


def prepared(
    model: Model, stage: Stage, batches: Iterable[dict[str, torch.Tensor]], adapter: Path | None = None
) -> Model:
    """The model as this stage trains it.

    Args:
        batches: some of what is learnt, to see which layers change least (`prune`).
        adapter: the folder of one that goes on.
    """
    if stage.method is Method.ADAPTER:
        return going_on(model, adapter, stage.dropout) if adapter else new_adapter(model, stage)
    if stage.method is Method.HEAD:
        return _head_only(model, stage.layers)
    if stage.method is Method.PRUNE:
        return pruned(model, stage.layers, batches)
    if stage.method is Method.DISTIL:
        return student_of(model, stage)
    return model


def merged(model: Model, stage: Stage) -> Model:
    """The model as the next stage takes it."""
    whole = model.merge_and_unload() if stage.method is Method.ADAPTER else model
    whole.requires_grad_(True)
    return whole


def _head_only(model: Model, layers: int) -> Model:
    """The last layers and the norm behind them; the embedding, which may be tied to the output, stays."""
    model.requires_grad_(False)
    stack = layers_of(model)
    for layer in list(stack)[-layers:]:
        layer.requires_grad_(True)
    norm = getattr(model.base_model, "norm", None) or getattr(model.base_model, "ln_f", None)
    if norm is not None:
        norm.requires_grad_(True)
    return model


def layers_of(model: Model) -> torch.nn.ModuleList:
    """The stack of equal layers. Raises TrainingError where a model has none under the usual names."""
    for name in ("layers", "h", "blocks"):
        stack = getattr(model.base_model, name, None)
        if isinstance(stack, torch.nn.ModuleList):
            return stack
    raise TrainingError(f"{type(model).__name__} has no stack of layers that could be found.")


def pruned(model: Model, away: int, batches: Iterable[dict[str, torch.Tensor]]) -> Model:
    """Without the `away` layers that change what goes through them least (by the cosine of in and out)."""
    count = len(layers_of(model))
    if away >= count:
        raise TrainingError(f"`layers: {away}` would leave nothing of {count} layers.")
    changes = _changes(model, batches)
    gone = set(sorted(range(count), key=lambda at: changes[at])[:away])
    return _with_layers(model, [at for at in range(count) if at not in gone])


@torch.no_grad()
def _changes(model: Model, batches: Iterable[dict[str, torch.Tensor]]) -> list[float]:
    """For each layer 1 - the mean cosine of a token before and behind it."""
    sums = torch.zeros(len(layers_of(model)), dtype=torch.float64)
    model.eval()
    for batch in batches:
        mask = batch["attention_mask"].bool()
        states = model(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], output_hidden_states=True
        ).hidden_states  # fmt: skip
        for at, (before, behind) in enumerate(zip(states, states[1:], strict=False)):
            cosine = torch.nn.functional.cosine_similarity(before.float(), behind.float(), dim=-1)[mask]
            sums[at] += float((1 - cosine).mean())
    model.train()
    return [float(each) for each in sums]


def _with_layers(model: Model, kept: list[int]) -> Model:
    """A model of these layers, with the same weights."""
    stack = layers_of(model)
    config = copy.deepcopy(model.config)
    config.num_hidden_layers = len(kept)
    if getattr(config, "layer_types", None):
        config.layer_types = [config.layer_types[at] for at in kept]
    model_class: Any = AutoModelForCausalLM
    smaller = model_class.from_config(config)
    chosen = {at: place for place, at in enumerate(kept)}
    prefix = next(name for name, module in model.named_modules() if module is stack)
    weights = {}
    for name, weight in model.state_dict().items():
        if not name.startswith(f"{prefix}."):
            weights[name] = weight
            continue
        number, _, rest = name.removeprefix(f"{prefix}.").partition(".")
        if int(number) in chosen:
            weights[f"{prefix}.{chosen[int(number)]}.{rest}"] = weight
    smaller.load_state_dict(weights)
    smaller.tie_weights()
    return smaller


def student_of(teacher: Model, stage: Stage) -> Model:
    """A smaller model: the teacher's own layers, evenly spread, where only their number differs; else untrained."""
    config = copy.deepcopy(teacher.config)
    layers = stage.student_layers or config.num_hidden_layers
    if layers > config.num_hidden_layers:
        raise TrainingError(f"A student of {layers} layers is larger than its teacher of {config.num_hidden_layers}.")
    if stage.student_width is None and stage.student_heads is None:
        step = (config.num_hidden_layers - 1) / max(1, layers - 1)
        return _with_layers(teacher, [round(at * step) for at in range(layers)])
    model_class: Any = AutoModelForCausalLM
    return model_class.from_config(_smaller(config, layers, stage.student_width, stage.student_heads))


def _smaller(config: Any, layers: int, width: int | None, heads: int | None) -> AutoConfig:
    old_width, old_heads = config.hidden_size, config.num_attention_heads
    config.num_hidden_layers = layers
    if getattr(config, "layer_types", None):
        config.layer_types = config.layer_types[:layers]
    config.num_attention_heads = heads or config.num_attention_heads
    config.hidden_size = width or old_width
    if config.hidden_size % config.num_attention_heads:
        raise TrainingError(
            f"A width of {config.hidden_size} can't be shared by {config.num_attention_heads} heads: "
            "choose `student_width` as a multiple of `student_heads`."
        )
    if getattr(config, "num_key_value_heads", None):  # as many heads share one as in the teacher
        wanted = config.num_attention_heads * config.num_key_value_heads // old_heads
        config.num_key_value_heads = _divisor(config.num_attention_heads, max(1, wanted))
    if hasattr(config, "head_dim"):
        config.head_dim = config.hidden_size // config.num_attention_heads
    config.intermediate_size = max(8, config.intermediate_size * config.hidden_size // old_width)
    return config  # type: ignore[no-any-return]  # transformers has no types


def _divisor(number: int, most: int) -> int:
    return next(each for each in range(min(number, most), 0, -1) if number % each == 0)
