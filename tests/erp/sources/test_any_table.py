"""Any table written in any dialect and encoding reads back; any bytes are read or refused, and nothing else happens."""

from __future__ import annotations

import csv
import io

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from deskhand.erp.columns import propose
from deskhand.erp.sources import FileNotReadable, Source, open_tables
from tests.erp.sources.made import sheet_of

HEADERS = {
    "utf-8": ["订单号", "Customer", "Qty", "Größe", "备注"],
    "utf-8-sig": ["订单号", "Customer", "Qty", "Größe", "备注"],
    "utf-16": ["订单号", "Customer", "Qty", "Größe", "备注"],
    "gb18030": ["订单号", "客户名称", "数量", "商品名称", "备注"],
    "big5": ["訂單號", "客戶名稱", "數量", "商品名稱", "備註"],
    "cp1252": ["Order No", "Customer", "Qty", "Item name", "Note"],
}
WORDS = {
    "gb18030": ["华星贸易", "张伟", "打印纸", "上海市浦东新区", "Ann"],
    "big5": ["華星貿易", "張偉", "影印紙", "台北市信義區", "Ann"],
    "cp1252": ["Café", "Müller", "Señor", "London", "Ann"],
}
ANY = ["华星", "Müller", "Ann Lee", "O'Neil", "12 High St", "张伟"]
NUMBERS = ["1", "2", "17850", "3.50", "12", "0"]
TRICKS = ['a "quoted" word', "one, two", "a;b", "x|y", "tab\there", "two\nlines", " spaces ", "", "50%", "#1", "'tis"]


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, str, bool, list[str], list[list[str]]]:
    """An encoding, a delimiter, whether all is quoted, a header and rows."""
    encoding = draw(st.sampled_from(sorted(HEADERS)))
    width = draw(st.integers(3, 5))
    words = st.sampled_from(WORDS.get(encoding, ANY))
    free = st.one_of(words, st.sampled_from(TRICKS), words)
    number = st.integers(1000, 99999).map(lambda each: f"A{each}")
    rows = draw(
        st.lists(
            st.tuples(number, words, st.sampled_from(NUMBERS), free, free),
            min_size=3, max_size=12,
        )
    )  # fmt: skip
    kept = [list(row[:width]) for row in rows]
    return encoding, draw(st.sampled_from(",;\t|")), draw(st.booleans()), HEADERS[encoding][:width], kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables(), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_table_in_any_dialect_and_encoding_reads_back(
    table: tuple[str, str, bool, list[str], list[list[str]]], end: str
) -> None:
    encoding, delimiter, quoted, header, rows = table
    assume(quoted or end != "\r" or not any("\n" in cell for row in rows for cell in row))  # csv.writer leaves it bare
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    )
    writer.writerows([header, *rows])

    (found,) = open_tables(Source.held("a.csv", out.getvalue().encode(encoding)))

    assert list(found.header) == header, found.told
    assert [row for batch in found.batches() for row in batch.rows] == [
        [cell.strip("\t") for cell in row] for row in rows
    ], found.told


@settings(max_examples=4, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 999), st.sampled_from(ANY), st.sampled_from([1, 2.5, 3, 0.1])), min_size=1, max_size=30
    )
)
def test_any_sheet_reads_back(rows: list[tuple[int, str, float]]) -> None:
    written = [[f"00{number}", name, amount] for number, name, amount in rows]

    (found,) = open_tables(Source.held("a.xlsx", sheet_of([["订单号", "客户", "数量"], *written])))

    assert [row for batch in found.batches() for row in batch.rows] == written


def opened(data: bytes, name: str) -> None:
    try:
        for table in open_tables(Source.held(name, data)):
            for batch in table.batches():
                assert all(len(row) == len(table.header) for row in batch.rows)
                assert len(batch.lines) == len(batch.rows)
            propose(table)
    except FileNotReadable as refused:
        assert refused.code
        assert 0 < len(str(refused)) < 400


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode),
                 st.text(alphabet='",;|\t\n\r=\'-# aA1订合计', max_size=200).map(str.encode),
                 st.text(alphabet='{}[]",:1a \n', max_size=120).map(str.encode),
                 st.text(alphabet='<>/tabledrh ="1&;', max_size=150).map(lambda text: f"<table><tr>{text}".encode())),
       st.sampled_from(["a.csv", "a.json", "a.xls", "a", "a.txt"]))  # fmt: skip
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes, name: str) -> None:
    opened(data, name)


BOOK = sheet_of([["Order", "Customer", "Qty"], *[[f"A{number}", "Ann", number] for number in range(30)]])


@settings(max_examples=8, deadline=None)
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=6), st.booleans())
def test_a_workbook_with_any_bytes_changed_is_read_or_refused(place: int, fresh: bytes, cut: bool) -> None:
    changed = BOOK[:place] + fresh + (b"" if cut else BOOK[place + len(fresh) :])
    assume(changed.startswith(b"PK"))

    opened(changed, "a.xlsx")
