"""`deskhand texts`: replies drafted, approved and listed; pairs of facts and text exported."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deskhand.cli.main import main
from deskhand.store.text_jobs import keep
from deskhand.writing import Writer
from llm_server.data.plan import SourceFiles
from llm_server.data.reading import Told, read
from llm_server.data.records import Kind
from llm_server.registry.evaluation import figures_of as read_figures
from tests.support.desks import TENANT, open_desk, placed
from tests.writing.sample import TEMPLATES, facts_of
from tests.writing.sample import order as facts_of_order


def asked(run: CliRunner, *arguments: str) -> Any:
    result = run.invoke(main, ["--format", "json", "texts", *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def kept(run: CliRunner, tmp_path: Path) -> str:
    """An order with a confirmation in both languages, and a quality report; the number of the order."""
    desk = open_desk(f"sqlite:///{tmp_path / 'var' / 'deskhand.db'}")
    order, writer = placed(desk), Writer(TEMPLATES, None)
    with desk.unit_of_work(TENANT) as uow:
        for language in ("zh", "en"):
            keep(uow, writer.from_template("confirmation", facts_of_order(), language), order.id)
        keep(uow, writer.from_template("quality_report", facts_of("quality_report"), "en"))
        uow.commit()
    desk.close()
    return order.number


def test_a_draft_is_listed_and_used_once_it_is_approved(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_URL", "")
    drafts = asked(run, "draft", "where_is_it")
    assert [(each["language"], each["version"], each["source"]) for each in drafts] == [
        ("zh", 1, "template"),
        ("en", 1, "template"),
    ]
    assert all(each["approved_by"] is None for each in asked(run, "list"))

    asked(run, "approve", "where_is_it", "en", "1")

    assert {each["language"]: each["approved_by"] for each in asked(run, "list")} == {"zh": None, "en": "cli"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("draft", "why_so_dear"), "must be one of"),
        (("approve", "where_is_it", "en", "7"), "no_such_version"),
        (("approve", "where_is_it", "fr", "1"), "'fr'"),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("LLM_URL", "")

    result = run.invoke(main, ["texts", *arguments])

    assert result.exit_code != 0
    assert said in result.output


def test_what_is_exported_is_read_by_the_preparation_of_data(run: CliRunner, kept: str, tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"

    told = asked(run, "export", "-o", str(file))

    records = [*read(SourceFiles(Kind.PAIR, file), Told())]
    assert told["pairs"] == len(records) == 3
    assert [(each.job, each.language, each.group) for each in records] == [
        ("confirmation", "zh", kept),
        ("confirmation", "en", kept),
        ("quality_report", "en", "B12"),
    ]
    assert records[0].text == TEMPLATES.get("confirmation", "zh").render(facts_of_order())


def test_without_a_file_pairs_go_to_standard_output(run: CliRunner, kept: str) -> None:
    result = run.invoke(main, ["texts", "export", "--language", "en", "--job", "confirmation", "--mask"])

    [row] = map(json.loads, result.stdout.splitlines())
    assert (row["job"], row["language"], row["source"]) == ("confirmation", "en", "template")
    assert kept not in result.stdout and "Huaxing" not in result.stdout


def test_an_export_that_fails_leaves_the_file_as_it_was(
    run: CliRunner, kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text("before", encoding="utf-8")
    monkeypatch.setattr("deskhand.store.text_pairs.pair", lambda *_, **__: 1 / 0)

    result = run.invoke(main, ["texts", "export", "-o", str(file)])

    assert result.exit_code != 0
    assert file.read_text(encoding="utf-8") == "before" and [*tmp_path.glob(".pairs*")] == []


def test_that_pairs_were_exported_stands_in_the_audit(run: CliRunner, kept: str, tmp_path: Path) -> None:
    asked(run, "export", "-o", str(tmp_path / "pairs.jsonl"), "--mask")

    desk = open_desk(f"sqlite:///{tmp_path / 'var' / 'deskhand.db'}")
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        noted = [row.detail for row in uow.audit.list() if row.action == "export_orders"]
    desk.close()
    assert noted == [{"kind": "texts", "rows": 3, "masked": True}]


class Model(BaseHTTPRequestHandler):
    """Answers every request with one sentence."""

    asked_for: list[str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked_for.append(body["model"])
        answer = {"model": body["model"], "choices": [{"message": {"content": "The order 77777."}}]}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The models that a server, whose texts are wrong, was asked for."""
    model = type("Model", (Model,), {"asked_for": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), model) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("LLM_URL", f"http://127.0.0.1:{server.server_port}")
        yield model.asked_for
        server.shutdown()
        thread.join()


def test_a_model_that_is_wrong_is_counted_so_with_its_causes(run: CliRunner, served: list[str], tmp_path: Path) -> None:
    file = tmp_path / "figures.json"

    said = asked(run, "evaluate", "--adapter", "ours", "--cases", "2", "--job", "confirmation", "-o", str(file))

    assert {*served} == {"ours"} and len(served) == 2 * 2 * 2
    assert said["figures"]["right_confirmation_en"] == 0
    [english] = [each for each in said["scores"] if (each["job"], each["language"]) == ("confirmation", "en")]
    assert (english["cases"], english["template"]) == (2, 2) and "said: 77777" in english["causes"]
    assert json.loads(file.read_text(encoding="utf-8")) == said
    assert read_figures(said) == said["figures"]


def test_a_model_that_is_not_right_enough_fails_with_a_table(run: CliRunner, served: list[str]) -> None:
    result = run.invoke(main, ["texts", "evaluate", "--cases", "1", "--job", "receipt", "--at-least", "0.95"])

    assert result.exit_code == 1
    assert "receipt" in result.stdout and "less than 95% is right: receipt, en" in result.stderr


def test_without_a_server_nothing_is_measured(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_URL", "")
    assert "no server" in run.invoke(main, ["texts", "evaluate"]).stderr

    silent = ["texts", "evaluate", "--model", "http://127.0.0.1:9", "--cases", "1", "--job", "receipt"]
    assert "no text at all" in run.invoke(main, silent).stderr
