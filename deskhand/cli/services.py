"""Which services there are, how each is started and when it is ready. Knows nothing of supervising them."""

from __future__ import annotations

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

    @property
    def ready_url(self) -> str:
        return f"http://{self.host}:{self.port}{self.ready_path}"


def services(root: Path, environment: Mapping[str, str], rasa_model: Path) -> list[Service]:
    """In the order in which they are started: each needs those before it."""

    def ours(name: str, module: str, prefix: str, ready_path: str, seconds: float) -> Service:
        port_variable = f"{prefix}_PORT"
        host, port = environment[f"{prefix}_HOST"], int(environment[port_variable])
        return Service(name, (sys.executable, "-m", module), host, port, ready_path, seconds, port_variable)

    return [
        ours("llm_server", "llm_server", "LLM", "/readyz", 300),
        ours("actions", "actions", "ACTIONS", "/health", 60),
        Service("rasa", rasa_command(root, environment, rasa_model), environment["RASA_HOST"],
                int(environment["RASA_PORT"]), "/", 180, "RASA_PORT"),
        ours("worker", "deskhand.worker", "WORKER", "/readyz", 60),
        ours("gateway", "deskhand.gateway", "DESKHAND", "/readyz", 60),
    ]  # fmt: skip


def rasa_python(root: Path) -> Path:
    return root / ".venv-dialogue" / "bin" / "python"


def rasa_command(root: Path, environment: Mapping[str, str], model: Path) -> tuple[str, ...]:
    """Rasa on one address, with our files and no HTTP API but its REST webhook."""
    return (
        str(rasa_python(root)), "-W", "ignore", "-m", "rasa", "run",  # its libraries deprecate one another
        "-i", environment["RASA_HOST"], "-p", environment["RASA_PORT"],
        "--model", str(model), "--endpoints", str(root / environment.get("RASA_ENDPOINTS", "endpoints.yml")),
        "--credentials", str(root / "credentials.yml"),
    )  # fmt: skip
