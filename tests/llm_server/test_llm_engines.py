"""The backends, each by itself and together: local models with adapters, another server, a template."""

import warnings
from contextlib import aclosing, asynccontextmanager

import pytest
import pytest_asyncio

from llm_server.engines import room
from llm_server.engines.choice_text import Vocabulary
from llm_server.engines.engine import (
    ChoiceFinished,
    FinishReason,
    GenerationRequest,
    Grammar,
    Message,
    Role,
    Sampling,
    TextDelta,
)
from llm_server.engines.engines import Engines
from llm_server.engines.grammar_compiler import GrammarCompiler
from llm_server.engines.local_engine import LocalEngine
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.openai_engine import OpenAIEngine
from llm_server.engines.room import check_room
from llm_server.engines.template_engine import TemplateEngine
from llm_server.errors import EngineLost, InvalidRequest, ModelUnloadable
from tests.llm_server.conftest import FakeEngine, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "one two three four five six seven eight nine ten eleven"
HELLO = [Message(Role.USER, "hello")]
GREEDY = Sampling(temperature=0.0)


async def said(engine, model, source=HELLO, *, sampling=GREEDY, max_tokens=12, **wanted):
    """Text and end of the first choice."""
    prompt = await engine.encode(source, model)
    texts, end = [], None
    async with aclosing(engine.generate(GenerationRequest(model, prompt, max_tokens, sampling, **wanted))) as events:
        async for event in events:
            if isinstance(event, TextDelta) and event.choice == 0:
                texts.append(event.text)
            elif isinstance(event, ChoiceFinished) and event.choice == 0:
                end = event
    return "".join(texts), end


@asynccontextmanager
async def running(engine):
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


def sharded(source, folder):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    AutoModelForCausalLM.from_pretrained(source).save_pretrained(folder, max_shard_size="100KB")
    AutoTokenizer.from_pretrained(source).save_pretrained(folder)
    return folder


def adapter_on(source, folder):
    """A LoRA adapter that changes what the model says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_pretrained(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by an older name
        adapted = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj", "up_proj", "down_proj"]))
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=5.0)
    adapted.save_pretrained(str(folder))
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engines(tiny_folder, tmp_path_factory):
    """One model in shards, and the same with an adapter: two at once, each in its process."""
    folder = sharded(tiny_folder, tmp_path_factory.mktemp("shards"))
    assert len(list(folder.glob("*.safetensors"))) > 1
    adapter = adapter_on(tiny_folder, tmp_path_factory.mktemp("adapter"))
    grammars = GrammarCompiler()
    base = ModelSpec("base", folder=folder, dtype="float32", device="cpu", at_once=4, cache_tokens=2048)
    adapted = ModelSpec("adapted", folder=folder, adapter=adapter, dtype="float32", device="cpu", cache_tokens=2048)
    both = Engines([LocalEngine(base, grammars), LocalEngine(adapted, grammars)], grammars=grammars)
    async with running(both):
        yield both


async def test_a_model_in_shards_and_its_adapter_answer_at_once_and_differ(engines):
    base, adapted = (await said(engines, "base"))[0], (await said(engines, "adapted"))[0]

    assert base and adapted and base != adapted
    assert [model.context_length for model in engines.models] == [2048, 2048]
    assert len({model.digest for model in engines.models}) == 2


async def test_the_batch_says_what_plain_generation_says(engines, tiny_folder):
    """The attention of the batch, the pages of its cache and the choice of tokens change nothing."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    first, again = await drawn(engines, LONG), await drawn(engines, LONG)

    model, tokenizer = AutoModelForCausalLM.from_pretrained(tiny_folder), AutoTokenizer.from_pretrained(tiny_folder)
    ids = (await engines.encode(LONG, "base")).ids
    given = torch.tensor([ids])
    row = model.generate(given, attention_mask=torch.ones_like(given), max_new_tokens=24, do_sample=False)[0]
    vocabulary = Vocabulary(tokenizer.backend_tokenizer, frozenset())
    assert first == again == [vocabulary.candidate(token, 0.0).raw for token in row[len(ids) :].tolist()]


async def drawn(engines, text):
    """The tokens of an answer, as bytes: half characters too."""
    prompt = await engines.encode(text, "base")
    wanted = GenerationRequest("base", prompt, 24, GREEDY, top_logprobs=0)
    return [
        token.drawn.raw
        async for event in engines.generate(wanted)
        if isinstance(event, TextDelta)
        for token in event.tokens
    ]


async def test_the_second_of_two_like_prompts_finds_the_first_in_the_cache(engines):
    await said(engines, "base", LONG + " again")
    _, end = await said(engines, "base", LONG + " again")

    assert end.cached_tokens == 32


