"""What a process folder says, as plain values: immutable, checked when it was read. Knows no file and no case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from deskhand.cases.fields import Field, Localised
from deskhand.cases.schedule import Schedule
from deskhand.engine.model import PERSON_TASKS, Node
from deskhand.orders.process import Process

APPROVE, REJECT, COMPLETE = "approve", "reject", "complete"
STARTER = "starter"
RETURN = "return"  # the decision that sends a case back to who began it: what was decided before counts no more
WITHDRAW = "withdraw"  # the message that ends a case on its starter's wish
CORRECT = "correct"  # the message by which corrected fields make a case begin its way again


@dataclass(frozen=True, slots=True)
class TaskRule:
    """What is asked at a user task. `reason_for`: the decisions that need a reason.

    `four_eyes`: not who started the case, nor who took an earlier such task of it. `apart_from`: nor who took one of
    these tasks, four eyes or not. `corrects`: what was given at the start may be given anew here.
    """

    node: str
    title: Localised
    decisions: tuple[str, ...] = (COMPLETE,)
    reason_for: frozenset[str] = frozenset()
    four_eyes: bool = False
    apart_from: frozenset[str] = frozenset()
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class WhoMay:
    """Who may withdraw or correct a case while its diagram allows it."""

    starter: bool = False
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ScheduledStart:
    """Cases that begin by the clock, with these fields."""

    name: str
    schedule: Schedule
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A text from the facts. `clauses`: fields whose values are keys of further texts, one or several."""

    name: str
    title: Localised
    text: str
    clauses: tuple[str, ...] = ()
    pdf: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """What a service task does, besides the name of its effect.

    `notify`: audience -> key of a text; `document`: which one is written; `connector`: which system is called, and
    `send`: its parameters, by the names of facts; `keep`: what the case keeps of the answer. `robot`: which one works
    there, or `send` has a parameter `robot`; the parameter `reference` is what it never does twice.
    """

    node: str
    notify: Mapping[str, str] = field(default_factory=dict)
    document: str | None = None
    connector: str | None = None
    operation: str | None = None
    robot: str | None = None
    send: Mapping[str, str] = field(default_factory=dict)
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """One version of one process. `compiled` is its diagram and decisions; `start_event` None: the first start.

    `seen_by`: the roles that see all of its cases; who started a case sees it anyway.
    """

    process: str
    version: int
    prefix: str
    title: Localised
    compiled: Process
    description: Localised = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subject: Localised = field(default_factory=dict)
    start_roles: frozenset[str] = frozenset()
    start_event: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    tasks: Mapping[str, TaskRule] = field(default_factory=dict)
    withdrawal: WhoMay = WhoMay()
    correction: WhoMay = WhoMay(starter=True)
    starts: tuple[ScheduledStart, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    seen_by: frozenset[str] = frozenset()
    texts: Mapping[str, Localised] = field(default_factory=dict)
    statuses: Mapping[str, Localised] = field(default_factory=dict)

    def fields_at(self, task: str | None = None) -> Iterator[Field]:
        """Those that people fill at the start, or at a task; in the order in which they are asked."""
        return (each for each in self.fields.values() if each.asked and each.is_given_at(task))

    def asked_at(self, task: str | None) -> list[Field]:
        """As `fields_at`; at a task that corrects also those of the start, none of which need be said again."""
        again = self.fields_at() if task is not None and self.rule(task).corrects else ()
        return [*(replace(each, required=False) for each in again), *self.fields_at(task)]

    @property
    def computed(self) -> Iterator[Field]:
        return (each for each in self.fields.values() if not each.asked)

    def node(self, node: str) -> Node:
        return self.compiled.table.nodes[node]

    def is_task(self, node: str) -> bool:
        """Whether a person does something there."""
        return node in self.compiled.table.nodes and self.node(node).kind in PERSON_TASKS

    def rule(self, node: str) -> TaskRule:
        """What is asked at a task; where process.yml says nothing, that it is done."""
        return self.tasks.get(node) or TaskRule(node, self._named(node))

    def tasks_of(self, role: str) -> frozenset[str]:
        """The tasks that wait for a role."""
        return frozenset(
            node.id for node in self.compiled.table.waiting if self.is_task(node.id) and role in node.roles
        )

    @property
    def decisive(self) -> frozenset[str]:
        """The names that a condition, a decision or a timer reads: by them a case goes one way or another."""
        table = self.compiled.table
        read = {name for condition in table.conditions.values() for name in condition.names}
        read |= {node.timer.fact for node in table.nodes.values() if node.timer and node.timer.fact}
        decided = [each for decisions in self.compiled.decisions for each in decisions.by_id.values()]
        return frozenset(read | {name for each in decided for name in each.reads})

    def may_start(self, role: str) -> bool:
        return role in self.start_roles

    def status(self, status: str, language: str) -> str:
        """What a status is called; its code where texts.yml has no name for it."""
        names = self.statuses.get(status, {})
        return names.get(language) or next(iter(names.values()), status)

    def _named(self, node: str) -> Localised:
        name = self.node(node).name or node
        zh, slash, en = name.partition(" / ")
        return {"zh": zh, "en": en} if slash else {"zh": name, "en": name}
