"""What people filled in -> what the case keeps: read, checked, and the computed fields beside it.

Also who may see which field. Knows no task and no marking.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deskhand.cases.definition import STARTER, Definition
from deskhand.cases.errors import FieldMissing, FieldUnknown
from deskhand.cases.fields import PERSONAL, REFERENCES, Field, FieldType, Value, plain, read, wrong
from deskhand.cases.model import CaseFile
from deskhand.cases.ports import UnitOfWork
from deskhand.engine import compile_expression
from deskhand.orders.errors import UnknownCustomer, UnknownOrder
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import Tenant


def given(
    uow: UnitOfWork, tenant: Tenant, definition: Definition, task: str | None, said: Mapping[str, Any], actor: Actor
) -> dict[str, Value]:
    """The fields of the start, or of a task, as they are kept; what is None counts as not given.

    Raises:
        FieldUnknown, FieldMissing, FieldInvalid: nothing of it is kept then.
    """
    asked = {each.name: each for each in definition.asked_at(task)}
    missing = [name for name, each in asked.items() if each.required and said.get(name) is None]
    values = understood(uow, tenant, definition, asked, said, actor)
    if missing:
        raise FieldMissing(process=definition.process, fields=", ".join(missing))
    return values


def understood(
    uow: UnitOfWork,
    tenant: Tenant,
    definition: Definition,
    asked: Mapping[str, Field],
    said: Mapping[str, Any],
    actor: Actor,
) -> dict[str, Value]:
    """What was said of these fields, as it is kept.

    Raises:
        FieldUnknown, FieldInvalid.
    """
    for name in said:
        if name not in asked:
            raise FieldUnknown(process=definition.process, field=name)
    filled = {name: value for name, value in said.items() if value is not None}
    today = tenant.today(uow.now)
    values = {name: read(asked[name], value, uow.now, today) for name, value in filled.items()}
    for name in values:
        if asked[name].type in REFERENCES:
            values[name] = _there(uow, asked[name], str(values[name]), actor)
    return values


def computed(definition: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are worked out from the others, in the order of the file."""
    found: dict[str, Any] = {}
    for each in definition.computed:
        result = compile_expression(each.expression or "null")({**values, **found})
        if each.type is FieldType.MONEY and result is not None:
            result = round(result, 2)
        found[each.name] = result
    return found


def visible(definition: Definition, file: CaseFile, actor: Actor) -> dict[str, Any]:
    """The values of the fields that the actor may see, by name."""
    return {
        each.name: file.values[each.name]
        for each in definition.fields.values()
        if each.name in file.values and _sees(each, file, actor)
    }


def for_everybody(definition: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields that whoever sees the case may see."""
    return {name: values[name] for name, each in definition.fields.items() if name in values and not each.visible_to}


def parted(definition: Definition, values: Mapping[str, Any]) -> tuple[dict[str, object], dict[str, object]]:
    """As the history keeps them: what is hashed for good, and what may say something of a person."""
    hashed: dict[str, object] = {}
    personal: dict[str, object] = {}
    for name, value in values.items():
        of = definition.fields.get(name)
        if of is not None:
            (personal if of.type in PERSONAL else hashed)[name] = plain(value)
    return hashed, personal


def _sees(each: Field, file: CaseFile, actor: Actor) -> bool:
    """Whoever started the case has filled its first fields, so they see them."""
    if not each.visible_to or str(actor.role) in each.visible_to:
        return True
    mine = file.started_by in (actor.user_id, actor.on_behalf_of)
    return mine and (STARTER in each.visible_to or (each.asked and not each.given_at))


def _there(uow: UnitOfWork, of: Field, said: str, actor: Actor) -> Value:
    """The reference as it is written here; a customer refers to what is their own alone."""
    found = _FIND[of.type](uow, said, actor)
    if found is None:
        raise wrong(of, said, "not_there")
    return found


def _order(uow: UnitOfWork, said: str, actor: Actor) -> str | None:
    try:
        order = uow.orders.get(said)
    except UnknownOrder:
        return None
    return order.number if actor.role is not Role.CUSTOMER or order.customer_id == actor.customer_id else None


def _product(uow: UnitOfWork, said: str, actor: Actor) -> str | None:
    return said if said in uow.products.many([said]) else None


def _customer(uow: UnitOfWork, said: str, actor: Actor) -> str | None:
    if actor.role is Role.CUSTOMER and said != actor.customer_id:
        return None
    try:
        return uow.customers.get(said).id
    except UnknownCustomer:
        return None


def _person(uow: UnitOfWork, said: str, actor: Actor) -> str | None:
    return said if uow.users.knows(said) else None


_FIND = {
    FieldType.ORDER: _order,
    FieldType.PRODUCT: _product,
    FieldType.CUSTOMER: _customer,
    FieldType.PERSON: _person,
}
