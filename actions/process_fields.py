"""Fields of a process: as language reads them in a text, as cards show them. Knows no skill and no store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from actions.turn import Turn
from deskhand.cases import Choice, Definition, Field, FieldType
from deskhand.language.field_values import FieldChoice, FieldShape, Surroundings


def shapes_of(fields: Iterable[Field]) -> tuple[FieldShape, ...]:
    """Marked by their titles in both languages, and by their names."""
    return tuple(FieldShape(each.name, str(each.type), _names(each), _choices(each), each.unit) for each in fields)


def _names(each: Field) -> tuple[str, ...]:
    said = (word for words in each.words.values() for word in words)
    return (*each.title.values(), *said, each.name.replace("_", " "))


def around(turn: Turn, fields: Iterable[Field]) -> Surroundings:
    """What values are read against; colleagues only where a field asks for one."""
    people = [user for user in turn.uow.users.all() if user.active] if _ask_for_people(fields) else []
    named = tuple(FieldChoice(user.id, tuple({user.name, user.login})) for user in people)
    zone = ZoneInfo(turn.uow.tenant.time_zone)
    return Surroundings(turn.uow.now, zone, turn.uow.tenant.currency, turn.catalogue.names, named)


def opening_words(definition: Definition) -> tuple[str, ...]:
    """By which its cases are begun: its words and its titles in both languages."""
    return (*(word for words in definition.words.values() for word in words), *definition.title.values())


def facts_of(definition: Definition, said: Mapping[str, str], language: str) -> list[dict[str, str]]:
    """The facts of a card, in the order of the file; `said` are the values in words."""
    return [
        {"key": each.name, "label": titled(each, language), "value": said[each.name]}
        for each in definition.fields.values()
        if said.get(each.name)
    ]


def titled(field: Field, language: str) -> str:
    return field.title.get(language) or field.name


def question_of(field: Field, language: str) -> str:
    """What process.yml asks, else the field's title."""
    return field.question.get(language) or titled(field, language)


def choice_titles(field: Field, language: str) -> list[tuple[str, str]]:
    """Value and title of each choice."""
    return [(each.value, each.title.get(language) or each.value) for each in field.choices]


def _choices(field: Field) -> tuple[FieldChoice, ...]:
    return tuple(FieldChoice(each.value, _words(each)) for each in field.choices)


def _words(choice: Choice) -> tuple[str, ...]:
    said = [*choice.title.values(), *(word for words in choice.words.values() for word in words), choice.value]
    return tuple(dict.fromkeys(said))


def _ask_for_people(fields: Iterable[Any]) -> bool:
    return any(each.type is FieldType.PERSON for each in fields)
