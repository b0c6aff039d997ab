"""The whole server as a process, asked by the official OpenAI client: what vLLM does right is right here too.

Over a tiny model of random weights, since nothing of it depends on what the text says.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import openai
import pytest
from tokenizers import pre_tokenizers

import llm_server
from tests.llm_server.tiny_model import CONTEXT_LENGTH

ROOT = Path(llm_server.__file__).parents[1]
MODEL, KEY, QUEUE_LIMIT = "model", "dhk_llm_of-the-tests", 2
ASK = {"model": MODEL, "messages": [{"role": "user", "content": "Say something."}], "max_tokens": 24}
SURE = {**ASK, "temperature": 0}
LONG = {**ASK, "max_tokens": 1500, "extra_body": {"ignore_eos": True}}
FRESH = {"Cache-Control": "no-store"}


@dataclass
class Whole:
    """A running server and its client."""

    process: subprocess.Popen[bytes]
    url: str
    client: openai.OpenAI
    log: Path

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def figure(self, name: str) -> float:
        text = self.get("/metrics")[1]
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def start(folder: Path, log: Path, **environ: str) -> Whole:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "llm_server"],
            cwd=ROOT,
            env={
                **os.environ,
                "LLM_PORT": "0",
                "LLM_MODEL_DIR": str(folder),
                "LLM_API_KEY": KEY,
                "LLM_THREADS": "1",
                "LLM_QUEUE_LIMIT": str(QUEUE_LIMIT),
                **environ,
            },
            stderr=file,
        )
    until(lambda: "listening on" in log.read_text() or process.poll() is not None, "the server listens")
    found = re.search(r"listening on (http://\S+?),", log.read_text())
    assert found, log.read_text()
    client = openai.OpenAI(base_url=found[1] + "/v1", api_key=KEY, max_retries=0, timeout=120)
    whole = Whole(process, found[1], client, log)
    until(lambda: whole.get("/readyz")[0] == 200, "the server is ready")
    return whole


def stop(whole: Whole) -> None:
    whole.client.close()
    whole.process.kill()
    whole.process.wait(30)


def until(is_so: Callable[[], bool], what: str) -> None:
    for _ in range(2400):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError(f"never so: {what}")


@pytest.fixture(scope="module")
def whole(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    running = start(tiny_folder, tmp_path_factory.mktemp("log") / "server.log")
    try:
        yield running
    finally:
        stop(running)


def tokens_of(text: str) -> list[int]:
    """As the tiny model's tokenizer numbers its letters."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    return [alphabet.index(letter) for letter in text]


def text_of(answer: openai.types.chat.ChatCompletion) -> str:
    return answer.choices[0].message.content or ""


def test_an_answer_has_usage_and_its_length(whole: Whole) -> None:
    answer = whole.client.chat.completions.create(**SURE, extra_body={"ignore_eos": True})

    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 24
    assert answer.usage.prompt_tokens > 20
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 24


def test_plain_completions_go_on_from_a_text_and_from_its_tokens_alike(whole: Whole) -> None:
    wanted = {"model": MODEL, "max_tokens": 8, "temperature": 0, "extra_headers": FRESH}

    text = whole.client.completions.create(prompt="abc", **wanted)
    spoken = whole.client.completions.create(prompt=tokens_of("abc"), **wanted)

    assert text.choices[0].text == spoken.choices[0].text
    assert text.usage.prompt_tokens == 3


def test_a_seed_makes_an_answer_repeatable(whole: Whole) -> None:
    def ask(seed: int) -> str:
        return text_of(whole.client.chat.completions.create(**ASK, seed=seed, extra_headers=FRESH))

    assert ask(7) == ask(7)
    assert len({ask(seed) for seed in range(1, 5)}) > 1


def test_a_stream_says_the_same_and_ends_with_its_usage(whole: Whole) -> None:
    answer = whole.client.chat.completions.create(**SURE, extra_headers=FRESH)

    stream = whole.client.chat.completions.create(
        **SURE, stream=True, stream_options={"include_usage": True}, extra_headers=FRESH
    )
    chunks = list(stream)

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == text_of(answer)
    assert chunks[-2].choices[0].finish_reason == answer.choices[0].finish_reason
    assert chunks[-1].choices == []
    assert chunks[-1].usage.completion_tokens == answer.usage.completion_tokens


