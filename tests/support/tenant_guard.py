"""Watches every statement that our code sends and says which ones touch a tenant's table without naming the tenant.

Looks at the statement's structure, not at its text: each table in each FROM, in subqueries too, must be bound to the
unit of work's tenant by a condition that always holds, or joined by tenant to one that is. Statements that tests and
migrations write themselves are left alone. COPY goes past SQLAlchemy; PostgreSQL's policies see to that.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

from sqlalchemy import BindParameter, ColumnElement, Connection, Engine, Table, event
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.cache_key import HasCacheKey
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, TextClause
from sqlalchemy.sql.selectable import FromClause, Join, Select

from deskhand.store.row_security import SHARED, TENANT_COLUMN
from deskhand.store.schema import metadata

ROOT = Path(__file__).parents[2]
OURS = ("deskhand/", "actions/")
NOT_LOOKED_AT = ("deskhand/store/migrations/",)  # a migration changes the tables of everybody
GUARDED = {name: table for name, table in metadata.tables.items() if name not in SHARED}
_NAMES = re.compile(rf"\b(?:{'|'.join(map(re.escape, GUARDED))})\b", re.IGNORECASE)
_INSERT = re.compile(r'INSERT INTO "?(\w+)"? \("?tenant"?,', re.IGNORECASE)
_UPDATE = re.compile(
    r'UPDATE "?(?:\w+)"? SET (.+) WHERE "?tenant"? = (?:\?|%s)(?: AND "?\w+"? = (?:\?|%s))*$', re.IGNORECASE
)
_MANY = re.compile(r"INSERT INTO [^()]*\([^()]*\) VALUES (\([?, ]+\)), ")
_PLACE = re.compile(r"\?|%s")
_OPTION = "deskhand_tenant"
_PREFIX = f"{ROOT}/"

offences: list[str] = []


class TenantForgotten(AssertionError):
    """A statement of ours that is not bound to its tenant."""


def install() -> None:
    """For every engine from now on."""
    event.listen(Engine, "before_execute", _before_execute)
    event.listen(Engine, "before_cursor_execute", _before_raw)


def taken() -> list[str]:
    """The offences since the last call."""
    found = offences[:]
    offences.clear()
    return found


def _before_execute(
    connection: Connection, statement: Any, rows: Sequence[Any], row: Mapping[str, Any], options: Mapping[str, Any]
) -> None:
    where = _sender()
    if where is not None:
        tenant = connection.get_execution_options().get(_OPTION)
        if not (shape := _Shape.of(statement, tenant)).is_proven():
            given = [*rows, *([row] if row else [])]
            _complain(where, statement, problems(statement, tenant, given))
            shape.prove()


def _before_raw(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    if getattr(context, "compiled", None) is None and (where := _sender()) is not None:
        tenant = connection.get_execution_options().get(_OPTION)
        _complain(
            where, statement, raw_problems(statement, parameters if many else rows_in(statement, parameters), tenant)
        )


def rows_in(statement: str, values: Any) -> list[Any]:
    """The rows of a statement that has the values of many, one after the other."""
    if not (many := _MANY.match(statement)):
        return [values]
    width = many[1].count("?")
    return [values[start : start + width] for start in range(0, len(values), width)]


class _Shape:
    """What a query or a change is but for its values, as SQLAlchemy keeps statements that it has compiled.

    One without a fault has its tenant wherever one is asked for: so has the next of that shape that has its own in the
    same places, and is not looked at again. What is inserted is always looked at.
    """

    _proven: ClassVar[dict[Any, frozenset[int]]] = {}

    def __init__(self, key: Any, named: frozenset[int]) -> None:
        self._key, self._named = key, named

    @classmethod
    def of(cls, statement: Any, tenant: str | None) -> _Shape:
        looked_at = not isinstance(statement, Insert | TextClause) and isinstance(statement, HasCacheKey)
        found = statement._generate_cache_key() if looked_at and tenant is not None else None
        if found is None:
            return cls(None, frozenset())
        return cls(found.key, frozenset(at for at, value in enumerate(found.bindparams) if _plain(value) == tenant))

    def is_proven(self) -> bool:
        places = self._proven.get(self._key)
        return places is not None and places <= self._named

    def prove(self) -> None:
        if self._key is not None:
            self._proven[self._key] = self._proven.get(self._key, self._named) & self._named


def _complain(where: str, statement: object, found: Sequence[str]) -> None:
    if found:
        offences.append(f"{where}: {'; '.join(found)}\n{statement}")
        raise TenantForgotten(offences[-1])


def _sender() -> str | None:
    """File and line of ours that sent it; None when a test or a migration did."""
    files = [(name, line) for name, line in _stack() if name != "tests/support/tenant_guard.py"]
    if not files or not files[0][0].startswith(OURS) or any(name.startswith(NOT_LOOKED_AT) for name, _ in files):
        return None
    return f"{files[0][0]}:{files[0][1]}"


def _stack() -> Iterator[tuple[str, int]]:
    """Files of this checkout that are at work in this thread, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_PREFIX) and "/.venv" not in name:
            yield name.removeprefix(_PREFIX), frame.f_lineno
        frame = frame.f_back


def problems(statement: Any, tenant: str | None, rows: Sequence[Any] = ()) -> list[str]:
    """What is wrong with one statement of the unit of work of `tenant`."""
    if isinstance(statement, TextClause):
        return raw_problems(statement.text, [], tenant)
    if isinstance(statement, Insert):
        found = _insert_problems(statement, tenant, rows)
    elif isinstance(statement, Update | Delete):
        found = _scope_problems([statement.table], statement._where_criteria, tenant, set())
        if isinstance(statement, Update) and TENANT_COLUMN in _names_set(statement):
            found.append("changes the tenant of a row")
    else:
        found = []
    return found + [each for select, outer in _selects(statement) for each in _select_problems(select, tenant, outer)]


