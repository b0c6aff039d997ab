"""`var/secrets.env`: the secrets of an installation by `deskhand up`, made once and replaced on demand.

The file is its owner's alone and is written as a whole or not at all. Knows nothing of who reads it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from dotenv import dotenv_values

from deskhand.settings import PREVIOUS

REQUIRED = ("DESKHAND_SESSION_SECRET", "DESKHAND_TURN_SECRET", "DESKHAND_RASA_TOKEN", "DESKHAND_ACTIONS_TOKEN")
MODEL_KEY = "LLM_API_KEY"  # of our own language model server: it knows one key, so this has no forerunner
SECRETS = (*REQUIRED, MODEL_KEY)
VAULT_KEY = "DESKHAND_VAULT_KEY"  # replaced by `deskhand vault rotate` alone: what it seals is sealed anew with it
MADE = (*SECRETS, VAULT_KEY)
ROTATED = "_ROTATED_AT"
KEPT = 2  # of the secrets that were replaced
LONG_ENOUGH = timedelta(days=1)  # what the one before was signed with has run out

_FIRST_LINE = "# Made by Deskhand. Whoever has these is let in: keep them to yourself.\n"


def make_secrets(path: Path) -> dict[str, str]:
    """Reads the secrets of this installation, making those that are missing: a later version may want more."""
    known = _read(path)
    if all(name in known for name in MADE):
        return known
    with _locked(path):
        known = _read(path)
        known |= {name: _new() for name in MADE if name not in known}
        _write(path, known)
    return known


def rotate(path: Path, names: Iterable[str], now: datetime) -> None:
    """New secrets; those they replace are accepted until they are dropped."""
    with _locked(path):
        known = _read(path)
        for name in names:
            former = [known.pop(name, ""), *known.get(name + PREVIOUS, "").split(",")]
            known[name] = _new()
            if name == MODEL_KEY:
                continue
            known[name + PREVIOUS] = ",".join(list(filter(None, former))[:KEPT])
            known[name + ROTATED] = now.isoformat(timespec="seconds")
        _write(path, known)


def drop(path: Path, names: Iterable[str]) -> None:
    """From the next start nothing is accepted but the present secret."""
    with _locked(path):
        known = _read(path)
        for name in names:
            known.pop(name + PREVIOUS, None)
            known.pop(name + ROTATED, None)
        _write(path, known)


def rotated_at(known: Mapping[str, str]) -> dict[str, datetime]:
    """When each secret that has a forerunner was replaced."""
    dates = {name: known.get(name + ROTATED) for name in SECRETS if known.get(name + PREVIOUS)}
    return {name: datetime.fromisoformat(date) for name, date in dates.items() if date}


def is_kept(path: Path, name: str, value: str | None) -> bool:
    """Whether this secret, as it is in force, is the one of this file."""
    return bool(value) and _read(path).get(name) == value


def is_private(path: Path) -> bool:
    """Whether nobody but its owner may read the file."""
    return not path.exists() or not path.stat().st_mode & 0o077


def _new() -> str:
    return secrets.token_urlsafe(48)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}


def _write(path: Path, known: Mapping[str, str]) -> None:
    """Another reader sees the old file or the new one."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")  # mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(_FIRST_LINE + "".join(f"{name}={value}\n" for name, value in sorted(known.items())))
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two commands that begin at once make one set of secrets."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database with everybody's data lies there too
    with (path.parent / ".secrets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
