"""Rows made ready and taken over: rows of one table with other columns, and rows that somebody else has written."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deskhand.store import Desk
from deskhand.store.bulk import insert_rows
from deskhand.store.contention import WrittenMeanwhile, clashes_told
from deskhand.store.repositories.source_records import SourceRecord
from deskhand.store.schema import warehouse
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


def test_no_rows_are_ready_as_none(desk: Desk) -> None:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        assert ready(uow.imports.connection.dialect, warehouse, ["tenant"], []) == []
