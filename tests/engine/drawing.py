"""A tree of blocks -> a BPMN file for the engine, and the same process as SpiffWorkflow can run it."""

from __future__ import annotations

import re

from tests.engine.blocks import TASK, Block
from tests.engine.diagrams import (
    END,
    ERROR,
    START,
    TERMINATE,
    boundary,
    diagram,
    extended,
    flow,
    rule,
    service,
    user,
)

ROLES = ("clerk", "finance", "manager", "warehouse")
AWAITED = "ask_outside"

# SpiffWorkflow is shown what the engine awaits as a task of a person, and what is passed at once as a script that
# only notes that it was reached.
_FOR_SPIFF = (
    (re.compile(r'<bpmn:serviceTask id="(e\d+)">.*?</bpmn:serviceTask>'), "script"),
    (re.compile(r'<bpmn:businessRuleTask id="(r\d+)">.*?</bpmn:businessRuleTask>'), "script"),
    (re.compile(r'<bpmn:serviceTask id="(a\d+)">.*?</bpmn:serviceTask>'), "user"),
    (re.compile(r'<bpmn:callActivity id="(c\d+)"[^>]*/>'), "user"),
)


def gateway(name: str, kind: str, default: str = "") -> str:
    attribute = default and f' default="{default}"'
    return f'<bpmn:{kind}Gateway id="{name}"{attribute}/>'


