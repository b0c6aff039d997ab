"""What is wrong in a file that people write, each fault with its line; and YAML as nodes that know theirs.

Knows no setting.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file."""

    file: str
    line: int
    setting: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: " + (f"{self.setting}: " if self.setting else "") + self.problem


class FileInvalid(ValueError):
    """A file is wrong; every fault is named, one on a line."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


class NotYaml(ValueError):
    """A text is no YAML, from `line` on."""

    def __init__(self, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)  # none for a character that YAML does not allow
        self.line = mark.line + 1 if mark else 1
        super().__init__(str(getattr(error, "problem", None) or error))


def composed(text: str) -> yaml.Node | None:
    """The nodes of a text; None where it is empty.

    Raises:
        NotYaml: it can't be read.
    """
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise NotYaml(error) from error


def line_of(node: yaml.Node) -> int:
    return node.start_mark.line + 1
