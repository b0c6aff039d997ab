"""`deskhand notify`: tells a role, a user or a customer something, in their inbox and wherever they are told else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deskhand.cli.workplace import working
from deskhand.notifications.posting import MOST_CHARACTERS, AudienceInvalid, Notice, post
from deskhand.orders.actions import POST_NOTIFICATION

if TYPE_CHECKING:
    from deskhand.cli.main import Context


@click.command("notify")
@click.argument("to", metavar="TO")
@click.argument("text", required=False)
@click.option("--zh", help="The words in Chinese; TEXT is told in both languages.")
@click.option("--en", help="The words in English.")
@click.option("--order", help="The number of the order that it is about.")
@click.pass_obj
def notify(context: Context, to: str, text: str | None, zh: str | None, en: str | None, order: str | None) -> None:
    """Tell somebody something: TO is role:warehouse, user:LOGIN or customer:ID.

    \b
    deskhand notify role:warehouse "The dock is closed until 14:00."
    deskhand notify role:sales --zh "今天提前截单" --en "Orders close early today" --order SO-1001
    """
    given = {"zh": zh or text or "", "en": en or text or ""}
    words = {language: said.strip() for language, said in given.items() if said.strip()}
    if not words:
        raise click.UsageError("say what is to be told: TEXT, or --zh and --en")
    if any(len(said) > MOST_CHARACTERS for said in words.values()):
        raise click.UsageError(f"at most {MOST_CHARACTERS} characters can be told")
    with working(context.environment, POST_NOTIFICATION, "notify") as (uow, who):
        try:
            made = post(uow, who, Notice(to, words, order))
        except AudienceInvalid as error:
            raise click.BadParameter(str(error), param_hint="TO") from error
    context.output.record({"id": made, "to": to})
