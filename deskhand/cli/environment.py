"""The variables that services read: the caller's own, then `.env`, then the secrets made once, then defaults.

Knows nothing of what the services do with them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from deskhand.cli.secrets_file import MODEL_KEY, ROTATED, SECRETS, make_secrets
from deskhand.settings import FILE, PREVIOUS


def defaults(root: Path, var: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Everything a service needs on one machine: loopback, SQLite, the packaged model."""
    host = "127.0.0.1"
    models = Path(environ.get("DESKHAND_MODELS_DIR", var / "models")).absolute()
    port = {name: environ.get(name, fallback) for name, fallback in PORTS.items()}
    return {
        **port,
        "DATABASE_URL": f"sqlite:///{var / 'deskhand.db'}",
        "DESKHAND_VAR": str(var),
        "DESKHAND_OUTBOX_DIR": str(var / "outbox"),
        "DESKHAND_HOST": host,
        "ACTIONS_HOST": host,
        "WORKER_HOST": host,
        "LLM_HOST": host,
        "RASA_HOST": host,
        "RASA_URL": f"http://{host}:{port['RASA_PORT']}",
        "ACTIONS_URL": f"http://{host}:{port['ACTIONS_PORT']}/webhook",
        "LLM_URL": f"http://{host}:{port['LLM_PORT']}",
        "DESKHAND_MODELS_DIR": str(models),
        "LLM_MODEL_DIR": str(models / "smollm2-135m-instruct"),
        "LLM_THREADS": str(max(1, (os.cpu_count() or 1) // 2)),  # the other services need the rest
        "RASA_TRACKER_DB": str(var / "rasa.db"),
        "DESKHAND_TENANT": "demo",
        "DESKHAND_TENANTS_DIR": str(root / "tenants"),
        "DESKHAND_PROCESSES_DIR": str(root / "processes"),
        "DESKHAND_CONNECTORS_DIR": str(root / "connectors"),
        "DESKHAND_ROBOTS_DIR": str(root / "robots"),
        "DESKHAND_ERP_DIR": str(root / "erp"),
    }


PORTS = {
    "DESKHAND_PORT": "8000",
    "RASA_PORT": "5005",
    "ACTIONS_PORT": "5055",
    "LLM_PORT": "8080",
    "WORKER_PORT": "8081",
}

# Set for every service: no phoning home, no download at run time.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "PYTHONUNBUFFERED": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def service_environment(root: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment for the services of this checkout.

    Args:
        root: the checkout; `.env` and, unless DESKHAND_VAR says otherwise, `var/` lie in it.
        environ: the caller's variables, which win over everything else.
    """
    own = {**_dotenv(root), **(os.environ if environ is None else environ)}
    own = {name: value for name, value in own.items() if value or name not in SECRETS}  # an empty one counts as unset
    var = Path(own.get("DESKHAND_VAR", root / "var")).absolute()
    made = {name: value for name, value in make_secrets(var / "secrets.env").items() if not name.endswith(ROTATED)}
    if own.get("LLM_URL"):  # somebody else's server: our key is none of its business
        made.pop(MODEL_KEY)
    given = {name: value for name, value in {**defaults(root, var, own), **made}.items() if not _is_set(name, own)}
    return {**given, **QUIET, **own, "DESKHAND_VAR": str(var)}


def _is_set(name: str, own: Mapping[str, str]) -> bool:
    """Whether the caller gave the value, or a file that holds it; what it replaced is the caller's then too."""
    name = name.removesuffix(PREVIOUS)
    return bool(own.get(name) or own.get(name + FILE))


def _dotenv(root: Path) -> dict[str, str]:
    return {name: value for name, value in dotenv_values(root / ".env").items() if value is not None}
