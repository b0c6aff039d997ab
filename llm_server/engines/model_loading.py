"""A folder of safetensors -> a model that can compute, with its tokenizer. Runs in the engine's process.

Weights in pickle files are refused: opening one runs whatever code lies in it.
"""

import hashlib
import logging
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from llm_server.engines.choice_text import Vocabulary
from llm_server.engines.engine import Message
from llm_server.engines.hardware import Placement, choose_placement, free_on_gpus
from llm_server.engines.model_folder import ready_folder
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.packed_linear import pack
from llm_server.engines.prompt import template_messages
from llm_server.engines.room import check_room, free_memory
from llm_server.registry.model_files import numbers_in

log = logging.getLogger(__name__)

_BESIDE_WEIGHTS = 1.3  # the cache of keys and values, what a step computes, and what CUDA itself takes


@dataclass(slots=True)
class LoadedModel:
    """A model and what belongs to it."""

    model: Any
    tokenizer: Any
    vocabulary: Vocabulary
    context_length: int
    size: int  # of the vocabulary that the model scores
    digest: str
    control_tokens: tuple[str, ...]

    @property
    def fast(self) -> Tokenizer:
        """The tokenizer itself, without what transformers puts around it."""
        tokenizer: Tokenizer = self.tokenizer.backend_tokenizer
        return tokenizer

    def encode(self, source: tuple[Message, ...] | str) -> tuple[int, ...]:
        """Messages through the model's own chat template; a text as it is."""
        if isinstance(source, str):
            return tuple(self.fast.encode(source, add_special_tokens=True).ids)
        given = template_messages(source, self.control_tokens)
        text = self.tokenizer.apply_chat_template(given, tokenize=False, add_generation_prompt=True)
        return tuple(self.fast.encode(text, add_special_tokens=False).ids)


def load(spec: ModelSpec) -> LoadedModel:
    """Loads one model, with its adapter laid over its weights.

    Raises:
        ModelError: there is none, or not as safetensors.
    """
    began = time.monotonic()
    folder = ready_folder(spec.folder or Path(), convert=spec.converts)
    torch.set_num_threads(spec.threads)
    placement = choose_placement(spec.device, spec.dtype)
    quiet: Any = transformers_logging
    quiet.disable_progress_bar()
    log.info("%s: device %s, %s (%s)", spec.name, placement.device, placement.dtype, placement.reason)
    check_room(folder, spec.adapter, placement.dtype.itemsize, _free(placement))
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = _with_adapter(_model(folder, placement), spec.adapter)
    ends = _end_tokens(model.generation_config.eos_token_id, tokenizer.eos_token_id)
    loaded = LoadedModel(
        model=model,
        tokenizer=tokenizer,
        vocabulary=Vocabulary(tokenizer.backend_tokenizer, ends),
        context_length=min(int(model.config.get_text_config().max_position_embeddings), spec.cache_tokens),
        size=int(model.config.get_text_config().vocab_size),
        digest=_digest(folder, spec.adapter, str(placement.dtype)),
        control_tokens=tuple(token.content for token in tokenizer.added_tokens_decoder.values()),
    )
    parameters = model.num_parameters() / 1e6
    with torch.inference_mode():
        pack(model, spec.at_once)
    log.info(
        "%s is loaded: %.1f M parameters, context %d, %d threads, %.1f s",
        spec.name,
        parameters,
        loaded.context_length,
        torch.get_num_threads(),
        time.monotonic() - began,
    )
    return loaded


def _free(placement: Placement) -> int:
    """Bytes that can still be had where the model is to be; over several GPUs together, unless one is named."""
    if placement.device.type != "cuda":
        return free_memory()
    free = free_on_gpus()
    return sum(free) if placement.device.index is None else free[placement.device.index]


def device_for(placement: Placement, needed: int) -> torch.device | None:
    """Where a model of so many bytes goes: the one GPU with the most room if it fits there, else None for all of them.

    Over several GPUs each token goes from one to the next, so one is quicker as long as the model fits.
    """
    if placement.device.type != "cuda" or placement.device.index is not None:
        return placement.device
    free = free_on_gpus()
    if len(free) == 1:
        return placement.device
    best = max(range(len(free)), key=free.__getitem__)
    return torch.device("cuda", best) if needed * _BESIDE_WEIGHTS <= free[best] else None


def _model(folder: Path, placement: Placement) -> Any:
    device = device_for(placement, numbers_in(folder) * placement.dtype.itemsize)
    model: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=placement.dtype,
        local_files_only=True,
        use_safetensors=True,
        device_map="auto" if device is None else None,
    )
    return (model if device is None else model.to(device)).eval()


def _with_adapter(model: Any, adapter: Path | None) -> Any:
    """Laid over the weights once, so that it costs nothing for each token."""
    if adapter is None:
        return model
    from peft import PeftModel

    with warnings.catch_warnings():
        # peft's own use of an old name of transformers': nothing that who runs the server could change.
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing", FutureWarning)
        return PeftModel.from_pretrained(model, str(adapter), use_safetensors=True).merge_and_unload()


def _end_tokens(*given: int | list[int] | None) -> frozenset[int]:
    ends: set[int] = set()
    for one in given:
        ends.update(one if isinstance(one, list) else [] if one is None else [one])
    return frozenset(ends)


def _digest(folder: Path, adapter: Path | None, dtype: str) -> str:
    """Of names, sizes and times: reading gigabytes only to name them would take longer than loading them."""
    digest = hashlib.sha256(dtype.encode())
    for path in [*folder.iterdir(), *(adapter.iterdir() if adapter else ())]:
        known = path.stat()
        digest.update(f"{path.name} {known.st_size} {known.st_mtime_ns}".encode())
    return digest.hexdigest()
