"""A folder of safetensors -> a model that can compute, with its tokenizer. Runs in the engine's process.

Weights in pickle files are refused: opening one runs whatever code lies in it.
"""

import hashlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_logging

from llm_server.engines.choice_text import Vocabulary
from llm_server.engines.engine import Message
from llm_server.engines.hardware import Placement, choose_placement
from llm_server.engines.model_folder import ready_folder
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.packed_linear import pack
from llm_server.engines.prompt import template_messages
from llm_server.engines.room import check_room, free_memory

log = logging.getLogger(__name__)


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
    """Bytes that can still be had where the model is to be; over several GPUs together."""
    if placement.device.type != "cuda":
        return free_memory()
    return sum(torch.cuda.mem_get_info(device)[0] for device in range(torch.cuda.device_count()))


def _model(folder: Path, placement: Placement) -> Any:
    spread = placement.device.type == "cuda" and torch.cuda.device_count() > 1
    model: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=placement.dtype,
        local_files_only=True,
        use_safetensors=True,
        device_map="auto" if spread else None,
    )
    return (model if spread else model.to(placement.device)).eval()


def _with_adapter(model: Any, adapter: Path | None) -> Any:
    """Laid over the weights once, so that it costs nothing for each token."""
    if adapter is None:
        return model
    from peft import PeftModel

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
