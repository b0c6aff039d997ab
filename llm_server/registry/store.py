"""The registry over fsspec: a folder, S3, or whatever else it knows.

    NAME/00001/manifest.json  and the model's files; a version exists once its manifest does, which is written last
    NAME/current.json         the promoted versions, the latest last

Files are read back by their checksum, so that a version is what was added or an error.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from llm_server.registry.errors import (
    ManifestDamaged,
    NotAModel,
    NotBetter,
    NotEnoughRoom,
    NotInRegistry,
    WrongChecksum,
)
from llm_server.registry.evaluation import Evaluation, worse
from llm_server.registry.model_files import MANIFEST, checksum, model_files

CURRENT, CLAIM = "current.json", "claim"
KEPT = 3  # versions whose files stay in the cache, so that going back needs no store
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PART = 1 << 22


@dataclass(frozen=True, slots=True)
class Entry:
    """A version. `files`: name -> (sha256, bytes); `evaluation`: figure -> value."""

    name: str
    version: int
    files: Mapping[str, tuple[str, int]]
    evaluation: Mapping[str, float] = field(default_factory=dict)
    card: str = ""

    @property
    def is_adapter(self) -> bool:
        """An adapter is laid over another model; it can't answer alone."""
        return "adapter_config.json" in self.files

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(size for _, size in self.files.values())

    @property
    def digest(self) -> str:
        """Of all its files."""
        said = json.dumps({name: checksum for name, (checksum, _) in sorted(self.files.items())})
        return hashlib.sha256(said.encode()).hexdigest()


