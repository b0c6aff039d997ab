"""A thousand imported open orders go to freight settlement without a person; those that lack something say what."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.support.deskhand import Running, until

ORDERS, BROKEN_EVERY = 1000, 50


def write_orders(path: Path) -> set[str]:
    """A file of open orders, every fiftieth without carrier and tracking number. Returns the numbers of those."""
    broken = set()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["订单号", "客户名称", "货号", "品名", "数量", "单价", "下单时间", "地址", "承运商", "运单号"])
        for index in range(ORDERS):
            number = f"A{index:05}"
            lacking = index % BROKEN_EVERY == 0
            if lacking:
                broken.add(number)
            carrier = ["", ""] if lacking else ["顺丰", f"SF{index:010}"]
            writer.writerow([number, f"客户{index % 40}", f"P-{index % 25}", f"商品{index % 25}", 1 + index % 9, "12.5",
                             "2026-11-02 09:30:00", f"解放路{index}号", *carrier])  # fmt: skip
    return broken


def test_a_thousand_open_orders_are_carried_to_freight_settlement(deskhand: Running, tmp_path: Path) -> None:
    broken = write_orders(tmp_path / "open.csv")

    ran = deskhand.command("--format", "json", "import", str(tmp_path / "open.csv"), "--source", "erp-a",
                           "--status", "pending_confirmation", "--automatic")  # fmt: skip
    report = json.loads(ran)
    numbers = report_numbers(deskhand)

    assert report["inserted"] == ORDERS

    def statuses() -> dict[str, int]:
        found: dict[str, int] = {}
        for order in report_numbers(deskhand).values():
            key = order["status"] if not order["waits_because"] else "stopped"
            found[key] = found.get(key, 0) + 1
        return found

    until(lambda: statuses().get("stopped") == len(broken)
          and statuses().get("settled") == ORDERS - len(broken), 240, f"carried on; now {statuses()}")  # fmt: skip
    stopped = {number for number, order in report_numbers(deskhand).items() if order["waits_because"]}
    assert stopped == broken
    assert numbers.keys() == report_numbers(deskhand).keys()
    sample = next(order for number, order in report_numbers(deskhand).items() if number in broken)
    assert "carrier" in sample["waits_because"] and "tracking_number" in sample["waits_because"]


def report_numbers(deskhand: Running) -> dict[str, dict[str, str]]:
    """The imported orders by their number in the other system."""
    ran = deskhand.command("--format", "json", "orders", "list", "--source", "erp-a", "--limit", str(ORDERS))
    return {order["external_number"]: order for order in json.loads(ran)}
