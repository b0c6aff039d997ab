"""The registry over fsspec: a folder, S3, or whatever else it knows.

    NAME/00001/manifest.json and the model's files; a version exists once its manifest does, which is written last
    NAME/current.json         the promoted versions, the latest last

Files are read back by their checksum, so that a version is what was added or an error.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import fsspec

from llm_server.registry.errors import NotAModel, NotBetter, NotInRegistry, WrongChecksum

MANIFEST, CURRENT = "manifest.json", "current.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TAKEN = {".safetensors", ".json", ".jinja", ".txt", ".model", ".md", ".tsv"}
_PICKLED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt"}
_PART = 1 << 22
# What is better when it is lower; any other figure is better when it is higher.
_LOWER = re.compile(r"perplexity|loss|fallback|seconds")


@dataclass(frozen=True, slots=True)
class Entry:
    """A version. `files`: name -> (sha256, bytes); `evaluation`: figure -> value."""

    name: str
    version: int
    files: Mapping[str, tuple[str, int]]
    evaluation: Mapping[str, float] = field(default_factory=dict)
    card: str = ""

    @property
    def digest(self) -> str:
        """Of all its files."""
        said = json.dumps({name: checksum for name, (checksum, _) in sorted(self.files.items())})
        return hashlib.sha256(said.encode()).hexdigest()


class Registry:
    """Versions of models in one place."""

    def __init__(self, store: str) -> None:
        """`store`: a folder, or an address that fsspec knows (s3://bucket/models)."""
        self._files, root = fsspec.core.url_to_fs(store)
        self._root = str(root).rstrip("/")

    # --- reading

    def names(self) -> list[str]:
        return sorted(path.rpartition("/")[2] for path in self._listed(self._root))

    def versions(self, name: str) -> list[Entry]:
        """Those that are whole, the oldest first. Raises NotInRegistry where there is none."""
        found = sorted(
            path.rpartition("/")[2] for path in self._listed(self._at(name)) if self._files.exists(f"{path}/{MANIFEST}")
        )  # fmt: skip
        if not found:
            raise NotInRegistry(f"There is no model {name} in {self._root}; there are: {', '.join(self.names())}.")
        return [self._entry(name, int(number)) for number in found]

    def version(self, name: str, version: int | None = None) -> Entry:
        """A version; the current one where none is said. Raises NotInRegistry."""
        if version is None:
            version = self.current(name)
        if version is None:
            raise NotInRegistry(f"No version of {name} has been promoted.")
        if not self._files.exists(self._at(name, version, MANIFEST)):
            raise NotInRegistry(f"There is no version {version} of {name} in {self._root}.")
        return self._entry(name, version)

    def current(self, name: str) -> int | None:
        """The promoted version."""
        promoted = self._promoted(name)
        return promoted[-1] if promoted else None

    # --- writing

    def add(self, name: str, folder: Path, evaluation: Mapping[str, float] | None = None, card: str = "") -> Entry:
        """A new version of the model in a folder; it isn't served before it is promoted.

        Raises:
            NotAModel: the folder holds no model, or pickled weights, which could run any program.
        """
        if not _NAME.fullmatch(name):
            raise NotAModel(f"{name!r} can't be a model's name: small letters, digits, dots, dashes.")
        files = _model_files(folder)
        version = max((int(path.rpartition("/")[2]) for path in self._listed(self._at(name))), default=0) + 1
        sums: dict[str, tuple[str, int]] = {}
        for path in files:
            sums[path.name] = self._upload(path, self._at(name, version, path.name))
        entry = Entry(name, version, sums, dict(evaluation or {}), card)
        self._write(self._at(name, version, MANIFEST), asdict(entry))
        return entry

    def promote(self, name: str, version: int, tolerance: float = 0.0) -> Entry:
        """Makes a version the current one, unless it is worse.

        Args:
            tolerance: by how much, as a share, a figure may be worse.

        Raises:
            NotInRegistry, NotBetter.
        """
        entry = self.version(name, version)
        before = self.current(name)
        if before is not None and before != version:
            worse = list(_worse(self.version(name, before).evaluation, entry.evaluation, tolerance))
            if worse:
                raise NotBetter(name, version, worse)
        if before != version:
            self._write(self._at(name, file=CURRENT), [*self._promoted(name), version])
        return entry

    def roll_back(self, name: str) -> Entry:
        """Makes the version current that was so before. Raises NotInRegistry where there is none."""
        promoted = self._promoted(name)
        if len(promoted) < 2:
            raise NotInRegistry(f"There is no earlier version of {name} to go back to.")
        self._write(self._at(name, file=CURRENT), promoted[:-1])
        return self.version(name)

    def fetch(self, name: str, cache: Path, version: int | None = None) -> Path:
        """A folder with the files of a version, each as it was added; made once.

        Raises:
            NotInRegistry, WrongChecksum.
        """
        entry = self.version(name, version)
        folder = cache / f"{name}-{entry.version:05}-{entry.digest[:12]}"
        if folder.is_dir():
            return folder
        partial = folder.with_name(f".{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            for file in entry.files:
                self._download(entry, file, partial / file)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        return folder

    # --- the store

    def _at(self, name: str, version: int | None = None, file: str = "") -> str:
        parts = [self._root, name, *([f"{version:05}"] if version is not None else []), *([file] if file else [])]
        return "/".join(parts)

    def _listed(self, folder: str) -> list[str]:
        """Folders in a folder; none where it isn't there."""
        if not self._files.exists(folder):
            return []
        found = self._files.ls(folder, detail=True)
        return [str(each["name"]).rstrip("/") for each in found if each["type"] == "directory"]

    def _entry(self, name: str, version: int) -> Entry:
        said = self._read(self._at(name, version, MANIFEST))
        return Entry(**{**said, "files": {file: tuple(each) for file, each in said["files"].items()}})

    def _promoted(self, name: str) -> list[int]:
        path = self._at(name, file=CURRENT)
        return list(self._read(path)) if self._files.exists(path) else []

    def _read(self, path: str) -> Any:
        return json.loads(self._files.cat_file(path))

    def _write(self, path: str, said: object) -> None:
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(path, json.dumps(said, ensure_ascii=False, indent=1).encode())

    def _upload(self, path: Path, to: str) -> tuple[str, int]:
        checksum, size = hashlib.sha256(), 0
        self._files.makedirs(to.rpartition("/")[0], exist_ok=True)
        with path.open("rb") as source, self._files.open(to, "wb") as target:
            while part := source.read(_PART):
                checksum.update(part)
                size += len(part)
                target.write(part)
        return checksum.hexdigest(), size

    def _download(self, entry: Entry, file: str, to: Path) -> None:
        if Path(file).name != file:
            raise WrongChecksum(entry.name, entry.version, file)
        checksum = hashlib.sha256()
        try:
            with self._files.open(self._at(entry.name, entry.version, file), "rb") as source, to.open("wb") as target:
                while part := source.read(_PART):
                    checksum.update(part)
                    target.write(part)
        except FileNotFoundError:
            raise WrongChecksum(entry.name, entry.version, file) from None
        if checksum.hexdigest() != entry.files[file][0]:
            raise WrongChecksum(entry.name, entry.version, file)


def _model_files(folder: Path) -> list[Path]:
    """Those that are taken. Raises NotAModel."""
    there = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    pickled = [path.name for path in there if path.suffix in _PICKLED]
    if pickled:
        raise NotAModel(f"{folder} has pickled weights ({pickled[0]}), which can run any program; save safetensors.")
    taken = [path for path in there if path.suffix in _TAKEN and path.name != MANIFEST]
    if not any(path.suffix == ".safetensors" for path in taken):
        raise NotAModel(f"{folder} holds no model: no safetensors.")
    return taken


def _worse(before: Mapping[str, float], now: Mapping[str, float], tolerance: float) -> Iterator[str]:
    """Sentences about figures that are worse, or missing."""
    for figure, value in before.items():
        if figure not in now:
            yield f"{figure} was not measured"
        elif _LOWER.search(figure):
            if now[figure] > value + abs(value) * tolerance:
                yield f"{figure} rose from {value:g} to {now[figure]:g}"
        elif now[figure] < value - abs(value) * tolerance:
            yield f"{figure} fell from {value:g} to {now[figure]:g}"