async def test_a_seed_decides_whoever_else_is_in_the_batch(engines):
    drawn = Sampling(1.0, seed=7)
    alone = await said(engines, "base", sampling=drawn)
    together = await said(engines, "base", sampling=drawn, choices=3)

    assert alone[0] == together[0]


async def test_a_search_with_beams_goes_by_the_plain_lane(engines):
    text, end = await said(engines, "base", sampling=Sampling(0.0, beams=3, length_penalty=0.5))

    assert text and end.tokens <= 12


async def test_what_a_search_can_not_have_is_refused_before_it_begins(engines):
    for sampling, wanted in (
        (Sampling(1.0, beams=2), {}),
        (Sampling(0.0, beams=2), {"grammar": Grammar()}),
        (Sampling(0.0, length_penalty=2.0), {}),
    ):
        with pytest.raises(InvalidRequest):
            await said(engines, "base", sampling=sampling, **wanted)


async def test_a_folder_that_is_no_model_says_why(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    for content, why in (
        (b"", "not a safetensors file"),
        (b"\x80\x04pickle", "but a pickle, which can run"),
    ):
        (tmp_path / "model.safetensors").write_bytes(content)
        engine = LocalEngine(ModelSpec("empty", folder=tmp_path), GrammarCompiler())
        with pytest.raises(ModelUnloadable, match=why):
            await engine.start()
        await engine.close()


async def test_a_model_that_does_not_fit_into_memory_is_refused_before_it_is_loaded(tiny_folder, tmp_path, monkeypatch):
    with pytest.raises(
        ModelUnloadable, match=r"needs about 0.30 GB of memory and 0.20 GB are free. Serve fewer models"
    ):
        check_room(tiny_folder, None, 4, 200_000_000)
    check_room(tiny_folder, None, 4, 400_000_000)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"PK\x03\x04 a zip of pickles")
    with pytest.raises(ModelUnloadable, match="adapter_model.safetensors is not a safetensors file but a pickle"):
        check_room(tiny_folder, tmp_path, 4, 400_000_000)

    for name, said in (("max", "1000000000"), ("current", "900000000"), ("stat", "anon 1\ninactive_file 100000000\n")):
        (tmp_path / f"memory.{name}").write_text(said)
    monkeypatch.setattr(room, "_GROUP", tmp_path)
    assert room.free_memory() == 200_000_000  # of the container; what is only cached can be had
    (tmp_path / "memory.max").write_text("max\n")
    assert room.free_memory() > 200_000_000


async def test_another_server_answers_as_its_own_clients_hear_it():
    remote = FakeEngine(names=["theirs"])
    async with serving(remote) as server:
        spec = ModelSpec("ours", "openai", address=server.url + "/v1", remote_model="theirs")
        async with running(OpenAIEngine(spec)) as engine:
            text, end = await said(engine, "ours", sampling=Sampling(0.5, 0.9, 3, top_k=5), stop=("x",))

    assert (text, end.reason, end.tokens, end.prompt_tokens) == ("Hello world!", FinishReason.STOP, 3, 1)
    asked = remote.requests[0]
    assert (asked.sampling.temperature, asked.sampling.top_k, asked.sampling.seed, asked.stop) == (0.5, 5, 3, ("x",))


async def test_what_another_server_refuses_is_refused_in_its_words():
    async with serving(FakeEngine(names=["theirs"])) as server:
        spec = ModelSpec("ours", "openai", address=server.url + "/v1", remote_model="theirs")
        async with running(OpenAIEngine(spec)) as engine:
            with pytest.raises(InvalidRequest, match="context"):
                await said(engine, "ours", max_tokens=5000)


async def test_a_server_that_is_away_lets_the_fallback_answer():
    away = OpenAIEngine(ModelSpec("far", "openai", address="http://127.0.0.1:9/v1"))
    near = TemplateEngine(ModelSpec("near", "template", text="We have your message: {message}"))

    async with running(Engines([away, near], fallbacks={"far": "near"})) as engines:
        assert await said(engines, "far") == await said(engines, "near")
        assert (await said(engines, "far"))[0] == "We have your message: hello"


async def test_without_a_fallback_it_is_told_that_the_server_is_away():
    async with running(OpenAIEngine(ModelSpec("far", "openai", address="http://127.0.0.1:9/v1"))) as engine:
        with pytest.raises(EngineLost):
            await said(engine, "far")


async def test_a_template_says_that_it_is_one_and_keeps_limits_and_stop_strings():
    engine = TemplateEngine(ModelSpec("t", "template", text="one two three. four"))

    assert engine.models[0].backend == "template"
    assert (await said(engine, "t", max_tokens=2))[0] == "one two"
    assert (await said(engine, "t", stop=(".",)))[0] == "one two three"
    with pytest.raises(InvalidRequest):
        await said(engine, "t", grammar=Grammar())
