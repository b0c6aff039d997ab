"""Every command of the order desk can be said and can be sent: the table in docs/orders.md names each with both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from actions.registry import ACTIONS as SKILLS
from deskhand.gateway.fields import Fields
from deskhand.gateway.order_actions import ACTIONS, CHANGE_SHIPMENT, place_order
from deskhand.orders.handlers import ON_ORDERS, ON_THE_DESK
from tests.support.deskhand import ROOT

ROW = re.compile(r"^\| `(\w+)` \| `(\w+)` \| (.+?) \| `(\w+) (/api/\S+)` \|$", re.MULTILINE)


class Reached(NamedTuple):
    skill: str
    said: str
    method: str
    path: str


TABLE: Mapping[str, Reached] = {
    row[0]: Reached(*row[1:]) for row in ROW.findall((ROOT / "docs" / "orders.md").read_text(encoding="utf-8"))
}


def loaded(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


RULES = [rule for path in (ROOT / "data" / "rules").glob("*.yml") for rule in loaded(path)["rules"]]
TRAINED = {block["intent"] for path in (ROOT / "data" / "nlu").glob("*.yml") for block in loaded(path)["nlu"]}
OURS = {action.action_name.removeprefix("validate_") for action in SKILLS}
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))


def test_the_table_names_every_command_of_the_registry_and_no_other() -> None:
    assert set(TABLE) == {command.__name__ for command in (*ON_ORDERS, *ON_THE_DESK)}


@pytest.mark.parametrize("command", TABLE)
def test_it_is_a_skill_with_utterances_a_rule_and_an_action_that_makes_the_command(command: str) -> None:
    begun = [
        rule["steps"] for rule in RULES if any(step.get("intent") == TABLE[command].skill for step in rule["steps"])
    ]
    named = {str(step.get("action")) for steps in begun for step in steps}

    assert TABLE[command].skill in TRAINED and named & OURS
    assert re.search(rf"\b{command}\(", CODE)


@pytest.mark.parametrize("command", TABLE)
def test_it_is_said_in_both_languages(command: str) -> None:
    said = TABLE[command].said

    assert re.search(r"`[^`]*[\u4e00-\u9fff][^`]*`", said) and re.search(r'"[^"\u4e00-\u9fff]+"', said)


# What a body must say for the command to be made; one route can make several.
LINES = {"lines": [{"sku": "PAPER-A4", "quantity": "2"}]}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "PlaceOrder": {"customer": "huaxing", **LINES},
    "CancelLine": {"reason": "no stock", "line": 1},
    "ReturnGoods": {"reason": "damaged", **LINES},
    "RecordPayment": {"amount": "1", "reference": "TX1"},
    "SettleFreight": {"what": "freight"},
    **dict.fromkeys(("CancelOrder", "HoldOrder", "RejectOrder"), {"reason": "they moved"}),
}


@pytest.mark.parametrize("command", TABLE)
def test_it_has_a_route_that_makes_the_command(command: str) -> None:
    reached, body = TABLE[command], Fields(BODIES.get(command, {}))
    named = reached.path.removeprefix("/api/orders").removeprefix("/{number}/")
    action = CHANGE_SHIPMENT if reached.method == "PATCH" else ACTIONS.get(named)

    made = action.read("SO-1001", body, date(2026, 11, 22)) if action else place_order(body)

    assert type(made).__name__ == command
