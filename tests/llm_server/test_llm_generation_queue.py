"""The queue by itself: order, deadlines of those who wait, what it says about coming back."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from llm_server.api.generation_queue import GenerationQueue
from llm_server.engines.engine import ChoiceFinished, FinishReason, GenerationRequest, Prompt, TextDelta
from llm_server.errors import EngineLost, GenerationTimeout, QueueFull

ANY = GenerationRequest("fake", Prompt(1, (1,)), max_tokens=8)


@pytest.fixture
async def queue_over(eventually):
    """Serves queues while a test runs."""
    started = []

    async def start(engine, limit=4) -> GenerationQueue:
        queue = GenerationQueue(engine, limit)
        started.append((queue, asyncio.create_task(queue.serve())))
        await eventually(lambda: queue.ready)
        return queue

    yield start
    for queue, task in started:
        queue.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def ended(job) -> list:
    return [event async for event in job.events()]


async def test_jobs_run_in_the_order_they_came(queue_over, fake_engine):
    engine = fake_engine(held=True)
    queue = await queue_over(engine)
    jobs = [queue.submit(replace(ANY, prompt=Prompt(1, (number,)), max_tokens=1), 10) for number in range(3)]

    engine.may_speak.set()
    for job in jobs:
        assert len(await ended(job)) == 2

    assert [request.prompt.ids for request in engine.requests] == [(0,), (1,), (2,)]
    assert jobs[0].ended_at <= jobs[1].started_at <= jobs[1].first_text_at <= jobs[1].ended_at


async def test_who_waits_past_his_deadline_never_reaches_the_engine(queue_over, fake_engine):
    engine = fake_engine(held=True)
    queue = await queue_over(engine)
    running, waiting = queue.submit(ANY, 10), queue.submit(ANY, 0.05)

    with pytest.raises(GenerationTimeout):
        await ended(waiting)
    queue.cancel(waiting)

    assert queue.waiting == 0
    engine.may_speak.set()
    await ended(running)
    assert len(engine.requests) == 1


async def test_a_place_given_up_is_free_again(queue_over, fake_engine, eventually):
    engine = fake_engine(held=True)
    queue = await queue_over(engine, limit=1)
    running = queue.submit(ANY, 10)
    await eventually(lambda: queue.running == 1)
    waiting = queue.submit(ANY, 10)

    with pytest.raises(QueueFull):
        queue.submit(ANY, 10)
    queue.cancel(waiting)
    another = queue.submit(ANY, 10)

    engine.may_speak.set()
    await asyncio.gather(ended(running), ended(another))


async def test_a_job_cancelled_twice_or_after_its_end_harms_nobody(queue_over, fake_engine):
    queue = await queue_over(fake_engine())
    job = queue.submit(ANY, 10)
    await ended(job)

    queue.cancel(job)
    queue.cancel(job)

    assert await ended(queue.submit(ANY, 10))


async def test_a_full_queue_says_to_come_back_later_the_slower_the_engine_is(queue_over, fake_engine):
    queue = await queue_over(fake_engine(), limit=0)
    queue._learn(1000.0)
    queue.submit(ANY, 10)

    with pytest.raises(QueueFull) as full:
        queue.submit(ANY, 10)

    assert full.value.retry_after == 60


class Crashing:
    """Wraps an engine: dies, with all that runs, whenever a prompt is poisoned."""

    def __init__(self, engine) -> None:
        self._engine = engine
        self.together: list[list[tuple[int, ...]]] = []
        self._on_it: dict[tuple[int, ...], asyncio.Event] = {}

    def __getattr__(self, name):
        return getattr(self._engine, name)

    async def generate(self, request):
        ids, died = request.prompt.ids, asyncio.Event()
        self._on_it[ids] = died
        await asyncio.sleep(0)  # so that those who begin together are there
        self.together.append(sorted(self._on_it))
        try:
            if ids == (13,):
                for other in self._on_it.values():
                    other.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(died.wait(), 0.05)
            if died.is_set():
                raise EngineLost(1)
            yield TextDelta(0, "well")
            yield ChoiceFinished(0, FinishReason.STOP, 1)
        finally:
            self._on_it.pop(ids, None)


async def test_what_a_crash_caught_is_run_once_more_alone_and_what_caused_it_is_given_up(queue_over, fake_engine):
    crashing = Crashing(fake_engine(at_once=4))
    queue = await queue_over(crashing)
    jobs = {number: queue.submit(replace(ANY, prompt=Prompt(1, (number,))), 10) for number in (1, 13, 2)}

    for number in (1, 2):
        assert [event.text for event in await ended(jobs[number]) if isinstance(event, TextDelta)] == ["well"]
    with pytest.raises(EngineLost):
        await ended(jobs[13])

    assert crashing.together[:3] == [[(1,), (2,), (13,)]] * 3
    assert sorted(crashing.together[3:]) == [[(1,)], [(2,)], [(13,)]]  # nobody beside it any more


async def test_what_has_spoken_is_not_begun_again(queue_over, fake_engine):
    engine = fake_engine()
    engine.fails_with = EngineLost(1)
    queue = await queue_over(engine)

    with pytest.raises(EngineLost):
        await ended(queue.submit(ANY, 10))

    assert len(engine.requests) == 1


async def test_so_many_run_at_once_as_the_model_computes_together(queue_over, fake_engine, eventually):
    engine = fake_engine(held=True, at_once=3)
    queue = await queue_over(engine, limit=9)
    small = [queue.submit(ANY, 10) for _ in range(2)]
    large, later = queue.submit(replace(ANY, choices=2), 10), queue.submit(ANY, 10)

    await eventually(lambda: len(engine.requests) == 2)
    assert (queue.running, queue.waiting, queue.waiting_tokens) == (2, 2, 2)  # nobody overtakes the large one
    engine.may_speak.set()
    for job in (*small, large, later):
        await ended(job)

    assert [request.choices for request in engine.requests] == [1, 1, 2, 1]


async def test_a_busy_model_keeps_nobody_waiting_for_another(queue_over, fake_engine, eventually):
    engine = fake_engine(held=True, names=("one", "other"))
    queue = await queue_over(engine)
    jobs = [queue.submit(replace(ANY, model=name), 10) for name in ("one", "one", "other")]

    await eventually(lambda: queue.running == 2)

    assert (queue.count("one"), queue.count("other")) == ((1, 1), (1, 0))
    engine.may_speak.set()
    for job in jobs:
        await ended(job)
