"""Reads permissions.yml and says with file and line what is wrong in it. Its head explains how it is written.

A file that is replaced while the services run is taken up at the next question; a bad one leaves the old in force.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import yaml

from deskhand.orders.actions import ACTIONS, Action, Condition
from deskhand.orders.permissions import Grant, Permissions, Reach
from deskhand.orders.status import OrderStatus, Role
from deskhand.store.file_faults import Fault, FileInvalid, NotYaml, composed, line_of
from deskhand.store.live_files import stamp

NOBODY = "nobody"
REACH = "reach"

_log = logging.getLogger("deskhand.permissions")


class PermissionsFileInvalid(FileInvalid):
    """permissions.yml says something that can't be, or leaves something out."""


def load_permissions(file: Path) -> Permissions:
    """permissions.yml; whatever it doesn't grant is denied.

    Raises:
        PermissionsFileInvalid: with file and line, all faults at once.
    """
    return _read(file, file.read_bytes())


@lru_cache(maxsize=4)  # not read again for another desk
def _read(file: Path, content: bytes) -> Permissions:
    return _Reader(file).read(content.decode())


class _Wrong(Exception):
    """What is wrong at one place of the file."""

    def __init__(self, node: yaml.Node, problem: str) -> None:
        self.node = node
        super().__init__(problem)


class _Reader:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def read(self, text: str) -> Permissions:
        try:
            root = composed(text)
        except NotYaml as error:
            raise PermissionsFileInvalid(Fault(str(self.file), error.line, "", str(error))) from error
        if not isinstance(root, yaml.MappingNode):
            nothing = "expected actions, each with the roles that may do it"
            raise PermissionsFileInvalid(Fault(str(self.file), 1, "", nothing))
        rules = dict(self._rules(root))
        missing = [name for name in ACTIONS if name not in rules]
        if missing:
            self._fault(root, f"says nothing of {', '.join(missing)}; write `{missing[0]}: {NOBODY}` to deny it to all")
        if self.faults:
            raise PermissionsFileInvalid(*self.faults)
        return Permissions(rules)

    def _rules(self, root: yaml.MappingNode) -> Iterator[tuple[str, Mapping[Role, Grant]]]:
        for name, key, granted in self._pairs(root):
            action = ACTIONS.get(name)
            if action is None:
                self._fault(key, f"{name} is no command and no action; known are {', '.join(ACTIONS)}")
                continue
            yield name, dict(self._grants(action, granted))

    def _grants(self, action: Action, granted: yaml.Node) -> Iterator[tuple[Role, Grant]]:
        if isinstance(granted, yaml.ScalarNode) and granted.value == NOBODY:
            return
        if not isinstance(granted, yaml.MappingNode) or not granted.value:
            self._fault(granted, f"{action.name}: expected roles, or `{NOBODY}`")
            return
        for name, key, said in self._pairs(granted):
            try:
                yield Role(_one_of(key, name, Role, "role")), _grant(action, said)
            except _Wrong as wrong:
                self._fault(wrong.node, str(wrong))

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Names with their values; YAML itself would let the second of two silently win."""
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self._fault(key, f"{name} is said twice")
            else:
                seen.add(name)
                yield name, key, value

    def _fault(self, node: yaml.Node, problem: str) -> None:
        self.faults.append(Fault(str(self.file), line_of(node), "", problem))


def _grant(action: Action, said: yaml.Node) -> Grant:
    """`own`, `any`, or those with conditions.

    Raises:
        _Wrong: what is said is not known, or means nothing for this action.
    """
    if isinstance(said, yaml.ScalarNode):
        return Grant(_reach(action, said))
    if not isinstance(said, yaml.MappingNode):
        raise _Wrong(said, f"{action.name}: expected own, any, or {{reach: ..., conditions}}")
    values = {str(key.value): value for key, value in said.value}
    if len(values) < len(said.value):
        raise _Wrong(said, f"{action.name}: a condition is said twice")
    if REACH not in values:
        raise _Wrong(said, f"{action.name}: reach is missing; it is own or any")
    for key, _ in said.value:
        if key.value != REACH and key.value not in action.conditions:
            known = ", ".join([REACH, *sorted(action.conditions)])
            raise _Wrong(key, f"{action.name}: {key.value} is no condition of it; known are {known}")
    return Grant(
        reach=_reach(action, values[REACH]),
        only=_statuses(values[Condition.ONLY]) if Condition.ONLY in values else None,
        up_to=_amounts(values[Condition.UP_TO]) if Condition.UP_TO in values else {},
        not_own=_flag(values[Condition.NOT_OWN]) if Condition.NOT_OWN in values else False,
    )


def _reach(action: Action, node: yaml.Node) -> Reach:
    reach = Reach(_one_of(node, node.value, Reach, "reach"))
    if reach is Reach.OWN and not action.own:
        raise _Wrong(node, f"{action.name}: nothing of it is anybody's own; say any")
    return reach


def _statuses(node: yaml.Node) -> frozenset[OrderStatus]:
    return frozenset(OrderStatus(_one_of(each, each.value, OrderStatus, "status")) for each in _several(node))


def _amounts(node: yaml.Node) -> Mapping[str, Decimal]:
    return dict(_amount(each) for each in _several(node))


def _amount(node: yaml.Node) -> tuple[str, Decimal]:
    number, _, currency = str(node.value).partition(" ")
    try:
        amount = Decimal(number)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0 or not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        raise _Wrong(node, f"{node.value} is no amount; write 50000 CNY")
    return currency, amount


def _flag(node: yaml.Node) -> bool:
    if node.value != "true":
        raise _Wrong(node, f"{Condition.NOT_OWN} is true, or left out")
    return True


def _several(node: yaml.Node) -> list[yaml.Node]:
    """One, or a list of them; an empty list would be a way to say nothing."""
    found = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not found or not all(isinstance(each, yaml.ScalarNode) for each in found):
        raise _Wrong(node, "expected one or several")
    return list(found)


def _one_of(node: yaml.Node, value: object, kind: type[Any], what: str) -> str:
    if value not in {str(each) for each in kind}:
        raise _Wrong(node, f"{value} is no {what}; known are {', '.join(str(each) for each in kind)}")
    return str(value)


@dataclass(frozen=True, slots=True)
class News:
    """What became of a new version of the file: `taken_up` or `refused`, and why."""

    outcome: str
    digest: str
    problem: str | None = None


class LivePermissions:
    """The table in force. Thread-safe; looks at the file's stamp each time it is asked.

    Raises:
        PermissionsFileInvalid: the first version is wrong: then there is none to go on with.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._seen = stamp(file)
        self._current = load_permissions(file)
        self._news: list[News] = []
        self._told: dict[str, int] = {}

    def current(self) -> Permissions:
        if stamp(self._file) != self._seen:
            with self._lock:
                self._look_again()
        return self._current

    def news_for(self, tenant: str) -> list[News]:
        """What this tenant's audit has not been told yet; each is given once."""
        known = self._told.get(tenant, 0)
        if known == len(self._news):
            return []
        with self._lock:
            known, self._told[tenant] = self._told.get(tenant, 0), len(self._news)
            return self._news[known:]

    def _look_again(self) -> None:
        seen = stamp(self._file)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            content = self._file.read_bytes()
            self._current = _read(self._file, content)
        except (OSError, UnicodeError, PermissionsFileInvalid) as problem:
            _log.error("the new permissions are refused, the old ones stay in force: %s", problem)
            self._news.append(News("refused", "", str(problem)))
            return
        digest = hashlib.sha256(content).hexdigest()
        _log.info("new permissions are in force: %s", digest)
        self._news.append(News("taken_up", digest))
