"""Where a model goes on several GPUs, and that its cache goes with its layers; stand-ins where there is none."""

from queue import Queue

import aiohttp
import pytest

pytestmark = pytest.mark.model  # needs torch

GIGABYTE = 10**9


@pytest.fixture
def gpus(monkeypatch):
    """Says how much is free on each GPU."""

    def have(*free: int) -> None:
        monkeypatch.setattr("llm_server.engines.model_loading.free_on_gpus", lambda: list(free))

    return have


@pytest.mark.parametrize(
    ("asked", "free", "needed", "device"),
    [
        ("cuda", (8,), 4, "cuda"),
        ("cuda", (8, 24), 4, "cuda:1"),  # fits on one: the one with the most room
        ("cuda", (24, 24), 30, None),  # over all of them
        ("cuda:0", (8, 24), 20, "cuda:0"),  # the one that was named
        ("cpu", (8, 24), 4, "cpu"),
    ],
)
def test_a_model_goes_to_one_gpu_while_it_fits(gpus, asked, free, needed, device):
    import torch

    from llm_server.engines.hardware import Placement
    from llm_server.engines.model_loading import device_for

    gpus(*(each * GIGABYTE for each in free))

    found = device_for(Placement(torch.device(asked), torch.bfloat16, ""), needed * GIGABYTE)

    assert found == (None if device is None else torch.device(device))


def test_gpu_memory_is_that_of_all_of_them(monkeypatch):
    import torch

    from llm_server.engines.hardware import gpu_memory

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda number: (3, 4)[number])

    assert gpu_memory() == 7


def said_by(folder) -> dict[str, str]:
    """What a new batch lane makes of two prompts, one after the other."""
    from llm_server.engines.batch_lane import BatchLane
    from llm_server.engines.engine import ChoiceFinished, GenerationRequest, Prompt, Sampling
    from llm_server.engines.model_loading import load
    from llm_server.engines.model_spec import ModelSpec

    spec = ModelSpec("tiny", folder=folder, dtype="float32", device="cpu", at_once=2, cache_tokens=2048)
    told: Queue = Queue()
    lane = BatchLane(load(spec), spec, lambda *given: told.put(given))
    lane.start()
    texts, over = {"r0": "", "r1": ""}, 0
    for number in range(2):
        wanted = GenerationRequest("tiny", Prompt(5, (3 + number, 5, 7, 9, 11)), 12, Sampling(0.0), ignore_end=True)
        lane.submit(f"r{number}", wanted, [])
    while over < 2:
        request, events, failed = told.get(timeout=60)
        assert not failed
        over += sum(isinstance(event, ChoiceFinished) for event in events)
        texts[request] += "".join(getattr(event, "text", "") for event in events)
    return texts


def test_each_layer_writes_to_the_cache_where_it_lies(tiny_folder, monkeypatch):
    """The processor under a second name is as good as another GPU: what is written goes to another tensor."""
    import torch

    from llm_server.engines import batch_lane
    from llm_server.engines.spread import keep_with_layers

    moved = []

    def elsewhere(cache, devices):
        other = {number: torch.device("cpu", 1) for number in devices if number % 2}
        moved.append((sorted(devices), keep_with_layers(cache, other)))

    alone = said_by(tiny_folder)
    monkeypatch.setattr(batch_lane, "keep_with_layers", elsewhere)
    spread = said_by(tiny_folder)

    assert spread == alone and all(alone.values())
    assert moved[0] == ([0, 1], 1)


@pytest.mark.gpu
async def test_on_a_gpu_it_computes_in_its_own_format_and_says_what_it_takes(serve, eventually, model_folder):
    import torch

    from llm_server.engines.grammar_compiler import GrammarCompiler
    from llm_server.engines.hardware import choose_placement
    from llm_server.engines.local_engine import LocalEngine
    from llm_server.engines.model_spec import ModelSpec

    placement = choose_placement("auto", "auto")
    engine = LocalEngine(ModelSpec("gpu", folder=model_folder), GrammarCompiler())
    server = await serve(engine)
    asked = {"model": "gpu", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 8}
    answer = await server.client.chat.completions.create(**asked)
    await eventually(lambda: engine.figures("gpu").gpu_memory_bytes > 0)
    async with aiohttp.ClientSession() as http, http.get(server.url + "/metrics") as told:
        lines = (await told.text()).splitlines()

    assert placement.device.type == "cuda" and placement.dtype is torch.bfloat16
    assert answer.usage.completion_tokens
    (held,) = (float(line.split()[-1]) for line in lines if line.startswith("llm_gpu_memory_bytes{"))
    assert held > 200e6  # 134.5 million numbers of two bytes
