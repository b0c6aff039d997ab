"""Several addresses of the language model: which is asked, when, and how long all of it may take."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
from aiohttp import web

from deskhand.writing import LlmClient, Message, ModelBusy, ModelDown, ModelError, ModelTimeout
from deskhand.writing.nodes import Nodes

ASK = [Message("user", "hello")]
TEXT = {"model": "m", "choices": [{"message": {"content": "hello"}}]}
NOBODY = "http://127.0.0.1:9"


class FakeNode:
    """A server that answers as it is told, and counts."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[web.Request] = []
        self.answer: Callable[[], web.Response] = lambda: web.json_response(TEXT)
        self.hangs = False

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if self.hangs:
            await asyncio.sleep(30)
        return self.answer()


@pytest.fixture
async def nodes() -> AsyncIterator[list[FakeNode]]:
    async with AsyncExitStack() as stack:
        made = [FakeNode(), FakeNode()]
        for node in made:
            app = web.Application()
            app.router.add_post("/v1/chat/completions", node.handle)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            node.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made


def busy(retry_after: str | None = None) -> Callable[[], web.Response]:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda: web.json_response({}, status=429, headers=headers)


async def ask(client: LlmClient, timeout: float = 20.0) -> str:
    return (await client.complete(ASK, max_tokens=8, seed=1, timeout=timeout)).text


async def test_the_first_address_is_asked_while_it_answers(nodes: list[FakeNode]) -> None:
    async with LlmClient(f"{nodes[0].url}, {nodes[1].url}/", "m") as client:
        assert [await ask(client) for _ in range(3)] == ["hello"] * 3

    assert [len(node.asked) for node in nodes] == [3, 0]
    assert 0 < float(nodes[0].asked[0].headers["X-Request-Timeout"]) <= 20


@pytest.mark.parametrize("status", [429, 500, 503, 504])
async def test_the_next_address_is_asked_when_one_fails_or_is_busy(nodes: list[FakeNode], status: int) -> None:
    nodes[0].answer = lambda: web.json_response({}, status=status, headers={"Retry-After": "30"})

    async with LlmClient([node.url for node in nodes], "m") as client:
        assert [await ask(client) for _ in range(3)] == ["hello"] * 3

    assert [len(node.asked) for node in nodes] == [1, 3]  # who said when to come back is not asked before


async def test_an_absent_address_is_passed_over_and_not_asked_again_at_once(nodes: list[FakeNode]) -> None:
    async with LlmClient([NOBODY, nodes[1].url], "m") as client:
        assert [await ask(client) for _ in range(2)] == ["hello"] * 2

    assert len(nodes[1].asked) == 2


async def test_who_said_to_come_back_soon_is_asked_again(nodes: list[FakeNode]) -> None:
    answers = iter([busy("1")()])
    nodes[0].answer = lambda: next(answers, None) or web.json_response(TEXT)

    async with LlmClient(nodes[0].url, "m") as client:
        assert await ask(client) == "hello"

    assert len(nodes[0].asked) == 2


@pytest.mark.parametrize("retry_after", [None, "600", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "x"])
async def test_busy_without_a_time_that_can_be_waited_for_is_told_at_once(
    nodes: list[FakeNode], retry_after: str | None
) -> None:
    for node in nodes:
        node.answer = busy(retry_after)

    async with LlmClient([node.url for node in nodes], "m") as client:
        with pytest.raises(ModelBusy):
            await ask(client)

    assert [len(node.asked) for node in nodes] == [1, 1]


async def test_one_that_hangs_takes_the_time_of_one_call_and_is_left_aside_in_the_next(nodes: list[FakeNode]) -> None:
    nodes[0].hangs = True

    async with LlmClient([node.url for node in nodes], "m") as client:
        with pytest.raises(ModelTimeout):
            await ask(client, timeout=0.2)
        assert await ask(client) == "hello"

    assert [len(node.asked) for node in nodes] == [1, 1]


async def test_when_all_fail_the_reason_is_that_somebody_was_busy(nodes: list[FakeNode]) -> None:
    nodes[0].answer = busy()

    async with LlmClient([nodes[0].url, NOBODY], "m") as client:
        with pytest.raises(ModelBusy):
            await ask(client)


async def test_an_endless_answer_is_no_answer(nodes: list[FakeNode]) -> None:
    nodes[0].answer = lambda: web.Response(body=b" " * 2_000_000)

    async with LlmClient(nodes[0].url, "m") as client:
        with pytest.raises(ModelDown):
            await ask(client)


@pytest.mark.parametrize("addresses", ["", " , ", []])
def test_no_address_is_refused(addresses: str | list[str]) -> None:
    with pytest.raises(ValueError, match="no address"):
        LlmClient(addresses, "m")


def test_a_rest_ends_and_is_never_long() -> None:
    now = [0.0]
    nodes = Nodes("http://a,http://b", lambda: now[0])
    first, second = nodes.in_turn()
    nodes.rest(first, 3600.0)
    nodes.rest(second, 5.0)

    assert [node.address for node in nodes.in_turn()] == ["http://b", "http://a"]
    assert nodes.soonest() == 5.0
    now[0] = 61.0
    assert [node.address for node in nodes.in_turn()] == ["http://a", "http://b"]


def test_each_problem_of_the_model_has_its_reason() -> None:
    assert {kind.reason for kind in (ModelBusy, ModelDown, ModelTimeout, ModelError)} == {
        "llm_busy", "llm_down", "llm_timeout"
    }  # fmt: skip
