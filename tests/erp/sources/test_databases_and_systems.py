"""Other systems' databases and HTTP answers: only read, page by page, and no secret in what is said."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deskhand.erp.sources import HttpSource, Limits, Paging, SourceNotReached, SqlSource, Table, open_tables
from deskhand.erp.sources.http import open_http
from deskhand.erp.sources.sql import reads_only

SECRET = "swordfish-4711"
Answer = tuple[int, Any, dict[str, str]]


def rows_of(table: Table) -> list[list[Any]]:
    return [list(row) for batch in table.batches() for row in batch.rows]


@pytest.fixture
def database(tmp_path: Path) -> str:
    file = tmp_path / "erp.db"
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("CREATE TABLE sales (no TEXT, customer TEXT, qty INTEGER)")
        connection.executemany(
            "INSERT INTO sales VALUES (?, ?, ?)", [(f"A{each}", "Ann", each) for each in range(12_000)]
        )
    connection.close()
    return f"sqlite:///{file}"


def test_a_query_gives_a_table_that_can_be_read_twice(database: str) -> None:
    (table,) = open_tables(
        SqlSource(
            "erp",
            url=database,
            query="SELECT no, qty FROM sales WHERE qty >= :least ORDER BY qty",
            parameters={"least": 10},
        )
    )

    assert table.header == ("no", "qty")
    assert rows_of(table) == rows_of(table) == [[f"A{each}", each] for each in range(10, 12_000)]


@pytest.mark.parametrize(
    ("query", "reads"),
    [
        ("SELECT * FROM sales", True),
        ("  with s as (select 1) select * from s;", True),
        ("-- all of them\nSELECT 'a;b; delete' FROM sales", True),
        ("DELETE FROM sales", False),
        ("SELECT 1; DROP TABLE sales", False),
        ("WITH d AS (DELETE FROM sales RETURNING *) SELECT * FROM d", False),
        ("SELECT * INTO copy FROM sales", False),
        ("PRAGMA writable_schema = 1", False),
        ("", False),
    ],
)
def test_only_one_statement_that_reads_is_a_query(query: str, reads: bool) -> None:
    assert reads_only(query) is reads


def test_the_database_refuses_to_be_written_even_if_a_query_gets_through(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deskhand.erp.sources.sql.reads_only", lambda _: True)

    with pytest.raises(SourceNotReached, match="readonly"):
        open_tables(SqlSource("erp", url=database, query="DELETE FROM sales"))

    (table,) = open_tables(SqlSource("erp", url=database, query="SELECT count(*) AS n FROM sales"))
    assert rows_of(table) == [[12_000]]


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://desk:{SECRET}@127.0.0.1:1/erp?connect_timeout=2",
        f"nosuchdialect://desk:{SECRET}@127.0.0.1/erp",
        f"not an address {SECRET}",
    ],
)
def test_what_is_said_of_a_database_that_is_not_reached_has_no_password(url: str) -> None:
    source = SqlSource("erp", url=url, query="SELECT 1")

    with pytest.raises(SourceNotReached) as refused:
        open_tables(source)

    assert SECRET not in str(refused.value)
    assert SECRET not in repr(source)
    assert refused.value.__cause__ is None or SECRET not in str(refused.value.__cause__)


@contextmanager
def system(answers: Callable[[str, dict[str, str], Any], Answer]) -> Iterator[str]:
    """A system that answers (path, query, headers); its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, body, headers = answers(parts.path, query, self.headers)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asked(url: str, **more: Any) -> HttpSource:
    return HttpSource(
        "shop", url=f"{url}/orders", allow_http=True, headers={"Authorization": f"Bearer {SECRET}"}, **more
    )


ALL = [{"no": f"A{number}", "qty": number} for number in range(7)]
WAYS: dict[Paging, dict[str, Any]] = {
    Paging.LINK: {},
    Paging.NEXT: {"next_at": "paging.next"},
    Paging.PAGE: {"page_parameter": "page"},
    Paging.OFFSET: {"page_parameter": "offset", "size_parameter": "limit", "size": 3},
    Paging.CURSOR: {"page_parameter": "after", "next_at": "cursor"},
}


@pytest.mark.parametrize("paging", list(WAYS))
def test_all_pages_are_read_however_a_system_names_the_next(paging: Paging) -> None:
    def answers(path: str, query: dict[str, str], headers: Any) -> Answer:
        assert headers["Authorization"] == f"Bearer {SECRET}"
        place = int(query.get("offset") or query.get("after") or 0) or (int(query.get("page", 1)) - 1) * 3
        more = place + 3 < len(ALL)
        page = 1 + (place + 3) // 3
        body: dict[str, Any] = {
            "data": {"list": ALL[place : place + 3]},
            "paging": {"next": f"/orders?page={page}" if more else None},
        }
        if more:
            body["cursor"] = str(place + 3)
        return 200, body, {"Link": f'</orders?page={page}>; rel="next"'} if more else {}

    with system(answers) as url:
        (table,) = open_tables(asked(url, paging=paging, records="data.list", **WAYS[paging]))

    assert rows_of(table) == [[each["no"], each["qty"]] for each in ALL]


def test_a_system_that_is_busy_is_asked_again_and_one_that_stays_so_is_told() -> None:
    calls: list[str] = []

    def answers(path: str, query: dict[str, str], headers: Any) -> Answer:
        calls.append(path)
        return (503, {}, {}) if len(calls) < 3 else (200, ALL, {})

    with system(answers) as url:
        table = open_http(asked(url), Limits(), wait=0.01)
    assert len(rows_of(table)) == 7

    with system(lambda *_: (503, {}, {})) as url, pytest.raises(SourceNotReached, match="503"):
        open_http(asked(url), Limits(), wait=0.01)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((302, {}, {"Location": "http://127.0.0.1:1/"}), "302"),
        ((401, {"error": SECRET}, {}), "401"),
        ((200, b"<html>sign in</html>", {}), "JSON"),
        ((200, b"[" * 100_000, {}), "JSON"),
    ],
)
def test_an_answer_that_is_no_list_is_told_without_the_secret(answer: Answer, said: str) -> None:
    with system(lambda *_: answer) as url, pytest.raises(SourceNotReached, match=said) as refused:
        open_http(asked(url), Limits(), wait=0.01)

    assert SECRET not in str(refused.value)


def test_the_next_page_is_never_asked_of_another_system() -> None:
    body = {"orders": ALL, "next": "http://169.254.169.254/latest"}

    with system(lambda *_: (200, body, {})) as url, pytest.raises(SourceNotReached, match="another address"):
        open_tables(asked(url, paging=Paging.NEXT, next_at="next"))


def test_a_system_that_names_the_same_page_for_ever_comes_to_an_end() -> None:
    body = {"orders": ALL, "next": "/orders?page=2"}

    with system(lambda *_: (200, body, {})) as url:
        (table,) = open_tables(asked(url, paging=Paging.NEXT, next_at="next"))

    assert len(rows_of(table)) == 14


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "//x", "http://user:pw@x/", "http://x/"])
def test_only_addresses_of_the_web_and_without_tls_only_where_it_is_allowed(url: str) -> None:
    with pytest.raises(SourceNotReached):
        open_tables(HttpSource("shop", url=url))


async def test_a_source_can_be_opened_where_a_loop_runs() -> None:
    with system(lambda *_: (200, ALL, {})) as url:
        (table,) = open_tables(asked(url))

    assert len(rows_of(table)) == 7
