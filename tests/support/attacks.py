"""Somebody's things, and those who try to get at them: another customer, another company, their keys.

`Victim` holds every handle that a request could name; `footprint` says whether anything of it was changed.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from deskhand.gateway.route import Route
from deskhand.orders.model import Customer
from deskhand.orders.status import Role
from deskhand.store import User
from deskhand.store.demo import load_demo
from deskhand.store.repositories.candidates import candidate_id
from tests.support.doors import SAMPLES
from tests.support.gateway import TENANT, Gateway, open_session
from tests.support.keys import new_key

OTHER = "other"
MARK = "Quietude"  # in the victim's name and address
IDEMPOTENCY = "the-victims-key-1"
NO_ORDER, NO_CASE, NOTHING = "SO-7777", "PA-7777", "0123456789abcdef" * 2
TEMPLATE = "is_it_confirmed/en/1"
PAIR = "erp", "X-1", "shop", "Y-1"  # two records that may be one order
TASK = "approve_by_manager"  # where the victim's case waits
OWN_TRACES = {"audit", "chain_head", "sequence", "session", "api_key"}  # whoever asks leaves them, wherever they ask
OF_ORDERS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    (sample.http[0], sample.http[1]): sample.http[2] for sample in SAMPLES.values()
}
BODIES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("POST", "/status"): {"status": "cancelled", "reason": "wrong size"},
    ("POST", ""): {"verdict": "apart"},
    ("POST", "/rotate"): {},
    ("POST", "/label"): {"intent": "greet"},
    ("POST", "/claim"): {},
    ("POST", "/reply"): {"text": "hello"},
    ("POST", "/return"): {},
    ("POST", "/close"): {},
    ("POST", "/withdraw"): {},
    ("POST", "/approve"): {},
    ("POST", "/reject"): {"reason": "wrong size"},
    ("POST", "/decide"): {"decision": "approve"},
    ("POST", "/apply"): {},
    ("POST", "/switch"): {"mode": "stopped"},
    ("POST", "/items"): {"reference": "SO-7777"},
    ("POST", "/retry"): {},
    ("POST", "/stop"): {},
    ("POST", "/fields"): {"fields": {"purpose": "x"}},
    ("PATCH", ""): {"fields": {"purpose": "x"}},
    ("PATCH", "/notices"): {"notices": "never"},
}
PURCHASE = {"item": f"chairs for {MARK}", "kind": "office", "amount": "900", "budgeted": True, "purpose": MARK}


@dataclass(frozen=True)
class Victim:
    """What belongs to the customer `victim` of the demo's company, or to that company alone."""

    order: str
    case: str
    conversation: str
    message: str
    card: str
    key: str
    delegation: str
    handover: str
    token: str
    job: str
    item: str
    evidence: str

    @property
    def secrets(self) -> list[str]:
        """What no answer to anybody else may contain."""
        return [value for name, value in asdict(self).items() if name not in ("order", "case")] + [MARK]


@asynccontextmanager
async def attackers(gateway: Gateway, *names: str) -> AsyncIterator[list[tuple[str, ClientSession]]]:
    """Open clients by name: `customer` and `key` of the victim's company; `other ...` of another one."""
    clients = [(name, gateway.http(None, Authorization=f"Bearer {_bearer(gateway, name)}")) for name in names]
    try:
        yield clients
    finally:
        for _, client in clients:
            await client.close()


def _bearer(gateway: Gateway, name: str) -> str:
    if name == "customer":
        return gateway.token("acme")
    if name == "key":
        return new_key(gateway, "customer", customer="acme-ltd")[1]
    if name == "other key":
        return new_key(gateway, "admin", tenant=OTHER)[1]
    with gateway.desk.unit_of_work(OTHER, read_only=True) as uow:
        user = uow.users.by_login(name.removeprefix("other "))
    assert user is not None
    return open_session(gateway.desk, user, gateway.clock())


async def victim_of(gateway: Gateway) -> Victim:
    """The other company has people of the same ids, one of them with the victim's id and customer."""
    load_demo(gateway.desk, OTHER)
    for tenant in (TENANT, OTHER):
        with gateway.desk.unit_of_work(tenant) as uow:
            uow.users.add(User("victim", tenant, "victim", "Vic", Role.CUSTOMER, "victim-co"))
            uow.users.add(User(f"{tenant}-only", tenant, f"{tenant}-only", "Only", Role.SALES))
            if tenant == TENANT:
                uow.customers.add(Customer("victim-co", f"{MARK} Ltd", address=f"1 {MARK} Road"))
                named = dict(zip(("source", "key", "like_source", "like_key"), PAIR, strict=True))
                uow.candidates.add([{**named, "difference": Decimal(0)}])
                uow.reply_templates.add(TEMPLATE.split("/")[0], "en", f"Dear {MARK}", "llm", "clerk", {})
            uow.commit()
    order = {"customer": "victim-co", "lines": [{"sku": "PAPER-A4", "quantity": "1"}]}
    lent = {"away": "finance", "delegate": "clerk", "until": "2026-12-01", "reason": MARK}
    said = {"id": "client-1", "text": f"where is my order at {MARK}"}
    placed = await _made(gateway, "clerk", "/api/orders", order, **{"Idempotency-Key": IDEMPOTENCY})
    begun = await _made(gateway, "clerk", "/api/processes/purchase_approval/cases", {"fields": PURCHASE})
    turn = await _made(gateway, "victim", "/api/chat", said)
    delegation = await _made(gateway, "admin", "/api/delegations", lent)
    gateway.notify("customer:victim-co", placed["order"]["number"])
    gateway.notify("user:victim", placed["order"]["number"])
    return Victim(
        order=placed["order"]["number"],
        case=begun["case"]["number"],
        conversation=turn["conversation"],
        message=turn["turn"],
        card=gateway.issue_card("victim").id,
        key=new_key(gateway)[0].id,
        delegation=delegation["id"],
        handover=_asks_for_a_person(gateway),
        token=gateway.token("victim"),
        job=_import_of(gateway),
        **_item_of(gateway),
    )


