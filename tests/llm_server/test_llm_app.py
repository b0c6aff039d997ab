"""The server around the chat route: health, readiness, key, request ids, metrics, bodies that are no requests."""

import asyncio
import io
import json

import aiohttp
import openai
import pytest

from llm_server.api.keys import QUEUE, SERVING

BODY = {"model": "fake", "messages": [{"role": "user", "content": "hi"}]}
CHAT = "/v1/chat/completions"


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


async def test_it_is_alive_at_once_and_ready_when_the_model_is_loaded(serve, fake_engine, eventually, http):
    engine = fake_engine()
    engine.may_load.clear()
    server = await serve(engine, wait=False)

    assert (await http.get(server.url + "/livez")).status == 200
    loading = await http.get(server.url + "/readyz")
    assert (loading.status, await loading.json()) == (503, {"status": "loading"})
    with pytest.raises(openai.InternalServerError) as refused:
        await server.client.chat.completions.create(**BODY)
    assert (refused.value.status_code, refused.value.code) == (503, "model_loading")
    assert refused.value.response.headers["Retry-After"]

    engine.may_load.set()
    await eventually(lambda: server.app[QUEUE].ready)
    assert (await http.get(server.url + "/readyz")).status == 200


async def test_a_model_that_can_not_be_loaded_is_seen_in_health(serve, fake_engine, eventually, http):
    engine = fake_engine()
    engine.fails_with = OSError("no such file")
    server = await serve(engine, wait=False)

    await eventually(server.app[SERVING].done)

    assert (await http.get(server.url + "/readyz")).status == 503
    health = await http.get(server.url + "/healthz")
    assert (health.status, (await health.json())["status"]) == (503, "failed")
    assert isinstance(server.app[SERVING].exception(), OSError)


async def test_health_answers_while_the_engine_is_busy(serve, fake_engine, eventually, http):
    engine = fake_engine(held=True)
    server = await serve(engine)
    asked = asyncio.create_task(server.client.chat.completions.create(**BODY))
    await eventually(lambda: server.app[QUEUE].running == 1)

    health = await (await http.get(server.url + "/healthz")).json()

    assert health == {"status": "ready", "model": "fake", "waiting": 0, "running": 1}
    engine.may_speak.set()
    await asked


async def test_models_are_listed_and_found_by_name(serve, fake_engine):
    server = await serve(fake_engine())

    assert [model.id async for model in server.client.models.list()] == ["fake", "vectors"]
    found = await server.client.models.retrieve("fake")
    assert (found.object, found.backend, found.max_model_len) == ("model", "fake", 64)
    with pytest.raises(openai.NotFoundError):
        await server.client.models.retrieve("other")


async def test_the_key_is_asked_for_where_models_are_and_nowhere_else(serve, fake_engine, http):
    server = await serve(fake_engine(), api_key="right")

    with pytest.raises(openai.AuthenticationError) as refused:
        await server.client.chat.completions.create(**BODY)
    assert refused.value.code == "invalid_api_key"
    assert await server.client.with_options(api_key="right").models.list()
    assert (await http.get(server.url + "/v1/models")).status == 401
    for path in ("/livez", "/readyz", "/healthz", "/metrics"):
        assert (await http.get(server.url + path)).status == 200


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_id_is_given_back(serve, fake_engine, http, stream):
    server = await serve(fake_engine())

    async with http.post(
        server.url + CHAT, json={**BODY, "stream": stream}, headers={"X-Request-Id": "order-7:a"}
    ) as got:
        assert got.headers["X-Request-Id"] == "order-7:a"
        await got.read()


