"""How fast the running language model server writes, as the official client sees it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

import openai
from openai.types.chat import ChatCompletionUserMessageParam

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, spread

RUNS, TOKENS = 5, 64
PROMPT = (
    "Write two friendly sentences to Acme Ltd: we have received order SO-1042 of 20 boxes of A4 paper at 250.00 CNY "
    "each and 3 laser printers at 1,299.00 CNY each, total 8,897.00 CNY, to be delivered by courier to 1 Main Street, "
    "Springfield, by Friday, 4 December 2026."
)


def measure(bench: Bench) -> Iterator[Row]:
    address, model = f"http://127.0.0.1:{bench.environment['LLM_PORT']}/v1", "smollm2-135m-instruct"
    with openai.OpenAI(base_url=address, api_key=bench.environment["LLM_API_KEY"], max_retries=0) as client:
        _stream(client, model)
        measured = [_stream(client, model) for _ in range(RUNS)]
    first, rate = [one[0] * 1000 for one in measured], [one[1] for one in measured]
    threads = bench.environment.get("LLM_THREADS", "?")
    yield Row("time to first token", statistics.median(first), "ms", spread(first))
    yield Row("writing, one stream", statistics.median(rate), "tokens/s", f"{threads} thread; {spread(rate)}")


def _stream(client: openai.OpenAI, model: str) -> tuple[float, float]:
    """Seconds to the first text, and tokens a second after it."""
    began, first, tokens = time.perf_counter(), 0.0, 0
    asked: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": PROMPT}]
    stream = client.chat.completions.create(
        model=model, messages=asked, max_tokens=TOKENS, temperature=0, stream=True,
        stream_options={"include_usage": True},
    )  # fmt: skip
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content and not first:
            first = time.perf_counter()
        tokens = chunk.usage.completion_tokens if chunk.usage else tokens
    return first - began, (tokens - 1) / (time.perf_counter() - first)
