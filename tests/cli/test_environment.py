"""The variables that services get."""

from __future__ import annotations

from pathlib import Path

from deskhand.cli.environment import make_secrets, service_environment
from deskhand.cli.secrets_file import MADE
from deskhand.cli.services import services
from deskhand.gateway.settings import Settings as GatewaySettings
from llm_server.settings import settings_from


def test_secrets_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    first = make_secrets(tmp_path / "var" / "secrets.env")
    second = make_secrets(tmp_path / "var" / "secrets.env")

    assert first == second
    assert set(first) == set(MADE)
    assert all(len(value) >= 48 for value in first.values())
    assert (tmp_path / "var" / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_the_callers_variables_win_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DESKHAND_PORT=8100\nLLM_PORT=8180\n")

    environment = service_environment(tmp_path, {"DESKHAND_PORT": "8200"})

    assert environment["DESKHAND_PORT"] == "8200"
    assert environment["LLM_URL"] == "http://127.0.0.1:8180"
    assert environment["RASA_PORT"] == "5005"


def test_our_language_model_server_and_those_who_ask_it_share_a_key_that_nobody_has_to_set(tmp_path: Path) -> None:
    whole = service_environment(tmp_path, {})
    key = whole["LLM_API_KEY"]
    seeing = {
        one.name: one.environment(whole).get("LLM_API_KEY") for one in services(tmp_path, whole, tmp_path / "model")
    }

    assert settings_from(whole).api_key == key == GatewaySettings.from_environ(whole).llm_api_key and len(key) >= 48
    assert seeing == {"llm_server": key, "actions": key, "worker": key, "gateway": key, "rasa": None}


def test_a_language_model_server_elsewhere_gets_no_key_of_ours(tmp_path: Path) -> None:
    elsewhere = {"LLM_URL": "https://models.example.com"}

    assert "LLM_API_KEY" not in service_environment(tmp_path, elsewhere)
    assert service_environment(tmp_path, {**elsewhere, "LLM_API_KEY": "theirs"})["LLM_API_KEY"] == "theirs"


def test_everything_listens_on_loopback_unless_told_otherwise(tmp_path: Path) -> None:
    environment = service_environment(tmp_path, {})

    assert {value for name, value in environment.items() if name.endswith("_HOST")} == {"127.0.0.1"}
