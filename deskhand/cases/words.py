"""A case in words of a language: its values as people read them, its subject, its documents. Evaluates nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from deskhand.cases.answers import Answer
from deskhand.cases.definition import Definition, Document
from deskhand.cases.fields import Field, FieldType, shown
from deskhand.cases.lines import tidied
from deskhand.cases.model import CaseFile
from deskhand.cases.ports import UnitOfWork, Words
from deskhand.orders.tenant import LANGUAGES, Tenant

_PLACE = re.compile(r"\{(\w+)\}")
Named = Mapping[str, str]  # what the people and customers are called that the values name


class Speaker:
    """Says cases of one company."""

    def __init__(self, uow: UnitOfWork, tenant: Tenant, words: Words) -> None:
        self._uow, self._tenant, self._words = uow, tenant, words

    def facts(self, definition: Definition, values: Mapping[str, Any], language: str) -> dict[str, str]:
        """Every value as text, by name; the results of decisions too."""
        named = self._names(definition, values)
        said = {name: self._said(definition.fields.get(name), value, language) for name, value in values.items()}
        return {name: named.get(text, text) if name in definition.fields else text for name, text in said.items()}

    def subject(self, definition: Definition, values: Mapping[str, Any]) -> dict[str, str]:
        """What a case is called in lists; where process.yml says nothing, its process."""
        return {
            language: filled(definition.subject[language], self.facts(definition, values, language))
            if language in definition.subject
            else definition.title.get(language, definition.process)
            for language in LANGUAGES
        }

    def document(
        self, definition: Definition, document: Document, file: CaseFile, given: Mapping[str, Answer], language: str
    ) -> str:
        """The text with its facts; the value of a clause is the key, or the keys, of further texts.

        Args:
            given: who has answered at each task.
        """
        facts = self.facts(definition, file.values, language)
        facts |= self._of_the_case(definition, file, language) | self._of_the_answers(given, language)
        for name in document.clauses:
            facts[name] = "\n".join(
                filled(definition.texts[key].get(language, ""), facts)
                for key in keys_of(file.values.get(name))
                if key in definition.texts
            )
        return tidied(filled(definition.texts[document.text][language], facts))

    def _of_the_case(self, definition: Definition, file: CaseFile, language: str) -> dict[str, str]:
        return {
            "number": file.number,
            "process": definition.title.get(language, definition.process),
            "company": self._tenant.name,
            "today": self._tenant.today(self._uow.now).isoformat(),
            "now": self._moment(self._uow.now),
            "started_at": self._moment(file.started_at),
            "started_on": self._tenant.today(file.started_at).isoformat(),
            "started_by": self._uow.names_of([file.started_by]).get(file.started_by, file.started_by),
        }

    def _of_the_answers(self, given: Mapping[str, Answer], language: str) -> dict[str, str]:
        """For each task who has answered, when, and with which reason: {TASK_by}, {TASK_on}, {TASK_reason}."""
        people = {who for each in given.values() for who in (each.by, each.for_whom) if who}
        names = self._uow.names_of(people) if people else {}
        said: dict[str, str] = {}
        for task, answer in given.items():
            by = names.get(answer.by, answer.by)
            if answer.for_whom:
                facts = {"by": by, "away": names.get(answer.for_whom, answer.for_whom)}
                by = self._words.text("by_on_behalf", language, facts)
            day = self._tenant.today(answer.at).isoformat()
            said |= {f"{task}_by": by, f"{task}_on": day, f"{task}_reason": answer.reason}
        return said

    def _said(self, of: Field | None, value: Any, language: str) -> str:
        if isinstance(value, list | tuple):
            return ", ".join(self._said(None, each, language) for each in value)
        if isinstance(value, datetime):
            return self._moment(value)
        if isinstance(value, bool):
            return self._words.label("yes" if value else "no", language)
        if of is None:
            return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
        if of.type is FieldType.MONEY and isinstance(value, Decimal):
            return self._words.money(value, self._tenant.currency, language)
        return shown(of, value, language)

    def _moment(self, moment: datetime) -> str:
        return moment.astimezone(ZoneInfo(self._tenant.time_zone)).strftime("%Y-%m-%d %H:%M")

    def _names(self, definition: Definition, values: Mapping[str, Any]) -> Named:
        people = _of_type(definition, values, FieldType.PERSON)
        customers = _of_type(definition, values, FieldType.CUSTOMER)
        found = self._uow.names_of(people) if people else {}
        if customers:
            found |= {each.id: each.name for each in self._uow.customers.many(customers).values()}
        return found


def filled(template: str, facts: Mapping[str, object]) -> str:
    """{name} -> the fact; one that is not there leaves its place empty."""
    return _PLACE.sub(lambda match: str(facts.get(match.group(1)) or ""), template)


def _of_type(definition: Definition, values: Mapping[str, Any], kind: FieldType) -> list[str]:
    return [str(values[name]) for name, each in definition.fields.items() if each.type is kind and values.get(name)]


def keys_of(value: object) -> list[str]:
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
