"""`deskhand knowledge`: what the bot is told about the company's rules, and what it would answer."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deskhand.cli.workplace import open_desk, tenant_of
from deskhand.language import detect_language, quote
from deskhand.store import KnowledgeFiles, find_passages, follow_files, knowledge_faults

if TYPE_CHECKING:
    from deskhand.cli.main import Context

FILES = ["file", "topic", "language", "title", "passages", "audience"]
FOUND = ["score", "answers", "topic", "heading", "language", "quote"]
SHOWN = 5


@click.group()
def knowledge() -> None:
    """List, check and try the policy texts that questions are answered from."""


@knowledge.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """The files that count for a company: its own, and the shared ones whose topics it doesn't replace."""
    rows = [
        {
            "file": one.name,
            "topic": one.topic,
            "language": one.language,
            "title": one.title[one.language],
            "passages": len(one.passages),
            "audience": "staff" if one.staff_only else "everybody",
        }
        for one in KnowledgeFiles(folder_of(context)).of(tenant_of(context.environment))
    ]
    context.output.rows("Policy texts", rows, FILES)


@knowledge.command()
@click.pass_obj
def check(context: Context) -> None:
    """Say everything that is wrong in a company's texts and the shared ones; exit code 1 if anything is."""
    faults = knowledge_faults(folder_of(context), tenant_of(context.environment))
    rows = [{"file": f.file, "line": f.line, "setting": f.setting, "problem": f.problem} for f in faults]
    context.output.rows("Faults" if rows else "No faults", rows, ["file", "line", "setting", "problem"])
    raise SystemExit(1 if faults else 0)


@knowledge.command()
@click.argument("text")
@click.option("--customer", is_flag=True, help="As a customer sees it: without what is for staff.")
@click.pass_obj
def search(context: Context, text: str, customer: bool) -> None:
    """What the bot would answer to a question, and what else comes close."""
    tenant, language = tenant_of(context.environment), detect_language(text)
    with closing(open_desk(context.environment, migrate=True)) as desk:
        follow_files(desk, KnowledgeFiles(folder_of(context)), tenant)
        with desk.unit_of_work(tenant, read_only=True) as uow:
            found = find_passages(uow, text, language, for_staff=not customer)
    rows = [
        {
            "score": f"{each.score:.2f}",
            "answers": "yes" if place == 0 and each.is_sure else "no",
            "topic": each.passage.title[language],
            "heading": each.passage.heading,
            "language": each.passage.language,
            "quote": quote(text, each.passage.body),
        }
        for place, each in enumerate(found[:SHOWN])
    ]
    context.output.rows("Passages" if rows else "No passage", rows, FOUND)


def folder_of(context: Context) -> Path:
    """Beside the processes, as the actions have it."""
    return Path(context.environment["DESKHAND_PROCESSES_DIR"]).parent / "knowledge"
