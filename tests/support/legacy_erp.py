"""The old ERP to practise on, served in a thread of its own, and orders to enter there."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from aiohttp import web

from deskhand.robots.control import Control
from deskhand.robots.evidence import Evidence
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session
from examples.legacy_erp.book import CUSTOMERS, Book
from examples.legacy_erp.faults import Faults
from examples.legacy_erp.web import PASSWORD, USER, legacy_erp
from tests.support.deskhand import ROOT, free_ports, until

SECRETS = {"legacy_user": USER, "legacy_password": PASSWORD}
GOODS = (
    ("A4纸", "箱", "250.00"),
    ("激光打印机", "台", "1299.00"),
    ("Office chair", "piece", "89.5"),
    ('Pen "fine"', "box", "3.99"),
)
FIFTY = pytest.param(50, marks=[pytest.mark.full, pytest.mark.timeout(3300)])  # orders; a busy machine is slow


@dataclass
class Served:
    """Where it is, what it holds, and what goes wrong in it."""

    address: str
    book: Book
    faults: Faults


@contextmanager
def served(path: str = ":memory:", faults: Faults | None = None) -> Iterator[Served]:
    book, faults = Book(path), faults or Faults()
    ready, stopping = threading.Event(), asyncio.Event()
    found: dict[str, Any] = {}

    async def serve() -> None:
        runner = web.AppRunner(legacy_erp(book, faults))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        found["port"], found["loop"] = runner.addresses[0][1], asyncio.get_running_loop()
        ready.set()
        await stopping.wait()
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield Served(f"http://127.0.0.1:{found['port']}", book, faults)
    finally:
        found["loop"].call_soon_threadsafe(stopping.set)
        thread.join(30)
        book.close()


@contextmanager
def running(folder: Path) -> Iterator[Served]:
    """The same as a process of its own, as people start it; its book is read from its file."""
    port, file = free_ports(1)[0], folder / "legacy.sqlite"
    command = [sys.executable, "-m", "examples.legacy_erp", "--port", str(port), "--file", str(file)]
    address = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(address), 60, "the old ERP answers")
        book = Book(str(file))
        yield Served(address, book, Faults())
        book.close()
    finally:
        process.terminate()
        process.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=3).status_code < 500
    except httpx.HTTPError:
        return False


def session(folder: Path, settings: Mapping[str, str], **more: Any) -> Session:
    """What a robot is handed, with the vault of these tests."""
    return Session(Evidence(folder), Control(), lambda name: Secret(SECRETS[name]), settings, **more)


def order(number: int, **other: Any) -> dict[str, Any]:
    """The input of an item; the same number is the same order."""
    dice = random.Random(number)
    lines = [
        {"sku": f"SKU-{dice.randrange(1000, 9999)}", "name": name, "quantity": str(dice.randrange(1, 40)), "unit": unit,
         "price": price}
        for name, unit, price in dice.sample(GOODS, dice.randrange(1, 4))
    ]  # fmt: skip
    return {
        "number": f"SO-{number}", "customer": dice.choice(CUSTOMERS)[1], "ordered_on": f"2026-11-{number % 28 + 1:02d}",
        "deliver_on": "2026-12-24", "delivery": dice.choice(("courier", "own", "pick_up")),
        "address": f"上海浦东张江路{number}号, \"rear\" <gate>",
        "note": f"Call first: {number}\n小心轻放 & thanks", "lines": lines, **other,
    }  # fmt: skip


def entered(book: Book, said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What stands in the ERP under the order's number, in the words of the item's input."""
    return [
        {
            "number": each.reference, "customer": book.customer_name(each.customer),
            "ordered_on": "-".join(reversed(each.ordered_on.split("."))),
            "deliver_on": "-".join(reversed(each.deliver_on.split("."))), "delivery": each.delivery,
            "address": each.address, "note": each.remark,
            "lines": [
                {"sku": line.sku, "name": line.description, "quantity": line.quantity, "unit": line.unit,
                 "price": line.price}
                for line in each.lines
            ],
        }
        for each in book.by_reference(said["number"])
    ]  # fmt: skip
