"""YAML files as they are read at each start: by libyaml, ten times as fast as Python's own reader.

For files that lie here. Text that is sent in is read by Python's own reader: libyaml has no bound on depth, and a text
of a hundred thousand brackets ends the process. So are files in whose faults people are shown their place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML may have been built without libyaml


def yaml_in(file: Path) -> Any:
    """What a file of one document holds, plain values only; None where it is empty.

    Raises:
        OSError: it can't be read.
        yaml.YAMLError: it is no YAML; says the line.
    """
    loader = _Loader(file.read_text(encoding="utf-8"))
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
