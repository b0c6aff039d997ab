"""Orders that may be one, over HTTP: listed, decided once, taken back, and only by who may import."""

from __future__ import annotations

from dataclasses import replace

from deskhand.erp.importing import ImportOptions, run
from deskhand.erp.sources import Source
from deskhand.store import Desk
from tests.support.desks import ADMIN
from tests.support.gateway import Gateway, problem

ROW = "Order number,Customer name,SKU,Quantity,Unit price,Created at\n{},Globex,A,2,10.00,2026-11-18\n"


def imported(desk: Desk) -> None:
    options = ImportOptions("erp", currency="EUR", zone="UTC")
    for source, number in (("erp", "A-1"), ("sales", "B-7")):
        run(desk, ADMIN, [Source.held("x.csv", ROW.format(number).encode())], replace(options, source=source))


async def test_they_are_listed_decided_and_taken_back(gateway: Gateway) -> None:
    imported(gateway.desk)
    async with gateway.http("clerk") as http:
        (one,) = (await (await http.get("/api/candidates")).json())["items"]
        assert (one["first"]["number"], one["second"]["number"], one["difference"]) == ("A-1", "B-7", "0")
        address = f"/api/candidates/{one['id']}"

        decided = await (await http.post(address, json={"verdict": "same"})).json()
        assert (decided["state"], decided["decided_by"]) == ("same", "clerk")
        assert (await (await http.get("/api/candidates")).json())["items"] == []
        await problem(await http.post(address, json={"verdict": "apart"}), 404, "candidate_gone")
        back = await (await http.post(address, json={"verdict": "open"})).json()
        assert back["state"] == "open" and back["second"]["order"] == one["second"]["order"]


async def test_who_may_not_import_may_not_decide(gateway: Gateway) -> None:
    imported(gateway.desk)
    async with gateway.http("clerk") as http:
        (one,) = (await (await http.get("/api/candidates")).json())["items"]

    async with gateway.http("finance") as http:
        await problem(await http.get("/api/candidates"), 403, "role_not_allowed")
        await problem(
            await http.post(f"/api/candidates/{one['id']}", json={"verdict": "same"}), 403, "role_not_allowed"
        )
