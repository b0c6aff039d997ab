"""SpiffWorkflow as oracle: the same diagram, the same events, the same clock, the same values for the conditions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions import timer
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import ReceiveTask
from SpiffWorkflow.util.task import TaskState


class _Clock(datetime):
    """SpiffWorkflow asks the computer's clock for the time; here it is the walk that says."""

    current = datetime(2026, 11, 22, 8, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # the walk's time is not a _Clock
        return cls.current


timer.datetime = _Clock


class _Values(PythonScriptEngine):  # type: ignore[misc]
    """Conditions are `name > 0`, scripts are names, times are texts; nothing is evaluated as Python."""

    def __init__(self, values: Mapping[str, int]) -> None:
        super().__init__()
        self.values = values
        self.reached: list[str] = []

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        return expression if expression.startswith("P") else self.values[expression.split()[0]] > 0

    def execute(self, task: Any, script: str, external_context: Any = None) -> bool:
        self.reached.append(script)
        return True


def specification(xml: bytes) -> tuple[Any, Any]:
    """What SpiffWorkflow makes of a diagram."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(xml))
    return parser.get_spec("p"), parser.get_subprocess_specs("p")


class Oracle:
    """One case in SpiffWorkflow. `values` may be changed between the steps."""

    def __init__(self, specification: tuple[Any, Any], values: Mapping[str, int], now: datetime | None = None) -> None:
        _Clock.current = now or _Clock.current
        self.scripts = _Values(values)
        self.workflow = BpmnWorkflow(*specification, script_engine=self.scripts)
        self._settle()

    def waiting(self) -> list[str]:
        """The ids of the tasks that wait, with repeats."""
        return sorted(task.task_spec.bpmn_id for task in [*self._ready(), *self._receiving()])

    def reached(self) -> list[str]:
        """What was passed at once since this was asked last."""
        found, self.scripts.reached = sorted(self.scripts.reached), []
        return found

    def complete(self, node: str) -> None:
        next(task for task in self._ready() if task.task_spec.bpmn_id == node).run()
        self._settle()

    def send(self, message: str) -> None:
        self.workflow.catch(BpmnEvent(MessageEventDefinition(message)))
        self._settle()

    def fail(self, error: str) -> None:
        self.workflow.catch(BpmnEvent(ErrorEventDefinition(error, error)))
        self._settle()

    def at(self, now: datetime) -> None:
        """It is later; what is due happens."""
        _Clock.current = now
        self.workflow.refresh_timers()
        self._settle()

    @property
    def ended(self) -> bool:
        return bool(self.workflow.completed)

    def _ready(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def _receiving(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.WAITING, spec_class=ReceiveTask))

    def _settle(self) -> None:
        self.workflow.do_engine_steps()
