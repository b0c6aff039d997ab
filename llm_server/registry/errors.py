"""What can go wrong with versions of models."""

from __future__ import annotations

from collections.abc import Sequence

from llm_server.errors import LlmError


class RegistryError(LlmError):
    """The registry can't do it."""


class NotInRegistry(RegistryError):
    """There is no such model, version, or earlier version."""


class NotAModel(RegistryError):
    """The folder isn't one that may be served."""


class NotItsEvaluation(RegistryError):
    """The evaluation was measured on other files, or says no figures."""


class NotEnoughRoom(RegistryError):
    """The disk has no room for the files."""

    def __init__(self, folder: object, needed: int, free: int) -> None:
        super().__init__(
            f"{folder} has no room: {needed / 1e6:,.1f} MB are needed and {free / 1e6:,.1f} MB are free. "
            "Delete old versions, or name a folder on another disk."
        )


class StoreFailed(RegistryError):
    """A store elsewhere can't be reached, or refuses."""

    def __init__(self, path: str, said: str) -> None:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        why = lines[0][:300] if lines else "it says nothing"
        super().__init__(f"{path}: the store can't be used: {why} Are its address, keys and bucket right (AWS_...)?")
        self.path = path


class ManifestDamaged(RegistryError):
    """What the registry says of a version can't be read."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} can't be read. Add the model again; the server stays with the version that it has.")


class WrongChecksum(RegistryError):
    """A file isn't what it was when it was added."""

    def __init__(self, name: str, version: int, file: str) -> None:
        super().__init__(
            f"{file} of {name} version {version} is not what was added. Roll back, or add the model again."
        )  # fmt: skip
        self.file = file


class NotBetter(RegistryError):
    """The version is worse than the current one; `worse` says where."""

    def __init__(self, name: str, version: int, worse: Sequence[str]) -> None:
        super().__init__(f"{name} version {version} is not promoted: {'; '.join(worse)}.")
        self.worse = tuple(worse)
