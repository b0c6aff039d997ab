"""What every service's settings have in common: variables that must be there, and secrets.

A secret comes from the variable NAME or from the file that NAME_FILE names, never from both. A secret that was changed
goes on being accepted as NAME_PREVIOUS (or NAME_PREVIOUS_FILE) until that is taken away. Knows no variable by name,
and no message of it holds a value.
"""

from __future__ import annotations

import hashlib
import logging
import stat
from collections.abc import Mapping
from pathlib import Path

SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 8  # different ones
FILE, PREVIOUS = "_FILE", "_PREVIOUS"

_MOUNTED = Path("/run/secrets")  # where containers find theirs, readable for all who are in there: nobody else
_LARGEST_FILE = 1 << 16
_WHOLE = frozenset({"secret", "password", "example", "todo", "xxx"})
_WITHIN = ("changeme", "change-me", "change_me", "placeholder", "your-secret", "your_secret", "<", ">")

_log = logging.getLogger(__name__)


class SettingsRefused(Exception):
    """A variable is missing, a placeholder or not what it should be; the message names it and shows no value."""


def required(environ: Mapping[str, str], name: str) -> str:
    """A variable that must be set.

    Raises:
        SettingsRefused.
    """
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsRefused(f"{name} is not set")
    return value


def private(environ: Mapping[str, str], name: str) -> str | None:
    """What nobody should see but is no key of ours (an address with a password): from NAME or NAME_FILE.

    Raises:
        SettingsRefused: set twice, unreadable or still a placeholder.
    """
    value = _given(environ, name)
    if value is not None:
        _refuse_placeholder(name, value)
    return value


def required_private(environ: Mapping[str, str], name: str) -> str:
    """The same where it must be there."""
    value = private(environ, name)
    if value is None:
        raise SettingsRefused(f"{name} is not set")
    return value


def secret(environ: Mapping[str, str], name: str) -> str:
    """A key of ours: random, long, no placeholder.

    Raises:
        SettingsRefused: naming the variable.
    """
    return _checked(name, required_private(environ, name))


def secrets(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """The key, then those that it replaced and that are accepted still."""
    former = private(environ, name + PREVIOUS) or ""
    given = [_checked(name + PREVIOUS, one.strip()) for one in former.split(",") if one.strip()]
    return tuple(dict.fromkeys([secret(environ, name), *given]))


def key_id(key: str) -> str:
    """What a token says in its header (`kid`) of the key that it was signed with. Nothing can be told from it."""
    return hashlib.sha256(b"deskhand key " + key.encode()).hexdigest()[:12]


def port(environ: Mapping[str, str], name: str, fallback: int) -> int:
    """A port to listen on.

    Raises:
        SettingsRefused.
    """
    value = environ.get(name, "").strip() or str(fallback)
    if not (value.isascii() and value.isdigit()) or not 0 < int(value) < 65536:
        raise SettingsRefused(f"{name} is not a port: {value!r}")
    return int(value)


def _given(environ: Mapping[str, str], name: str) -> str | None:
    value, file = environ.get(name, "").strip(), environ.get(name + FILE, "").strip()
    if value and file:
        raise SettingsRefused(f"{name} and {name}{FILE} are both set")
    return _read(name + FILE, Path(file)) if file else value or None


def _read(name: str, path: Path) -> str:
    try:
        mode = path.stat().st_mode
        with path.open(encoding="utf-8") as file:
            value = file.read(_LARGEST_FILE).strip()
    except (OSError, ValueError) as error:
        raise SettingsRefused(f"{name} can't be read: {path} ({type(error).__name__})") from None
    if mode & stat.S_IROTH and _MOUNTED not in path.parents:
        _log.warning("%s: everybody on this machine may read %s", name, path)
    if not value or "\n" in value:
        raise SettingsRefused(f"{name} must hold one line: {path}")
    return value


def _refuse_placeholder(name: str, value: str) -> None:
    lowered = value.lower()
    if lowered in _WHOLE or any(word in lowered for word in _WITHIN):
        raise SettingsRefused(f"{name} is still a placeholder")


def _checked(name: str, value: str) -> str:
    _refuse_placeholder(name, value)
    if len(value) < SHORTEST_SECRET:
        raise SettingsRefused(f"{name} is shorter than {SHORTEST_SECRET} characters")
    if len(set(value)) < FEWEST_CHARACTERS:
        raise SettingsRefused(f"{name} has fewer than {FEWEST_CHARACTERS} different characters")
    return value
