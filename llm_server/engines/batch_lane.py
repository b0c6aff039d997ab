"""transformers' continuous batching as the engine's main lane: every step computes all requests that are there.

Knows nothing of sockets. Its manager runs in a thread of its own; a second one turns tokens into events.
"""

import logging
from collections.abc import Callable
from queue import Empty, Queue
from threading import Lock, Thread
from typing import Any

from transformers import GenerationConfig
from transformers.generation.configuration_utils import ContinuousBatchingConfig
from transformers.generation.continuous_batching.cb_logits_processors import ContinuousBatchingLogitsProcessorList
from transformers.generation.logits_process import LogitsProcessorList

from llm_server.engines import attention
from llm_server.engines.choice_text import ChoiceText
from llm_server.engines.engine import DrawnToken, EngineFigures, GenerationEvent, GenerationRequest, Prompt, Sampling
from llm_server.engines.hardware import give_back_zeros, gpu_memory
from llm_server.engines.model_loading import LoadedModel
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.spread import keep_with_layers, layer_devices
from llm_server.engines.token_choice import BatchChoice, TokenChoice

log = logging.getLogger(__name__)

# Tokens of one page of the cache: what two prompts share is shared in whole pages.
PAGE = 32

WARM_UP_SECONDS = 120.0

NEVER = -1  # an end token that no model draws

Tell = Callable[[str, list[GenerationEvent], str | None], None]  # a request's id, what is new, why it failed


class _Running:
    """One choice of one request."""

    def __init__(self, request_id: str, request: GenerationRequest, text: ChoiceText, chooser: TokenChoice) -> None:
        self.request_id = request_id
        self.request = request
        self.text = text
        self.chooser = chooser
        self.seen = 0


