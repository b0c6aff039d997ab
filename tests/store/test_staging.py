"""Rows made ready and taken over: rows of one table with other columns, and rows that somebody else has written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from deskhand.store import Desk, sqlite_process, staging
from deskhand.store.bulk import insert_rows
from deskhand.store.contention import WrittenMeanwhile, clashes_told
from deskhand.store.repositories.source_records import SourceRecord
from deskhand.store.schema import source_record, warehouse
from deskhand.store.staging import ready
from tests.support.desks import NOW, TENANT


def record(key: str, digest: str = "d") -> SourceRecord:
    return SourceRecord("shop", "orders", key, f"hash of {key}", digest, NOW)


def test_rows_that_somebody_else_has_written_are_told_apart_from_other_errors(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        uow.source_records.add(uow.source_records.ready([record("A-1")]))
        uow.commit()

    with pytest.raises(WrittenMeanwhile):
        with clashes_told(), desk.unit_of_work(TENANT) as uow:
            uow.source_records.add(uow.source_records.ready([record("A-2"), record("A-1")]))
            uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.source_records.count("shop", "orders") == 1


def test_what_is_merged_twice_in_one_transaction_is_there_once(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        for digest in ("first", "second"):
            uow.source_records.merge(uow.source_records.ready([record("A-1", digest)]))
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.source_records.known([record("A-1")]).by_key["shop", "A-1"].digest == "second"


def test_rows_of_one_table_may_come_with_other_columns_in_one_transaction(desk: Desk) -> None:
    rows = [{"tenant": TENANT, "code": code, "name": f"Hall {code}"} for code in ("W8", "W9")]
    with desk.unit_of_work(TENANT) as uow:
        for columns, row in zip((("tenant", "code", "name"), ("tenant", "name", "code")), rows, strict=True):
            assert insert_rows(uow.imports.connection, warehouse, columns, [[row[name] for name in columns]]) == 1
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        found = [dict(row) for row in uow.imports.rows(select(warehouse).where(warehouse.c.tenant == TENANT))]
    assert all(row in found for row in rows)


def test_more_rows_than_one_statement_takes_are_all_written_in_their_order(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_process, "PARAMETERS", 7)
    monkeypatch.setattr(staging, "_FEW", 1)
    given = [(TENANT, f"V{number}", f"Hall {number}") for number in range(7)]
    with desk.unit_of_work(TENANT) as uow:
        assert insert_rows(uow.imports.connection, warehouse, ("tenant", "code", "name"), given) == 7
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        mine = select(warehouse.c.code, warehouse.c.name).where(
            warehouse.c.tenant == TENANT, warehouse.c.code.like("V_")
        )
        found = uow.imports.rows(mine.order_by(warehouse.c.code))
    assert [tuple(row.values()) for row in found] == [row[1:] for row in given]


def test_what_is_noted_of_records_is_told_without_what_they_say(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow:
        others = replace(record("A-1"), kind="reversal"), replace(record("A-1"), source="erp", digest="other")
        ours = [(f"O{number}", f"C{number}") for number in (1, 2, 3)]
        uow.source_records.add(uow.source_records.ready([record("A-1"), *others], ours))
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        found = uow.source_records.noted("orders", [("shop", "A-1"), ("shop", "A-2"), ("erp", "A-1")])
    assert found == {("shop", "A-1"): ("d", "taken", "O1"), ("erp", "A-1"): ("other", "taken", "O3")}


def test_times_that_are_the_same_in_several_columns_are_ready_in_each(desk: Desk) -> None:
    columns, later = ("tenant", "stamped_at", "seen_at", "said"), NOW + timedelta(days=1)
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        dialect = uow.imports.connection.dialect
        same = ready(dialect, source_record, columns, [(TENANT, NOW, NOW, {}), (TENANT, later, later, {})])
        apart = ready(dialect, source_record, columns, [(TENANT, NOW, NOW, {}), (TENANT, later, NOW, {})])
    assert [row[1] == row[2] for row in same] == [True, True]
    assert [row[1] == row[2] for row in apart] == [True, False]
    assert [row[1] for row in same] == [row[1] for row in apart]


def test_no_rows_are_ready_as_none(desk: Desk) -> None:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert ready(uow.imports.connection.dialect, warehouse, ["tenant"], []) == []


def test_what_rows_share_and_what_columns_have_of_each_other_is_written_for_each_row(desk: Desk) -> None:
    codes = [f"X{number}" for number in range(staging._FEW + 3)]
    rows = [(TENANT, code, code if code != "X7" else "Hall") for code in codes]
    with desk.unit_of_work(TENANT) as uow:
        assert insert_rows(uow.imports.connection, warehouse, ("tenant", "code", "name"), rows) == len(codes)
        assert insert_rows(uow.imports.connection, warehouse, ("tenant", "code", "name"), [
            (TENANT, f"Y{number}", "one name") for number in range(staging._FEW)
        ]) == staging._FEW  # fmt: skip
        uow.commit()

    with desk.unit_of_work(TENANT, read_only=True) as uow:
        found = {
            row["code"]: row["name"] for row in uow.imports.rows(select(warehouse).where(warehouse.c.tenant == TENANT))
        }
    assert [found[code] for code in codes] == [name for _, _, name in rows]
    assert [found[f"Y{number}"] for number in range(staging._FEW)] == ["one name"] * staging._FEW
