"""A plan for a command, in YAML: read, and held against its schema. Knows no plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

Invalid = Callable[[str, str, str], Exception]  # file, place in it, problem


def read_yaml(path: Path, invalid: Invalid) -> tuple[str, object]:
    """The text of a file and what it says. Raises what `invalid` makes."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise invalid(path.name, "", " ".join(str(problem).split())) from problem


def checked(given: object, schema: Mapping[str, Any], name: str, invalid: Invalid) -> Mapping[str, Any]:
    """What was given, an object that keeps to the schema. Raises what `invalid` makes, at the place."""
    for error in jsonschema.Draft202012Validator(schema).iter_errors(given):
        raise invalid(name, ".".join(map(str, error.absolute_path)), error.message)
    assert isinstance(given, Mapping)
    return given
