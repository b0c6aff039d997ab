"""The server's Prometheus metrics, in a registry of their own. Knows nothing of HTTP.

Named as the field names them (vLLM's without its prefix), with the model as a label.
"""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from llm_server.api.answer_cache import AnswerCache
from llm_server.api.generation_queue import GenerationQueue
from llm_server.api.job import Job
from llm_server.engines.engine import Engine, EngineFigures, EngineState
from llm_server.errors import KeyLimitReached, Overloaded

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
_BETWEEN = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5)
_MODEL = "model_name"


class Metrics:
    """What is counted; one object for each application, so that two in one process don't meet."""

    def __init__(self, engine: Engine, queue: GenerationQueue, cache: AnswerCache) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.registry.register(_Present(engine, queue, cache))
        self.requests = self._counter("http_requests", "Requests answered", ["route", "status"])
        self.shed = self._counter("requests_shed", "Requests told to come back later", ["reason"])
        self.ended = self._counter("request_success", "Choices by how they ended", [_MODEL, "finished_reason"])
        self.failed = self._counter("request_failure", "Requests that got no whole answer", [_MODEL, "reason"])
        self.prompt_tokens = self._counter("prompt_tokens", "Tokens of prompts", [_MODEL])
        self.generation_tokens = self._counter("generation_tokens", "Tokens drawn", [_MODEL])
        self.key_tokens = self._counter("key_tokens", "Tokens by API key", ["key", "kind"])
        self.waited = self._histogram("request_queue_time_seconds", "Time in the queue", _SECONDS)
        self.first = self._histogram("time_to_first_token_seconds", "Time from arrival to first text", _SECONDS)
        self.between = self._histogram("time_per_output_token_seconds", "Time for each token but the first", _BETWEEN)
        self.whole = self._histogram("e2e_request_latency_seconds", "Time from arrival to end", _SECONDS)

    def observe(self, job: Job, outcome: str, key: str) -> None:
        """Counts one job that has ended or was given up; a kept answer cost no tokens."""
        model = job.request.model
        for reason in job.finish_reasons:
            self.ended.labels(model, reason).inc()
        if outcome != "finished":
            self.failed.labels(model, outcome).inc()
        if job.from_cache:
            return
        for counter, kind, tokens in (
            (self.prompt_tokens, "prompt", job.prompt_tokens),
            (self.generation_tokens, "generation", job.completion_tokens),
        ):
            counter.labels(model).inc(tokens)
            self.key_tokens.labels(key, kind).inc(tokens)
        self._observe_times(job)

    def observe_shed(self, error: Overloaded) -> None:
        """Counts a request that was told to come back later."""
        self.shed.labels(f"key_{error.what}" if isinstance(error, KeyLimitReached) else error.told_code).inc()

    def _observe_times(self, job: Job) -> None:
        model = job.request.model
        if job.started_at is not None:
            self.waited.labels(model).observe(job.started_at - job.queued_at)
        if job.first_text_at is None:
            return
        self.first.labels(model).observe(job.first_text_at - job.queued_at)
        if job.ended_at is not None:
            self.whole.labels(model).observe(job.ended_at - job.queued_at)
            drawn = job.completion_tokens - job.request.choices
            if drawn > 0:
                self.between.labels(model).observe((job.ended_at - job.first_text_at) * job.request.choices / drawn)

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter("llm_" + name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram("llm_" + name, text, [_MODEL], buckets=buckets, registry=self.registry)


class _Present(Collector):
    """What is so at the moment of asking: the queue, the engines, the kept answers."""

    def __init__(self, engine: Engine, queue: GenerationQueue, cache: AnswerCache) -> None:
        self._engine = engine
        self._queue = queue
        self._cache = cache

    def collect(self) -> Iterable[Metric]:
        """All families; asked by Prometheus' library."""
        queue, cache = self._queue, self._cache
        yield GaugeMetricFamily("llm_ready", "1 when requests are taken", float(queue.ready))
        yield GaugeMetricFamily("llm_queue_prompt_tokens", "Prompt tokens waiting", float(queue.waiting_tokens))
        yield from self._by_model()
        yield CounterMetricFamily("llm_answer_cache_queries", "Answers looked for", float(cache.hits + cache.misses))
        yield CounterMetricFamily("llm_answer_cache_hits", "Answers that were kept", float(cache.hits))
        yield GaugeMetricFamily("llm_answer_cache_bytes", "Size of the kept answers", float(cache.size))

    def _by_model(self) -> Iterator[Metric]:
        names = [model.name for model in self._engine.models]
        begun = GaugeMetricFamily("llm_num_requests_running", "Requests on the engine", labels=[_MODEL])
        waiting = GaugeMetricFamily("llm_num_requests_waiting", "Requests in the queue", labels=[_MODEL])
        state = GaugeMetricFamily("llm_model_ready", "1 when the model can answer", labels=[_MODEL])
        places = GaugeMetricFamily("llm_max_num_seqs", "Choices computed together at most", labels=[_MODEL])
        version = GaugeMetricFamily("llm_model_version", "Version of the registry that serves", labels=[_MODEL])
        problem = GaugeMetricFamily(
            "llm_model_version_problem", "1 while the promoted version can't be served", labels=[_MODEL]
        )
        for served in self._engine.models:
            running, queued = self._queue.count(served.name)
            begun.add_metric([served.name], running)
            waiting.add_metric([served.name], queued)
            state.add_metric([served.name], self._engine.state(served.name) is EngineState.READY)
            places.add_metric([served.name], served.at_once)
            problem.add_metric([served.name], served.problem is not None)
            if served.version is not None:
                version.add_metric([served.name], served.version)
        yield from (begun, waiting, state, places, version, problem)
        figures = {name: self._engine.figures(name) for name in names}
        for family, value in _families():
            for name in names:
                family.add_metric([name], value(figures[name]))
            yield family


Family = GaugeMetricFamily | CounterMetricFamily


def _families() -> Iterator[tuple[Family, Callable[[EngineFigures], float]]]:
    """What engines tell of themselves."""

    def gauge(name: str, text: str) -> GaugeMetricFamily:
        return GaugeMetricFamily("llm_" + name, text, labels=[_MODEL])

    def counter(name: str, text: str) -> CounterMetricFamily:
        return CounterMetricFamily("llm_" + name, text, labels=[_MODEL])

    yield gauge("batch_size", "Choices computed in the last step"), lambda of: of.batch
    yield counter("engine_steps", "Steps computed"), lambda of: of.steps
    yield (
        gauge("kv_cache_usage_ratio", "Used part of the key-value cache"),
        lambda of: of.cache_tokens_used / of.cache_tokens if of.cache_tokens else 0.0,
    )
    yield counter("prefix_cache_hit_tokens", "Prompt tokens not computed anew"), lambda of: of.prefix_tokens_reused
    yield counter("engine_restarts", "Times the engine's process was started again"), lambda of: of.restarts
    yield counter("model_swaps", "Versions that were changed to"), lambda of: of.swaps
    yield counter("model_swap_failures", "Versions that could not be changed to"), lambda of: of.swap_failures
    yield gauge("engine_memory_bytes", "Memory of the engine's process"), lambda of: of.memory_bytes
    yield gauge("gpu_memory_bytes", "GPU memory of the engine"), lambda of: of.gpu_memory_bytes