class BatchLane:
    """Runs requests together; ``tell`` hears of each token, from another thread."""

    def __init__(self, loaded: LoadedModel, spec: ModelSpec, tell: Tell) -> None:
        self._loaded = loaded
        self._tell = tell
        self._running: dict[str, _Running] = {}
        self._lock = Lock()
        self._chooser = BatchChoice()
        self._reused = 0
        self._pages = max(spec.cache_tokens // PAGE, 1)
        self._spec = spec
        self._manager: Any = None

    def start(self) -> None:
        """Starts the threads, once a short answer has come: what is made at the first step is made by then.

        Raises:
            RuntimeError: the model can't be run in batches.
        """
        for own_attention in (True, False) if _is_plain_attention(self._loaded.model) else (False,):
            self._manager = self._made(own_attention)
            self._count_reused()
            self._manager.start()
            Thread(target=self._hand_on, args=(self._manager,), name="tokens", daemon=True).start()
            failed = self._warm_up()
            if failed is None:
                self._manager._handle_critical_error = _raised
                return
            log.warning("warm-up failed: %s", failed)
        raise RuntimeError(f"the model can't be run in batches: {failed}")

    def _warm_up(self) -> str | None:
        end = min(self._loaded.vocabulary.ends, default=0)
        told: Queue[str | None] = Queue()
        tell, self._tell = self._tell, lambda _, events, failed: told.put(failed) if failed or events else None
        wanted = GenerationRequest(self._spec.name, Prompt(8, (end,) * 8), 2, Sampling(0.0), ignore_end=True)
        self.submit("warm-up", wanted, [])
        try:
            return told.get(timeout=WARM_UP_SECONDS)
        except Empty:
            return "no answer"
        finally:
            self.cancel("warm-up")
            self._tell = tell

    def _count_reused(self) -> None:
        self._manager.warmup()  # makes the cache
        cache = self._manager.batch_processor.cache
        give_back_zeros(cache.cache_tensor)
        keep_with_layers(cache, layer_devices(self._loaded.model))
        matched: Callable[[str, list[int]], int] = cache.search_prefix_match

        def counted(request_id: str, prompt: list[int]) -> int:
            running = self._running.get(request_id)
            if running and running.chooser.is_seeded:
                return 0  # what is computed in another order may make another token the drawn one
            found = matched(request_id, prompt)
            self._reused += found
            if running:
                running.text.cached = found
            return found

        cache.search_prefix_match = counted

    @property
    def is_alive(self) -> bool:
        """False once the lane can't compute any more."""
        return bool(self._manager.is_running())

    def submit(self, request_id: str, request: GenerationRequest, grammars: list[Any]) -> None:
        """Begins all choices of a request. The second and further ones find the prompt in the cache."""
        for choice in range(request.choices):
            chooser = TokenChoice(
                request.sampling,
                request.prompt.ids,
                choice=choice,
                top_logprobs=request.top_logprobs,
                grammar=grammars[choice] if grammars else None,
                end=min(self._loaded.vocabulary.ends, default=0),
            )
            text = ChoiceText(choice, request.max_tokens, request.stop, self._loaded.vocabulary)
            key = f"{request_id}:{choice}"
            with self._lock:
                self._running[key] = _Running(request_id, request, text, chooser)
            self._add(key, request, chooser)

    def cancel(self, request_id: str) -> None:
        """Ends a request's choices at the next step."""
        with self._lock:
            keys = [key for key, running in self._running.items() if running.request_id == request_id]
            for key in keys:
                del self._running[key]
        for key in keys:
            self._manager.cancel_request(key)

    def figures(self) -> EngineFigures:
        """What is known of the lane."""
        processor = self._manager.batch_processor
        free = float(processor.cache.compute_free_capacity(relative=True)) if processor else 1.0
        return EngineFigures(
            batch=self._chooser.batch if self._running else 0,
            steps=self._chooser.steps,
            cache_tokens=self._pages * PAGE,
            cache_tokens_used=round((1.0 - free) * self._pages * PAGE),
            prefix_tokens_reused=self._reused,
            gpu_memory_bytes=gpu_memory(),
        )

    def _made(self, own_attention: bool) -> Any:
        model, spec = self._loaded.model, self._spec
        if model.config._attn_implementation == attention.EACH_BY_ITSELF:  # the second attempt
            model.set_attn_implementation("sdpa")
        greedy: Any = GenerationConfig
        manager = model.init_continuous_batching(
            generation_config=greedy(do_sample=False, eos_token_id=NEVER),
            continuous_batching_config=ContinuousBatchingConfig(
                page_size=PAGE,
                num_blocks=self._pages,
                max_batch_tokens=max(spec.prefill_tokens, spec.at_once),
                max_requests_per_batch=spec.at_once,
                use_async_batching=False,  # what is chosen now must be known before the next step is computed
                use_cuda_graph=False,
            ),
        )
        manager.logit_processor = ContinuousBatchingLogitsProcessorList(LogitsProcessorList([self._chooser]))
        manager.logit_processor.tensors_required = 1
        if own_attention:
            attention.register()
            model.set_attn_implementation(attention.EACH_BY_ITSELF)
        return manager

    def _add(self, key: str, request: GenerationRequest, chooser: TokenChoice) -> None:
        ends = [NEVER] if request.ignore_end else sorted(self._loaded.vocabulary.ends) or [NEVER]
        self._manager.add_request(
            list(request.prompt.ids),
            request_id=key,
            max_new_tokens=request.max_tokens,
            streaming=True,
            eos_token_id=ends,
            chooser=chooser,
        )

    def _hand_on(self, manager: Any) -> None:
        while True:
            self._hear(manager.output_router.output_queue.get())

    def _hear(self, output: Any) -> None:
        with self._lock:
            running = self._running.get(output.request_id)
        if running is None:
            return
        failed = output.error or running.chooser.failed
        events = [] if failed else self._new(running, output.generated_tokens)
        if failed or running.text.finished:
            with self._lock:
                self._running.pop(output.request_id, None)
            if not output.is_finished():
                self._manager.cancel_request(output.request_id)
        self._tell(running.request_id, events, failed)

    def _new(self, running: _Running, tokens: list[int]) -> list[GenerationEvent]:
        events: list[GenerationEvent] = []
        for token in tokens[running.seen :]:
            if running.text.finished is None:
                drawn = self._drawn(running, token)
                events += running.text.feed(token, drawn, ends=not running.request.ignore_end)
            running.seen += 1
        return events

    def _drawn(self, running: _Running, token: int) -> DrawnToken | None:
        if running.request.top_logprobs is None:
            return None
        logprob, ranked = running.chooser.ranked[running.seen]
        candidate = self._loaded.vocabulary.candidate
        return DrawnToken(candidate(token, logprob), tuple(candidate(*one) for one in ranked))


def _raised(error: Exception, _: object) -> None:
    """A step that fails ends its thread, and so the process: told to all of the batch, it would fail them all for one.

    The server runs again what had not begun to speak.
    """
    raise error


def _is_plain_attention(model: Any) -> bool:
    """Whether each layer attends to all that came before, and a processor computes it."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    slides = getattr(config, "sliding_window", None) and kinds != {"full_attention"}
    return model.device.type == "cpu" and kinds == {"full_attention"} and not slides