def _asks_for_a_person(gateway: Gateway) -> str:
    with gateway.desk.unit_of_work(TENANT) as uow:
        asked, _ = uow.handovers.ask(uow.conversations.start("victim", "chat").id, "victim", "asked", "en")
        uow.commit()
    return asked.id


def _import_of(gateway: Gateway) -> str:
    """Of the company's clerk: its customers import nothing."""
    known = {"actor": {}, "language": "en", "files": [], "wanted": {"source": MARK}}
    with gateway.desk.unit_of_work(TENANT) as uow:
        job = uow.import_jobs.add("the-victims-import", "clerk", uow.now + timedelta(hours=1), **known)
        uow.commit()
    return job.id


def _item_of(gateway: Gateway) -> dict[str, str]:
    """A robot's, with a picture of it."""
    piece = {"kind": "screenshot", "name": MARK, "file": "001-end.png", "size": 1, "digest": "0" * 64}
    with gateway.desk.unit_of_work(TENANT) as uow:
        item, _ = uow.work_items.add("legacy_entry", f"{MARK}-1", {"customer": MARK}, owner="clerk")
        uow.robots.keep_evidence(item.id, 1, [{**piece, "at": uow.now}])
        (row,) = uow.robots.evidence_of(item.id)
        uow.commit()
    return {"item": item.id, "evidence": row.id}


async def _made(gateway: Gateway, login: str, path: str, body: Any, **headers: str) -> Any:
    async with gateway.http(login, **headers) as http:
        response = await http.post(path, json=body)
        assert response.status in {200, 201}, await response.text()
        return await response.json()


def footprint(folder: Path) -> set[tuple[Any, ...]]:
    """Every row of the victim's company; whoever only adds rows of their own leaves all of these as they were."""
    rows = set()
    with closing(sqlite3.connect(folder / "deskhand.db")) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = [column[1] for column in database.execute(f'PRAGMA table_info("{table}")')]
            if "tenant" in columns and table not in OWN_TRACES:
                found = database.execute(f'SELECT * FROM "{table}" WHERE tenant = ?', (TENANT,))
                rows |= {(table, *row) for row in found}
    return rows


def own(route: Route, victim: Victim) -> str:
    """The address of the victim's thing; KeyError: a new kind of thing needs a line here."""
    thing = {
        "/api/orders/": victim.order,
        "/api/cases/": victim.case,
        "/api/tasks/": f"{victim.case}.{TASK}",
        "/api/conversations/": victim.conversation,
        "/api/keys/": victim.key,
        "/api/delegations/": victim.delegation,
        "/api/handovers/": victim.handover,
        "/api/misunderstood/": victim.message,
        "/api/imports/": victim.job,
        "/api/messengers/": "slack",
        "/api/reply-templates/": TEMPLATE,
        "/api/candidates/": candidate_id(*PAIR),
        "/api/robots/": NOTHING,  # robots are the house's, and no company's own
        "/api/robot-items/": victim.item,
        "/api/robot-evidence/": victim.evidence,
    }
    return _at(route, thing[route.path.split("{")[0]])


def missing(route: Route) -> str:
    """The address of a thing that nobody has."""
    nobodys = {
        "/api/orders/": NO_ORDER, "/api/cases/": NO_CASE, "/api/tasks/": f"{NO_CASE}.{TASK}",
        "/api/reply-templates/": f"{NOTHING}/en/1",
    }  # fmt: skip
    return _at(route, nobodys.get(route.path.split("{")[0], NOTHING))


def _at(route: Route, thing: str) -> str:
    """With the thing's name, or names, where they belong."""
    return re.sub(r"{\w+}(?:/{\w+})*", thing, route.path)


def body_of(route: Route) -> Mapping[str, Any] | None:
    """A body that would do it, were it one's own; KeyError: a new action needs a line in BODIES."""
    if route.method in {"GET", "DELETE"}:
        return None
    bodies = {**BODIES, **OF_ORDERS} if route.path.startswith("/api/orders/") else {**OF_ORDERS, **BODIES}
    return bodies[route.method, route.path.rpartition("}")[2]]