def test_n_gives_so_many_choices_that_differ(whole: Whole) -> None:
    answer = whole.client.chat.completions.create(**ASK, n=3)

    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len({choice.message.content for choice in answer.choices}) == 3


def test_a_stop_string_ends_the_text_before_it(whole: Whole) -> None:
    plain = text_of(whole.client.chat.completions.create(**SURE))
    ends = next(plain[at : at + 2] for at in range(4, len(plain)) if "\ufffd" not in plain[at : at + 2])

    stopped = whole.client.chat.completions.create(**SURE, stop=[ends])

    assert text_of(stopped) == plain[: plain.index(ends)]
    assert stopped.choices[0].finish_reason == "stop"


def test_log_probabilities_are_those_of_the_drawn_tokens(whole: Whole) -> None:
    answer = whole.client.chat.completions.create(**SURE, logprobs=True, top_logprobs=3)

    told = answer.choices[0].logprobs.content
    assert b"".join(bytes(token.bytes) for token in told).decode(errors="replace").startswith(text_of(answer))
    for token in told:
        assert len(token.top_logprobs) == 3
        assert token.logprob == max(one.logprob for one in token.top_logprobs) <= 0


def test_a_json_schema_is_kept_to(whole: Whole) -> None:
    schema = {
        "type": "object",
        "properties": {"accepted": {"type": "boolean"}, "grade": {"enum": ["A", "B"]}},
        "required": ["accepted", "grade"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "quality", "schema": schema, "strict": True}}

    answer = whole.client.chat.completions.create(
        **{**ASK, "max_tokens": 200}, temperature=0.5, seed=1, response_format=wanted
    )

    said = json.loads(text_of(answer))
    assert set(said) == {"accepted", "grade"} and said["accepted"] in {True, False} and said["grade"] in {"A", "B"}
    assert answer.choices[0].finish_reason == "stop"


def test_a_json_object_is_an_object(whole: Whole) -> None:
    braces = {str(tokens_of(letter)[0]): bias for letter, bias in {"[": 100, "{": 50, "}": 90}.items()}

    answer = whole.client.chat.completions.create(**SURE, response_format={"type": "json_object"}, logit_bias=braces)

    assert json.loads(text_of(answer)) == {}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "#/$defs/missing"},
        {"type": "string", "pattern": "(a"},
        {"type": "integer", "minimum": -(10**300)},
    ],
    ids=["no schema", "a reference to nothing", "no pattern", "a number too large"],
)
def test_a_schema_that_can_not_be_kept_to_is_refused_and_others_are_served_meanwhile(
    whole: Whole, schema: dict[str, object]
) -> None:
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    with ThreadPoolExecutor(1) as pool:
        bad = pool.submit(whole.client.chat.completions.create, **SURE, response_format=wanted)
        assert whole.client.chat.completions.create(**SURE, extra_headers=FRESH).choices

        with pytest.raises(openai.BadRequestError) as refused:
            bad.result()

    assert refused.value.param and refused.value.param.startswith("response_format")
    assert ".cc" not in refused.value.message


def test_a_bias_draws_a_token_or_keeps_it_away(whole: Whole) -> None:
    likeliest = whole.client.chat.completions.create(**SURE, logprobs=True, top_logprobs=1)
    first = likeliest.choices[0].logprobs.content[0].token

    wanted = tokens_of("Z")[0]
    drawn = whole.client.chat.completions.create(**SURE, logit_bias={str(wanted): 100})

    assert text_of(drawn) == "Z" * 24
    assert first != "Z"


def test_penalties_keep_a_token_from_being_repeated(whole: Whole) -> None:
    once = {str(token): 5 for token in tokens_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}

    free = text_of(whole.client.chat.completions.create(**SURE, logit_bias=once))
    bound = text_of(whole.client.chat.completions.create(**SURE, logit_bias=once, presence_penalty=2.0))

    assert len(set(bound)) > len(set(free))


