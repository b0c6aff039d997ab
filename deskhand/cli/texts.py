"""`deskhand texts`: replies made ahead of time: drafted by the model, approved by a person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskhand.cli.text_pairs import export_
from deskhand.cli.text_trial import evaluate
from deskhand.cli.workplace import open_desk, operator
from deskhand.orders.tenant import LANGUAGES
from deskhand.settings import private
from deskhand.store.replies import approve, keep_draft
from deskhand.writing import BRIEF, LlmClient, Templates, Text, Writer, load_templates
from deskhand.writing.replies import KIND, Inquiry, ReplyDraft, load_inquiries, placeholders

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["inquiry", "language", "version", "source", "approved_by", "text"]


@click.group()
def texts() -> None:
    """Texts: replies made ahead of time, pairs for training, how right a model writes."""


texts.add_command(export_)
texts.add_command(evaluate)


@texts.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """Every version, the newest first."""
    with closing(open_desk(context.environment)) as desk:
        who = operator(context.environment, "texts")
        with desk.unit_of_work(who.tenant, read_only=True) as uow:
            rows = [{name: getattr(each, name) for name in COLUMNS} for each in uow.reply_templates.list()]
    context.output.rows("Reply templates", rows, COLUMNS)


@texts.command()
@click.argument("inquiry", required=False)
@click.pass_obj
def draft(context: Context, inquiry: str | None) -> None:
    """Have the model draft a template in both languages: of INQUIRY, or of all of them.

    What it writes must be right for an order in any status; otherwise the sentences of inquiries.yml stand. Nothing is
    used before it is approved.
    """
    templates, inquiries = _files(context.environment)
    if inquiry is not None and inquiry not in inquiries:
        raise click.BadParameter(f"must be one of {', '.join(inquiries)}", param_hint="INQUIRY")
    wanted = [each for each in inquiries.values() if inquiry in (None, each.name)]
    made = asyncio.run(_drafted(context.environment, templates, wanted))
    with closing(open_desk(context.environment)) as desk:
        who = operator(context.environment, "texts")
        with desk.unit_of_work(who.tenant) as uow:
            kept = [keep_draft(uow, each, text, who) for each, text in made]
            uow.commit()
    context.output.rows("Drafts", [{name: getattr(each, name) for name in COLUMNS} for each in kept], COLUMNS)


@texts.command("approve")
@click.argument("inquiry")
@click.argument("language", type=click.Choice(LANGUAGES))
@click.argument("version", type=int)
@click.pass_obj
def approve_(context: Context, inquiry: str, language: str, version: int) -> None:
    """From now on customers are answered with this version."""
    templates, inquiries = _files(context.environment)
    with closing(open_desk(context.environment)) as desk:
        who = operator(context.environment, "texts")
        with desk.unit_of_work(who.tenant) as uow:
            found = approve(desk, uow, templates, inquiries, (inquiry, language, version), who)
            uow.commit()
    context.output.record({"inquiry": found.inquiry, "language": found.language, "version": found.version})


def _files(environment: Mapping[str, str]) -> tuple[Templates, dict[str, Inquiry]]:
    folder = Path(environment.get("DESKHAND_PROCESSES_DIR", "processes")) / "order_to_cash"
    return load_templates(folder / "writing", environment.get("LLM_PROMPT", BRIEF)), load_inquiries(
        folder / "replies" / "inquiries.yml"
    )


async def _drafted(
    environment: Mapping[str, str], templates: Templates, wanted: list[Inquiry]
) -> list[tuple[Inquiry, Text]]:
    url = environment.get("LLM_URL")
    if not url:
        return await _written(Writer(templates, None), templates, wanted)
    async with LlmClient(url, environment.get("LLM_MODEL", ""), private(environment, "LLM_API_KEY")) as client:
        return await _written(Writer(templates, client), templates, wanted)


async def _written(writer: Writer, templates: Templates, wanted: list[Inquiry]) -> list[tuple[Inquiry, Text]]:
    return [
        (each, await writer.write_with(ReplyDraft.of(templates.get(KIND, language), each), placeholders(each), 60.0))
        for each in wanted
        for language in LANGUAGES
    ]
