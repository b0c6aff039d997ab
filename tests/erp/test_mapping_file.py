"""A mapping file says how a source is read; what can't be is told with its line, and a proposal can be kept as one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.erp.columns import propose
from deskhand.erp.kinds import Field, Kind
from deskhand.erp.mapping import DateOrder, Mapping, Missing, OnMissing
from deskhand.erp.mapping_file import MappingInvalid, Mappings, MappingUnknown, mapping_of, read_mapping, written
from deskhand.erp.sources import Source, open_tables

WHOLE = """
version: 1
kind: orders
source: taobao
columns:
  order_number: 订单编号
  quantity: "#3"
others: ignore
constants: {currency: CNY, warehouse: 7}
drop: [email]
dates: day_first
decimal: ","
zone: Asia/Shanghai
currency: CNY
precedence: 10
field_precedence: {address: 20}
missing:
  customer_id: {fill: GUEST}
  region: leave
  address: refuse
  status: above
sheet: 订单
header: 3
dates_from_1904: true
"""
READ = Mapping(
    Kind.ORDERS,
    columns={Field.ORDER_NUMBER: "订单编号", Field.QUANTITY: "#3"},
    constants={Field.CURRENCY: "CNY", Field.WAREHOUSE: "7"},
    dropped=frozenset({Field.EMAIL}),
    date_order=DateOrder.DAY_FIRST,
    decimal=",",
    zone="Asia/Shanghai",
    currency="CNY",
    source="taobao",
    precedence=10,
    field_precedence={Field.ADDRESS: 20},
    missing={
        Field.CUSTOMER_ID: Missing(OnMissing.FILL, "GUEST"),
        Field.REGION: Missing(OnMissing.LEAVE),
        Field.ADDRESS: Missing(OnMissing.REFUSE),
        Field.STATUS: Missing(OnMissing.ABOVE),
    },
    sheet="订单",
    header=3,
    guess=False,
    excel_1904=True,
    name="taobao",
)


def test_everything_that_a_file_can_say_is_read_and_written_the_same() -> None:
    assert read_mapping(WHOLE, "taobao") == READ
    assert read_mapping(written(READ), "taobao") == READ
    assert read_mapping(written(Mapping(Kind.STOCK)), "x") == Mapping(Kind.STOCK, name="x")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("kind: parcels", "x.yml:3: kind: parcels is not one of orders"),
        ("kind: orders\ncolumns:\n  order_nr: No", "x.yml:5: columns.order_nr: order_nr is no field of orders"),
        ("kind: orders\ncolumns:\n  order_number: No", "x.yml:5: columns.order_number: expected a text"),
        (
            "kind: orders\ncolumns: {credit_limit: Limit}",
            "x.yml:4: columns.credit_limit: credit_limit is no field of orders",
        ),
        ("kind: orders\ndates: month", "x.yml:4: dates: month is not one of day_first"),
        ("kind: orders\ndecimal: ';'", "x.yml:4: decimal: ; is not one of"),
        ("kind: orders\nzone: Mars/Base", "x.yml:4: zone: Mars/Base is no time zone"),
        ("kind: orders\ncurrency: ZZZ", "x.yml:4: currency: ZZZ is no currency code"),
        ("kind: orders\nmissing: {region: drop}", "x.yml:4: missing.region: drop is not one of refuse"),
        ("kind: orders\nheader: -1", "x.yml:4: header: expected a line's number"),
        ("kind: orders\ncolums: {}", "x.yml:4: colums: colums is not known here"),
        ("kind: orders\nkind: stock", "x.yml:4: kind: is said twice"),
        ("kind: [orders", "x.yml:"),
        ("kind: orders\nconstants: {currency: [CNY]}", "x.yml:4: constants.currency: expected a value"),
    ],
)
def test_what_can_not_be_is_told_with_its_line(said: str, fault: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        read_mapping(f"\nversion: 1\n{said}\n", "x")

    assert fault in str(refused.value)


def test_a_proposal_can_be_kept_and_reads_the_same_columns_again(tmp_path: Path) -> None:
    text = "Order No,Name,Name,Qty,Price,Extra\nA1,Ann,Mug,2,3.50,x\nA2,Bob,Cup,1,4.00,y\n"
    (table,) = open_tables(Source.held("a.csv", text.encode()))
    proposal = propose(table)
    folder = Mappings(tmp_path / "mappings")

    folder.save("shop", mapping_of(proposal, "shop"))
    again = propose(table, mapping=folder.read("shop"))

    assert folder.names == ["shop"]
    assert {field: column.index for field, column in again.columns.items()} == {
        field: column.index for field, column in proposal.columns.items()
    }
    assert folder.read("shop").source == "shop"


def test_a_mapping_is_never_written_over_and_its_name_stays_in_the_folder(tmp_path: Path) -> None:
    folder = Mappings(tmp_path)
    folder.save("shop", Mapping(Kind.ORDERS))

    with pytest.raises(FileExistsError):
        folder.save("shop", replace(READ, source="other"))
    for name in ("../shop", "a/b", "", "x" * 100):
        with pytest.raises(MappingUnknown):
            folder.save(name, READ)
        with pytest.raises(MappingUnknown):
            folder.read(name)
