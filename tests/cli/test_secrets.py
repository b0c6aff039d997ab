"""The secrets of an installation: made once, completed by a later version, replaced, seen by whom they are for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deskhand.cli.doctor import Finding, _secrets
from deskhand.cli.environment import PORTS, service_environment
from deskhand.cli.main import main
from deskhand.cli.secrets_file import MODEL_KEY, REQUIRED, SECRETS, drop, make_secrets, rotate, rotated_at
from deskhand.cli.services import is_secret, services
from deskhand.cli.workplace import open_desk
from deskhand.settings import secrets
from tests.support.deskhand import ROOT
from tests.support.desks import demo_database

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MINE = "a-secret-of-my-own-that-is-long-enough-0123"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "var" / "secrets.env"
    make_secrets(path)
    return path


def test_a_later_version_adds_what_it_needs_and_leaves_the_rest(file: Path) -> None:
    """Somebody who comes from a version without DESKHAND_RASA_TOKEN goes on with the secrets that they have."""
    before = make_secrets(file)
    file.write_text("".join(f"{name}={value}\n" for name, value in before.items() if name != "DESKHAND_RASA_TOKEN"))

    after = make_secrets(file)

    assert {**after, "DESKHAND_RASA_TOKEN": ""} == {**before, "DESKHAND_RASA_TOKEN": ""}
    assert len(after["DESKHAND_RASA_TOKEN"]) >= 48
    assert make_secrets(file) == after and file.stat().st_mode & 0o777 == 0o600


def test_a_new_secret_keeps_the_two_before_it(file: Path) -> None:
    seen = [make_secrets(file)["DESKHAND_SESSION_SECRET"]]
    others = {name: value for name, value in make_secrets(file).items() if name != "DESKHAND_SESSION_SECRET"}
    for _ in range(3):
        rotate(file, ("DESKHAND_SESSION_SECRET",), NOW)
        seen.append(make_secrets(file)["DESKHAND_SESSION_SECRET"])

    known = make_secrets(file)

    assert len(set(seen)) == 4
    assert secrets(known, "DESKHAND_SESSION_SECRET") == (seen[3], seen[2], seen[1])
    assert others.items() <= known.items() and rotated_at(known) == {"DESKHAND_SESSION_SECRET": NOW}
    assert file.stat().st_mode & 0o777 == 0o600 and [path.name for path in file.parent.glob(".secrets-*")] == []


def test_a_dropped_secret_is_accepted_no_more(file: Path) -> None:
    rotate(file, SECRETS, NOW)
    drop(file, ("DESKHAND_TURN_SECRET",))

    known = make_secrets(file)

    assert {name: len(secrets(known, name)) for name in SECRETS} == {
        name: 1 if name in ("DESKHAND_TURN_SECRET", MODEL_KEY) else 2 for name in SECRETS
    }
    assert "DESKHAND_TURN_SECRET" not in rotated_at(known)


def test_services_get_what_came_before_and_no_dates(file: Path, tmp_path: Path) -> None:
    rotate(file, SECRETS, NOW)

    environment = service_environment(tmp_path, {})

    assert all(len(secrets(environment, name)) == 2 for name in REQUIRED)
    assert secrets(environment, MODEL_KEY) == (make_secrets(file)[MODEL_KEY],)
    assert not [name for name in environment if "ROTATED" in name]


@pytest.mark.parametrize("given", ["variable", "file"])
def test_the_callers_secret_replaces_the_made_one_and_its_forerunners(file: Path, tmp_path: Path, given: str) -> None:
    rotate(file, SECRETS, NOW)
    (tmp_path / "mine").write_text(MINE)
    (tmp_path / "mine").chmod(0o600)
    own = {
        "variable": {"DESKHAND_TURN_SECRET": MINE},
        "file": {"DESKHAND_TURN_SECRET_FILE": str(tmp_path / "mine"), "DATABASE_URL_FILE": "/run/secrets/database"},
    }[given]

    environment = service_environment(tmp_path, own)

    assert secrets(environment, "DESKHAND_TURN_SECRET") == (MINE,)
    assert ("DATABASE_URL" in environment) is (given == "variable")


def test_an_empty_line_of_the_example_counts_as_unset(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DESKHAND_SESSION_SECRET=\nDESKHAND_RASA_TOKEN=\n")

    assert secrets(service_environment(tmp_path, {}), "DESKHAND_RASA_TOKEN")


def environment_of(service: str, **more: str) -> Mapping[str, str]:
    hosts = {f"{prefix}_HOST": "127.0.0.1" for prefix in ("DESKHAND", "RASA", "ACTIONS", "LLM", "WORKER")}
    whole = {**PORTS, **hosts, "PATH": "/bin", **{name: "x" for name in ALL_SECRETS}, **more}
    found = {one.name: one for one in services(ROOT, whole, ROOT / "model.tar.gz")}
    return found[service].environment(whole)


ALL_SECRETS = (
    *SECRETS, *(f"{name}_PREVIOUS" for name in REQUIRED), "DESKHAND_TURN_SECRET_FILE",
    "DESKHAND_TURN_SECRET_PREVIOUS_FILE",
    "DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_OWNER_URL", "SMTP_URL", "REDIS_URL",
    "RASA_TRACKER_PASSWORD", "REDIS_PASSWORD", "PGPASSWORD", "OIDC_ACME_SECRET", "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY", "DESKHAND_VAULT_KEY", "DESKHAND_VAULT_KEY_PREVIOUS", "VAULT_TOKEN", "CONNECTOR_SCALES_KEY",
    "IMPORT_ERP_TOKEN", "ROBOT_SECRET_DEMO_LEGACY_PASSWORD",
)  # fmt: skip


@pytest.mark.parametrize(
    ("service", "sees"),
    [
        ("llm_server", {"LLM_API_KEY"}),
        ("actions", {"DESKHAND_TURN_SECRET", "DESKHAND_ACTIONS_TOKEN", "DATABASE_URL", "PGPASSWORD", "LLM_API_KEY",
                     "IMPORT_ERP_TOKEN"}),
        ("rasa", {"DESKHAND_RASA_TOKEN", "DESKHAND_ACTIONS_TOKEN", "RASA_TRACKER_PASSWORD", "REDIS_PASSWORD"}),
        ("worker", {"DATABASE_URL", "PGPASSWORD", "LLM_API_KEY", "SMTP_URL", "DESKHAND_VAULT_KEY", "VAULT_TOKEN",
                    "CONNECTOR_SCALES_KEY", "IMPORT_ERP_TOKEN", "ROBOT_SECRET_DEMO_LEGACY_PASSWORD"}),
        ("gateway", {"DESKHAND_SESSION_SECRET", "DESKHAND_TURN_SECRET", "DESKHAND_RASA_TOKEN", "DATABASE_URL",
                     "PGPASSWORD", "LLM_API_KEY", "REDIS_URL", "OIDC_ACME_SECRET"}),
    ],
)  # fmt: skip
def test_a_service_is_given_its_own_secrets_and_no_others(service: str, sees: set[str]) -> None:
    environment = environment_of(service)

    given = {name.removesuffix("_FILE").removesuffix("_PREVIOUS") for name in environment if is_secret(name)}
    assert given == sees and environment["PATH"] == "/bin" and environment["RASA_PORT"] == "5005"


def test_rasa_can_make_no_token(file: Path) -> None:
    """Who has Rasa has no key that gateway or actions would believe a signature of."""
    seen = environment_of("rasa", **make_secrets(file))

    assert make_secrets(file)["DESKHAND_TURN_SECRET"] not in seen.values()
    assert make_secrets(file)["DESKHAND_SESSION_SECRET"] not in seen.values()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path / "var"))
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)
    return CliRunner()


def command(run: CliRunner, *arguments: str) -> Result:
    return run.invoke(main, ["--format", "json", "secrets", *arguments])


def test_the_command_replaces_all_or_one_and_shows_none(run: CliRunner, file: Path) -> None:
    before = make_secrets(file)

    one = command(run, "rotate", "DESKHAND_RASA_TOKEN")
    after_one = make_secrets(file)
    every = command(run, "rotate")
    after = make_secrets(file)

    assert json.loads(one.stdout)["rotated"] == "DESKHAND_RASA_TOKEN"
    assert {name for name in SECRETS if before[name] != after_one[name]} == {"DESKHAND_RASA_TOKEN"}
    assert all(after_one[name] != after[name] for name in SECRETS) and every.exit_code == 0
    assert not any(value in one.output + every.output for name, value in after.items() if name in SECRETS)
    assert command(run, "drop").exit_code == 0 and not rotated_at(make_secrets(file))


def test_a_secret_that_the_environment_sets_is_not_the_commands_to_change(
    run: CliRunner, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESKHAND_TURN_SECRET", MINE)
    before = make_secrets(file)

    refused = command(run, "rotate")

    assert refused.exit_code == 1 and "DESKHAND_TURN_SECRET" in refused.output and MINE not in refused.output
    assert make_secrets(file) == before


def test_a_language_model_server_elsewhere_keeps_nobody_from_new_secrets(
    run: CliRunner, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_URL", "https://models.example.com")

    rotated = command(run, "rotate")

    assert rotated.exit_code == 0 and json.loads(rotated.stdout)["rotated"] == ", ".join(REQUIRED)


def finding(tmp_path: Path) -> Finding:
    return _secrets(tmp_path, service_environment(tmp_path, {}))


def test_the_doctor_tells_of_open_files_weak_values_and_forerunners_that_may_go(file: Path, tmp_path: Path) -> None:
    assert (finding(tmp_path).state, finding(tmp_path).remedy) == ("ok", "")

    rotate(file, ("DESKHAND_TURN_SECRET",), datetime.now(UTC) - timedelta(hours=1))
    assert finding(tmp_path).remedy == ""

    rotate(file, ("DESKHAND_TURN_SECRET",), datetime.now(UTC) - timedelta(hours=25))
    assert "DESKHAND_TURN_SECRET" in finding(tmp_path).detail and "secrets drop" in finding(tmp_path).remedy

    file.chmod(0o644)
    assert finding(tmp_path).state == "missing" and "chmod 600" in finding(tmp_path).remedy

    file.chmod(0o600)
    weak = _secrets(tmp_path, service_environment(tmp_path, {"DESKHAND_RASA_TOKEN": "changeme"}))
    assert weak.state == "missing" and "DESKHAND_RASA_TOKEN" in weak.detail and "changeme" not in weak.detail


def test_a_file_that_is_not_there_is_one_line_and_no_traceback(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", "/run/secrets/none")

    refused = run.invoke(main, ["orders", "list"])

    assert refused.exit_code == 1 and "DATABASE_URL_FILE can't be read" in refused.output


def test_every_company_reads_in_its_audit_that_secrets_were_replaced_and_not_which(
    run: CliRunner, file: Path, tmp_path: Path
) -> None:
    demo_database(tmp_path / "var")
    before = make_secrets(file)

    rotated = command(run, "rotate", "DESKHAND_TURN_SECRET")
    dropped = command(run, "drop", "DESKHAND_TURN_SECRET")

    with closing(open_desk(service_environment(ROOT))) as desk:
        served = list(desk.tenants)
        for tenant in served:
            with desk.unit_of_work(tenant, read_only=True) as uow:
                drop_row, rotate_row = (row for row in uow.audit.list() if row.action.endswith("_secrets"))
            assert (rotate_row.actor, rotate_row.channel, rotate_row.cause) == ("cli", "cli", "secrets rotate")
            assert rotate_row.detail == {"secrets": ["DESKHAND_TURN_SECRET"]} == drop_row.detail
            known = {*before.values(), *make_secrets(file).values()}
            assert not [value for value in known if value in f"{rotate_row}{drop_row}"]
    assert json.loads(rotated.stdout)["audited"] == json.loads(dropped.stdout)["audited"] == len(served) > 0


def test_without_a_database_they_are_replaced_all_the_same(run: CliRunner, file: Path) -> None:
    before = make_secrets(file)

    rotated = command(run, "rotate")

    assert rotated.exit_code == 0 and json.loads(rotated.stdout)["audited"] == 0
    assert all(make_secrets(file)[name] != before[name] for name in SECRETS)