def raw_problems(statement: str, rows: Sequence[Any], tenant: str | None) -> list[str]:
    """Text that names a tenant's table is only good as an INSERT whose first column is the tenant, or as an UPDATE of
    single rows whose first key it is.
    """
    if not _NAMES.search(statement):
        return []
    if _INSERT.match(statement) and rows:
        strange = {str(row[0]) for row in rows} - {str(tenant)}
        return [f"inserts rows of {', '.join(sorted(strange))}"] if strange else []
    if (update := _UPDATE.match(statement)) and rows and TENANT_COLUMN not in update[1]:
        at = len(_PLACE.findall(update[1]))
        strange = {str(row[at]) for row in rows} - {str(tenant)}
        return [f"changes rows of {', '.join(sorted(strange))}"] if strange else []
    return ["is text that names a tenant's table"]


def _insert_problems(statement: Insert, tenant: str | None, rows: Sequence[Any]) -> list[str]:
    if statement.table.name not in GUARDED:
        return []
    if isinstance(statement.select, Select):  # what is loaded aside: its tenant is written into the statement
        return _insert_select_problems(statement.select, tenant)
    fixed = {getattr(key, "name", key): value for key, value in (statement._values or {}).items()}
    given = [row.get(TENANT_COLUMN, fixed.get(TENANT_COLUMN)) for row in rows] or [fixed.get(TENANT_COLUMN)]
    strange = {_plain(value) for value in given} - {tenant}
    return [f"inserts rows of {strange}"] if strange else []


def _insert_select_problems(select: Select[Any], tenant: str | None) -> list[str]:
    first = getattr(next(iter(select.selected_columns)), "element", None)
    given = first.value if isinstance(first, BindParameter) else None
    return [] if given == tenant else [f"inserts rows of {given} out of another table"]


def _select_problems(select: Select[Any], tenant: str | None, outer: set[FromClause]) -> list[str]:
    tables: list[FromClause] = []
    conditions = list(select._where_criteria)
    for source in select.get_final_froms():
        _flatten(source, tables, conditions)
    return _scope_problems(tables, conditions, tenant, outer)


def _flatten(source: FromClause, tables: list[FromClause], conditions: list[ColumnElement[Any]]) -> None:
    if isinstance(source, Join):
        _flatten(source.left, tables, conditions)
        _flatten(source.right, tables, conditions)
        if source.onclause is not None:
            conditions.append(source.onclause)
    else:
        tables.append(source)


def _scope_problems(
    tables: Sequence[Any], conditions: Sequence[ColumnElement[Any]], tenant: str | None, outer: set[FromClause]
) -> list[str]:
    """Tables of one FROM that no condition binds; those of an enclosing query are bound there."""
    bound, pairs, found = set(outer), [], []
    for left, right in _equalities(conditions):
        if isinstance(right, BindParameter):
            if _plain(right) == tenant and tenant is not None:
                bound.add(left.table)
            else:
                found.append(f"asks for {_plain(right)} in a unit of work of {tenant}")
        else:
            pairs.append((left.table, right.table))
    for _ in pairs:
        for one, other in pairs:
            if one in bound or other in bound:
                bound |= {one, other}
    return found + [f"{table} lacks the condition on its tenant" for table in tables if _guarded(table) - bound]


def _equalities(conditions: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """`a.tenant = ?` and `a.tenant = b.tenant` of what always holds; nothing below an OR or a NOT counts."""
    for condition in conditions:
        if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
            yield from _equalities(condition.clauses)
        elif isinstance(condition, BinaryExpression) and condition.operator is operators.eq:
            sides = [condition.left, condition.right]
            sides.sort(key=lambda side: getattr(side, "name", "") != TENANT_COLUMN or not hasattr(side, "table"))
            if getattr(sides[0], "name", "") == TENANT_COLUMN and hasattr(sides[0], "table"):
                if isinstance(sides[1], BindParameter) or getattr(sides[1], "name", "") == TENANT_COLUMN:
                    yield sides[0], sides[1]


def _guarded(source: Any) -> set[Any]:
    """The source itself, when it is a tenant's table or another name for one; a subquery is looked at by itself."""
    element = getattr(source, "element", source)
    return {source} if isinstance(element, Table) and element.name in GUARDED else set()


def _selects(statement: Any, outer: frozenset[Any] = frozenset()) -> Iterator[tuple[Select[Any], set[FromClause]]]:
    """Every query in the statement, with the tables of the queries around it."""
    inside = outer
    if isinstance(statement, Select):
        yield statement, set(outer)
        tables: list[FromClause] = []
        for source in statement.get_final_froms():
            _flatten(source, tables, [])
        inside = outer | frozenset(tables)
    elif isinstance(statement, Update | Delete):
        inside = outer | {statement.table}
    for child in visitors.iterate(statement) if not isinstance(statement, Select) else _children(statement):
        if isinstance(child, Select) and child is not statement:
            yield from _selects(child, inside)


def _children(statement: Any) -> Iterator[Any]:
    """What stands in a query down to the next queries, which are given and not entered."""
    for child in statement.get_children():
        yield child
        if not isinstance(child, Select):
            yield from _children(child)


def _names_set(statement: Update) -> set[str]:
    return {getattr(key, "name", str(key)) for key in (statement._values or {})}


def _plain(value: Any) -> Any:
    return value.effective_value if isinstance(value, BindParameter) else value