def test_top_k_of_one_is_the_likeliest(whole: Whole) -> None:
    sure = text_of(whole.client.chat.completions.create(**SURE))

    assert text_of(whole.client.chat.completions.create(**ASK, temperature=1.5, extra_body={"top_k": 1})) == sure


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"model": "gpt-4o"}, openai.NotFoundError, "model_not_found"),
        ({"temperature": 5}, openai.BadRequestError, "invalid_value"),
        ({"max_tokens": -1}, openai.BadRequestError, "invalid_value"),
        (
            {"messages": [{"role": "user", "content": "word " * 9000}]},
            openai.BadRequestError,
            "context_length_exceeded",
        ),
    ],
    ids=["unknown model", "temperature 5", "max_tokens -1", "a prompt of 9,000 words"],
)
def test_bad_values_are_refused_in_openai_s_shape(
    whole: Whole, changes: dict[str, object], kind: type[openai.APIStatusError], code: str
) -> None:
    with pytest.raises(kind) as refused:
        whole.client.chat.completions.create(**{**ASK, **changes})

    assert (refused.value.type, refused.value.code) == ("invalid_request_error", code)
    assert refused.value.param


def test_the_model_and_its_state_are_told(whole: Whole) -> None:
    assert MODEL in [model.id for model in whole.client.models.list()]
    assert whole.client.models.retrieve(MODEL).max_model_len == CONTEXT_LENGTH
    assert [whole.get(path)[0] for path in ("/livez", "/readyz", "/health", "/healthz", "/metrics")] == [200] * 5
    assert whole.get("/v1/models")[0] == 401


def test_a_dropped_stream_frees_the_engine(whole: Whole) -> None:
    stream = whole.client.chat.completions.create(**LONG, stream=True)
    next(iter(stream))
    stream.close()

    until(lambda: whole.figure("llm_num_requests_running") == 0, "the engine is free")
    assert whole.client.chat.completions.create(**SURE, extra_headers=FRESH).choices


async def test_more_than_may_wait_are_told_to_come_back_and_the_rest_is_served(whole: Whole) -> None:
    places = int(whole.figure(f'llm_max_num_seqs{{model_name="{MODEL}"}}')) + QUEUE_LIMIT
    async with openai.AsyncOpenAI(base_url=whole.url + "/v1", api_key=KEY, max_retries=0, timeout=120) as client:
        asked = [client.chat.completions.create(**{**LONG, "max_tokens": 300}) for _ in range(places + 30)]
        answers = await asyncio.gather(*asked, return_exceptions=True)

    shed = [answer for answer in answers if isinstance(answer, openai.RateLimitError)]
    served = [answer for answer in answers if isinstance(answer, openai.types.chat.ChatCompletion)]
    assert shed and len(shed) + len(served) == len(answers)
    assert len(served) >= places
    assert {(error.status_code, error.code) for error in shed} == {(429, "queue_full")}
    assert all(int(error.response.headers["Retry-After"]) >= 1 for error in shed)


def test_health_answers_while_long_prompts_are_read(whole: Whole) -> None:
    prompt = [{"role": "user", "content": "x" * (CONTEXT_LENGTH - 200)}]
    with ThreadPoolExecutor(3) as pool:
        asked = [
            pool.submit(whole.client.chat.completions.create, **{**SURE, "messages": prompt}, extra_headers=FRESH)
            for _ in range(3)
        ]
        while not all(one.done() for one in asked):
            assert [whole.get(path)[0] for path in ("/livez", "/readyz", "/metrics")] == [200] * 3
        assert all(one.result().choices for one in asked)


# The last one: it ends the server that the others share.
def test_a_signal_lets_what_was_taken_finish_and_nothing_new_in(whole: Whole) -> None:
    stream = iter(whole.client.chat.completions.create(**{**LONG, "max_tokens": 600}, stream=True))
    next(stream)
    whole.process.send_signal(signal.SIGTERM)
    until(lambda: whole.get("/readyz")[0] == 503, "it drains")

    with pytest.raises(openai.InternalServerError) as refused:
        whole.client.chat.completions.create(**ASK)
    rest = list(stream)

    assert (refused.value.status_code, refused.value.code) == (503, "server_closing")
    assert refused.value.response.headers["Retry-After"]
    assert rest[-1].choices[0].finish_reason == "length"
    assert whole.process.wait(60) == 0
    assert "Traceback" not in whole.log.read_text()
