"""Where an agent's model is: an address, or files on this machine. Starts nothing.

A name is looked for as an address, a folder, a folder in `var/models`, and in the registry, in that order.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from llm_server.agent.errors import NoSuchModel
from llm_server.errors import LlmError
from llm_server.registry.model_files import model_files
from llm_server.registry.store import Registry
from llm_server.settings import DEFAULT_MODEL_DIR, settings_from


@dataclass(frozen=True, slots=True)
class Address:
    """A server with OpenAI's API, version and all (`http://gpu:8000/v1`); `model` may be found out there."""

    url: str
    key: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Files:
    """A model's folder, and an adapter over it. `converts`: the packaged model is put there if it isn't."""

    folder: Path
    adapter: Path | None = None
    converts: bool = False


Place = Address | Files


def place_of(
    source: str | Path, *, key: str | None = None, model: str | None = None, base: Path | None = None
) -> Place:
    """Where it is.

    Args:
        base: what an adapter is laid over; the one that it was trained on if that is known, else the default model.

    Raises:
        NoSuchModel: there is none of that name; says where was looked.
        RegistryError: the registry has it and can't give it out.
    """
    name = str(source)
    if name.startswith(("http://", "https://")):
        return Address(_with_version(name), key, model)
    for folder in (Path(name), DEFAULT_MODEL_DIR.parent / name):
        if (folder / "config.json").is_file() or (folder / "adapter_config.json").is_file():
            return files_of(folder, base)
    if Path(name) == DEFAULT_MODEL_DIR or name == DEFAULT_MODEL_DIR.name:
        return Files(DEFAULT_MODEL_DIR, converts=True)
    return files_of(_from_registry(name), base)


def files_of(folder: Path, base: Path | None = None) -> Files:
    """A model's or an adapter's folder. Raises NoSuchModel where it isn't one, or is one of pickles."""
    try:
        model_files(folder)
    except LlmError as problem:
        raise NoSuchModel(str(problem)) from None
    if (folder / "config.json").is_file():
        return Files(folder)
    under = base or _trained_on(folder) or DEFAULT_MODEL_DIR
    return Files(under, folder, converts=under == DEFAULT_MODEL_DIR)


def _trained_on(adapter: Path) -> Path | None:
    said = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    named = Path(str(said.get("base_model_name_or_path") or "."))
    return named if (named / "config.json").is_file() else None


def _from_registry(name: str) -> Path:
    settings = settings_from({key: value for key, value in os.environ.items() if key.startswith("LLM_REGISTRY")})
    registry = Registry(settings.registry)
    known = registry.names()
    if name not in known:
        there = f"; it has {', '.join(known)}" if known else ""
        raise NoSuchModel(
            f"There is no model {name!r}: no folder of that name, none in {DEFAULT_MODEL_DIR.parent}, and none in the "
            f"registry {settings.registry}{there}. Give a folder, a name in the registry (LLM_REGISTRY), or a URL."
        )
    return registry.fetch(name, settings.registry_cache)


def _with_version(url: str) -> str:
    """`http://host` and `http://host/` mean `http://host/v1`."""
    bare = url.rstrip("/")
    return bare if bare.count("/") > 2 else f"{bare}/v1"
