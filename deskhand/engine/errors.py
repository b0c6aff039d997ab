"""What the engine refuses. Knows files and their lines, nothing of HTTP or of chat.

EngineError
├── Refused                  a file is refused as a whole; carries every fault that was found
│   ├── ProcessRefused       a BPMN file
│   └── DecisionsRefused     a DMN file
├── ExpressionInvalid        a FEEL text cannot be read; knows the position
├── DecisionFailed           a decision cannot give a result for these inputs
├── NoPath                   no way leads on from a node
└── StartUnknown             a case cannot begin there
"""

from __future__ import annotations

from dataclasses import dataclass


class EngineError(Exception):
    """The engine cannot do this."""

    code = "engine_error"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file; `line` is the line of the element in the XML."""

    element_id: str
    name: str
    line: int
    message: str

    def __str__(self) -> str:
        called = f" ({self.name})" if self.name else ""
        return f"line {self.line}: {self.element_id or 'document'}{called}: {self.message}"


class Refused(EngineError):
    """The file is outside the profile."""

    code = "file_refused"

    def __init__(self, source: str, faults: tuple[Fault, ...]) -> None:
        self.source = source
        self.faults = faults
        super().__init__("\n".join([f"{source} is refused, {len(faults)} fault(s):", *map(str, faults)]))


class ProcessRefused(Refused):
    """The diagram is outside the profile."""

    code = "process_refused"


class DecisionsRefused(Refused):
    """The decision model is outside the profile."""

    code = "decisions_refused"


class ExpressionInvalid(EngineError):
    """The expression cannot be read."""

    code = "expression_invalid"

    def __init__(self, text: str, position: int, message: str) -> None:
        self.text = text
        self.position = position
        super().__init__(f"{message} at position {position + 1} of {text!r}")


class DecisionFailed(EngineError):
    """The decision gives no result for these inputs."""

    code = "decision_failed"


class NoPath(EngineError):
    """No way leads on from here."""

    code = "no_path"

    def __init__(self, node: str, message: str) -> None:
        self.node = node
        super().__init__(message)


class StartUnknown(EngineError):
    """A case cannot begin there."""

    code = "start_unknown"
