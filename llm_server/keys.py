"""The typed keys under which the application keeps its parts."""

import asyncio

from aiohttp import web

from llm_server.engine import Engine
from llm_server.generation_queue import GenerationQueue, Job
from llm_server.metrics import Metrics
from llm_server.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
ENGINE = web.AppKey("engine", Engine)
QUEUE = web.AppKey("queue", GenerationQueue)
METRICS = web.AppKey("metrics", Metrics)
STARTED = web.AppKey("started", int)  # unix time
SERVING = web.AppKey("serving", asyncio.Task[None])

REQUEST_ID = web.RequestKey("request_id", str)
JOB = web.RequestKey("job", Job)
OUTCOME = web.RequestKey("outcome", str)  # set where an error comes too late for a status
