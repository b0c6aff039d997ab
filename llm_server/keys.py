"""The typed keys under which the application keeps its parts."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from llm_server.admission import Admission
from llm_server.callers import Callers
from llm_server.embedding_queue import EmbeddingQueue
from llm_server.engine import Engine
from llm_server.generation_queue import GenerationQueue
from llm_server.job import Job
from llm_server.key_limits import KeyUse
from llm_server.metrics import Metrics
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
