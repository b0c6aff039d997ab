"""Which files of a folder are a model or an adapter, and whether they are whole: looked at before anything is copied.

Reads the heads of safetensors only, never a pickle. Knows nothing of torch or of stores.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llm_server.registry.errors import NotAModel

MANIFEST = "manifest.json"
CONFIGS = ("config.json", "adapter_config.json")
_TAKEN = {".safetensors", ".json", ".jinja", ".txt", ".model", ".md", ".tsv"}
_PICKLED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
_PART = 1 << 22
_HEAD = struct.Struct("<Q")
_LONGEST_HEAD = 100_000_000  # as safetensors itself has it
_BITS = {"BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
         "I32": 32, "U32": 32, "F32": 32, "I64": 64, "U64": 64, "F64": 64}  # fmt: skip


def model_files(folder: Path) -> list[Path]:
    """The files of a model or an adapter, by name.

    Raises:
        NotAModel: there is none, or it isn't whole, or it has pickled weights, which could run any program.
    """
    there = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    pickled = [path.name for path in there if path.suffix in _PICKLED]
    if pickled:
        raise NotAModel(f"{folder} has pickled weights ({pickled[0]}), which can run any program; save safetensors.")
    taken = [path for path in there if path.suffix in _TAKEN and path.name != MANIFEST]
    weights = [path for path in taken if path.suffix == ".safetensors"]
    if not weights:
        raise NotAModel(f"{folder} holds no model: no safetensors.")
    if not any((folder / name).is_file() for name in CONFIGS):
        raise NotAModel(f"{folder} holds no model: neither {' nor '.join(CONFIGS)}.")
    for path in taken:
        if path.suffix == ".json":
            _object(path)
    for path in weights:
        tensors_of(path)
    _check_shards(folder)
    return taken


def tensors_of(path: Path) -> Mapping[str, tuple[str, int]]:
    """What a safetensors file says of its tensors: name -> (type, how many numbers).

    Raises:
        NotAModel: it is something else under that name, or cut off.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_HEAD.size)
        length = _HEAD.unpack(start)[0] if len(start) == _HEAD.size else _LONGEST_HEAD
        head = file.read(length) if length < min(_LONGEST_HEAD, size) else b""
    try:
        said = json.loads(head)
        said.pop("__metadata__", None)
        tensors = {name: (str(one["dtype"]), math.prod(one["shape"])) for name, one in said.items()}
        end = max((one["data_offsets"][1] for one in said.values()), default=0)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise NotAModel(f"{path} is not a safetensors file{_seems(start)}; save the model as safetensors.") from None
    if _HEAD.size + length + end != size:
        raise NotAModel(f"{path} is not whole: {size} bytes where its head says {_HEAD.size + length + end}.")
    return tensors


def numbers_in(folder: Path) -> int:
    """How many numbers the weights in a folder are, for an estimate. Raises NotAModel."""
    return sum(count for path in folder.glob("*.safetensors") for _, count in tensors_of(path).values())


def bytes_of(kind: str, count: int) -> int:
    """Size of so many numbers of a safetensors type; of one that isn't known as if it were float32."""
    return count * _BITS.get(kind, 32) // 8


def checksum(path: Path) -> str:
    """SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(_PART):
            digest.update(part)
    return digest.hexdigest()


def checksums(*folders: Path) -> dict[str, str]:
    """FOLDER/FILE -> SHA-256 of the files of models: what an evaluation says it is of."""
    return {f"{folder.name}/{path.name}": checksum(path) for folder in folders for path in model_files(folder)}


def _seems(start: bytes) -> str:
    if start[:2] == b"PK" or start[:1] == b"\x80":
        return " but a pickle, which can run any program when it is read"
    return " (a pointer of Git LFS)" if start.startswith(b"version ") else ""


def _object(path: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise NotAModel(f"{path} is not JSON; write the model again.") from None
    return said if isinstance(said, Mapping) else {}


def _check_shards(folder: Path) -> None:
    """Every shard that an index names must be there."""
    for index in folder.glob("*.safetensors.index.json"):
        named = _object(index).get("weight_map", {})
        missing = sorted({name for name in named.values() if not (folder / Path(str(name)).name).is_file()})
        if missing:
            raise NotAModel(f"{folder} is not whole: {index.name} names {missing[0]}, which is not there.")