async def test_a_request_id_that_could_forge_the_log_is_replaced(serve, fake_engine, http):
    server = await serve(fake_engine())

    for given in ("a b status=200", "x" * 129, ""):
        got = await http.get(server.url + "/livez", headers={"X-Request-Id": given})
        assert got.headers["X-Request-Id"] not in (given, "")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'"x"', b"\xff", b"[" * 100_000, b'{"model": "fake", "messages": [], "temperature": NaN}'],
    ids=["empty", "list", "broken", "string", "not utf-8", "deep", "NaN"],
)
async def test_a_body_that_is_no_json_object_is_refused(serve, fake_engine, http, body):
    server = await serve(fake_engine())

    got = await http.post(server.url + CHAT, data=body, headers={"Content-Type": "application/json"})

    assert got.status == 400
    assert (await got.json())["error"]["code"] == "invalid_json"


async def test_half_a_character_is_refused_before_it_reaches_the_tokenizer(serve, fake_engine, http):
    server = await serve(fake_engine())
    body = b'{"model": "fake", "messages": [{"role": "user", "content": "\\ud800"}]}'

    got = await http.post(server.url + CHAT, data=body, headers={"Content-Type": "application/json"})

    assert (got.status, (await got.json())["error"]["param"]) == (400, "messages[0].content")


async def test_a_form_of_another_site_is_refused(serve, fake_engine, http):
    server = await serve(fake_engine())

    got = await http.post(server.url + CHAT, data=b"{}", headers={"Content-Type": "text/plain"})

    assert (got.status, (await got.json())["error"]["code"]) == (400, "unsupported_media_type")


async def test_too_large_a_body_and_unknown_paths_get_errors_of_the_same_shape(serve, fake_engine, http):
    server = await serve(fake_engine())

    body = io.BytesIO(json.dumps({**BODY, "user": "x" * 2_000_000}).encode())
    large = await http.post(server.url + CHAT, data=body, headers={"Content-Type": "application/json"})
    unknown = await http.get(server.url + "/v1/nothing")
    wrong = await http.get(server.url + CHAT)

    assert [large.status, unknown.status, wrong.status] == [413, 404, 405]
    for got in (large, unknown, wrong):
        assert (await got.json())["error"]["type"] == "invalid_request_error"


async def test_metrics_count_tokens_and_outcomes(serve, fake_engine, http):
    server = await serve(fake_engine())
    await server.client.chat.completions.create(**BODY)

    text = await (await http.get(server.url + "/metrics")).text()

    assert 'llm_prompt_tokens_total{model_name="fake"} 1.0' in text
    assert 'llm_generation_tokens_total{model_name="fake"} 3.0' in text
    assert 'llm_request_success_total{finished_reason="stop",model_name="fake"} 1.0' in text
    assert 'llm_http_requests_total{route="/v1/chat/completions",status="200"} 1.0' in text
    assert 'llm_time_to_first_token_seconds_count{model_name="fake"} 1.0' in text
    assert 'llm_num_requests_running{model_name="fake"} 0.0' in text
    assert 'llm_gpu_memory_bytes{model_name="fake"} 0.0' in text
    assert "llm_ready 1.0" in text


async def test_the_log_tells_figures_and_no_text(serve, fake_engine, caplog):
    caplog.set_level("INFO")
    server = await serve(fake_engine(["secret-answer"]))

    await server.client.chat.completions.create(
        model="fake", messages=[{"role": "user", "content": "secret-question"}], extra_headers={"X-Request-Id": "r-1"}
    )

    assert "r-1 chat key=anybody model=fake status=200 outcome=finished" in caplog.text
    assert "secret" not in caplog.text


async def test_closing_stops_what_runs_and_refuses_what_waits(serve, fake_engine, eventually):
    engine = fake_engine(held=True)
    server = await serve(engine)
    tasks = [asyncio.create_task(server.client.chat.completions.create(**BODY)) for _ in range(2)]
    await eventually(lambda: server.app[QUEUE].running + server.app[QUEUE].waiting == 2)

    server.app[QUEUE].close()

    for task in tasks:
        with pytest.raises(openai.InternalServerError) as refused:
            await task
        assert (refused.value.status_code, refused.value.code) == (503, "server_closing")
    assert engine.saw_cancel.is_set()
