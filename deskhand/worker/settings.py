"""What the worker reads from its environment, once. Knows nothing of how it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PLACEHOLDERS = ("changeme", "change-me", "placeholder", "<", "your-")


class SettingsInvalid(ValueError):
    """A variable is unset, a placeholder or not a number; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`text_seconds` is what the covering note may take; `lease_seconds` what one delivery may."""

    database_url: str
    host: str = "127.0.0.1"
    port: int = 8081
    tenants_dir: Path = Path("tenants")
    processes_dir: Path = Path("processes")
    outbox_dir: Path = Path("var/outbox")
    llm_url: str | None = None
    llm_model: str = "smollm2-135m-instruct"
    llm_api_key: str | None = None
    smtp_url: str | None = None
    mail_from: str = "deskhand@localhost"
    text_seconds: float = 10.0
    lease_seconds: int = 60

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Reads the variables.

        Raises:
            SettingsInvalid: naming the variable.
        """
        read = _Reader(environ)
        var = Path(read.text("DESKHAND_VAR", "var"))
        return cls(
            database_url=read.required("DATABASE_URL"),
            host=read.text("WORKER_HOST", "127.0.0.1"),
            port=int(read.number("WORKER_PORT", "8081")),
            tenants_dir=Path(read.text("DESKHAND_TENANTS_DIR", "tenants")),
            processes_dir=Path(read.text("DESKHAND_PROCESSES_DIR", "processes")),
            outbox_dir=Path(read.text("DESKHAND_OUTBOX_DIR", str(var / "outbox"))),
            llm_url=read.text("LLM_URL", "") or None,
            llm_model=read.text("LLM_MODEL", "smollm2-135m-instruct"),
            llm_api_key=read.text("LLM_API_KEY", "") or None,
            smtp_url=read.text("SMTP_URL", "") or None,
            mail_from=read.text("MAIL_FROM", "deskhand@localhost"),
            text_seconds=read.number("WORKER_TEXT_SECONDS", "10"),
            lease_seconds=int(read.number("WORKER_LEASE_SECONDS", "60")),
        )


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, fallback: str) -> str:
        value = self._environ.get(name, "").strip() or fallback
        if any(placeholder in value.lower() for placeholder in _PLACEHOLDERS):
            raise SettingsInvalid(f"{name} still holds a placeholder: {value!r}")
        return value

    def required(self, name: str) -> str:
        value = self.text(name, "")
        if not value:
            raise SettingsInvalid(f"{name} is not set")
        return value

    def number(self, name: str, fallback: str) -> float:
        value = self.text(name, fallback)
        try:
            return float(value)
        except ValueError:
            raise SettingsInvalid(f"{name} must be a number, not {value!r}") from None
