"""BPMN and DMN files -> transition table; `plan()`: cases + event -> changes. Pure: no I/O, knows no orders."""

from deskhand.engine.case import SYSTEM, TIMER, Actor, Case, Change, Effect, Event, Plan, Refusal
from deskhand.engine.errors import (
    DecisionFailed,
    DecisionsRefused,
    EngineError,
    ExpressionInvalid,
    Fault,
    ProcessRefused,
    StartUnknown,
)

__all__ = [
    "SYSTEM",
    "TIMER",
    "Actor",
    "Case",
    "Change",
    "DecisionFailed",
    "DecisionsRefused",
    "Effect",
    "EngineError",
    "Event",
    "ExpressionInvalid",
    "Fault",
    "Plan",
    "ProcessRefused",
    "Refusal",
    "StartUnknown",
]
