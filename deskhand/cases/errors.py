"""Refusals of cases.

CaseError
├── UnknownProcess             unknown_process
├── UnknownCase                unknown_case
├── UnknownTask                unknown_task
├── UnknownDocument            unknown_document
├── FieldUnknown               field_unknown
├── FieldMissing               field_missing
├── FieldInvalid               field_invalid
├── DecisionUnknown            decision_unknown
├── ReasonNeeded               reason_needed
├── CaseNotPossibleNow         case_not_possible_now
├── CaseStuck                  case_stuck
├── AlreadyDecided             already_decided
├── FieldDecides               field_decides
└── TaskClaimed                task_claimed
RoleNotAllowed (of orders)
└── OtherPersonNeeded          other_person_needed
VersionConflict (of orders)
└── CaseChanged                case_changed
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from deskhand.orders.errors import DeskhandError, RoleNotAllowed, VersionConflict


class CaseError(DeskhandError):
    """This can't be done with the case."""

    code = "case_error"


class UnknownProcess(CaseError):
    """There is no process {process} that you may start."""

    code = "unknown_process"


class UnknownCase(CaseError):
    """There is no case {number}."""

    code = "unknown_case"


class UnknownTask(CaseError):
    """Nothing waits for you at {task} of case {number}."""

    code = "unknown_task"


class UnknownDocument(CaseError):
    """Case {number} has no document {document}."""

    code = "unknown_document"


class FieldUnknown(CaseError):
    """{process} has no field {field} here."""

    code = "field_unknown"


class FieldMissing(CaseError):
    """{fields} must be given."""

    code = "field_missing"


class FieldInvalid(CaseError):
    """{field} can't be {value}."""

    code = "field_invalid"
    kept_back = frozenset({"value"})  # it may be for few to see; the audit names the field
    because: ClassVar[Mapping[str, str]] = {
        "not_text": "{field} must be text.",
        "too_long": "{field} has more than {max} characters.",
        "not_a_number": "{field}: {value} is not a number.",
        "not_whole": "{field}: {value} is not a whole number.",
        "too_many_decimals": "{field}: {value} has more than {max} decimals.",
        "too_small": "{field}: {value} is less than {min}.",
        "too_large": "{field}: {value} is more than {max}.",
        "not_a_date": "{field}: {value} is not a day; write 2026-12-24.",
        "not_a_moment": "{field}: {value} is not a time with its zone; write 2026-12-24T15:00:00+08:00.",
        "in_past": "{field}: {value} is over already.",
        "not_yes_or_no": "{field} is true or false.",
        "not_a_choice": "{field}: {value} is not one of {choices}.",
        "not_there": "{field}: there is no {value}.",
        "other_unit": "{field} is given in {unit}.",
    }

    def _sentence(self) -> str:
        return self.because.get(str(self.data.get("problem")), super()._sentence())


class DecisionUnknown(CaseError):
    """{decision} is no answer to {task}; possible are {decisions}."""

    code = "decision_unknown"


class ReasonNeeded(CaseError):
    """To {decision} {number} a reason is needed."""

    code = "reason_needed"


class CaseNotPossibleNow(CaseError):
    """{event} is not possible for case {number} now; it is {status}."""

    code = "case_not_possible_now"


class CaseStuck(CaseError):
    """No way leads on from {node} of {process}: {problem}."""

    code = "case_stuck"


class AlreadyDecided(CaseError):
    """{number} was decided by somebody: what they agreed to stays. Have it sent back, or withdraw it."""

    code = "already_decided"


class FieldDecides(CaseError):
    """{field} decides which way {number} goes, and its diagram lets nobody correct it; withdraw it and begin anew."""

    code = "field_decides"


class TaskClaimed(CaseError):
    """{by} has taken {task} of case {number} on."""

    code = "task_claimed"


class OtherPersonNeeded(RoleNotAllowed):
    """{task} of case {number} needs another person: you started the case, or have decided it before."""

    code = "other_person_needed"


class CaseChanged(VersionConflict):
    """Case {number} was changed meanwhile; it is {status} now."""

    code = "case_changed"
