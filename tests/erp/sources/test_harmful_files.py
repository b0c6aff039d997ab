"""What would fill the memory, run programs or pretend to be a table is refused, by name, and within bounds.

The worst of it is read by a process of its own whose memory the kernel limits, so that a test can't pass by luck.
"""

from __future__ import annotations

import errno
import gzip
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deskhand.erp.sources import FileNotReadable, Limits, Source, open_tables, spool
from tests.erp.sources.made import SHEET, changed, sheet_of, with_sheet
from tests.support.deskhand import ROOT

MEGABYTE = 1 << 20
BOOK = sheet_of([["Order", "Customer", "Qty"], ["A1", "Ann", 2]])
ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>Order</t></is></c><c r="B1"><v>1</v></c></row>'
BOUND = 130  # megabytes that reading any of the files may take
CHILD = """
import json, resource, sys
from pathlib import Path
import polars  # its own size is not that of a file: loaded, with its threads, before anything is counted
from deskhand.erp.sources import FileNotReadable, Source, open_tables
polars.read_csv(b"a,b\\n")
used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_DATA, (used + (int(sys.argv[1]) << 20),) * 2)
for name in sys.argv[2:]:
    try:
        rows = sum(len(batch.rows) for table in open_tables(Source.of(Path(name))) for batch in table.batches())
        print(json.dumps([Path(name).name, "read", rows]))
    except FileNotReadable as error:
        print(json.dumps([Path(name).name, error.code, len(str(error))]))
"""


def code_of(data: bytes, name: str = "orders.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(FileNotReadable) as refused:
        for table in open_tables(Source.held(name, data), limits):
            for _ in table.batches():
                pass
    assert len(str(refused.value)) < 300
    return refused.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "nothing_there"),
        (b"\n\n , ,\n", "nothing_there"),
        (b"%PDF-1.7\n%\xe2\xe3", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_table"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "not_a_table"),
        (b"MZ\x90\0\x03\0\0\0", "not_a_table"),
        (b"\x7fELF\x02\x01\x01\0", "not_a_table"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0)), "not_a_table"),
        (b"SQLite format 3\0", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le") + b"\0" * 3000, "lies_about_type"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook\0_VBA_PROJECT_CUR".encode("utf-16-le"), "macros"),
        (b"Order,Qty\nA1,2\0\nA2,3\n", "nul_bytes"),
        (b"Order,Qty\nA1," + b"x" * (2 * MEGABYTE) + b"\n", "line_too_long"),
        (b",".join(b"c%d" % number for number in range(1500)) + b"\n", "too_many_columns"),
        (b"\x81\x8d\x8f\x90\x9d,\x81\x81\xff\n\x9d\x9d\xff,\xfe\xff\n", "encoding_unknown"),
        (b'<?xml version="1.0"?><invoice><no>1</no></invoice>', "not_a_table"),
        (b"<html><body><p>Please sign in</p></body></html>", "nothing_there"),
        (b'{"orders": [{"id": 1}, {"id"', "lies_about_type"),
        (b"[" * 200_000, "too_large"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too_large"),
        (BOOK[: len(BOOK) // 2], "lies_about_type"),
        (BOOK[:30], "lies_about_type"),
        (b"PK\x03\x04 and nothing", "lies_about_type"),
    ],
    ids=lambda each: each if isinstance(each, str) else "bytes",
)  # fmt: skip
def test_what_is_no_table_is_refused_with_what_it_is(data: bytes, code: str) -> None:
    assert code_of(data, "orders.csv") == code


@pytest.mark.parametrize(
    "name", ["../orders.csv", "/etc/passwd", "a\\b.csv", "a\0.csv", "..", "", "x" * 300, "a\nb.csv"]
)
def test_a_name_that_leads_somewhere_is_refused(name: str) -> None:
    assert code_of(b"Order,Qty\nA1,2\n", name) == "name_not_allowed"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/macrosheets/sheet1.xml": b"<x/>"}, "macros"),
        ({"../evil.xml": b"<x/>"}, "name_not_allowed"),
        ({"/etc/passwd": b"x"}, "name_not_allowed"),
        ({SHEET: b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><worksheet>&c;</worksheet>'}, "xml_entities"),
        ({"xl/sharedStrings.xml": '<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst/>'.encode("utf-16")}, "xml_entities"),
        ({SHEET: b"<worksheet><sheetData><row>"}, "lies_about_type"),
        ({"xl/workbook.xml": b"nothing"}, "lies_about_type"),
        ({"xl/media/big.bin": b"\0" * (40 * MEGABYTE)}, "zip_bomb"),
    ],
)  # fmt: skip
def test_a_workbook_with_something_harmful_in_it_is_refused(parts: dict[str, bytes], code: str) -> None:
    assert code_of(changed(BOOK, parts)) == code


def test_a_zip_that_is_no_workbook_is_refused_and_a_zip_within_it_is_never_opened() -> None:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.csv", b"0" * (20 * MEGABYTE))
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())

    assert code_of(outer.getvalue()) == "not_a_table"


