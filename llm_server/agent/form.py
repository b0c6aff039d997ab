"""The form of an answer: a text, one of some labels, or a type. Knows nothing of servers or models.

A form says what is asked beside the input, which JSON schema the answer must follow, and how it is read and written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import to_json

from llm_server.agent.errors import AnswerInvalid, BadExamples

T = TypeVar("T")

_VALUE = "value"  # what is no object stands in one under this name: other servers want an object at the top


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """What an answer looks like. `schema` is None for plain text; `hint` is asked beside the input."""

    type: Any
    schema: Mapping[str, Any] | None = None
    wrapped: bool = False
    hint: str = ""

    def asked(self, given: object) -> str:
        """What the user says: the input and, below it, the form."""
        text = given if isinstance(given, str) else to_json(given).decode()
        return f"{text}\n\n{self.hint}" if self.hint else text

    def read(self, text: str) -> T:
        """The answer. Raises AnswerInvalid."""
        if self.schema is None:
            return text.strip()  # type: ignore[return-value]  # T is str
        try:
            said = json.loads(text)
            value = said[_VALUE] if self.wrapped else said
            answer: T = self._adapter.validate_json(json.dumps(value))
            return answer
        except (ValueError, KeyError, TypeError) as problem:
            raise AnswerInvalid(text, _first(problem)) from None

    def written(self, value: object) -> str:
        """The answer as the model is to write it. Raises BadExamples if it isn't of the form."""
        if self.schema is None:
            if isinstance(value, str) and value.strip():
                return value.strip()
            raise BadExamples("its answer must be a text that isn't empty")
        try:
            checked = self._adapter.validate_python(value, strict=False)
        except ValidationError as problem:
            raise BadExamples(_first(problem)) from None
        said = self._adapter.dump_python(checked, mode="json")
        return json.dumps({_VALUE: said} if self.wrapped else said, ensure_ascii=False)

    @property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.type)


def text_form() -> Form[str]:
    """Whatever the model says, without space around it."""
    return Form(str)


def label_form(labels: Sequence[str]) -> Form[str]:
    """One of the labels, by a schema that allows no other."""
    from typing import Literal

    if len(set(labels)) < 2 or not all(isinstance(label, str) and label.strip() for label in labels):
        raise TypeError(f"Give at least two different labels; {list(labels)!r} are not.")
    wanted = list(dict.fromkeys(labels))
    return Form(Literal[tuple(wanted)], _wrapping({"enum": wanted}, {}), True, f"[{' | '.join(wanted)}]")


def typed_form(kind: type[T]) -> Form[T]:
    """A dataclass, a pydantic model, or anything else that pydantic can check. Raises TypeError."""
    try:
        said = TypeAdapter(kind).json_schema(schema_generator=_Plain)
    except (PydanticSchemaGenerationError, PydanticUserError) as problem:
        raise TypeError(f"{kind!r} can't be an answer's type: {_first(problem)}") from None
    definitions = {name: _closed(each) for name, each in said.pop("$defs", {}).items()}
    schema = _closed(said)
    wrapped = schema.get("type") != "object"
    whole = _wrapping(schema, definitions) if wrapped else {**schema, **({"$defs": definitions} if definitions else {})}
    return Form(kind, whole, wrapped, json.dumps(whole, ensure_ascii=False))


class _Plain(GenerateJsonSchema):
    """A decimal is a number: its pattern as a text has what grammars can't follow."""

    def decimal_schema(self, schema: Any) -> JsonSchemaValue:
        return {"type": "number"}


def _wrapping(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    whole = {"type": "object", "properties": {_VALUE: schema}, "required": [_VALUE], "additionalProperties": False}
    return {**whole, **({"$defs": definitions} if definitions else {})}


def _closed(schema: Any) -> Any:
    """Without titles, and with no properties but those named."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in {"title", "default"}}
    if "properties" in kept:
        named = {name: _closed(each) for name, each in kept.pop("properties").items()}
        rest = {key: _closed(value) for key, value in kept.items()}
        return {**rest, "properties": named, "required": list(named), "additionalProperties": False}
    return {key: value if key == "enum" else _closed(value) for key, value in kept.items()}


def _first(problem: Exception) -> str:
    """The first thing that is wrong, in one line."""
    if isinstance(problem, ValidationError):
        error = problem.errors(include_url=False)[0]
        place = ".".join(map(str, error["loc"]))
        return f"{place + ': ' if place else ''}{error['msg']}"
    return str(problem).splitlines()[0] if str(problem) else type(problem).__name__
