"""Where what belongs to robots lies, and what of the environment they may know. Read once for each service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from deskhand.robots.queue import RobotQueue
from deskhand.robots.robots_file import VARIABLES, Robots
from deskhand.robots.vault import KEY, Vault, vault_of
from deskhand.settings import FILE, PREVIOUS
from deskhand.store import Desk

VAULT = "VAULT_"
_KEYS = frozenset({KEY, KEY + FILE, KEY + PREVIOUS, KEY + PREVIOUS + FILE})


@dataclass(frozen=True)
class RobotPlaces:
    """`files`: robots/*.yml; `kept`: the evidence; `environ`: what concerns robots and their vault, nothing else."""

    files: Path = Path("robots")
    kept: Path = Path("var/robots")
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def without_secrets(cls, environ: Mapping[str, str]) -> RobotPlaces:
        """For services that run no robots: where things lie, and nothing of any vault."""
        return replace(cls.of(environ), environ={})

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> RobotPlaces:
        var = Path(environ.get("DESKHAND_VAR", "").strip() or "var")
        files = Path(environ.get("DESKHAND_ROBOTS_DIR", "").strip() or "robots")
        ours = {name: value for name, value in environ.items() if name.startswith((VARIABLES, VAULT)) or name in _KEYS}
        return cls(files, var / "robots", ours)

    @property
    def robots(self) -> Robots:
        return Robots(self.files, self.environ)

    def queue(self, desk: Desk) -> RobotQueue:
        return RobotQueue(desk, self.robots)

    def vault(self, desk: Desk) -> Vault:
        """Raises SettingsRefused."""
        return vault_of(self.environ, desk)
