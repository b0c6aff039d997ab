"""The server's settings: one frozen dataclass, read from the environment once, in ``__main__``.

Knows nothing of HTTP or torch.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from llm_server.api.api_keys import ApiKey, read_keys
from llm_server.errors import InvalidSetting

DEFAULT_MODEL_DIR = Path("var/models/smollm2-135m-instruct")
DEFAULT_REGISTRY = "var/registry"
DEVICES = ("auto", "cpu", "cuda")
DTYPES = ("auto", "bfloat16", "float32")
ADAPTERS = ("shipped", "none")

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server is told from outside; ``api_key`` is None when no bearer token is asked for.

    ``api_keys`` are further ones, each with limits of its own.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    model_dir: Path = DEFAULT_MODEL_DIR
    models_file: Path | None = None
    registry: str = DEFAULT_REGISTRY
    registry_cache: Path = Path("var/cache/models")
    registry_seconds: float = 5.0
    api_key: str | None = field(default=None, repr=False)
    api_keys: tuple[ApiKey, ...] = field(default=(), repr=False)
    queue_limit: int = 16
    queue_tokens: int = 65_536
    cache_bytes: int = 16 * 1024 * 1024
    drain_seconds: float = 10.0
    timeout_seconds: float = 30.0
    threads: int = 1
    dtype: str = "auto"
    device: str = "auto"
    adapter: str = "shipped"

    @property
    def model_id(self) -> str:
        """The name under which clients ask for the model: its folder's."""
        return self.model_dir.absolute().name

    @property
    def converts_missing_model(self) -> bool:
        """Only the default folder is filled by the server itself; a folder named by the operator is his to fill."""
        return self.model_dir == DEFAULT_MODEL_DIR

    @property
    def is_open_to_the_network(self) -> bool:
        """True if others than this machine can reach the server."""
        return self.host not in {"127.0.0.1", "::1", "localhost"}


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Reads ``LLM_*``; an empty value counts as unset.

    Raises:
        InvalidSetting: a value that can't be used, named by its variable.
    """
    given = {name: value.strip() for name, value in environ.items() if name.startswith("LLM_") and value.strip()}
    return Settings(
        host=given.get("LLM_HOST", "127.0.0.1"),
        port=_number(given, "LLM_PORT", 8080, int, least=0, most=65535),
        model_dir=Path(given.get("LLM_MODEL_DIR", str(DEFAULT_MODEL_DIR))),
        models_file=Path(given["LLM_MODELS_FILE"]) if "LLM_MODELS_FILE" in given else None,
        registry=given.get("LLM_REGISTRY", DEFAULT_REGISTRY),
        registry_cache=Path(given.get("LLM_REGISTRY_CACHE", "var/cache/models")),
        registry_seconds=_number(given, "LLM_REGISTRY_SECONDS", 5.0, float, least=0.1, most=86_400),
        api_key=_api_key(given),
        api_keys=read_keys(Path(given["LLM_API_KEYS_FILE"])) if "LLM_API_KEYS_FILE" in given else (),
        queue_limit=_number(given, "LLM_QUEUE_LIMIT", 16, int, least=0, most=100_000),
        queue_tokens=_number(given, "LLM_QUEUE_TOKENS", 65_536, int, least=1, most=10**9),
        cache_bytes=_number(given, "LLM_CACHE_MB", 16, int, least=0, most=65_536) * 1024 * 1024,
        drain_seconds=_number(given, "LLM_DRAIN_SECONDS", 10.0, float, least=0, most=86_400),
        timeout_seconds=_number(given, "LLM_TIMEOUT_SECONDS", 30.0, float, least=0.001, most=86_400),
        threads=_number(given, "LLM_THREADS", os.cpu_count() or 1, int, least=1, most=4096),
        dtype=_choice(given, "LLM_DTYPE", DTYPES),
        device=_choice(given, "LLM_DEVICE", DEVICES),
        adapter=_choice(given, "LLM_ADAPTER", ADAPTERS),
    )


def _api_key(given: Mapping[str, str]) -> str | None:
    """From LLM_API_KEY or the file that LLM_API_KEY_FILE names, not from both; neither is shown in an error."""
    path = given.get("LLM_API_KEY_FILE")
    if path is None:
        return given.get("LLM_API_KEY")
    if "LLM_API_KEY" in given:
        raise InvalidSetting("LLM_API_KEY_FILE", path, "set without LLM_API_KEY")
    try:
        key = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise InvalidSetting("LLM_API_KEY_FILE", path, "a file that can be read") from None
    if not key:
        raise InvalidSetting("LLM_API_KEY_FILE", path, "a file with a key in it")
    return key


def _number(
    given: Mapping[str, str], name: str, default: Number, kind: Callable[[str], Number], *, least: float, most: float
) -> Number:
    try:
        value = kind(given[name]) if name in given else default
    except ValueError:
        raise InvalidSetting(name, given[name], "a number") from None
    if not least <= value <= most:
        raise InvalidSetting(name, str(value), f"a number from {least} to {most}")
    return value


def _choice(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = given.get(name, allowed[0]).lower()
    if value not in allowed:
        raise InvalidSetting(name, value, "one of " + ", ".join(allowed))
    return value
