"""What is known so far of a case that is begun or of a decision on one, and its command; JSON in draft and card.

Knows no wording and no store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from deskhand.cases import CaseCommand, DecideTask, Definition, Field, GiveFields, StartCase, WithdrawCase
from deskhand.language.decision import REFUSALS

FORM = DRAFT = "process_form"
SLOTS = ("process", "process_field")
START, DECIDE, CORRECT = "start", "decide", "correct"
REASON, CONFIRMATION = "reason", "confirmation"  # asked besides the process's own fields


@dataclass(frozen=True)
class CaseDraft:
    """`values` are plain, by the names of fields; `asked` is a field's name, REASON or CONFIRMATION. `offered`: whether
    it was said already what else may be told.
    """

    purpose: str
    process: str
    case: str | None = None
    task: str | None = None
    version: int | None = None
    decision: str | None = None
    reason: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    asked: str | None = None
    offered: bool = False

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> CaseDraft:
        return cls(**state)

    def state(self) -> dict[str, Any]:
        return asdict(self)

    def fields(self, definition: Definition) -> list[Field]:
        """Those that are asked here."""
        if self.purpose == CORRECT:
            return [replace(each, required=False) for each in definition.fields_at()]
        return definition.asked_at(self.task if self.purpose == DECIDE else None)

    def missing(self, definition: Definition) -> str | None:
        """The next question; None when all that is needed is known."""
        lacking = (each.name for each in self.fields(definition) if each.required and each.name not in self.values)
        needed = next(lacking, None)
        if needed is None and self.needs_reason(definition) and not self.reason:
            return REASON
        return needed

    def open_optional(self, definition: Definition) -> Iterator[Field]:
        """What may still be said and need not be; of a case that is corrected, everything was said once, and a refusal
        says nothing but its reason.
        """
        if self.corrects(definition) or self.decision in REFUSALS:
            return iter(())
        return (each for each in self.fields(definition) if not each.required and each.name not in self.values)

    def corrects(self, definition: Definition) -> bool:
        """Whether what was said at the start is said anew."""
        return self.purpose == CORRECT or (self.task is not None and definition.rule(self.task).corrects)

    def needs_reason(self, definition: Definition) -> bool:
        return self.purpose == DECIDE and self.decision in definition.rule(str(self.task)).reason_for

    def with_value(self, name: str, value: object) -> CaseDraft:
        return replace(self, values={**self.values, name: value})

    def without(self, name: str) -> CaseDraft:
        return replace(self, values={key: value for key, value in self.values.items() if key != name})

    def command(self) -> StartCase | DecideTask | GiveFields:
        if self.purpose == START:
            return StartCase(self.process, dict(self.values))
        if self.purpose == CORRECT:
            return GiveFields(str(self.case), dict(self.values), self.version)
        said = str(self.case), str(self.task), str(self.decision)
        return DecideTask(*said, self.reason, dict(self.values), self.version)


_COMMANDS: Mapping[str, type[Any]] = {kind.__name__: kind for kind in (StartCase, DecideTask, GiveFields, WithdrawCase)}


def to_payload(command: CaseCommand) -> dict[str, Any]:
    """The command as the JSON that a card keeps; `case_command` tells it from an order's."""
    return {"case_command": type(command).__name__, "fields": asdict(command)}


def command_in(payload: Mapping[str, Any]) -> CaseCommand:
    """The command that a card stands for."""
    command: CaseCommand = _COMMANDS[payload["case_command"]](**payload["fields"])
    return command
