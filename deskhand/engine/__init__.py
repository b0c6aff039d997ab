"""BPMN and DMN files -> transition table; `plan()`: cases + event -> changes. Pure: no I/O, knows no orders."""

from deskhand.engine.begin import start, start_at, undo
from deskhand.engine.bpmn import load_process
from deskhand.engine.case import SYSTEM, TIMER, Actor, Case, Change, Effect, Event, Plan, Refusal
from deskhand.engine.decisions import Decisions
from deskhand.engine.dmn import load_decisions
from deskhand.engine.errors import (
    DecisionFailed,
    DecisionsRefused,
    EngineError,
    ExpressionInvalid,
    Fault,
    NoPath,
    ProcessRefused,
    StartUnknown,
)
from deskhand.engine.explained import Applied, Explained
from deskhand.engine.feel import Expression, UnaryTests, compile_expression, compile_tests
from deskhand.engine.model import Flow, Kind, Node, ProcessModel, Raci, Timer, Trigger
from deskhand.engine.plan import WaitNode, plan, possible_events, waiting
from deskhand.engine.table import Means, Transition, TransitionTable, compile_bpmn, compile_process

__all__ = [
    "SYSTEM",
    "TIMER",
    "Actor",
    "Applied",
    "Case",
    "Change",
    "DecisionFailed",
    "Decisions",
    "DecisionsRefused",
    "Effect",
    "EngineError",
    "Event",
    "Explained",
    "Expression",
    "ExpressionInvalid",
    "Fault",
    "Flow",
    "Kind",
    "Means",
    "NoPath",
    "Node",
    "Plan",
    "ProcessModel",
    "ProcessRefused",
    "Raci",
    "Refusal",
    "StartUnknown",
    "Timer",
    "Transition",
    "TransitionTable",
    "Trigger",
    "UnaryTests",
    "WaitNode",
    "compile_bpmn",
    "compile_expression",
    "compile_process",
    "compile_tests",
    "load_decisions",
    "load_process",
    "plan",
    "possible_events",
    "start",
    "start_at",
    "undo",
    "waiting",
]
