"""What the gateway reads from the environment, once, in `__main__`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from deskhand.channels.messengers.settings import MessengerSettings
from deskhand.erp.jobs import ImportPlaces
from deskhand.gateway.addresses import Network, read_networks
from deskhand.robots.places import RobotPlaces
from deskhand.settings import SettingsRefused, port, private, required_private, secret, secrets
from deskhand.writing import BRIEF

__all__ = ["LOOPBACK", "Settings", "SettingsRefused"]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Secrets are kept out of the representation, so that they don't reach a log."""

    database_url: str = field(repr=False)
    session_secret: str = field(repr=False)
    turn_secret: str = field(repr=False)
    rasa_token: str = field(repr=False)
    former_session_secrets: tuple[str, ...] = field(default=(), repr=False)  # accepted still, never signed with
    rasa_url: str = "http://127.0.0.1:5005"
    llm_url: str = "http://127.0.0.1:8080"
    llm_model: str = "smollm2-135m-instruct"
    llm_prompt: str = BRIEF
    llm_api_key: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    redis_url: str | None = field(default=None, repr=False)
    tenants_dir: Path = Path("tenants")
    processes_dir: Path = Path("processes")
    widget_dir: Path = Path("frontend_widget")
    imports: ImportPlaces = ImportPlaces()
    robots: RobotPlaces = RobotPlaces()
    tenant: str = "demo"
    demo: bool = False
    trusted_proxies: tuple[Network, ...] = ()
    messengers: MessengerSettings = MessengerSettings()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every variable of this service.

        Raises:
            SettingsRefused: naming the variable.
        """
        host, number = environ.get("DESKHAND_HOST", "127.0.0.1"), port(environ, "DESKHAND_PORT", 8000)
        session_secret, *former = secrets(environ, "DESKHAND_SESSION_SECRET")
        return cls(
            database_url=required_private(environ, "DATABASE_URL"),
            session_secret=session_secret,
            turn_secret=secret(environ, "DESKHAND_TURN_SECRET"),
            rasa_token=secret(environ, "DESKHAND_RASA_TOKEN"),
            former_session_secrets=tuple(former),
            rasa_url=environ.get("RASA_URL", "http://127.0.0.1:5005"),
            llm_url=environ.get("LLM_URL", "http://127.0.0.1:8080"),
            llm_model=environ.get("LLM_MODEL", "smollm2-135m-instruct"),
            llm_prompt=environ.get("LLM_PROMPT", BRIEF),
            llm_api_key=private(environ, "LLM_API_KEY"),
            host=host,
            port=number,
            public_url=(environ.get("DESKHAND_PUBLIC_URL") or f"http://{host}:{number}").rstrip("/"),
            redis_url=private(environ, "REDIS_URL"),
            tenants_dir=Path(environ.get("DESKHAND_TENANTS_DIR", "tenants")),
            processes_dir=Path(environ.get("DESKHAND_PROCESSES_DIR", "processes")),
            imports=ImportPlaces.of(environ),
            robots=RobotPlaces.without_secrets(environ),
            tenant=environ.get("DESKHAND_TENANT", "demo"),
            demo=environ.get("DESKHAND_DEMO", "") in {"1", "true", "yes"},
            trusted_proxies=read_networks("DESKHAND_TRUSTED_PROXIES", environ.get("DESKHAND_TRUSTED_PROXIES", "")),
            messengers=MessengerSettings.from_environ(environ),
        )

    @property
    def session_secrets(self) -> tuple[str, ...]:
        """The key that signs sessions, then those that it replaced."""
        return (self.session_secret, *self.former_session_secrets)

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
