"""What the action server reads from the environment, once, in `__main__`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PLACEHOLDERS = ("changeme", "change-me", "change_me", "secret", "password", "example", "placeholder", "todo", "xxx")
_SHORTEST_SECRET = 32


class SettingsRefused(Exception):
    """A variable is missing or still a placeholder; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Secrets are kept out of the representation, so that they don't reach a log."""

    database_url: str
    turn_secret: str = field(repr=False)
    actions_token: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 5055
    tenants_dir: Path = Path("tenants")
    processes_dir: Path = Path("processes")
    llm_url: str = "http://127.0.0.1:8080"
    llm_model: str = "smollm2-135m-instruct"
    llm_api_key: str | None = field(default=None, repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every variable of this service.

        Raises:
            SettingsRefused: naming the variable.
        """
        return cls(
            database_url=_required(environ, "DATABASE_URL"),
            turn_secret=_secret(environ, "DESKHAND_TURN_SECRET"),
            actions_token=_secret(environ, "DESKHAND_ACTIONS_TOKEN"),
            host=environ.get("ACTIONS_HOST", "127.0.0.1"),
            port=_port(environ),
            tenants_dir=Path(environ.get("DESKHAND_TENANTS_DIR", "tenants")),
            processes_dir=Path(environ.get("DESKHAND_PROCESSES_DIR", "processes")),
            llm_url=environ.get("LLM_URL", "http://127.0.0.1:8080"),
            llm_model=environ.get("LLM_MODEL", "smollm2-135m-instruct"),
            llm_api_key=environ.get("LLM_API_KEY") or None,
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsRefused(f"{name} is not set")
    return value


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = _required(environ, name)
    if len(value) < _SHORTEST_SECRET:
        raise SettingsRefused(f"{name} must have at least {_SHORTEST_SECRET} characters")
    if value.lower().startswith(_PLACEHOLDERS):
        raise SettingsRefused(f"{name} is still a placeholder")
    return value


def _port(environ: Mapping[str, str]) -> int:
    value = environ.get("ACTIONS_PORT", "5055")
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingsRefused(f"ACTIONS_PORT is not a port: {value}")
    return int(value)