def test_what_unpacks_to_more_than_is_taken_is_refused_whatever_it_declares() -> None:
    data = changed(BOOK, {f"xl/media/{number}.bin": bytes(range(256)) * 4096 for number in range(12)})

    assert code_of(data, limits=Limits(unpacked=5 * MEGABYTE)) == "zip_bomb"


def _bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, zipfile.ZipFile(io.BytesIO(BOOK)) as book:
        for name in book.namelist():
            if name != SHEET:
                archive.writestr(name, book.read(name))
        with archive.open(SHEET, "w") as part:
            for _ in range(150):
                part.write(b" " * MEGABYTE)


def _repeated(file: Path, start: bytes, what: bytes, times: int) -> None:
    with file.open("wb") as out:
        out.write(start)
        for _ in range(times):
            out.write(what)


def test_the_worst_files_are_refused_and_a_long_one_is_read_within_the_same_memory(tmp_path: Path) -> None:
    _bomb(tmp_path / "bomb.xlsx")
    _repeated(tmp_path / "line.csv", b"Order,Qty\n", b"x" * MEGABYTE, 150)
    _repeated(tmp_path / "wide.csv", b"", b"c," * 400_000 + b"\n", 20)
    _repeated(tmp_path / "value.json", b'{"orders": [{"id": "', b"x" * MEGABYTE, 150)
    (tmp_path / "last_cell.xlsx").write_bytes(with_sheet(ROW + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    _repeated(tmp_path / "long.csv", b"Order,Customer,Qty\n", b"A1,Ann Lee of a rather long name,2\n" * 10_000, 100)
    files = sorted(map(str, tmp_path.iterdir()))

    done = subprocess.run([sys.executable, "-c", CHILD, str(BOUND), *files], cwd=ROOT, capture_output=True, text=True,
                          timeout=300, check=False)  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    said: dict[str, list[Any]] = {name: rest for name, *rest in map(json.loads, done.stdout.splitlines())}
    assert said.pop("long.csv") == ["read", 1_000_000]
    assert {name: code for name, (code, _) in said.items()} == {
        "bomb.xlsx": "zip_bomb", "line.csv": "line_too_long", "wide.csv": "too_many_columns",
        "value.json": "too_large", "last_cell.xlsx": "too_large",
    }  # fmt: skip
    assert all(length < 300 for _, length in said.values())


def test_a_sheet_with_a_million_empty_rows_is_read_for_what_it_holds() -> None:
    table = open_tables(
        Source.held(
            "a.xlsx", with_sheet(ROW + '<row r="900000"><c r="A900000"><v>7</v></c><c r="B900000"><v>2</v></c></row>')
        )
    )[0]

    assert [(batch.lines, batch.rows) for batch in table.batches()][-1] == ([900_000], [[7, 2]])


def test_a_workbook_that_takes_too_long_or_too_much_is_given_up() -> None:
    data = sheet_of([["Order", "Qty"], *[[f"A{number}", number] for number in range(60_000)]])

    assert code_of(data, limits=Limits(cells=100)) == "too_large"
    assert code_of(data, limits=Limits(spool=1000)) in {"too_large", "no_space"}
    assert code_of(data, limits=Limits(memory=10 * MEGABYTE)) in {"too_large", "lies_about_type"}


class _FullDisk(io.BytesIO):
    def write(self, *_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool.tempfile, "TemporaryFile", lambda **_: _FullDisk())

    assert code_of(b'[{"order": 1, "qty": 2}]', "a.json") == "no_space"


def test_a_disk_without_room_for_a_temporary_file_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)

    assert code_of(BOOK) == "no_space"


def test_a_file_that_is_larger_than_is_taken_is_refused_before_it_is_read() -> None:
    assert code_of(b"Order,Qty\nA1,2\n", "a.csv", Limits(bytes=10)) == "too_large"


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotReadable, match="there is no such file"):
        open_tables(Source.of(tmp_path / "gone.csv"))
