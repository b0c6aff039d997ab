"""Versions of processes over HTTP: proposed by one, approved by another, drawn with the counts of this moment."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession

from deskhand.orders.process import NAME
from deskhand.store.process_files import DIAGRAM
from tests.support.desks import order_in
from tests.support.gateway import Gateway, problem
from tests.support.versions import BREAKS, SAME, draft

VERSIONS = f"/api/processes/{NAME}/versions"


async def listed(http: ClientSession) -> list[dict[str, Any]]:
    return list((await (await http.get(VERSIONS)).json())["items"])


async def test_one_proposes_another_approves_and_new_cases_begin_on_it(gateway: Gateway) -> None:
    files = dict(draft(gateway.desk, SAME).texts)
    async with gateway.http("manager") as http:
        answer = await http.post(VERSIONS, json={"files": files, "notes": "another name"})
        assert answer.status == 201
        made = await answer.json()
        assert (made["version"], made["state"], made["findings"], made["simulation"]["broken"]) == (
            2,
            "proposed",
            [],
            [],
        )
        refused = await problem(await http.post(f"{VERSIONS}/2/approve", json={}), 403, "own_proposal")
        assert refused["data"]["version"] == 2
        assert [row["state"] for row in await listed(http)] == ["published", "proposed"]
    async with gateway.http("admin") as http:
        done = await (await http.post(f"{VERSIONS}/2/approve", json={})).json()
        assert (done["state"], done["approved_by"] != done["proposed_by"]) == ("published", True)
        await problem(await http.post(f"{VERSIONS}/2/withdraw", json={}), 409, "version_not_proposed")
    async with gateway.http("clerk") as http:
        assert [(row["version"], row["runs"]) for row in await listed(http)] == [(1, False), (2, True)]
    assert gateway.desk.versions.active("demo").version == 2


async def test_a_proposal_is_withdrawn(gateway: Gateway) -> None:
    files = dict(draft(gateway.desk, SAME).texts)
    async with gateway.http("manager") as http:
        await http.post(VERSIONS, json={"files": files})
        assert (await (await http.post(f"{VERSIONS}/2/withdraw", json={})).json())["state"] == "withdrawn"
    async with gateway.http("admin") as http:
        await problem(await http.post(f"{VERSIONS}/2/approve", json={}), 409, "version_not_proposed")


async def test_what_can_not_be_published_is_refused_by_name(gateway: Gateway) -> None:
    order_in(gateway.desk, "awaiting_shipment")
    texts = draft(gateway.desk).texts
    breaks = dict(draft(gateway.desk, BREAKS).texts)
    async with gateway.http("manager") as http:
        broken = await problem(await http.post(VERSIONS, json={"files": breaks}), 409, "histories_break")
        assert (broken["data"]["broken"], broken["data"]["cases"]) == (1, 1)
        faulty = {**texts, DIAGRAM: "<nothing/>"}
        await problem(await http.post(VERSIONS, json={"files": faulty}), 422, "process_faulty")
        await problem(await http.post(VERSIONS, json={}), 409, "process_unchanged")
        await problem(await http.post(VERSIONS, json={"active_from": "soon"}), 422, "not_a_moment")
        for name in ("../evil.yml", ".hidden.yml", "script.py"):
            await problem(await http.post(VERSIONS, json={"files": {name: "x"}}), 422, "invalid_request")
        await problem(await http.post(VERSIONS, json={"files": [1]}), 422, "invalid_request")
        await problem(await http.post("/api/processes/nothing/versions", json={}), 404, "no_such_process")
        await problem(await http.get("/api/processes/nothing/versions"), 404, "no_such_process")
        await problem(await http.post(f"{VERSIONS}/9/approve", json={}), 404, "no_such_version")
        await problem(await http.post(f"{VERSIONS}/x/approve", json={}), 404, "no_such_version")
    async with gateway.http("clerk") as http:
        await problem(await http.post(VERSIONS, json={}), 403, "role_not_allowed")
    async with gateway.http("customer") as http:
        await problem(await http.get(VERSIONS), 403, "role_not_allowed")


async def test_the_drawing_counts_the_cases_of_this_moment(gateway: Gateway) -> None:
    address = f"/api/processes/{NAME}/diagram.svg"
    for _ in range(3):
        order_in(gateway.desk, "confirmed")
    async with gateway.http("clerk") as http:
        answer = await http.get(address)
        svg = await answer.text()

        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        assert "Receive goods into stock: 3</title>" in svg
        await problem(await http.get(address, params={"version": "7"}), 409, "process_version_unknown")
        await problem(await http.get(address, params={"version": "-1"}), 404, "no_such_version")
        await problem(await http.get("/api/processes/nothing/diagram.svg"), 404, "no_such_process")
    async with gateway.http("customer") as http:
        await problem(await http.get(address), 403, "role_not_allowed")
