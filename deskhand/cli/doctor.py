"""`deskhand doctor`: what this machine has, what it lacks, and how to get it. Changes nothing."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from deskhand.channels.messengers.settings import MessengerSettings
from deskhand.cli import bootstrap, train
from deskhand.cli.doctor_connectors import connectors
from deskhand.cli.doctor_processes import processes
from deskhand.cli.environment import PORTS
from deskhand.cli.secrets_file import LONG_ENOUGH, REQUIRED, is_private, make_secrets, rotated_at
from deskhand.cli.services import rasa_python
from deskhand.logs import masked
from deskhand.orders.tenant import MESSENGERS
from deskhand.settings import SettingsRefused, required_private, secrets
from deskhand.store import Database, TenantFileInvalid, faults_in, load_tenants, utc_now


@dataclass(frozen=True)
class Finding:
    """One thing that Deskhand needs (`ok`, `missing`) or could use (`absent`)."""

    what: str
    state: str
    detail: str
    remedy: str = ""

    def as_row(self) -> dict[str, str]:
        return asdict(self)


Check = Callable[[Path, Mapping[str, str]], Finding]


def examine(root: Path, environment: Mapping[str, str]) -> list[Finding]:
    """Runs every check; one that fails unexpectedly becomes a finding, never a traceback."""
    checks: list[Check] = [_packages, _torch, _python_310, _rasa, _dialogue_model, _language_model, _database, _secrets]
    checks += [_tenants, _processes, _connectors]
    findings = [check(root, environment) for check in checks]
    return [
        *findings,
        *(_port(name, environment) for name in PORTS),
        _smtp(environment),
        *_messengers(environment),
        _chromium(),
    ]


def _packages(root: Path, environment: Mapping[str, str]) -> Finding:
    behind = [step.title for step in bootstrap.steps(test=False) if not bootstrap.is_done(step)]
    if behind:
        return Finding("packages", "missing", "; ".join(behind), "make setup")
    return Finding("packages", "ok", "both environments match their locks")


def _torch(root: Path, environment: Mapping[str, str]) -> Finding:
    try:
        return Finding("torch", "ok", metadata.version("torch"))
    except metadata.PackageNotFoundError:
        return Finding("torch", "missing", "the language model server needs it", "make setup")


def _python_310(root: Path, environment: Mapping[str, str]) -> Finding:
    if rasa_python(root).exists():
        return Finding("python 3.10", "ok", str(rasa_python(root).resolve()))
    try:
        return Finding("python 3.10", "ok", bootstrap.python_310())
    except bootstrap.SetupFailed as problem:
        return Finding("python 3.10", "missing", "Rasa runs on it", str(problem))


def _rasa(root: Path, environment: Mapping[str, str]) -> Finding:
    code = "from importlib.metadata import version; print(version('rasa'))"
    if not rasa_python(root).exists():
        return Finding("rasa", "missing", "no .venv-dialogue", "make setup")
    ran = subprocess.run([str(rasa_python(root)), "-c", code], capture_output=True, text=True, check=False)
    if ran.returncode:
        return Finding("rasa", "missing", "not in .venv-dialogue", "make setup")
    return Finding("rasa", "ok", ran.stdout.strip())


def _dialogue_model(root: Path, environment: Mapping[str, str]) -> Finding:
    model = train.model_path(root, Path(environment["DESKHAND_MODELS_DIR"]))
    if model.exists():
        return Finding("dialogue model", "ok", model.name)
    return Finding("dialogue model", "missing", "none for the present files", "deskhand train")


def _language_model(root: Path, environment: Mapping[str, str]) -> Finding:
    folder = Path(environment["LLM_MODEL_DIR"])
    if (folder / "config.json").exists():
        return Finding("language model", "ok", folder.name)
    return Finding("language model", "missing", f"not in {folder}", "python -m llm_server.convert")


def _database(root: Path, environment: Mapping[str, str]) -> Finding:
    kind = ""
    try:
        url = required_private(environment, "DATABASE_URL")
        kind = url.split(":", 1)[0]
        with closing(Database.connect(url)) as database:
            ready = database.ready()
            unbound = database.unbound() if ready else None
    except Exception as problem:  # whatever the driver raises is the finding
        return Finding("database", "missing", f"{kind}: {masked(str(problem))}", "check DATABASE_URL")
    if not ready:
        return Finding("database", "missing", f"{kind}: not up to date", "deskhand migrate")
    if unbound is not None:
        remedy = "set DATABASE_OWNER_URL, give DATABASE_URL a role of its own, deskhand migrate"
        return Finding(
            "database", "absent", f"{kind}: {unbound}: nothing but the queries keeps companies apart", remedy
        )
    return Finding("database", "ok", kind)


def _tenants(root: Path, environment: Mapping[str, str]) -> Finding:
    folder, processes = environment["DESKHAND_TENANTS_DIR"], environment["DESKHAND_PROCESSES_DIR"]
    try:
        faults = faults_in(folder, processes)
        served = len(load_tenants(folder, processes))
    except TenantFileInvalid as refused:
        return Finding("companies", "missing", str(refused), "deskhand tenants check")
    if faults:
        return Finding("companies", "missing", "; ".join(map(str, faults)), "deskhand tenants check")
    return Finding("companies", "ok", f"{served} served")


def _processes(root: Path, environment: Mapping[str, str]) -> Finding:
    try:
        return Finding("processes", *processes(environment))
    except Exception as problem:  # whatever a file or the driver raises is the finding
        return Finding("processes", "missing", masked(str(problem)), "deskhand process check NAME")


def _connectors(root: Path, environment: Mapping[str, str]) -> Finding:
    try:
        return Finding("connectors", *connectors(environment))
    except Exception as problem:  # whatever a file or the driver raises is the finding
        return Finding("connectors", "missing", masked(str(problem)), "look at connectors/*.yml")


def _secrets(root: Path, environment: Mapping[str, str]) -> Finding:
    for name in REQUIRED:
        try:
            secrets(environment, name)
        except SettingsRefused as refused:
            return Finding("secrets", "missing", str(refused), "deskhand up makes those that nobody set")
    file = Path(environment["DESKHAND_VAR"]) / "secrets.env"
    if not is_private(file):
        return Finding("secrets", "missing", f"others may read {file}", f"chmod 600 {file}; deskhand secrets rotate")
    now = utc_now()
    old = [name for name, moment in rotated_at(make_secrets(file)).items() if now - moment > LONG_ENOUGH]
    if old:
        detail = f"former values of {', '.join(old)} are accepted still"
        return Finding("secrets", "ok", detail, "deskhand secrets drop, once no session of theirs lasts")
    return Finding("secrets", "ok", f"{len(REQUIRED)} set")


def _port(name: str, environment: Mapping[str, str]) -> Finding:
    port = int(environment[name])
    with socket.socket() as probe:
        probe.settimeout(0.5)
        used = probe.connect_ex(("127.0.0.1", port)) == 0
    if not used:
        return Finding(f"port {port}", "ok", "free")
    if _is_running(environment):
        return Finding(f"port {port}", "ok", "in use by this Deskhand, which is running")
    return Finding(f"port {port}", "in use", "somebody else listens there", f"set {name}")


def _is_running(environment: Mapping[str, str]) -> bool:
    """Whether the services that the supervisor noted last are alive."""
    path = Path(environment["DESKHAND_VAR"]) / "run" / "pids.json"
    try:
        return all(Path(f"/proc/{pid}").exists() for pid in json.loads(path.read_text()).values())
    except (OSError, ValueError):
        return False


def _messengers(environment: Mapping[str, str]) -> list[Finding]:
    try:
        settings = MessengerSettings.from_environ(environment)
    except SettingsRefused as refused:
        return [Finding("Slack and Teams", "missing", str(refused), "set all of a channel's credentials, or none")]
    missing = settings.missing()
    return [
        Finding(channel, "absent", "the channel is off", f"set {missing[channel]}")
        if channel in missing
        else Finding(channel, "ok", "credentials are there")
        for channel in MESSENGERS
    ]


def _smtp(environment: Mapping[str, str]) -> Finding:
    if environment.get("SMTP_URL"):
        return Finding("e-mail", "ok", "SMTP_URL is set")
    return Finding("e-mail", "absent", "mail stays in the outbox folder", "set SMTP_URL and MAIL_FROM")


def _chromium() -> Finding:
    found = shutil.which("chromium")
    if found:
        return Finding("chromium", "ok", found)
    return Finding("chromium", "absent", "only tests use it", "make test installs it (apt-get install chromium)")
