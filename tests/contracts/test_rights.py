"""permissions.yml is kept at every door: each command in each role is done or refused as the table and lanes say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from deskhand.engine.table import Means
from deskhand.orders import actions, commands
from deskhand.orders.actions import ACTIONS, CASE_COMMANDS, COMMANDS, action_of_event
from deskhand.orders.commands import PlaceOrder, SettlePayments
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.permissions import Permissions, Reach
from deskhand.orders.status import Role
from deskhand.store import Desk, system_actor
from tests.support.deskhand import ROOT
from tests.support.desks import ACME, TENANT, FakeClock, demo_database, open_desk
from tests.support.doors import BY_CHAT, BY_ROLE, DONE, DOORS, SAMPLES, SLOW_DOORS, Door, ListDoor, WorkerDoor, prepared

DENIED = "role_not_allowed"
ORDERS = (
    "sales_order",
    "order_line",
    "history",
    "stock",
    "shipment",
    "parcel",
    "invoice",
    "payment",
    "settlement_line",
)
# What is said to people in a messenger is no trace of what they asked for.
TOLD = {
    "outbox_event": "WHERE name NOT IN ('SlackPost', 'TeamsPost')",
    "delivery": "WHERE consumer NOT IN ('slack', 'teams')",
}
AROUND = ('"case"', "outbox_event", "delivery", "freight_settlement", "settlement")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = open_desk(demo_database(tmp_path), FakeClock())
    yield made
    made.close()


@dataclass(frozen=True)
class Traces:
    """What a refusal must leave behind (one row of the audit), and what it must not touch."""

    refused: int
    kept: tuple[object, ...]

    @classmethod
    def of(cls, desk: Desk, everything: bool) -> Traces:
        tables = (*ORDERS, *AROUND) if everything else ORDERS
        with desk.database.transaction(read_only=True) as connection:
            refused = connection.execute(text("SELECT count(*) FROM audit WHERE outcome = 'refused'")).scalar_one()
            rows = [connection.execute(text(f"SELECT * FROM {table} {TOLD.get(table, '')}")).all() for table in tables]
        return cls(refused, tuple(map(tuple, rows)))


def expected(desk: Desk, command: type, role: Role, door: Door) -> str:
    """By the table; and where the diagram knows the command, by its lanes (the worker passes what is automatic)."""
    name = command.__name__
    if desk.permissions.grant(name, role) is None:
        return DENIED
    asked_for = [each for each in desk.process.table.transitions if each.means is not Means.TIMER]
    steps = [each for each in asked_for if action_of_event(each.event) == name]
    automatic = isinstance(door, WorkerDoor) and any(each.node in desk.process.automatic for each in steps)
    return DONE if not steps or automatic or any(role in each.roles for each in steps) else DENIED


async def knocked(door: Door, command: type, role: Role, number: str | None) -> tuple[str, str]:
    """What came of it; a refusal that leaves other traces than it should says so."""
    desk, actor = door.desk, BY_ROLE.get(role, system_actor(TENANT))
    number = number or prepared(desk, command, actor)
    everything = not isinstance(door, WorkerDoor)  # an order that stops says where and why
    before = Traces.of(desk, everything)
    answer = await door.send(actor, command, number)
    after = Traces.of(desk, everything)
    if answer != DONE and after != Traces(before.refused + 1, before.kept):
        return answer, f"{after.refused - before.refused} rows of audit, changed: {after.kept != before.kept}"
    return answer, ""


DOORS_NAMED = [pytest.param(name, marks=pytest.mark.full) if name in SLOW_DOORS else name for name in DOORS]


@pytest.mark.parametrize("name", DOORS_NAMED)
async def test_every_command_in_every_role_is_done_or_refused_as_the_table_says(
    name: str, desk: Desk, tmp_path: Path
) -> None:
    wrong: dict[tuple[str, str], tuple[object, ...]] = {}
    async with DOORS[name](desk, tmp_path) as door:
        for command in door.commands:
            untouched = prepared(desk, command, BY_ROLE[Role.SALES])  # one does for all who are refused
            for role in door.roles:
                wanted = expected(desk, command, role, door)
                found, traces = await knocked(door, command, role, untouched if wanted == DENIED else None)
                if (found, traces) != (wanted, ""):
                    wrong[command.__name__, str(role)] = (found, wanted, traces)

    assert wrong == {}


async def test_each_command_of_a_list_is_done_or_refused_as_it_would_be_alone(desk: Desk) -> None:
    wrong: dict[tuple[str, str], tuple[object, ...]] = {}
    refusals = ", ".join(["utter_several_refused", f"utter_{DENIED}"] * 2)
    door = ListDoor(desk)
    for command in door.commands:
        for role in door.roles:
            wanted = DONE if expected(desk, command, role, door) == DONE else refusals
            preparing = BY_ROLE[role if wanted == DONE else Role.SALES]
            numbers = prepared(desk, command, preparing), prepared(desk, command, preparing)
            before = Traces.of(desk, everything=True)
            found = await door.send_both(BY_ROLE[role], command, numbers)
            after = Traces.of(desk, everything=True)
            if found != wanted or (wanted != DONE and after != Traces(before.refused + 2, before.kept)):
                wrong[command.__name__, str(role)] = (found, wanted, after.refused - before.refused)

    assert wrong == {}


@pytest.mark.parametrize("name", [name for name in DOORS_NAMED if name != "worker"])
async def test_a_customer_reaches_no_other_customers_order(name: str, desk: Desk, tmp_path: Path) -> None:
    async with DOORS[name](desk, tmp_path) as door:
        own = [each for each in door.commands if _reach(desk.permissions, each, Role.CUSTOMER) is Reach.OWN]
        own.remove(PlaceOrder)
        answers = {}
        for command in own:
            number = prepared(desk, command, BY_ROLE[Role.SALES])
            before = Traces.of(desk, everything=True)
            answers[command] = await door.send(ACME, command, number)
            assert Traces.of(desk, everything=True) == Traces(before.refused + 1, before.kept), command

    assert own and answers == dict.fromkeys(own, "not_found")


@pytest.mark.parametrize("name", ["desk", "http"])
async def test_a_customer_orders_for_no_other_customer(name: str, desk: Desk, tmp_path: Path) -> None:
    before = Traces.of(desk, everything=True)

    async with DOORS[name](desk, tmp_path) as door:
        assert await door.send(ACME, PlaceOrder, "") == DENIED

    assert Traces.of(desk, everything=True) == Traces(before.refused + 1, before.kept)


async def test_a_customer_who_names_another_one_in_chat_orders_for_their_own(desk: Desk, tmp_path: Path) -> None:
    async with DOORS["chat"](desk, tmp_path) as door:
        assert await door.send(ACME, PlaceOrder, "") == DONE

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert {order.customer_id for order in uow.orders.list().items} == {ACME.customer_id}


def _reach(permissions: Permissions, command: type, role: Role) -> Reach | None:
    grant = permissions.grant(command.__name__, role)
    return grant.reach if grant else None


async def test_the_worker_does_nothing_that_the_table_does_not_grant_it(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "permissions.yml"
    table = (ROOT / "permissions.yml").read_text()
    file.write_text(table.replace(", system: any", "").replace("system: any", ""))
    bound = Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, file)

    answers = {}
    for command in COMMANDS.values():
        number = prepared(desk, command, system_actor(TENANT))
        before = Traces.of(desk, everything=False)
        answers[command] = await WorkerDoor(bound).send(system_actor(TENANT), command, number)
        assert Traces.of(desk, everything=False).kept == before.kept, command

    assert set(answers.values()) == {DENIED}, answers


@pytest.mark.parametrize("role", Role)
def test_every_other_action_is_allowed_or_refused_as_the_table_says(desk: Desk, role: Role) -> None:
    actor = BY_ROLE.get(role, system_actor(TENANT))
    for action in set(ACTIONS) - set(COMMANDS):
        before = Traces.of(desk, everything=True)
        try:
            allowed = desk.require(action, actor) == actor
        except RoleNotAllowed:
            allowed = False
        added = 0 if allowed else 1

        assert allowed is (desk.permissions.grant(action, role) is not None), action
        assert Traces.of(desk, everything=True) == Traces(before.refused + added, before.kept), action


def test_every_action_that_may_be_granted_is_asked_for_somewhere() -> None:
    """The constant is imported by what asks; of an action that nothing asks for the table would promise in vain."""
    constants = {value: name for name, value in vars(actions).items() if name.isupper() and isinstance(value, str)}
    imported = {name for file in (ROOT / "deskhand").rglob("*.py") for name in _imported(file, actions.__name__)}

    asked_for = set(COMMANDS) | set(CASE_COMMANDS)  # these by the desk, whose walk over cases is in tests/cases
    assert {action for action in set(ACTIONS) - asked_for if constants.get(action) not in imported} == set()


def _imported(file: Path, module: str) -> set[str]:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return {
        each.name for node in nodes if isinstance(node, ast.ImportFrom) and node.module == module for each in node.names
    }


def test_every_command_has_its_walk() -> None:
    assert {command.__name__ for command in SAMPLES} == set(COMMANDS)
    assert all(isinstance(sample.command("SO-1"), command) for command, sample in SAMPLES.items())


def test_every_command_that_a_skill_gives_is_walked_by_chat() -> None:
    given = {name for file in (ROOT / "actions").glob("*.py") for name in _imported(file, commands.__name__)}

    assert {command.__name__ for command in BY_CHAT} == set(COMMANDS)
    assert {command.__name__ for command, spoken in BY_CHAT.items() if spoken} == given & set(COMMANDS)


def test_a_right_on_some_orders_is_none_on_the_settlement_of_a_whole_day(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "permissions.yml"
    lines = (ROOT / "permissions.yml").read_text().splitlines()
    narrowed = "SettlePayments: {finance: {reach: any, up_to: 9 CNY}, customer: own, system: any}"
    file.write_text("\n".join(narrowed if line.startswith("SettlePayments:") else line for line in lines))
    bound = Desk(desk.database, desk.tenants, ROOT / "processes", desk.clock, file)

    for role in (Role.FINANCE, Role.CUSTOMER):
        with pytest.raises(RoleNotAllowed):
            bound.handle(SettlePayments(desk.clock().date()), BY_ROLE[role])
    number = prepared(desk, SettlePayments, BY_ROLE[Role.FINANCE])
    with pytest.raises(RoleNotAllowed):
        bound.handle(SettlePayments(desk.clock().date(), (number,)), BY_ROLE[Role.FINANCE])


# --- one place

MAY_COMPARE = {
    "actions/ask_help.py": "one more sentence for finance",
    "actions/turn.py": "how statuses are worded for customers",
    "deskhand/cases/definition.py": "whose lane it is, and who may start it",
    "deskhand/cases/handlers.py": "the worker sees every case",
    "deskhand/cases/telling.py": "the worker hears of nothing",
    "deskhand/cases/values.py": "customers refer to their own orders alone",
    "deskhand/cli/access.py": "a customer's user needs a customer",
    "deskhand/gateway/case_json.py": "customers read the names of their own people alone",
    "deskhand/gateway/key_making.py": "a customer's key needs a customer",
    "deskhand/gateway/oidc_people.py": "who has another role since must sign in again; customers come by invitation",
    "deskhand/gateway/messengers/slack_app.py": "customers order for themselves: the form asks them for no customer",
    "deskhand/gateway/order_json.py": "customers read the names of their own people alone",
    "deskhand/gateway/security.py": "who has another role since must sign in again",
    "deskhand/notifications/audience.py": "who hears of what",
    "deskhand/orders/placing.py": "terms of payment are for the staff to grant",
    "deskhand/orders/replay.py": "what the worker did may have been the diagram's timer",
    "deskhand/orders/settling.py": "the worker comes by the timer",
    "deskhand/orders/work.py": "nobody undoes the worker",
    "deskhand/robots/recording.py": "roles of a page's fields, not of people",
    "deskhand/store/case_reading.py": "customers are told of no rules",
    "deskhand/store/definition_file.py": "the worker is nobody to be told",
    "deskhand/store/delegating.py": "rights are lent among staff",
    "deskhand/store/projector.py": "the worker is called Deskhand",
    "deskhand/store/repositories/delegations.py": "rights are lent among staff",
    "deskhand/store/repositories/notifications.py": "what anybody of the role has read",
    "deskhand/engine/plan.py": "whose lane it is",
    "deskhand/store/escalating.py": "whose reading counts: who has the role lent, too",
}


def test_roles_are_compared_in_one_place_only() -> None:
    found = set()
    for folder in ("deskhand", "actions"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            if any(_compares_role(node) for node in ast.walk(tree)):
                found.add(str(file.relative_to(ROOT)))

    assert found <= set(MAY_COMPARE), "a right is decided in permissions.yml; say here why a role is looked at"


def _compares_role(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare):
        return False
    said = [ast.unparse(each) for each in (node.left, *node.comparators)]
    if "None" in said:
        return False
    return any(each.startswith("Role.") or each == "role" or each.endswith(".role") for each in said)