class Drawing:
    """The elements of a diagram, and the names of what its conditions read: `values` are facts, rules give the rest."""

    def __init__(self, block: Block) -> None:
        self.elements: list[str] = []
        self.roots: list[str] = []
        self.values: list[str] = []
        self.decisions: list[str] = []
        self.count = 0
        first, last = self.draw(block)
        flows = [flow("start", first), flow(last, "end")]
        self.xml = diagram(START, *self.elements, END, *flows, roots="".join(self.roots))

    @property
    def for_spiff(self) -> bytes:
        text = self.xml.decode()
        for pattern, kind in _FOR_SPIFF:
            inner = r"<bpmn:script>\1</bpmn:script>" if kind == "script" else ""
            text = pattern.sub(rf'<bpmn:{kind}Task id="\1">{inner}</bpmn:{kind}Task>', text)
        return text.encode()

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def value(self) -> str:
        self.values.append(self.name("v"))
        return self.values[-1]

    def draw(self, block: Block) -> tuple[str, str]:
        """The first and the last node of a block."""
        kind, *rest = block
        drawn: tuple[str, str] = getattr(self, kind.replace(" ", "_"))(*rest)
        return drawn

    def roles(self) -> str:
        """Not the same for every node, and at times two."""
        one, other = ROLES[self.count % 4], ROLES[(self.count // 4) % 4]
        return one if one == other else f"{one} {other}"

    def one(self, prefix: str, element: str) -> tuple[str, str]:
        name = self.name(prefix)
        self.elements.append(element.replace("NAME", name))
        return name, name

    def task(self) -> tuple[str, str]:
        guard = f'requires="g{self.count}"' if self.count % 3 == 0 else f'fields="f{self.count}"'
        return self.one("t", user("NAME", roles=self.roles(), more=guard))

    def manual(self) -> tuple[str, str]:
        return self.one("t", user("NAME", roles=self.roles()).replace("userTask", "manualTask"))

    def received(self) -> tuple[str, str]:
        name = self.name("q")
        self.message(f"{name}m")
        wait = extended(f'<deskhand:wait event="{name}m" roles="{self.roles()}"/>')
        self.elements.append(f'<bpmn:receiveTask id="{name}" messageRef="{name}m">{wait}</bpmn:receiveTask>')
        return name, name

    def effect(self) -> tuple[str, str]:
        return self.one("e", service("NAME"))

    def called(self) -> tuple[str, str]:
        return self.one("c", '<bpmn:callActivity id="NAME" calledElement="other"/>')

    def nothing(self) -> tuple[str, str]:
        return self.one("n", gateway("NAME", "exclusive"))

    def row(self, blocks: list[Block]) -> tuple[str, str]:
        drawn = [self.draw(each) for each in blocks]
        for (_, last), (first, _) in zip(drawn, drawn[1:], strict=False):
            self.elements.append(flow(last, first))
        return drawn[0][0], drawn[-1][1]

    def choice(self, blocks: list[Block]) -> tuple[str, str]:
        return self.chosen(blocks, [self.value() for _ in blocks[1:]])

    def chosen(self, blocks: list[Block], names: list[str]) -> tuple[str, str]:
        split, merge = self.name("x"), self.name("y")
        drawn = [self.draw(each) for each in blocks]
        self.elements.append(gateway(split, "exclusive", f"{split}_{drawn[-1][0]}"))
        self.elements.append(gateway(merge, "exclusive"))
        for (first, last), name in zip(drawn[:-1], names, strict=True):
            self.elements += [flow(split, first, f"{name} &gt; 0"), flow(last, merge)]
        self.elements += [flow(split, drawn[-1][0]), flow(drawn[-1][1], merge)]
        return split, merge

    def decided(self, blocks: list[Block]) -> tuple[str, str]:
        """A choice by what a rule has just decided."""
        asked = [self.one("r", rule("NAME", "NAME"))[0] for _ in blocks[1:]]
        self.decisions += asked
        for one, other in zip(asked, asked[1:], strict=False):
            self.elements.append(flow(one, other))
        first, last = self.chosen(blocks, asked)
        self.elements.append(flow(asked[-1], first))
        return asked[0], last

    def stop(self, blocks: list[Block]) -> tuple[str, str]:
        """A task after which everything around it may be over.

        Not without a task: what other branches do in the same moment is nowhere said to be before or after it.
        """
        (task, _), (first, last) = self.task(), self.row(blocks)
        split, end = self.name("x"), self.name("z")
        self.elements.append(gateway(split, "exclusive", f"{split}_{first}"))
        self.elements += [f'<bpmn:endEvent id="{end}">{TERMINATE}</bpmn:endEvent>', flow(split, first)]
        self.elements += [flow(task, split), flow(split, end, f"{self.value()} &gt; 0")]
        return task, last

    def fork(self, blocks: list[Block]) -> tuple[str, str]:
        split, join = self.name("f"), self.name("j")
        self.elements += [gateway(split, "parallel"), gateway(join, "parallel")]
        for first, last in map(self.draw, blocks):
            self.elements += [flow(split, first), flow(last, join)]
        return split, join

    def loop(self, blocks: tuple[Block]) -> tuple[str, str]:
        merge, split, out = self.name("m"), self.name("s"), self.name("o")
        first, last = self.row([TASK, *blocks])
        self.elements += [gateway(merge, "exclusive"), gateway(out, "exclusive")]
        self.elements.append(gateway(split, "exclusive", f"{split}_{out}"))
        self.elements += [flow(merge, first), flow(last, split), flow(split, out)]
        self.elements.append(flow(split, merge, f"{self.value()} &gt; 0"))
        return merge, out

    def bounded(self) -> tuple[str, str]:
        task, _ = self.task()
        return task, self.interrupted(task, self.by_message())

    def late(self) -> tuple[str, str]:
        task, _ = self.task()
        return task, self.interrupted(task, self.by_time())

    def failing(self) -> tuple[str, str]:
        host, _ = self.one("a", service("NAME", effect=AWAITED))
        return host, self.interrupted(host, self.by_error())

    def noted(self) -> tuple[str, str]:
        """A message that does not interrupt leads to a task of its own and an end of its own."""
        host, (other, _) = self.task()[0], self.task()
        return self.aside(host, other, self.by_message())

    def told(self) -> tuple[str, str]:
        host, (other, _) = self.task()[0], self.effect()
        return self.aside(host, other, self.by_message())

    def reminded(self) -> tuple[str, str]:
        host, (other, _) = self.task()[0], self.effect()
        return self.aside(host, other, self.by_time())

    def sub(self, blocks: tuple[Block]) -> tuple[str, str]:
        name, outer = self.name("p"), self.elements
        self.elements = []
        first, last = self.draw(blocks[0])
        end = f'<bpmn:endEvent id="{name}out"/>'
        return self.enclosed(name, outer, first, [end, flow(last, f"{name}out")])

    def scattered_sub(self, blocks: tuple[Block]) -> tuple[str, str]:
        """Its branches never meet: it is over with the last of them."""
        name, outer, fork = self.name("p"), self.elements, self.name("f")
        self.elements = []
        parts: list[str] = [gateway(fork, "parallel")]
        for at, (first, last) in enumerate([self.draw(blocks[0]), self.task()]):
            out = f"{name}out{at}"
            parts += [f'<bpmn:endEvent id="{out}"/>', flow(fork, first), flow(last, out)]
        return self.enclosed(name, outer, fork, parts)

    def enclosed(self, name: str, outer: list[str], first: str, more: list[str]) -> tuple[str, str]:
        start = f'<bpmn:startEvent id="{name}in"/>'
        inside = "".join([start, *self.elements, *more, flow(f"{name}in", first)])
        self.elements = [*outer, f'<bpmn:subProcess id="{name}">{inside}</bpmn:subProcess>']
        return name, name

    def bounded_sub(self, blocks: tuple[Block]) -> tuple[str, str]:
        name, _ = self.sub(blocks)
        return name, self.interrupted(name, self.by_message())

    def late_sub(self, blocks: tuple[Block]) -> tuple[str, str]:
        name, _ = self.sub(blocks)
        return name, self.interrupted(name, self.by_time())

    def failing_sub(self, blocks: tuple[Block]) -> tuple[str, str]:
        name, _ = self.sub(blocks)
        return name, self.interrupted(name, self.by_error())

    def message(self, name: str) -> None:
        self.roots.append(f'<bpmn:message id="{name}" name="{name}"/>')

    def by_message(self) -> str:
        message = self.name("b") + "m"
        self.message(message)
        wait = extended(f'<deskhand:wait event="{message}" roles="{self.roles()}"/>')
        return f'{wait}<bpmn:messageEventDefinition messageRef="{message}"/>'

    def by_error(self) -> str:
        error = self.name("b") + "x"
        self.roots.append(f'<bpmn:error id="{error}" name="{error}" errorCode="{error}"/>')
        return ERROR.replace("/>", f' errorRef="{error}"/>')

    def by_time(self) -> str:
        """No two timers have the same time to run."""
        number = int(self.name("b")[1:])
        span = f"<bpmn:timeDuration>PT{number}H{number * number % 3571}S</bpmn:timeDuration>"
        return f"<bpmn:timerEventDefinition>{span}</bpmn:timerEventDefinition>"

    def interrupted(self, host: str, definition: str) -> str:
        """What takes the token of the host away, its own task, and the place where both ways meet."""
        event, meeting, (other, _) = self.name("b"), self.name("w"), self.task()
        self.elements += [boundary(event, host, definition), gateway(meeting, "exclusive")]
        self.elements += [flow(event, other), flow(other, meeting), flow(host, meeting)]
        return meeting

    def aside(self, host: str, other: str, definition: str) -> tuple[str, str]:
        event, end = self.name("b"), self.name("z")
        self.elements.append(boundary(event, host, definition, more='cancelActivity="false"'))
        self.elements += [f'<bpmn:endEvent id="{end}"/>', flow(event, other), flow(other, end)]
        return host, host
