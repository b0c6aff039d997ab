"""The variables that services get."""

from __future__ import annotations

from pathlib import Path

from deskhand.cli.environment import SECRETS, make_secrets, service_environment


def test_secrets_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    first = make_secrets(tmp_path / "var" / "secrets.env")
    second = make_secrets(tmp_path / "var" / "secrets.env")

    assert first == second
    assert set(first) == set(SECRETS)
    assert all(len(value) >= 48 for value in first.values())
    assert (tmp_path / "var" / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_the_callers_variables_win_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DESKHAND_PORT=8100\nLLM_PORT=8180\n")

    environment = service_environment(tmp_path, {"DESKHAND_PORT": "8200"})

    assert environment["DESKHAND_PORT"] == "8200"
    assert environment["LLM_URL"] == "http://127.0.0.1:8180"
    assert environment["RASA_PORT"] == "5005"


def test_everything_listens_on_loopback_unless_told_otherwise(tmp_path: Path) -> None:
    environment = service_environment(tmp_path, {})

    assert {value for name, value in environment.items() if name.endswith("_HOST")} == {"127.0.0.1"}