class Registry:
    """Versions of models in one place."""

    def __init__(self, store: str) -> None:
        """`store`: a folder, or an address that fsspec knows (s3://bucket/models)."""
        self._files, root = _opened(store)
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
        promoted = self.promoted(name)
        return promoted[-1] if promoted else None

    def promoted(self, name: str) -> list[int]:
        """Every version that was promoted and not taken back, the latest last."""
        path = self._at(name, file=CURRENT)
        try:
            return [int(each) for each in json.loads(self._files.cat_file(path))]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError):
            raise ManifestDamaged(path) from None

    # --- writing

    def add(self, name: str, folder: Path, evaluation: Evaluation | None = None, card: str = "") -> Entry:
        """A new version of the model or adapter in a folder; it isn't served before it is promoted.

        Raises:
            NotAModel: the folder holds no whole model, or pickled weights, which could run any program.
            NotItsEvaluation: the evaluation is of other files.
            NotEnoughRoom.
        """
        if not _NAME.fullmatch(name):
            raise NotAModel(f"{name!r} can't be a model's name: small letters, digits, dots, dashes.")
        files = model_files(folder)
        sums = {path.name: (checksum(path), path.stat().st_size) for path in files}
        if evaluation:
            evaluation.check({file: each for file, (each, _) in sums.items()}, str(folder))
        if isinstance(self._files, LocalFileSystem):
            _check_disk(Path(self._root), sum(size for _, size in sums.values()))
        entry = Entry(name, self._claimed(name), sums, dict(evaluation.figures if evaluation else {}), card)
        try:
            for path in files:
                self._upload(entry, path)
            self._write(self._at(name, entry.version, MANIFEST), asdict(entry))
        except BaseException:
            with suppress(Exception):  # what stays has no manifest, and is no version
                self._files.rm(self._at(name, entry.version), recursive=True)
            raise
        return entry

    def promote(self, name: str, version: int, tolerance: float = 0.0) -> Entry:
        """Makes a version the current one, unless it is worse.

        Args:
            tolerance: by how much, as a share, a figure may be worse.

        Raises:
            NotInRegistry, NotBetter: it is worse, or was never evaluated.
        """
        entry = self.version(name, version)
        promoted = self.promoted(name)
        if promoted and promoted[-1] == version:
            return entry
        if not entry.evaluation:
            raise NotBetter(name, version, ["it was added without an evaluation"])
        if promoted:
            found = list(worse(self.version(name, promoted[-1]).evaluation, entry.evaluation, tolerance))
            if found:
                raise NotBetter(name, version, found)
        self._write(self._at(name, file=CURRENT), [*promoted, version])
        return entry

    def roll_back(self, name: str) -> Entry:
        """Makes the version current that was so before. Raises NotInRegistry where there is none."""
        promoted = self.promoted(name)
        if len(promoted) < 2:
            raise NotInRegistry(f"There is no earlier version of {name} to go back to.")
        entry = self.version(name, promoted[-2])
        self._write(self._at(name, file=CURRENT), promoted[:-1])
        return entry

    def fetch(self, name: str, cache: Path, version: int | None = None) -> Path:
        """A folder with the files of a version, each as it was added. One that is there is checked again.

        Raises:
            NotInRegistry, WrongChecksum, NotEnoughRoom.
        """
        entry = self.version(name, version)
        folder = cache / _folder_name(entry)
        with _alone(folder):
            if _is_whole(folder, entry):
                return folder
            _check_disk(cache, entry.size)
            partial = folder.with_name(f".{folder.name}.partial")
            for old in (partial, folder):
                shutil.rmtree(old, ignore_errors=True)
            partial.mkdir(parents=True)
            try:
                for file in entry.files:
                    self._download(entry, file, partial / file)
                partial.rename(folder)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
        return folder

    def tidy(self, name: str, cache: Path, serving: int) -> None:
        """Takes folders out of the cache that neither serve nor are among the last that were promoted."""
        kept = {serving, *self.promoted(name)[-KEPT:]}
        for folder in cache.glob(f"{name}-*"):
            found = re.fullmatch(re.escape(name) + r"-(\d{5})-[0-9a-f]{12}", folder.name)
            if found and int(found[1]) not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    # --- the store

    def _at(self, name: str, version: int | None = None, file: str = "") -> str:
        parts = [self._root, name, *([f"{version:05}"] if version is not None else []), *([file] if file else [])]
        return "/".join(parts)

    def _listed(self, folder: str) -> list[str]:
        """Folders in a folder; none where it isn't there."""
        try:
            found = self._files.ls(folder, detail=True)
        except FileNotFoundError:
            return []
        return [str(each["name"]).rstrip("/") for each in found if each["type"] == "directory"]

    def _claimed(self, name: str) -> int:
        """The next number; two that add at the same time get different ones, wherever the store can tell."""
        version = max((int(path.rpartition("/")[2]) for path in self._listed(self._at(name))), default=0) + 1
        while True:
            path = self._at(name, version, CLAIM)
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            try:
                self._files.pipe_file(path, b"", mode="create")
                return version
            except FileExistsError:
                version += 1

    def _entry(self, name: str, version: int) -> Entry:
        path = self._at(name, version, MANIFEST)
        known = {each.name for each in fields(Entry)}
        try:
            said = json.loads(self._files.cat_file(path))
            files = {str(file): (str(each[0]), int(each[1])) for file, each in said["files"].items()}
            return Entry(**{**{key: said[key] for key in known & said.keys()}, "files": files})
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            raise ManifestDamaged(path) from None

    def _write(self, path: str, said: object) -> None:
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        data = json.dumps(said, ensure_ascii=False, indent=1).encode()
        if not isinstance(self._files, LocalFileSystem):
            self._files.pipe_file(path, data)  # whole or not at all, as object stores have it
            return
        partial = Path(f"{path}.partial")
        partial.write_bytes(data)
        partial.replace(path)

    def _upload(self, entry: Entry, path: Path) -> None:
        digest, to = hashlib.sha256(), self._at(entry.name, entry.version, path.name)
        with path.open("rb") as source, self._files.open(to, "wb") as target:
            while part := source.read(_PART):
                digest.update(part)
                target.write(part)
        if digest.hexdigest() != entry.files[path.name][0]:
            raise NotAModel(f"{path} was changed while it was added. Add it again when it is written.")

    def _download(self, entry: Entry, file: str, to: Path) -> None:
        if Path(file).name != file:
            raise WrongChecksum(entry.name, entry.version, file)
        digest = hashlib.sha256()
        try:
            with self._files.open(self._at(entry.name, entry.version, file), "rb") as source, to.open("wb") as target:
                while part := source.read(_PART):
                    digest.update(part)
                    target.write(part)
        except FileNotFoundError:
            raise WrongChecksum(entry.name, entry.version, file) from None
        if digest.hexdigest() != entry.files[file][0]:
            raise WrongChecksum(entry.name, entry.version, file)


def _opened(store: str) -> tuple[Any, str]:
    """What keeps the files, and the path in it."""
    protocol, path = fsspec.core.split_protocol(store)
    if protocol != "s3":
        return fsspec.core.url_to_fs(store, use_listings_cache=False)  # type: ignore[no-any-return]
    from llm_server.registry.object_store import ObjectStore

    return ObjectStore(), path


def _folder_name(entry: Entry) -> str:
    return f"{entry.name}-{entry.version:05}-{entry.digest[:12]}"


def _is_whole(folder: Path, entry: Entry) -> bool:
    """Whether a folder of the cache is still what was fetched."""
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()} if folder.is_dir() else {}
    if sizes != {file: size for file, (_, size) in entry.files.items()}:
        return False
    return all(checksum(folder / file) == each for file, (each, _) in entry.files.items())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time fetches a folder; the lock goes with the process, however it ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_disk(folder: Path, needed: int) -> None:
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise NotEnoughRoom(folder, needed, free)
