"""`deskhand migrate` as the owner of the tables: it makes the roles that services and Rasa connect as."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from deskhand.cli.main import main
from tests.support.postgres import OWNER, SUPERUSER, NoPostgres, as_role, postgres_server

pytestmark = pytest.mark.postgres


def test_services_are_given_a_role_by_the_owner_s_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with postgres_server() as url:
            ours, rasa = (
                as_role(url, "deskhand_app:word"),
                as_role(url, "rasa_keeper:word").replace("/deskhand", "/rasa"),
            )
            monkeypatch.setenv("DESKHAND_VAR", str(tmp_path))
            monkeypatch.setenv("DATABASE_URL", ours)
            monkeypatch.setenv("DATABASE_OWNER_URL", as_role(url, SUPERUSER))
            monkeypatch.setenv("RASA_TRACKER_URL", rasa)

            for _ in range(2):
                ran = CliRunner().invoke(main, ["migrate", "--demo"])
                assert ran.exit_code == 0, ran.output

            users = json.loads(CliRunner().invoke(main, ["--format", "json", "users", "list"]).stdout)
            findings = json.loads(CliRunner().invoke(main, ["--format", "json", "doctor"]).stdout)
            with psycopg.connect(ours) as connection:
                query = "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
                may = connection.execute(query).fetchone()
                hidden = connection.execute("SELECT count(*) FROM app_user").fetchone()
            psycopg.connect(rasa).close()
    except NoPostgres as reason:
        pytest.skip(str(reason))

    assert "clerk" in {user["login"] for user in users}
    assert (may, hidden) == ((False, False, False), (0,))
    assert [row["state"] for row in findings if row["what"] == "database"] == ["ok"]


def test_the_doctor_warns_of_a_role_that_sees_every_company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with postgres_server() as url:
            monkeypatch.setenv("DESKHAND_VAR", str(tmp_path))
            told = {}
            for role in (OWNER, SUPERUSER):
                monkeypatch.setenv("DATABASE_URL", as_role(url, role))
                assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
                rows = json.loads(CliRunner().invoke(main, ["--format", "json", "doctor"]).stdout)
                told[role] = next(row for row in rows if row["what"] == "database")
    except NoPostgres as reason:
        pytest.skip(str(reason))

    assert told[SUPERUSER]["state"] == "absent"
    assert "is a superuser" in told[SUPERUSER]["detail"] and "DATABASE_OWNER_URL" in told[SUPERUSER]["remedy"]
    assert told[OWNER]["state"] == "ok"
