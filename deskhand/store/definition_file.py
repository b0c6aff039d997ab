"""process.yml of a process folder -> `Definition`, all faults with their lines. Knows no folder, no database.

Besides process.yml it checks what the diagram and texts.yml have to say for it. The README's recipe "a process" shows
how the file is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from deskhand.cases.definition import (
    COMPLETE,
    CORRECT,
    STARTER,
    WITHDRAW,
    Definition,
    Document,
    ScheduledStart,
    Service,
    TaskRule,
    WhoMay,
)
from deskhand.cases.fields import Choice, Field, FieldType
from deskhand.cases.schedule import SHIFT_END, SHIFT_START, Schedule, Shift, Shifts, cron
from deskhand.engine import Decisions, ExpressionInvalid, TransitionTable, compile_expression
from deskhand.engine.extensions import span
from deskhand.engine.model import Kind
from deskhand.language.field_units import UNITS
from deskhand.orders.events import CASE_EVENTS
from deskhand.orders.process import AUTOMATIC, EVERY_CHANNEL, MANUAL, Process
from deskhand.orders.status import Role
from deskhand.orders.tenant import CHANNELS
from deskhand.store.file_faults import Fault
from deskhand.store.yaml_places import Localised, Place

KNOWN = (
    *("version", "title", "description", "prefix", "words", "subject", "start", "fields", "tasks", "automatic"),
    *("withdraw", "correct", "shifts", "starts", "notify", "documents", "services", "visible_to"),
)
FIELD = (
    *("type", "title", "question", "required", "min", "max", "max_length", "not_past", "choices", "visible_to"),
    *("given_at", "expression", "unit", "words"),
)
STAFF = tuple(str(role) for role in Role if role is not Role.SYSTEM)
AUDIENCES = (*STAFF, STARTER, "lane", "accountable", "informed", "consulted", "responsible")
ALWAYS_SEE = frozenset({str(Role.MANAGER), str(Role.ADMIN)})
DECISION, REASON = "decision", "reason"
LONGEST_NAME, LONGEST_ID = 24, 64


class DefinitionReader:
    """One file, once."""

    def __init__(
        self, name: str, version: int, root: Place, texts: Place, table: TransitionTable, tables: Sequence[Decisions]
    ) -> None:
        self.name, self.version, self.root, self.spoken = name, version, root, texts
        self.table, self.tables = table, tuple(tables)
        self.calls = {node.id: node for node in table.waiting if node.kind is Kind.CALL}
        self.people = {node.id: node for node in table.waiting if node.kind in (Kind.USER, Kind.MANUAL, Kind.RECEIVE)}

    @property
    def faults(self) -> list[Fault]:
        return self.root.faults

    def read(self) -> Definition:
        root = self.root
        root.only(*KNOWN)
        fields = {name: self.field(name, place) for name, place in root.at("fields").items()}
        tasks = {name: self.task(name, place) for name, place in root.at("tasks").items()}
        start = root.at("start")
        start.only("roles", "node")
        shifts = tuple(self.shift(each) for each in root.at("shifts").each())
        found = Definition(
            process=self.name,
            version=self.version,
            prefix=self.prefix(root.at("prefix")),
            title=root.at("title").localised(),
            compiled=self.compiled(fields, tasks),
            description=root.at("description").localised(required=False),
            words={language: place.words() for language, place in root.at("words").items()},
            subject=root.at("subject").localised(required=False),
            start_roles=self.start_roles(start.at("roles")),
            start_event=self.start_event(start.at("node")),
            fields=fields,
            tasks=tasks,
            withdrawal=self.withdrawal(root.at("withdraw")),
            correction=self.correction(root.at("correct")),
            starts=tuple(self.scheduled(each, shifts, fields) for each in root.at("starts").each()),
            documents={name: self.document(name, place, fields) for name, place in root.at("documents").items()},
            services={name: self.service(name, place) for name, place in root.at("services").items()},
            texts=self.section("texts"),
            statuses=self.section("statuses"),
        )
        self.check_diagram(found)
        return replace(found, seen_by=self.seen_by(found))

    def prefix(self, place: Place) -> str:
        """Of the numbers of its cases; by default the first letters of its name's words."""
        said = place.text("".join(part[:1] for part in self.name.split("_")).upper())
        if not said.isalpha() or not said.isascii() or not said.isupper() or said == "SO":
            place.fault("expected capital letters such as PA; SO is the orders'")
        return said

    def section(self, name: str) -> dict[str, Localised]:
        return {key: place.localised() for key, place in self.spoken.at(name).items()}

    def start_roles(self, place: Place) -> frozenset[str]:
        """Where the clock starts cases, the worker does it."""
        clock = {str(Role.SYSTEM)} if self.root.at("starts").value else set()
        return frozenset({*place.several_of((*STAFF, str(Role.SYSTEM))), *clock})

    def start_event(self, place: Place) -> str | None:
        """The start event that a person's start takes; by default the first that is no timer's."""
        if place.value is not None:
            place.one_of([node.id for node in self.table.starts])
            return str(place.value)
        return next((node.id for node in self.table.starts if node.timer is None), None)

    def field(self, name: str, place: Place) -> Field:
        place.only(*FIELD)
        if not name.isidentifier() or name.startswith("_") or name in (DECISION, REASON):
            place.fault("a field's name is letters, digits and _, begins with a letter, and is not decision or reason")
        kind = FieldType(said) if (said := place.at("type").one_of([*FieldType])) in [*FieldType] else FieldType.TEXT
        expression = place.at("expression").text("") or None
        if expression is not None:
            self.checked(expression, place.at("expression"))
        choices = tuple(self.choice(each) for each in place.at("choices").each())
        if (kind is FieldType.CHOICE) != bool(choices):
            place.fault("choices are given for a field of type choice, and for no other")
        given_at = place.at("given_at").several_of((*self.people, *self.calls))
        return Field(
            name=name,
            type=kind,
            title=place.at("title").localised(),
            question=place.at("question").localised(required=False),
            required=place.at("required").flag(True) and expression is None,
            min=place.at("min").number(),
            max=place.at("max").number(),
            max_length=place.at("max_length").whole(),
            not_past=place.at("not_past").flag(),
            choices=choices,
            visible_to=frozenset(place.at("visible_to").several_of((*STAFF, STARTER))),
            given_at=given_at,
            expression=expression,
            unit=self.unit(place.at("unit"), kind),
            words={language: each.words() for language, each in place.at("words").items()},
        )

    def unit(self, place: Place, kind: FieldType) -> str | None:
        """Of a number; people may say it in others that can be turned into it."""
        if place.value is not None and kind not in (FieldType.NUMBER, FieldType.INTEGER):
            place.fault("only a number has a unit")
        return place.one_of(UNITS, "") or None

    def choice(self, place: Place) -> Choice:
        place.only("value", "zh", "en", "words")
        title = {language: place.at(language).text() for language in ("zh", "en")}
        words = {language: each.words() for language, each in place.at("words").items()}
        return Choice(place.at("value").text(), title, words)

    def checked(self, expression: str, place: Place) -> None:
        try:
            compile_expression(expression)
        except ExpressionInvalid as error:
            place.fault(str(error))

    def task(self, name: str, place: Place) -> TaskRule:
        place.only("title", "decisions", "reason_for", "four_eyes", "apart_from", "corrects")
        if name not in self.people:
            place.fault(f"the diagram has no user task {name}; it has {', '.join(self.people)}")
        decisions = place.at("decisions").words() or (COMPLETE,)
        return TaskRule(
            node=name,
            title=place.at("title").localised(),
            decisions=decisions,
            reason_for=frozenset(place.at("reason_for").several_of(decisions)),
            four_eyes=place.at("four_eyes").flag(),
            apart_from=frozenset(place.at("apart_from").several_of(self.people)),
            corrects=place.at("corrects").flag(),
        )

    def withdrawal(self, place: Place) -> WhoMay:
        place.only("roles")
        found = place.at("roles").several_of((*STAFF, STARTER))
        events = {each.event for each in self.table.transitions}
        if found and WITHDRAW not in events:
            place.fault(f'the diagram has no boundary message event with deskhand:wait event="{WITHDRAW}"')
        return WhoMay(STARTER in found, frozenset(found) - {STARTER})

    def correction(self, place: Place) -> WhoMay:
        """By default who began it."""
        place.only("roles")
        found = place.at("roles").several_of((*STAFF, STARTER)) if place.value is not None else (STARTER,)
        return WhoMay(STARTER in found, frozenset(found) - {STARTER})

    def shift(self, place: Place) -> Shift:
        place.only("name", "start", "end")
        return Shift(self.short(place.at("name")), self.clock(place.at("start")), self.clock(place.at("end")))

    def short(self, place: Place) -> str:
        """A name that stands in a key."""
        said = place.text()
        if len(said) > LONGEST_NAME:
            place.fault(f"has more than {LONGEST_NAME} characters")
        return said

    def clock(self, place: Place) -> time:
        try:
            return time.fromisoformat(place.text())
        except ValueError:
            place.fault(f'{place.value} is not a time of day such as "08:00", in quotes')
            return time(0)

    def scheduled(self, place: Place, shifts: tuple[Shift, ...], fields: Mapping[str, Field]) -> ScheduledStart:
        place.only("name", "before", "each", "cron", "fields")
        given: dict[str, Any] = {name: each.value for name, each in place.at("fields").items()}
        for name in given:
            if name not in fields:
                place.at("fields").at(name).fault(f"there is no field {name}")
        return ScheduledStart(self.short(place.at("name")), self.schedule(place, shifts), given)

    def schedule(self, place: Place, shifts: tuple[Shift, ...]) -> Schedule:
        if place.at("cron").value is not None:
            try:
                return cron(place.at("cron").text())
            except ValueError as error:
                place.at("cron").fault(str(error))
                return Shifts((), ())
        if not shifts:
            place.fault("expected cron, or shifts in the file")
        each = place.at("each").several_of((SHIFT_START, SHIFT_END))
        return Shifts(shifts, each or (SHIFT_START,), self.span(place.at("before")))

    def span(self, place: Place) -> timedelta:
        try:
            return span(place.text("PT0S"))
        except ValueError as error:
            place.fault(str(error))
            return timedelta(0)

    def document(self, name: str, place: Place, fields: Mapping[str, Field]) -> Document:
        place.only("title", "text", "clauses", "pdf")
        text = self.text_key(place.at("text"))
        title = place.at("title").localised()
        return Document(name, title, text, place.at("clauses").words(), place.at("pdf").flag())

    def service(self, name: str, place: Place) -> Service:
        place.only("notify", "document", "connector", "operation", "robot", "send", "keep")
        node = self.table.nodes.get(name)
        if node is None or node.kind is not Kind.SERVICE:
            place.fault(f"the diagram has no service task {name}")
        document = place.at("document")
        if document.value is not None:
            document.one_of([key for key, _ in self.root.at("documents").items()])
        return Service(
            node=name,
            notify=self.audiences(place.at("notify")),
            document=document.text("") or None,
            connector=place.at("connector").text("") or None,
            operation=place.at("operation").text("") or None,
            robot=place.at("robot").text("") or None,
            send={key: each.text() for key, each in place.at("send").items()},
            keep=place.at("keep").words(),
        )

    def audiences(self, place: Place) -> dict[str, str]:
        found = {}
        for audience, key in place.items():
            if audience not in AUDIENCES:
                key.fault(f"{audience} is not one of {', '.join(AUDIENCES)}")
            found[audience] = self.text_key(key)
        return found

    def text_key(self, place: Place) -> str:
        key = place.text()
        if key and key not in dict(self.spoken.at("texts").items()):
            place.fault(f"texts.yml has no text {key}")
        return key

    def compiled(self, fields: Mapping[str, Field], tasks: Mapping[str, TaskRule]) -> Process:
        """The diagram; a task keeps its decision, the reason, and the fields that are given at it."""
        notify = {event: self.audiences(place) for event, place in self.root.at("notify").items()}
        for event in notify:
            if event not in CASE_EVENTS:
                self.root.at("notify").at(event).fault(f"{event} is not one of {', '.join(CASE_EVENTS)}")
        worked_out = tuple(name for name, each in fields.items() if not each.asked)
        first = tuple(name for name, each in fields.items() if each.asked and not each.given_at)
        kept = (DECISION, REASON, *(name for name, each in fields.items() if each.given_at or not each.asked))
        answers = {each: place.at("keep").words() for each, place in self.root.at("services").items()}
        handed = {each: (*(name for name, _ in node.takes), *worked_out) for each, node in self.calls.items()}
        corrected = {each.id: (*first, *worked_out) for each in self.table.nodes.values() if each.event == CORRECT}
        asked = {
            each: kept + (first if tasks[each].corrects else ()) if each in tasks else kept for each in self.people
        }
        more = {**answers, **handed, **corrected, **asked}
        nodes = {
            each: replace(node, fields=tuple(dict.fromkeys((*node.fields, *more.get(each, ())))))
            for each, node in self.table.nodes.items()
        }
        return Process(
            table=replace(self.table, nodes=nodes),
            decisions=self.tables,
            version=self.version,
            automatic={node: self.channels(node, place) for node, place in self.root.at("automatic").items()},
            notify=notify,
        )

    def channels(self, node: str, place: Place) -> frozenset[str]:
        if node not in self.people:
            place.fault(f"the diagram has no user task {node}; it has {', '.join(self.people)}")
        if isinstance(place.value, dict):
            place.only(*CHANNELS, "worker")
            return frozenset(each for each, how in place.items() if how.one_of((AUTOMATIC, MANUAL)) == AUTOMATIC)
        return frozenset({EVERY_CHANNEL}) if place.one_of((AUTOMATIC, MANUAL)) == AUTOMATIC else frozenset()

    def seen_by(self, found: Definition) -> frozenset[str]:
        """By default the roles that take part, and manager and admin."""
        place = self.root.at("visible_to")
        if place.value is not None:
            return frozenset(place.several_of(STAFF))
        part = {role for node in self.table.nodes.values() for role in (*node.roles, *_raci(node))}
        part |= {*found.start_roles, *found.withdrawal.roles, *ALWAYS_SEE}
        return frozenset(part & {*STAFF} - {str(Role.CUSTOMER)})

    def check_diagram(self, found: Definition) -> None:
        """What the diagram leaves to process.yml has to be said there."""
        for node in self.table.nodes.values():
            if node.kind is Kind.SERVICE and node.id not in found.services:
                self.root.at("services").fault(f"says nothing of {node.id}, the diagram's service task")
            for role in sorted(node.roles - {*STAFF, str(Role.SYSTEM), STARTER, *ALWAYS_SEE}):
                self.root.fault(f"{node.id}: the diagram names {role}, which is no role; known are {', '.join(STAFF)}")
        for long in (each for each in (*self.people, *found.documents) if len(each) > LONGEST_ID):
            self.root.fault(f"{long} has more than {LONGEST_ID} characters")
        for name, each in found.fields.items():
            if each.asked and not each.question and not set(each.given_at) & self.calls.keys():
                self.root.at("fields").at(name).fault("question is missing: people are asked for it")


def _raci(node: Any) -> tuple[str, ...]:
    said = node.raci
    return (*said.responsible, *said.accountable, *said.consulted, *said.informed)
