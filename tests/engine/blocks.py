"""Block-structured diagrams within the profile: a tree of blocks -> BPMN."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.engine.diagrams import END, START, boundary, diagram, extended, flow, user

Block = tuple[Any, ...]
TASK: Block = ("task",)
NOTHING: Block = ("nothing",)


def _rows(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    branches = st.lists(inner | st.just(NOTHING), min_size=2, max_size=3)
    several = st.lists(inner, min_size=2, max_size=3)
    return st.tuples(st.just("row"), several) | st.tuples(st.just("choice"), branches)


def _loops(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    return _rows(inner) | st.tuples(st.just("loop"), st.tuples(inner))


def _forks(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    return _rows(inner) | st.tuples(st.just("fork"), st.lists(inner, min_size=2, max_size=3))


# No fork lies within a loop, unless in a sub-process of its own: in the second round SpiffWorkflow lets a token
# pass the join before all branches have arrived. test_plan.py states what is right there.
_LEAVES = st.sampled_from([TASK, ("bounded",)])
_PLAIN = st.recursive(st.recursive(_LEAVES, _loops, max_leaves=4), _forks, max_leaves=4)
_SUBS = st.tuples(st.sampled_from(["sub", "bounded sub"]), st.tuples(_PLAIN))
BLOCKS = st.recursive(st.recursive(_LEAVES | _SUBS, _loops, max_leaves=4), _forks, max_leaves=4)


def gateway(name: str, kind: str, default: str = "") -> str:
    attribute = default and f' default="{default}"'
    return f'<bpmn:{kind}Gateway id="{name}"{attribute}/>'


class Drawing:
    """The elements of a diagram, and the names of what its conditions read."""

    def __init__(self, block: Block) -> None:
        self.elements: list[str] = []
        self.messages: list[str] = []
        self.values: list[str] = []
        self.count = 0
        first, last = self.draw(block)
        flows = [flow("start", first), flow(last, "end")]
        roots = "".join(f'<bpmn:message id="{each}" name="{each}"/>' for each in self.messages)
        self.xml = diagram(START, *self.elements, END, *flows, roots=roots)

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

    def task(self) -> tuple[str, str]:
        name = self.name("t")
        self.elements.append(user(name))
        return name, name

    def nothing(self) -> tuple[str, str]:
        name = self.name("n")
        self.elements.append(gateway(name, "exclusive"))
        return name, name

    def row(self, blocks: list[Block]) -> tuple[str, str]:
        drawn = [self.draw(each) for each in blocks]
        for (_, last), (first, _) in zip(drawn, drawn[1:], strict=False):
            self.elements.append(flow(last, first))
        return drawn[0][0], drawn[-1][1]

    def choice(self, blocks: list[Block]) -> tuple[str, str]:
        split, merge = self.name("x"), self.name("y")
        drawn = [self.draw(each) for each in blocks]
        self.elements.append(gateway(split, "exclusive", f"{split}_{drawn[-1][0]}"))
        self.elements.append(gateway(merge, "exclusive"))
        for first, last in drawn[:-1]:
            self.elements += [flow(split, first, f"{self.value()} &gt; 0"), flow(last, merge)]
        self.elements += [flow(split, drawn[-1][0]), flow(drawn[-1][1], merge)]
        return split, merge

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
        return task, self.caught(task, task)

    def sub(self, blocks: tuple[Block]) -> tuple[str, str]:
        name, outer = self.name("p"), self.elements
        self.elements = []
        first, last = self.draw(blocks[0])
        start, end = f'<bpmn:startEvent id="{name}in"/>', f'<bpmn:endEvent id="{name}out"/>'
        inside = "".join([start, *self.elements, end, flow(f"{name}in", first), flow(last, f"{name}out")])
        self.elements = [*outer, f'<bpmn:subProcess id="{name}">{inside}</bpmn:subProcess>']
        return name, name

    def bounded_sub(self, blocks: tuple[Block]) -> tuple[str, str]:
        name, _ = self.sub(blocks)
        return name, self.caught(name, name)

    def caught(self, host: str, last: str) -> str:
        """A message that interrupts the host, its own task, and the place where both ways meet."""
        event, meeting, (other, _) = self.name("b"), self.name("w"), self.task()
        message = f"{event}m"
        self.messages.append(message)
        wait = extended(f'<deskhand:wait event="{message}" roles="clerk"/>')
        definition = f'<bpmn:messageEventDefinition messageRef="{message}"/>'
        self.elements += [boundary(event, host, definition, inner=wait), gateway(meeting, "exclusive")]
        self.elements += [flow(event, other), flow(other, meeting), flow(last, meeting)]
        return meeting
