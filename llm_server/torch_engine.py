"""The engine of this machine: a transformers model on torch. Knows nothing of HTTP or asyncio.

Choices of one request run as one batch; requests run one after another.
"""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from threading import Event
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, StoppingCriteriaList
from transformers.utils import logging as transformers_logging

from llm_server.deferred_engine import Emit
from llm_server.engine import GenerationRequest, Message, Prompt, Sampling
from llm_server.hardware import Placement, choose_placement
from llm_server.model_folder import ready_folder
from llm_server.prompt import template_messages
from llm_server.settings import Settings
from llm_server.token_watch import Cancelled, ChoiceText, PromptWatch, TokenWatch

log = logging.getLogger(__name__)


class TorchEngine:
    """A causal language model from a folder with config, tokenizer, chat template and safetensors."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: Any = None
        self._tokenizer: Any = None
        self._prompt_watch = PromptWatch()
        self._ends: frozenset[int] = frozenset()
        self._control_tokens: tuple[str, ...] = ()

    @property
    def model_id(self) -> str:
        """The name under which clients ask for it."""
        return self._settings.model_id

    @property
    def context_length(self) -> int:
        """Most tokens of prompt and answer together."""
        return int(self._model.config.max_position_embeddings)

    def load(self) -> None:
        """Loads tokenizer and model, and runs the model once so that the first request does not pay for it."""
        began = time.monotonic()
        settings = self._settings
        folder = ready_folder(settings.model_dir, convert=settings.converts_missing_model)
        torch.set_num_threads(settings.threads)
        placement = choose_placement(settings.device, settings.dtype)
        quiet: Any = transformers_logging
        quiet.disable_progress_bar()
        log.info("device %s, %s (%s)", placement.device, placement.dtype, placement.reason)
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = _load_model(str(folder), placement)
        self._prompt_watch.attach(self._model)
        self._control_tokens = tuple(token.content for token in self._tokenizer.added_tokens_decoder.values())
        self._ends = _end_tokens(self._model.generation_config.eos_token_id, self._tokenizer.eos_token_id)
        self._warm_up()
        log.info(
            "%s is loaded: %.1f M parameters, context %d, %d threads, %.1f s",
            self.model_id,
            self._model.num_parameters() / 1e6,
            self.context_length,
            torch.get_num_threads(),
            time.monotonic() - began,
        )

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The prompt's tokens, through the model's own chat template."""
        given = template_messages(messages, self._control_tokens)
        text = self._tokenizer.apply_chat_template(given, tokenize=False, add_generation_prompt=True)
        return tuple(self._fast.encode(text, add_special_tokens=False).ids)

    def generate(self, request: GenerationRequest, emit: Emit, cancelled: Event) -> None:
        """Generates all choices as one batch."""
        if cancelled.is_set():
            return
        choices = [ChoiceText(index, request, self._fast, self._ends) for index in range(request.choices)]
        tokens = torch.tensor([request.prompt.ids] * request.choices, device=self._model.device)
        _seed(request.sampling)
        self._prompt_watch.cancelled = cancelled
        with suppress(Cancelled):
            self._model.generate(
                input_ids=tokens,
                attention_mask=torch.ones_like(tokens),
                max_new_tokens=request.max_tokens,
                stopping_criteria=StoppingCriteriaList([TokenWatch(choices, emit, cancelled)]),
                eos_token_id=sorted(self._ends),
                pad_token_id=min(self._ends),
                **_sampling_options(request.sampling),
            )

    @property
    def _fast(self) -> Tokenizer:
        tokenizer: Tokenizer = self._tokenizer.backend_tokenizer
        return tokenizer

    def _warm_up(self) -> None:
        warm = Prompt(8, (min(self._ends),) * 8)
        self.generate(GenerationRequest(self.model_id, warm, 2, Sampling(0.0)), lambda event: None, Event())


def _load_model(folder: str, placement: Placement) -> Any:
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=placement.dtype, local_files_only=True)
    return model.to(placement.device).eval()


def _end_tokens(*given: int | list[int] | None) -> frozenset[int]:
    ends: set[int] = set()
    for one in given:
        ends.update(one if isinstance(one, list) else [] if one is None else [one])
    return frozenset(ends)


def _seed(sampling: Sampling) -> None:
    """Seeds the generator that sampling draws from; afresh without a seed, lest one client's seed serve the next."""
    if sampling.seed is None:
        torch.seed()
    else:
        torch.manual_seed(sampling.seed)


def _sampling_options(sampling: Sampling) -> dict[str, Any]:
    """As OpenAI defines them: no top_k, whatever the model's own defaults are."""
    if sampling.temperature == 0:
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    return {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
