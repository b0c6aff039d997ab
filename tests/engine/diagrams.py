"""Small diagrams as text, so that a test shows what it is about."""

from __future__ import annotations

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:deskhand="urn:deskhand:bpmn:1" targetNamespace="urn:test">\n'
)


def diagram(*elements: str, roots: str = "") -> bytes:
    """A file with one process; each element stands on a line of its own, the first on line 3."""
    body = "\n".join(elements)
    text = f'{HEAD}<bpmn:process id="p" isExecutable="true">\n{body}\n</bpmn:process>{roots}</bpmn:definitions>'
    return text.encode()


def extended(*parts: str) -> str:
    return f"<bpmn:extensionElements>{''.join(parts)}</bpmn:extensionElements>"


def user(name: str, *, roles: str = "clerk", more: str = "") -> str:
    wait = f'<deskhand:wait event="{name}" status="at_{name}" roles="{roles}" {more}/>'
    return f'<bpmn:userTask id="{name}" name="{name}">{extended(wait)}</bpmn:userTask>'


def service(name: str, *, effect: str | None = None) -> str:
    inner = extended(f'<deskhand:effect name="{effect or name}"/>')
    return f'<bpmn:serviceTask id="{name}">{inner}</bpmn:serviceTask>'


def rule(name: str, decision: str) -> str:
    inner = extended(f'<deskhand:decision name="{decision}"/>')
    return f'<bpmn:businessRuleTask id="{name}">{inner}</bpmn:businessRuleTask>'


def flow(source: str, target: str, condition: str = "") -> str:
    opening = f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"'
    if not condition:
        return f"{opening}/>"
    return f"{opening}><bpmn:conditionExpression>{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"


def boundary(name: str, host: str, definition: str, *, more: str = "", inner: str = "") -> str:
    return f'<bpmn:boundaryEvent id="{name}" attachedToRef="{host}" {more}>{inner}{definition}</bpmn:boundaryEvent>'


def path(*names: str) -> list[str]:
    """The flows along a row of nodes."""
    return [flow(one, other) for one, other in zip(names, names[1:], strict=False)]


FORK, JOIN = '<bpmn:parallelGateway id="fork"/>', '<bpmn:parallelGateway id="join"/>'
START = '<bpmn:startEvent id="start"/>'
END = '<bpmn:endEvent id="end"/>'
MESSAGE = "<bpmn:messageEventDefinition/>"
ERROR = "<bpmn:errorEventDefinition/>"
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT2H</bpmn:timeDuration></bpmn:timerEventDefinition>"
TERMINATE = "<bpmn:terminateEventDefinition/>"
