"""A file that is uploaded has a name, not a path; a form that is none is refused; nothing is written anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from deskhand.gateway import uploads
from tests.support.gateway import TENANT, Gateway, problem

CSV = b"number,customer,total\nA1,Acme Ltd,10.5\n"
ODD_NAMES = [
    "../../x.csv", "..\\..\\x.csv", "/etc/passwd", "C:\\x.csv", "a/b.csv", "..", ".", " ", "x.csv ", "x.csv.", ".csv.",
    "a\x00.csv", "a\r\nb.csv", "a\tb.csv", "a\x1b[31m.csv", "\u202evsc.exe", "a\u2066b.csv", "\u200bx.csv", "CON",
    "a\u2028b.csv", "con.csv", "NUL.csv", "COM1.csv", "lpt9", "x" * 201 + ".csv", "x:y.csv", "x.csv::$DATA",
    "a?b.csv", "a*b.csv", "<script>.csv", "a|b.csv", "\ufeffx.csv",
]  # fmt: skip
PLAIN_NAMES = [
    "orders.csv",
    "订单 2026-11.csv",
    "orders (1).csv",
    "Bestellungen_für_März.csv",
    "a..b.csv",
    "-rf.csv",
    "😀.csv",
]


def form(filename: bytes, content: bytes = CSV, more: bytes = b"") -> bytes:
    head = b'Content-Disposition: form-data; name="file"; filename="' + filename + b'"'
    return b"--cut\r\n" + head + more + b"\r\n\r\n" + content + b"\r\n--cut--\r\n"


async def upload(http: ClientSession, data: bytes, query: str = "", boundary: str = "cut") -> tuple[int, str]:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    async with http.post(f"/api/orders/import?source=shop{query}", data=data, headers=headers) as response:
        return response.status, await response.text()


def imported(gateway: Gateway) -> int:
    with gateway.desk.unit_of_work(TENANT, read_only=True) as uow:
        return len(uow.orders.list(customer_id=None, status=None, cursor=None, limit=100).items)


def escaped(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass").replace(b"\\", b"\\\\").replace(b'"', b'\\"')


async def test_a_name_that_is_more_than_a_name_is_refused(gateway: Gateway, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if path.suffix not in {".db-wal", ".db-shm"}}
    async with gateway.http("clerk") as http:
        for name in ODD_NAMES:
            status, text = await upload(http, form(escaped(name)))
            assert status in {400, 422}, (name, status, text)

    assert imported(gateway) == 0
    assert {path for path in tmp_path.rglob("*") if path.suffix not in {".db-wal", ".db-shm"}} == before


@pytest.mark.parametrize("name", PLAIN_NAMES)
async def test_an_ordinary_name_is_taken_as_it_is(gateway: Gateway, name: str) -> None:
    async with gateway.http("clerk") as http:
        status, text = await upload(http, form(escaped(name), CSV + b"A2,Acme Ltd,\n"))

    assert (status, imported(gateway)) == (200, 1), text
    assert {finding["file"] for finding in json.loads(text)["findings"]} == {name}


@pytest.mark.parametrize(
    "header",
    [
        b"filename*=UTF-8''..%2f..%2fx.csv",
        b"filename*=UTF-8''a%00b.csv",
        b"filename*=utf-8''%ff%fe.csv",
        b'filename*0="../"; filename*1="x.csv"',
        b"filename=../../x.csv",
    ],
)
async def test_no_other_way_of_writing_the_name_gets_a_path_in(gateway: Gateway, header: bytes) -> None:
    data = b'--cut\r\nContent-Disposition: form-data; name="file"; ' + header + b"\r\n\r\n" + CSV + b"\r\n--cut--\r\n"
    async with gateway.http("clerk") as http:
        status, text = await upload(http, data)

    assert status in {400, 422}, text
    assert imported(gateway) == 0


NO_FORMS = {
    "nothing": b"",
    "no boundary": CSV,
    "no end": form(b"x.csv")[:-20],
    "no headers": b"--cut\r\n\r\n" + CSV + b"\r\n--cut--\r\n",
    "no disposition": b"--cut\r\nContent-Type: text/csv\r\n\r\n" + CSV + b"\r\n--cut--\r\n",
    "an odd disposition": b"--cut\r\nContent-Disposition: ;;;=\r\n\r\n" + CSV + b"\r\n--cut--\r\n",
    "a header that is none": b"--cut\r\nnonsense\r\n\r\n" + CSV + b"\r\n--cut--\r\n",
    "a very long header": b"--cut\r\nX: " + b"x" * 100_000 + b"\r\n\r\n--cut--\r\n",
    "a form in the form": b"--cut\r\nContent-Type: multipart/mixed; boundary=in\r\n\r\n--in--\r\n--cut--\r\n",
    "very many parts": b"--cut\r\n"
    + b'Content-Disposition: form-data; name="a"\r\n\r\nb\r\n--cut\r\n' * 5_000
    + b"--\r\n",
    "bad base64": form(b"x.csv", b"\xff\xff", b"\r\nContent-Transfer-Encoding: base64"),
    "packed": form(b"x.csv", b"\x1f\x8b\x00", b"\r\nContent-Encoding: gzip"),
    "two files": form(b"x.csv").replace(b"--cut--", form(b"y.csv").strip()),
    "a picture": form(b"x.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    "a program": form(b"x.csv", b"MZ\x90\x00" + bytes(1000)),
}


@pytest.mark.parametrize("kind", NO_FORMS)
async def test_a_form_that_is_none_is_refused_and_nothing_is_imported(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    async with gateway.http("clerk") as http:
        status, text = await upload(http, NO_FORMS[kind])

    assert 400 <= status < 500, (status, text)
    assert imported(gateway) == 0 and not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("boundary", ['""', "x" * 300, "a b", "\xe9", '"cut', "cut; boundary=other"])
async def test_an_odd_boundary_is_refused(gateway: Gateway, boundary: str) -> None:
    async with gateway.http("clerk") as http:
        status, text = await upload(http, form(b"x.csv").replace(b"cut", b"kut"), boundary=boundary)

    assert 400 <= status < 500, (status, text)


async def test_a_file_above_the_companys_limit_is_refused(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    async def small(part: Any, largest: int) -> bytes:
        return await content(part, 1000)

    content = uploads._content
    monkeypatch.setattr(uploads, "_content", small)
    padding = b'--cut\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + b"x" * 2000 + b"\r\n"
    async with gateway.http("clerk") as http:
        headers = {"Content-Type": "multipart/form-data; boundary=cut"}
        for data in (form(b"x.csv", CSV * 100), padding + form(b"x.csv")):
            await problem(await http.post("/api/orders/import", data=data, headers=headers), 413, "request_too_large")

    assert imported(gateway) == 0


async def test_a_cell_that_a_spreadsheet_would_run_is_kept_as_text(gateway: Gateway) -> None:
    evil = b"number,customer,total\n=1+1,Acme Ltd,5\n@SUM(A1),Acme Ltd,5\n+cmd|' /C calc'!A0,Acme Ltd,5\n"
    async with gateway.http("clerk") as http:
        status, _ = await upload(http, form(b"x.csv", evil))
        listed = (await (await http.get("/api/orders")).json())["items"]

    assert status == 200
    assert {order["external_number"] for order in listed} <= {"=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0"}
