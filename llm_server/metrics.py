"""The server's Prometheus metrics, in a registry of their own. Knows nothing of HTTP."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

from llm_server.generation_queue import GenerationQueue, Job

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)


class Metrics:
    """What is counted; one object for each application, so that two in one process don't meet."""

    def __init__(self, queue: GenerationQueue) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = self._counter("llm_requests", "Requests answered", ["route", "status"])
        self.generations = self._counter("llm_generations", "Generations by how they ended", ["outcome"])
        self.tokens = self._counter("llm_tokens", "Tokens read and drawn", ["kind"])
        self.waited = self._histogram("llm_queue_seconds", "Time in the queue")
        self.first_text = self._histogram("llm_first_text_seconds", "Time from queue to first text")
        self.generated = self._histogram("llm_generation_seconds", "Time on the engine")
        self._gauge("llm_ready", "1 when requests are taken").set_function(lambda: float(queue.ready))
        self._gauge("llm_waiting", "Jobs in the queue").set_function(lambda: float(queue.waiting))
        self._gauge("llm_running", "Jobs on the engine").set_function(lambda: float(queue.running))

    def observe(self, job: Job, outcome: str) -> None:
        """Counts one job that has ended or was given up."""
        self.generations.labels(outcome).inc()
        self.tokens.labels("prompt").inc(job.request.prompt.tokens)
        self.tokens.labels("completion").inc(job.completion_tokens)
        if job.started_at is not None:
            self.waited.observe(job.started_at - job.queued_at)
            if job.ended_at is not None:
                self.generated.observe(job.ended_at - job.started_at)
        if job.first_text_at is not None:
            self.first_text.observe(job.first_text_at - job.queued_at)

    def _counter(self, name: str, text: str, labels: list[str]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(name, text, buckets=_SECONDS, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)
