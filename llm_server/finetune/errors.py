"""What can go wrong in training; said before hours are spent wherever it can be."""

from __future__ import annotations

from llm_server.errors import LlmError


class TrainingError(LlmError):
    """A model can't be trained."""


class RunInvalid(TrainingError):
    """The file that says what to train says something that can't be done."""

    def __init__(self, name: str, where: str, problem: str) -> None:
        super().__init__(f"{name}, {where or 'at the top'}: {problem}")
        self.where = where


class NotEnough(TrainingError):
    """There is not enough memory or disk for it."""


class NothingToLearn(TrainingError):
    """The data has nothing that this stage can learn from."""


class RunChanged(TrainingError):
    """The output belongs to a run that was said otherwise."""
