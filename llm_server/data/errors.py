"""What can go wrong in making training data. Each message says where, and what to do."""

from __future__ import annotations

from pathlib import Path

from llm_server.errors import LlmError


class DataError(LlmError):
    """Training data can't be made."""


class PlanInvalid(DataError):
    """The file that says what to do says something that can't be done."""

    def __init__(self, name: str, where: str, problem: str) -> None:
        super().__init__(f"{name}, {where or 'at the top'}: {problem}")
        self.where = where


class DataUnusable(DataError):
    """What was read can't be trained on."""


class BrokenFile(DataUnusable):
    """Too much of a file can't be read."""

    def __init__(self, path: Path, broken: int, rows: int, example: str) -> None:
        super().__init__(f"{path}: {broken} of {rows} rows can't be used, for example {example}. Mend or leave it out.")
        self.path = path


class DataChanged(DataError):
    """A file of training data is not the one that was made."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is not the file that card.json tells of: it was changed, cut off or taken away. Put changes into "
            "the sources, and make the data again with python -m llm_server.data."
        )
        self.path = path


class NoRoom(DataError):
    """The disk is full; nothing half-written is left."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"There is no room left for {folder}. Nothing was kept; make room, or name another `output`.")


class OutputInUse(DataError):
    """The folder to write to holds something that this command did not make."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} exists and was not made by llm_server.data; it is left alone. Name another `output`."
        )
