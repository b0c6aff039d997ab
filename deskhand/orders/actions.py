"""Everything that needs a right: the commands, what may be seen, and what runs the desk. Knows no role.

permissions.yml must say for each of these who may do it, so a new command or action is listed there too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import get_args

from deskhand.orders.commands import Command, PlaceOrder, SettlePayments, UndoLastChange


class Condition(StrEnum):
    """What a right can be narrowed by, besides its reach."""

    ONLY = "only"  # while the order is in one of these statuses
    UP_TO = "up_to"  # orders whose total is not above this amount
    NOT_OWN = "not_own"  # four eyes: nobody who placed or changed the order


@dataclass(frozen=True, slots=True)
class Action:
    """`own`: the reach `own` means something here. `lent`: a delegate may do it for somebody who is away."""

    name: str
    conditions: frozenset[Condition] = frozenset()
    own: bool = True
    lent: bool = True


def _of_command(command: type) -> Action:
    names = {field.name for field in fields(command)}
    if command is PlaceOrder:
        return Action(command.__name__, frozenset({Condition.UP_TO}))
    if command is UndoLastChange:  # of one's own changes by its nature
        return Action(command.__name__, frozenset({Condition.ONLY, Condition.UP_TO}))
    return Action(command.__name__, frozenset(Condition if names & {"number", "numbers"} else ()))


QUERY_ORDERS = "query_orders"
SHOW_REPORT = "show_report"
SHOW_PROCESSES = "show_processes"
QUERY_AUDIT = "query_audit"
IMPORT_ORDERS = "import_orders"
IMPORT_GOODS = "import_goods"
EXPORT_ORDERS = "export_orders"
EXPORT_CUSTOMERS = "export_customers"
EXPORT_GOODS = "export_goods"
TAKE_HANDOVERS = "take_handovers"
GRANT_TERMS = "grant_terms"
DRAFT_TEXTS = "draft_texts"
APPROVE_TEXTS = "approve_texts"
POST_NOTIFICATION = "post_notification"
LABEL_MISUNDERSTOOD = "label_misunderstood"
QUERY_ROBOTS = "query_robots"
RUN_ROBOTS = "run_robots"
SWITCH_ROBOTS = "switch_robots"
KEEP_CREDENTIALS = "keep_credentials"
DELEGATE = "delegate"
PUBLISH_PROCESS = "publish_process"
MANAGE_USERS = "manage_users"
MANAGE_KEYS = "manage_keys"
EXPORT_PERSONAL_DATA = "export_personal_data"
ERASE_PERSONAL_DATA = "erase_personal_data"

_SEEN_AND_CARRIED = (
    Action(QUERY_ORDERS),
    Action(SHOW_REPORT),
    Action(SHOW_PROCESSES, own=False),
    Action(QUERY_AUDIT, own=False),
    Action(IMPORT_ORDERS, own=False),
    Action(IMPORT_GOODS, own=False),
    Action(EXPORT_ORDERS),
    Action(EXPORT_CUSTOMERS),
    Action(EXPORT_GOODS, own=False),
    Action(TAKE_HANDOVERS, own=False),
    Action(DRAFT_TEXTS, own=False),
    Action(APPROVE_TEXTS, own=False),
    Action(POST_NOTIFICATION, own=False),
    Action(QUERY_ROBOTS, own=False),
    Action(RUN_ROBOTS, own=False),
    Action(SWITCH_ROBOTS, own=False),
    Action(GRANT_TERMS, frozenset({Condition.UP_TO}), own=False),
)
CASE_COMMANDS = ("StartCase", "DecideTask", "GiveFields", "ClaimTask", "ReleaseTask", "WithdrawCase")
"""The commands of `deskhand.cases` by name: that layer is above this one. Own: of cases that they have started."""
QUERY_CASES = "query_cases"

_OF_CASES = (
    *(Action(name, own=name != "StartCase") for name in CASE_COMMANDS),
    Action(QUERY_CASES),
)
_ADMINISTRATION = (
    Action(DELEGATE, lent=False),  # own: one's own rights
    Action(LABEL_MISUNDERSTOOD, own=False, lent=False),
    Action(PUBLISH_PROCESS, own=False, lent=False),
    Action(MANAGE_USERS, own=False, lent=False),
    Action(MANAGE_KEYS, own=False, lent=False),
    Action(KEEP_CREDENTIALS, own=False, lent=False),
    Action(EXPORT_PERSONAL_DATA, own=False, lent=False),
    Action(ERASE_PERSONAL_DATA, own=False, lent=False),
)

COMMANDS: Mapping[str, type] = {command.__name__: command for command in get_args(Command)}
ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (*map(_of_command, COMMANDS.values()), *_SEEN_AND_CARRIED, *_OF_CASES, *_ADMINISTRATION)
}


def action_of_event(event: str) -> str:
    """The command that stands for an event of the process: ConfirmOrder for confirm_order."""
    if event == "settle_payment":
        return SettlePayments.__name__
    return "".join(part.title() for part in event.split("_"))
