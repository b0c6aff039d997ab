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
