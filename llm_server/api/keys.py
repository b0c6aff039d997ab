"""The typed keys under which the application keeps its parts."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from llm_server.api.admission import Admission
from llm_server.api.callers import Callers
from llm_server.api.embedding_queue import EmbeddingQueue
from llm_server.api.generation_queue import GenerationQueue
from llm_server.api.job import Job
from llm_server.api.key_limits import KeyUse
from llm_server.api.metrics import Metrics
from llm_server.engines.engine import Engine
from llm_server.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
ENGINE = web.AppKey("engine", Engine)
QUEUE = web.AppKey("queue", GenerationQueue)
ADMISSION = web.AppKey("admission", Admission)
EMBEDDINGS = web.AppKey("embeddings", EmbeddingQueue)
METRICS = web.AppKey("metrics", Metrics)
CALLERS = web.AppKey("callers", Callers)
STARTED = web.AppKey("started", int)  # unix time
SERVING = web.AppKey("serving", asyncio.Task[None])

REQUEST_ID = web.RequestKey("request_id", str)
CALLER = web.RequestKey("caller", KeyUse)
JOBS = web.RequestKey("jobs", Sequence[Job])
OUTCOME = web.RequestKey("outcome", str)  # set where an error comes too late for a status
