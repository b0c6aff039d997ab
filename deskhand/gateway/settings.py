"""What the gateway reads from the environment, once, in `__main__`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PLACEHOLDERS = ("changeme", "change-me", "change_me", "secret", "password", "example", "placeholder", "todo", "xxx")
_SHORTEST_SECRET = 32


class SettingsRefused(Exception):
    """A variable is missing or still a placeholder; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Secrets are kept out of the representation, so that they don't reach a log."""

    database_url: str
    session_secret: str = field(repr=False)
    turn_secret: str = field(repr=False)
    rasa_url: str = "http://127.0.0.1:5005"
    llm_url: str = "http://127.0.0.1:8080"
    llm_model: str = "smollm2-135m-instruct"
    llm_api_key: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    redis_url: str | None = field(default=None, repr=False)
    tenants_dir: Path = Path("tenants")
    processes_dir: Path = Path("processes")
    widget_dir: Path = Path("frontend_widget")
    tenant: str = "demo"
    demo: bool = False

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every variable of this service.

        Raises:
            SettingsRefused: naming the variable.
        """
        host, port = environ.get("DESKHAND_HOST", "127.0.0.1"), _port(environ)
        return cls(
            database_url=_required(environ, "DATABASE_URL"),
            session_secret=_secret(environ, "DESKHAND_SESSION_SECRET"),
            turn_secret=_secret(environ, "DESKHAND_TURN_SECRET"),
            rasa_url=environ.get("RASA_URL", "http://127.0.0.1:5005"),
            llm_url=environ.get("LLM_URL", "http://127.0.0.1:8080"),
            llm_model=environ.get("LLM_MODEL", "smollm2-135m-instruct"),
            llm_api_key=environ.get("LLM_API_KEY") or None,
            host=host,
            port=port,
            public_url=(environ.get("DESKHAND_PUBLIC_URL") or f"http://{host}:{port}").rstrip("/"),
            redis_url=environ.get("REDIS_URL") or None,
            tenants_dir=Path(environ.get("DESKHAND_TENANTS_DIR", "tenants")),
            processes_dir=Path(environ.get("DESKHAND_PROCESSES_DIR", "processes")),
            tenant=environ.get("DESKHAND_TENANT", "demo"),
            demo=environ.get("DESKHAND_DEMO", "") in {"1", "true", "yes"},
        )

    @property
    def secure_cookie(self) -> bool:
        """Over HTTPS the cookie is never sent in the clear."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def lists_demo_users(self) -> bool:
        """Sign-in links stand on the first page only where nobody else can open it: in the demo, on loopback."""
        return self.demo and self.host in LOOPBACK

    def origins(self) -> list[str]:
        """The web origins whose pages may open a socket: our own, under its loopback names too."""
        ours = {self.public_url}
        if self.host in LOOPBACK:
            ours |= {f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost")}
        return sorted(ours)


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsRefused(f"{name} is not set")
    return value


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = _required(environ, name)
    if value.lower().strip("<>") in _PLACEHOLDERS or "changeme" in value.lower():
        raise SettingsRefused(f"{name} is still a placeholder")
    if len(value) < _SHORTEST_SECRET:
        raise SettingsRefused(f"{name} is shorter than {_SHORTEST_SECRET} characters")
    return value


def _port(environ: Mapping[str, str]) -> int:
    value = environ.get("DESKHAND_PORT", "8000")
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingsRefused(f"DESKHAND_PORT is not a port: {value!r}")
    return int(value)
