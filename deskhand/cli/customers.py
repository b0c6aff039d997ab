"""`deskhand customers`: who orders, how long they have to pay, and how much they may owe."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.workplace import open_desk, operator, reading
from deskhand.orders.errors import UnknownCustomer
from deskhand.orders.model import Customer

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["id", "name", "days_to_pay", "from", "credit_limit", "class"]
FROM = {False: "shipping", True: "month_end"}
NONE = "none"
_CHANGED = "customers terms"


@click.group()
def customers() -> None:
    """List customers, and set what they may owe and for how long."""


@customers.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """All of them, by name."""
    with reading(context.environment) as (_, uow):
        rows = [_row(one) for one in uow.customers.all()]
    context.output.rows("Customers", rows, COLUMNS)


def _amount(context: click.Context, parameter: click.Parameter, given: str | None) -> Decimal | str | None:
    if given is None or given == NONE:
        return given
    try:
        amount = Decimal(given)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(f"{given} is no sum of money; write 50000, or {NONE}")
    return amount


@customers.command()
@click.argument("customer_id", metavar="ID")
@click.option("--credit", callback=_amount, help=f"What the customer may owe, in the company's currency; or {NONE}.")
@click.option("--class", "customer_class", help=f"As credit.dmn and approval.dmn call it: A, B ...; or {NONE}.")
@click.option("--days", type=click.IntRange(0, 365), help="Days to pay.")
@click.option("--from", "counted", type=click.Choice([*FROM.values()]), help="From what day they count.")
@click.pass_obj
def terms(
    context: Context, customer_id: str, credit: Decimal | str | None, customer_class: str | None, days: int | None,
    counted: str | None,
) -> None:  # fmt: skip
    """Change what is given; it counts from the next confirmation, or the next account period, on."""
    with closing(open_desk(context.environment)) as desk:
        actor = operator(context.environment, _CHANGED)
        with desk.unit_of_work(actor.tenant) as uow:
            try:
                now = uow.customers.get(customer_id)
            except UnknownCustomer as error:
                raise click.ClickException(str(error)) from error
            limit = now.credit_limit if credit is None else None if credit == NONE else Decimal(credit)
            kind = now.customer_class if customer_class is None else None if customer_class == NONE else customer_class
            uow.customers.change_credit(customer_id, limit, kind)
            month_end = now.month_end if counted is None else counted == FROM[True]
            uow.customers.change_terms(customer_id, now.account_days if days is None else days, month_end)
            row = _row(uow.customers.get(customer_id))
            changed = {key: [str(before), str(row[key])] for key, before in _row(now).items() if before != row[key]}
            uow.audit.add(actor, _CHANGED, customer_id, "done", changed)
            uow.commit()
    context.output.record(row)


def _row(one: Customer) -> dict[str, Any]:
    limit = "" if one.credit_limit is None else str(one.credit_limit)
    return {
        "id": one.id,
        "name": one.name,
        "days_to_pay": one.account_days,
        "from": FROM[one.month_end],
        "credit_limit": limit,
        "class": one.customer_class or "",
    }
