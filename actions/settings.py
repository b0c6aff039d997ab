"""What the action server reads from the environment, once, in `__main__`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deskhand.erp.jobs import ImportPlaces
from deskhand.settings import SettingsRefused, port, private, required_private, secrets
from deskhand.writing import BRIEF

__all__ = ["Settings", "SettingsRefused"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Secrets are kept out of the representation, so that they don't reach a log."""

    database_url: str = field(repr=False)
    turn_secrets: tuple[str, ...] = field(repr=False)
    actions_tokens: tuple[str, ...] = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 5055
    tenants_dir: Path = Path("tenants")
    processes_dir: Path = Path("processes")
    llm_url: str = "http://127.0.0.1:8080"
    llm_model: str = "smollm2-135m-instruct"
    llm_prompt: str = BRIEF
    llm_api_key: str | None = field(default=None, repr=False)
    imports: ImportPlaces = ImportPlaces()
    robots_dir: Path = Path("robots")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every variable of this service.

        Raises:
            SettingsRefused: naming the variable.
        """
        return cls(
            database_url=required_private(environ, "DATABASE_URL"),
            turn_secrets=secrets(environ, "DESKHAND_TURN_SECRET"),
            actions_tokens=secrets(environ, "DESKHAND_ACTIONS_TOKEN"),
            host=environ.get("ACTIONS_HOST", "127.0.0.1"),
            port=port(environ, "ACTIONS_PORT", 5055),
            tenants_dir=Path(environ.get("DESKHAND_TENANTS_DIR", "tenants")),
            processes_dir=Path(environ.get("DESKHAND_PROCESSES_DIR", "processes")),
            llm_url=environ.get("LLM_URL", "http://127.0.0.1:8080"),
            llm_model=environ.get("LLM_MODEL", "smollm2-135m-instruct"),
            llm_prompt=environ.get("LLM_PROMPT", BRIEF),
            llm_api_key=private(environ, "LLM_API_KEY"),
            imports=ImportPlaces.of(environ),
            robots_dir=Path(environ.get("DESKHAND_ROBOTS_DIR", "robots")),
        )
