"""SpiffWorkflow as oracle: the same diagram, the same events, the same values for the conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn import BpmnEvent, BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.util.task import TaskState


class _Values(PythonScriptEngine):  # type: ignore[misc]
    """Conditions are `name > 0`; nothing is evaluated as Python."""

    def __init__(self, values: Mapping[str, int]) -> None:
        super().__init__()
        self.values = values

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        return self.values[expression.split()[0]] > 0


def specification(xml: bytes) -> tuple[Any, Any]:
    """What SpiffWorkflow makes of a diagram."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(xml))
    return parser.get_spec("p"), parser.get_subprocess_specs("p")


class Oracle:
    """One case in SpiffWorkflow. `values` may be changed between the steps."""

    def __init__(self, specification: tuple[Any, Any], values: Mapping[str, int]) -> None:
        self.workflow = BpmnWorkflow(*specification, script_engine=_Values(values))
        self._settle()

    def waiting(self) -> list[str]:
        """The ids of the tasks that wait for a person, with repeats."""
        return sorted(task.task_spec.bpmn_id for task in self._ready())

    def complete(self, node: str) -> None:
        next(task for task in self._ready() if task.task_spec.bpmn_id == node).run()
        self._settle()

    def send(self, message: str) -> None:
        self.workflow.catch(BpmnEvent(MessageEventDefinition(message)))
        self._settle()

    @property
    def ended(self) -> bool:
        return bool(self.workflow.completed)

    def _ready(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def _settle(self) -> None:
        self.workflow.do_engine_steps()
