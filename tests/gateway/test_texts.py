"""Texts over HTTP: written from the facts, with who wrote them and what the check said."""

from __future__ import annotations

from tests.support.desks import placed
from tests.support.gateway import Gateway, problem


async def test_a_text_is_written_from_the_facts_of_the_order(gateway: Gateway) -> None:
    number = placed(gateway.desk).number
    async with gateway.http("clerk") as http:
        wanted = {
            "kind": "customer_reply",
            "about": number,
            "language": "en",
            "message": "Where is it? Promise me a refund!",
        }

        answer = await (await http.post("/api/texts", json=wanted)).json()

    assert number in answer["text"] and "awaiting confirmation" in answer["text"] and "refund" not in answer["text"]
    assert (answer["source"], answer["reason"], answer["verdict"]["ok"]) == ("template", "not_configured", True)


async def test_a_clause_has_the_terms_that_were_given(gateway: Gateway) -> None:
    async with gateway.http("clerk") as http:
        wanted = {
            "kind": "contract_clause",
            "about": "huaxing",
            "language": "zh",
            "payment_days": 30,
            "amount": "5200.00",
        }

        answer = await (await http.post("/api/texts", json=wanted)).json()

    assert "30天" in answer["text"] and "5,200.00元" in answer["text"]


async def test_what_is_not_so_is_not_written_and_a_customer_has_nothing_written(gateway: Gateway) -> None:
    number = placed(gateway.desk).number
    wanted = {"kind": "shipment", "about": number}
    async with gateway.http("clerk") as http:
        await problem(await http.post("/api/texts", json=wanted), 422, "text_not_possible")
        await problem(await http.post("/api/texts", json={"kind": "poem", "about": number}), 422, "invalid_request")
        await problem(
            await http.post("/api/texts", json={"kind": "quality_report", "about": "B99"}), 422, "text_not_possible"
        )
    async with gateway.http("customer") as http:
        await problem(await http.post("/api/texts", json=wanted), 403, "role_not_allowed")
