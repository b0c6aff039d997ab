"""What the worker reads from its environment, once. Knows nothing of how it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deskhand.channels.messengers.settings import MessengerSettings
from deskhand.erp.jobs import ImportPlaces
from deskhand.robots.places import RobotPlaces
from deskhand.settings import FILE, SettingsRefused, port, private, required_private
from deskhand.worker.connectors.file import CONNECTOR_VARIABLES
from deskhand.writing import BRIEF

__all__ = ["ALL", "NONE", "ONLY", "Settings", "SettingsRefused"]

ALL, NONE, ONLY = "all", "none", "only"


@dataclass(frozen=True, slots=True)
class Settings:
    """`text_seconds` is what the covering note may take; `lease_seconds` what one delivery may.

    `robot_share`: of robots' items and everything else a worker does all, none of the former, or only these.
    `connector_variables`: what the files of `connectors_dir` may name, and nothing else of the environment.
    """

    database_url: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8081
    tenants_dir: Path = Path("tenants")
    processes_dir: Path = Path("processes")
    outbox_dir: Path = Path("var/outbox")
    connectors_dir: Path = Path("connectors")
    connector_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    imports: ImportPlaces = ImportPlaces()
    robots: RobotPlaces = RobotPlaces()
    robot_share: str = ALL
    robot_lease_seconds: float = 90.0
    llm_url: str | None = None
    llm_model: str = "smollm2-135m-instruct"
    llm_prompt: str = BRIEF
    llm_api_key: str | None = field(default=None, repr=False)
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "deskhand@localhost"
    rasa_tracker: str | None = field(default=None, repr=False)
    messengers: MessengerSettings = MessengerSettings()
    text_seconds: float = 10.0
    lease_seconds: int = 60

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Read and check every variable of this service.

        Raises:
            SettingsRefused: naming the variable.
        """

        def text(name: str, fallback: str) -> str:
            return environ.get(name, "").strip() or fallback

        var = Path(text("DESKHAND_VAR", "var"))
        return cls(
            database_url=required_private(environ, "DATABASE_URL"),
            host=text("WORKER_HOST", "127.0.0.1"),
            port=port(environ, "WORKER_PORT", 8081),
            tenants_dir=Path(text("DESKHAND_TENANTS_DIR", "tenants")),
            processes_dir=Path(text("DESKHAND_PROCESSES_DIR", "processes")),
            connectors_dir=Path(text("DESKHAND_CONNECTORS_DIR", "connectors")),
            connector_variables=variables_of(environ),
            imports=ImportPlaces.of(environ),
            robots=RobotPlaces.of(environ),
            robot_share=_robot_share(text("WORKER_ROBOTS", ALL)),
            robot_lease_seconds=_seconds(environ, "WORKER_ROBOT_LEASE_SECONDS", 90),
            outbox_dir=Path(text("DESKHAND_OUTBOX_DIR", str(var / "outbox"))),
            llm_url=text("LLM_URL", "") or None,
            llm_model=text("LLM_MODEL", "smollm2-135m-instruct"),
            llm_prompt=text("LLM_PROMPT", BRIEF),
            llm_api_key=private(environ, "LLM_API_KEY"),
            smtp_url=private(environ, "SMTP_URL"),
            mail_from=text("MAIL_FROM", "deskhand@localhost"),
            rasa_tracker=private(environ, "RASA_TRACKER_URL") or text("RASA_TRACKER_DB", "") or None,
            messengers=MessengerSettings.from_environ(environ),
            text_seconds=_seconds(environ, "WORKER_TEXT_SECONDS", 10),
            lease_seconds=int(_seconds(environ, "WORKER_LEASE_SECONDS", 60)),
        )


def _robot_share(said: str) -> str:
    if said not in (ALL, NONE, ONLY):
        raise SettingsRefused(f"WORKER_ROBOTS is none of {ALL}, {NONE}, {ONLY}")
    return said


def variables_of(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of connectors, each from NAME or from the file that NAME_FILE names.

    Raises:
        SettingsRefused: naming the variable.
    """
    names = {name.removesuffix(FILE) for name in environ if name.startswith(CONNECTOR_VARIABLES)}
    found = {name: private(environ, name) for name in sorted(names)}
    return {name: value for name, value in found.items() if value}


def _seconds(environ: Mapping[str, str], name: str, fallback: float) -> float:
    try:
        return float(environ.get(name, "").strip() or fallback)
    except ValueError:
        raise SettingsRefused(f"{name} must be a number") from None
