"""`deskhand audit` as an operator calls it: what happened, whether it still says so, and a copy of it."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.audit import neutral
from deskhand.cli.environment import service_environment
from deskhand.cli.main import ROOT, main
from deskhand.cli.workplace import open_desk
from deskhand.orders.commands import CompleteShipment, ConfirmOrder
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from tests.support.desks import CLERK, TENANT, done, placing


@pytest.fixture
def run(run: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """One confirmed order, one refusal, and an audit row that a spreadsheet would take for a formula."""
    monkeypatch.chdir(tmp_path)
    desk = open_desk(service_environment(ROOT))
    order = done(desk, placing(), CLERK)
    done(desk, ConfirmOrder(order.number), CLERK)
    with pytest.raises(DeskhandError):
        desk.handle(CompleteShipment(order.number), CLERK)
    with desk.unit_of_work(TENANT) as uow:
        uow.audit.add(CLERK, "note", "=1+1", "done", {"text": "@SUM(A1)"})
        uow.commit()
    desk.close()
    return run


def deskhand(run: CliRunner, *arguments: str) -> Result:
    return run.invoke(main, list(arguments))


def shown(run: CliRunner, *arguments: str) -> list[tuple[str, str, str]]:
    rows = json.loads(deskhand(run, "--format", "json", "audit", "show", *arguments).stdout)
    return [(row["chain"], row["action"], row["outcome"]) for row in rows]


def database(tmp_path: Path) -> sqlite3.Connection:
    return sqlite3.connect(tmp_path / "var" / "deskhand.db")


def test_an_orders_changes_and_what_was_refused_on_it_stand_together(run: CliRunner) -> None:
    assert sorted(shown(run, "--order", "1001")) == [
        ("SO-1001", "confirm_order", "done"),
        ("SO-1001", "place_order", "done"),
        ("audit", "CompleteShipment", "refused"),
    ]


def test_rows_are_chosen_by_user_time_action_outcome_and_cause(run: CliRunner) -> None:
    assert len(shown(run, "--user", "clerk")) == 4
    assert shown(run, "--user", "nobody") == []
    assert len(shown(run, "--since", "2000-01-01")) == 4
    assert shown(run, "--until", "2000-01-01T08:00") == []
    assert shown(run, "--action", "note") == [("audit", "note", "done")]
    assert shown(run, "--outcome", "refused") == [("audit", "CompleteShipment", "refused")]
    assert len(shown(run, "--cause", "message-1")) == 4
    assert len(shown(run, "--limit", "2")) == 2


def test_a_user_is_chosen_by_login_and_shown_by_it(run: CliRunner) -> None:
    bobs = ["users", "add", "bob", "--name", "Bob", "--role", "sales"]
    added = run.invoke(main, bobs, input="a long password\n")
    assert added.exit_code == 0
    deskhand(run, "users", "lock", "bob")
    with closing(open_desk(service_environment(ROOT))) as desk, desk.unit_of_work(TENANT) as uow:
        bob = uow.users.by_login("bob")
        assert bob is not None and bob.id != "bob"
        uow.audit.add(Actor(bob.id, Role.SALES, TENANT, "http", "r-1"), "note", bob.id, "done")
        uow.commit()

    text = deskhand(run, "audit", "show", "--action", "change_user").output

    assert shown(run, "--user", "bob") == shown(run, "--user", bob.id) == [("audit", "note", "done")]
    assert " bob " in text and bob.id not in text


def test_people_read_a_table_in_the_companys_zone(run: CliRunner) -> None:
    text = deskhand(run, "audit", "show").output

    assert "Audit (Asia/Shanghai)" in text
    assert "CompleteShipment" in text


def test_what_is_no_time_is_refused(run: CliRunner) -> None:
    refused = deskhand(run, "audit", "show", "--since", "yesterday")

    assert refused.exit_code == 2
    assert "neither a day nor a time" in refused.output


def test_untouched_chains_verify_and_a_changed_row_is_named_with_exit_code_one(run: CliRunner, tmp_path: Path) -> None:
    assert deskhand(run, "audit", "verify").exit_code == 0
    assert deskhand(run, "audit", "verify", "--order", "1001").exit_code == 0

    with database(tmp_path) as connection:
        connection.execute("UPDATE history SET actor = 'manager' WHERE seq = 2")
    connection.close()

    broken = deskhand(run, "--format", "json", "audit", "verify")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["faults"] == [{"chain": "SO-1001", "seq": 2, "what": "changed"}]
    assert deskhand(run, "audit", "verify", "--order", "SO-1001").exit_code == 1
    assert "SO-1001" in deskhand(run, "audit", "verify").output


def test_heads_that_were_kept_find_a_chain_that_was_written_anew(run: CliRunner, tmp_path: Path) -> None:
    kept = deskhand(run, "--format", "json", "audit", "head", "--to", "anchor.jsonl")
    assert json.loads(kept.stdout)["seq"] == 2
    assert deskhand(run, "audit", "verify", "--anchor", "anchor.jsonl").exit_code == 0

    with database(tmp_path) as connection:
        first = connection.execute("SELECT hash FROM history WHERE seq = 1").fetchone()[0]
        connection.execute("DELETE FROM history WHERE seq = 2")
        rewound = "UPDATE sales_order SET history_seq = 1, history_hash = ?, status = 'pending_confirmation'"
        connection.execute(rewound, (first,))
    connection.close()

    assert deskhand(run, "audit", "verify").exit_code == 0
    broken = deskhand(run, "--format", "json", "audit", "verify", "--anchor", "anchor.jsonl")
    assert broken.exit_code == 1
    assert [fault["what"] for fault in json.loads(broken.stdout)["faults"]] == ["anchor_missing"]


def test_a_file_that_is_no_anchor_is_refused(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}\n")

    assert "is no anchor" in deskhand(run, "audit", "verify", "--anchor", "x").output


def test_an_export_to_a_spreadsheet_holds_no_formula_and_stands_in_the_audit(run: CliRunner, tmp_path: Path) -> None:
    told = json.loads(deskhand(run, "--format", "json", "audit", "export", "--to", "out.csv").stdout)

    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert told["rows"] == len(rows) == 4
    assert {row["target"] for row in rows if row["action"] == "note"} == {"'=1+1"}
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert shown(run, "--action", "export_audit") == [("audit", "export_audit", "done")]
    assert deskhand(run, "audit", "verify").exit_code == 0


def test_an_export_for_programs_is_a_line_of_json_for_each_row(run: CliRunner, tmp_path: Path) -> None:
    deskhand(run, "audit", "export", "--format", "jsonl", "--order", "1001", "--to", "out.jsonl")

    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["action"] for row in rows] == ["CompleteShipment", "place_order", "confirm_order"]
    assert rows[2]["before"]["status"] == "pending_confirmation"
    assert rows[2]["after"]["status"] == "confirmed"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_what_a_spreadsheet_would_calculate_is_made_text(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert (neutral("SO-1"), neutral(5)) == ("SO-1", 5)
