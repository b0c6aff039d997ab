"""The queue by itself: order, deadlines of those who wait, what it says about coming back."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from llm_server.engine import GenerationRequest, Prompt
from llm_server.errors import GenerationTimeout, QueueFull
from llm_server.generation_queue import GenerationQueue

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
