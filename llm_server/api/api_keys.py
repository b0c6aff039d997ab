"""Who may ask, and how much: API keys by their SHA-256, with limits. Knows nothing of HTTP.

A key is 256 random bits, so a plain hash of it is as good as a slow one; the file of keys can be read by people without
letting them in. ``python -m llm_server.new_key NAME`` makes one.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from llm_server.errors import InvalidSetting

_SETTING = "LLM_API_KEYS_FILE"
_LIMIT = {"type": "integer", "minimum": 1}
_SCHEMA = {
    "type": "object",
    "required": ["keys"],
    "additionalProperties": False,
    "properties": {
        "keys": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "sha256"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string", "pattern": "^[a-z0-9_.-]{1,40}$"},
                    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                    "requests_per_minute": _LIMIT,
                    "tokens_per_minute": _LIMIT,
                    "at_once": _LIMIT,
                },
            },
        }
    },
}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One caller. A limit that is None is no limit."""

    name: str
    sha256: str = field(default="", repr=False)
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    at_once: int | None = None


ANYBODY = ApiKey("anybody")


def digest_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def read_keys(path: Path) -> tuple[ApiKey, ...]:
    """The keys of a file.

    Raises:
        InvalidSetting: it can't be read, is not as it should be, or has a name or a key twice.
    """
    try:
        given: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        raise InvalidSetting(_SETTING, str(path), "a YAML file that can be read") from None
    fault = next(Draft202012Validator(_SCHEMA).iter_errors(given), None)
    if fault is not None:
        where = ".".join(str(part) for part in fault.absolute_path) or "the file"
        raise InvalidSetting(_SETTING, str(path), f"a list of keys with name and sha256; look at {where}")
    keys = tuple(ApiKey(**one) for one in given["keys"])
    if len({key.name for key in keys}) < len(keys) or len({key.sha256 for key in keys}) < len(keys):
        raise InvalidSetting(_SETTING, str(path), "each name and each key once")
    return keys
