"""Tables in a ZIP or packed by gzip: read where they are harmless, refused with a reason where they are not."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import pytest

from deskhand.erp.sources import FileNotReadable, Limits, Source, Table, open_tables
from tests.erp.sources.test_forms import ENGLISH

ORDERS = b"Order No,Customer,Qty\n1,Ann,2\n2,Bob,3\n"
MEGABYTE = 1 << 20


def packed(*parts: tuple[str, bytes]) -> Source:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            archive.writestr(name, data)
    return Source.held("orders.zip", file.getvalue())


def rows(table: Table) -> list[list[object]]:
    return [list(row) for batch in table.batches() for row in batch.rows]


def code_of(source: Source, limits: Limits | None = None) -> str:
    with pytest.raises(FileNotReadable) as refused:
        open_tables(source, limits)
    return str(refused.value.code)


def test_each_table_of_an_archive_is_one_and_its_other_files_are_told() -> None:
    source = packed(("11/a.csv", ORDERS), ("12/a.csv", ORDERS), ("b.tsv", ORDERS.replace(b",", b"\t")),
                    ("__MACOSX/._a.csv", b"\0"), ("read me.pdf", b"%PDF"), ("11/", b""))  # fmt: skip

    tables = open_tables(source)

    assert [table.name for table in tables] == ["orders.zip:11-a.csv", "orders.zip:12-a.csv", "orders.zip:b.tsv"]
    assert [rows(table) for table in tables] == [[["1", "Ann", "2"], ["2", "Bob", "3"]]] * 3
    assert tables[0].noticed["not_a_table"] == 1


def test_a_packed_table_is_read_and_a_form_in_an_archive_too() -> None:
    (plain,) = open_tables(Source.held("orders.csv.gz", gzip.compress(ORDERS)))
    (form,) = open_tables(packed(("form.csv", ENGLISH.encode())))

    assert (plain.name, len(rows(plain)), plain.notes) == ("orders.csv", 2, [])
    assert form.noticed["form"] == 1


def test_a_chinese_archive_names_its_files_in_gb18030() -> None:
    raw = packed(("XXXX.csv", ORDERS)).data or b""
    data = raw.replace(b"XXXX.csv", "订单".encode("gb18030") + b".csv")

    assert [table.name for table in open_tables(Source.held("orders.zip", data))] == ["orders.zip:订单.csv"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (packed(("../a.csv", ORDERS)), "name_not_allowed"),
        (packed(("/etc/a.csv", ORDERS)), "name_not_allowed"),
        (packed(("C:\\a.csv", ORDERS)), "name_not_allowed"),
        (packed(("big.csv", b"0," * (8 * MEGABYTE))), "zip_bomb"),
        (packed(*((f"{number}.csv", ORDERS) for number in range(501))), "zip_bomb"),
        (packed(("a.zip", packed(("a.csv", ORDERS)).data or b""), ("b.csv", b"")), "not_a_table"),
        (packed(("inner.csv", packed(("a.csv", ORDERS)).data or b"")), "not_a_table"),
        (packed(("read me.md", b"nothing")), "not_a_table"),
        (Source.held("a.csv.gz", gzip.compress(b"0" * (40 * MEGABYTE))), "zip_bomb"),
        (Source.held("a.csv.gz", gzip.compress(ORDERS)[:20]), "lies_about_type"),
        (Source.held("a.csv.gz", gzip.compress(gzip.compress(ORDERS))), "not_a_table"),
    ],
)
def test_what_is_harmful_is_refused(source: Source, code: str) -> None:
    assert code_of(source) == code


def test_all_tables_together_may_not_unpack_to_more_than_is_taken() -> None:
    data = bytes(range(32, 127)) * 11_000
    source = packed(*((f"{number}.csv", data) for number in range(5)))

    assert code_of(source, Limits(unpacked=4 * MEGABYTE, ratio=10_000)) == "zip_bomb"


def test_nothing_unpacked_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    tables = open_tables(packed(("a.csv", ORDERS), ("b.csv", ORDERS)))
    assert len([*tmp_path.iterdir()]) == 2
    del tables

    assert [*tmp_path.iterdir()] == []
    assert code_of(packed(("a.csv", ORDERS), ("b.csv", b"0," * (8 * MEGABYTE)))) == "zip_bomb"
    assert [*tmp_path.iterdir()] == []
