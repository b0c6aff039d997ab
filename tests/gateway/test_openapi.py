"""The description of the API is complete, and the gateway holds to it whatever it is asked (schemathesis)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis.errors import HypothesisException
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from deskhand.gateway.pages import Pages
from deskhand.gateway.routes import all_routes
from deskhand.orders.tenant import Limits
from tests.support.deskhand import ROOT
from tests.support.gateway import TENANT, Clock, Gateway, open_desk, running_gateway

PLENTY = Limits(chat_per_minute=10**6, import_per_hour=10**6, api_per_minute=10**6, sign_in_per_minute=10**6)
SIGNS_OUT = {"DELETE /api/sessions", "DELETE /api/sessions/all"}  # who asks, and so everything after it
LONGEST_ADDRESS = 8000  # what is longer is refused before the gateway is asked, in plain words
MODES = {"good": [GenerationMode.POSITIVE], "bad": [GenerationMode.NEGATIVE]}


async def described(gateway: Gateway) -> dict[str, Any]:
    async with gateway.http(None) as http, http.get("/api/openapi.json") as response:
        assert response.status == 200
        document: dict[str, Any] = await response.json()
    return document


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway that lets one person ask as much as they like."""
    clock = Clock()
    desk = open_desk(tmp_path, clock)
    desk.tenants = {**desk.tenants, TENANT: replace(desk.tenants[TENANT], limits=PLENTY)}
    async with running_gateway(tmp_path, clock, desk) as running:
        yield running
    desk.close()


async def test_every_address_of_the_api_is_described(gateway: Gateway) -> None:
    document = await described(gateway)
    table = all_routes(Pages(ROOT / "frontend_widget"), lambda request: None)  # type: ignore[arg-type]  # never called

    told = {(method.upper(), path) for path, ways in document["paths"].items() for method in ways}
    assert told == {(route.method, route.path) for route in table if not route.page}


@contextmanager
def asking(gateway: Gateway, login: str) -> Iterator[requests.Session]:
    """As a program does, which keeps no cookies."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {gateway.token(login)}"
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield session


def ask(operation: APIOperation, address: str, session: requests.Session, mode: str, examples: int) -> None:
    """So many requests, each looked at by all of schemathesis' checks."""

    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=MODES[mode][0]))
    def answers_as_described(case: schemathesis.Case) -> None:
        wanted = requests.Request(**case.as_transport_kwargs(base_url=address)).prepare()
        assume(len(wanted.path_url) < LONGEST_ADDRESS)
        response = case.call(base_url=address, session=session)
        case.validate_response(response, excluded_checks=[positive_data_acceptance])

    answers_as_described()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("login", "examples"),
    [("admin", 1), *(pytest.param(who, 40, marks=pytest.mark.full) for who in ("admin", "clerk"))],
)
async def test_it_answers_as_it_is_described(patient: Gateway, mode: str, login: str, examples: int) -> None:
    document = await described(patient)
    schema = schemathesis.openapi.from_dict(document)
    failures = []
    with asking(patient, login) as session:
        for found in schema.get_all_operations():
            operation = found.ok()
            nothing_to_say = not operation.body and not [*operation.iter_parameters()]
            if operation.label in SIGNS_OUT or (mode == "bad" and nothing_to_say):
                continue
            try:
                await asyncio.to_thread(ask, operation, patient.url, session, mode, examples)
            except (AssertionError, FailureGroup, HypothesisException) as error:  # all of them are told together
                failures.append(f"{operation.label}: {error}")
    assert not failures, "\n".join(failures)
