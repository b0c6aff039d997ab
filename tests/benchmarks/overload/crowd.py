"""A crowd that asks the language model server as fast as it may; run by locust in a process of its own.

One that is shed asks again after half a second or so, though it was told to wait longer.
"""

import itertools
import os
import random

import gevent
from locust import FastHttpUser, constant, task

numbers = itertools.count()


class Asker(FastHttpUser):
    """Asks for a short text, each time another; served and shed are counted apart."""

    wait_time = constant(0)
    network_timeout = connection_timeout = 60.0

    @task
    def ask(self) -> None:
        body = {
            "model": os.environ["OVERLOAD_MODEL"],
            "messages": [{"role": "user", "content": f"Number {next(numbers)}: thank a customer for an order."}],
            "max_tokens": 24,
            "temperature": 0,
            "ignore_eos": True,
        }
        with self.client.post("/v1/chat/completions", json=body, catch_response=True) as answer:
            shed = answer.status_code == 429 and "Retry-After" in answer.headers
            answer.request_meta["name"] = {200: "served"}.get(answer.status_code, "shed" if shed else "other")
            if shed:
                answer.success()
        if shed:
            gevent.sleep(random.uniform(0.25, 0.75))
