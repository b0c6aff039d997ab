"""Which services there are, how each is started and when it is ready. Knows nothing of supervising them."""

from __future__ import annotations

import fnmatch
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Service:
    """One operating-system process of Deskhand."""

    name: str
    command: tuple[str, ...]
    host: str
    port: int
    ready_path: str
    ready_seconds: float  # how long starting may take before it counts as failed
    port_variable: str
    may_see: tuple[str, ...] = ()  # of the secrets: names, or patterns of names

    @property
    def ready_url(self) -> str:
        return f"http://{self.host}:{self.port}{self.ready_path}"

    def environment(self, whole: Mapping[str, str]) -> dict[str, str]:
        """The whole environment without the secrets that are none of this service's business."""
        return {name: value for name, value in whole.items() if not is_secret(name) or self._may_see(name)}

    def _may_see(self, name: str) -> bool:
        return any(fnmatch.fnmatchcase(_bare(name), pattern) for pattern in self.may_see)


_SECRET = re.compile(
    r"(SECRET|TOKEN|PASSWORD|PASSWD|_KEY)S?$|^(DATABASE|DATABASE_OWNER|RASA_TRACKER|SMTP|REDIS)_URL$|^OIDC_|^SLACK_BOT_TOKEN"
)
DATABASE = ("DATABASE_URL", "PG*")
MESSENGERS = ("SLACK_*", "TEAMS_*")
OUTSIDE = ("CONNECTOR_*", "IMPORT_*", "ROBOT_*")  # what a site's own files name for other systems
VAULT = ("DESKHAND_VAULT_KEY", "VAULT_TOKEN")


def is_secret(name: str) -> bool:
    """By its name, whoever set it."""
    return _SECRET.search(_bare(name)) is not None


def _bare(name: str) -> str:
    return name.removesuffix("_FILE").removesuffix("_PREVIOUS")


def services(root: Path, environment: Mapping[str, str], rasa_model: Path) -> list[Service]:
    """In the order in which they are started: each needs those before it."""

    def ours(name: str, module: str, prefix: str, ready_path: str, seconds: float, *may_see: str) -> Service:
        port_variable = f"{prefix}_PORT"
        host, port = environment[f"{prefix}_HOST"], int(environment[port_variable])
        return Service(name, (sys.executable, "-m", module), host, port, ready_path, seconds, port_variable, may_see)

    return [
        ours("llm_server", "llm_server", "LLM", "/readyz", 300, "LLM_API_KEY"),
        ours("actions", "actions", "ACTIONS", "/health", 60,
             *DATABASE, "DESKHAND_TURN_SECRET", "DESKHAND_ACTIONS_TOKEN", "LLM_API_KEY", "IMPORT_*"),
        Service("rasa", rasa_command(root, environment, rasa_model), environment["RASA_HOST"],
                int(environment["RASA_PORT"]), "/", 180, "RASA_PORT",
                ("DESKHAND_RASA_TOKEN", "DESKHAND_ACTIONS_TOKEN", "RASA_TRACKER_PASSWORD", "REDIS_PASSWORD")),
        ours("worker", "deskhand.worker", "WORKER", "/readyz", 60, *DATABASE, "LLM_API_KEY", "SMTP_URL",
             "RASA_TRACKER_URL", *MESSENGERS, *OUTSIDE, *VAULT),
        ours("gateway", "deskhand.gateway", "DESKHAND", "/readyz", 60, *DATABASE, "LLM_API_KEY", "REDIS_URL",
             "DESKHAND_SESSION_SECRET", "DESKHAND_TURN_SECRET", "DESKHAND_RASA_TOKEN", "OIDC_*", *MESSENGERS),
    ]  # fmt: skip


def rasa_python(root: Path) -> Path:
    return root / ".venv-dialogue" / "bin" / "python"


def rasa_command(root: Path, environment: Mapping[str, str], model: Path) -> tuple[str, ...]:
    """Rasa on one address, with our files and no HTTP API but our webhook."""
    return (
        str(rasa_python(root)), "-W", "ignore", "-m", "rasa_components.start", "run",  # its libraries warn
        "-i", environment["RASA_HOST"], "-p", environment["RASA_PORT"],
        "--model", str(model), "--endpoints", str(root / environment.get("RASA_ENDPOINTS", "endpoints.yml")),
        "--credentials", str(root / "credentials.yml"),
    )  # fmt: skip
