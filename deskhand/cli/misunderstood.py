"""`deskhand misunderstood`: what people wrote and the bot did not understand, labelled, and made training data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.teaching import NotFit, append, as_yaml, examples, known_intents
from deskhand.cli.utterances import Taught
from deskhand.cli.workplace import working
from deskhand.logs import one_line
from deskhand.orders.actions import LABEL_MISUNDERSTOOD
from deskhand.store import Misread
from deskhand.store.misunderstood import Alike, label, like, misunderstood

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["id", "at", "times", "how", "taken_for", "chosen", "label", "text"]
NO_LABEL = "-"


@click.group("misunderstood")
def misunderstood_() -> None:
    """List what was not understood, say what it means, and teach the bot."""


@misunderstood_.command("list")
@click.option("--how", type=click.Choice([str(each) for each in Misread]), help="Only what became of it so.")
@click.option("--labelled/--unlabelled", default=None, help="Only those with a label, or those without.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day on (UTC).")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many lines.")
@click.pass_obj
def list_(context: Context, how: str | None, labelled: bool | None, since: datetime | None, limit: int) -> None:
    """The newest first, without personal data; what differs in numbers and signs only is one line.

    How: asked which of two was meant (chosen: what its writer picked then), fell_back (not understood), declined as out
    of scope, no_passage of the policy texts answers it, repeated again and again.
    """
    found = [each for each in _looked_at(context, labelled, since) if how in (None, str(each.newest.how))]
    context.output.rows("Not understood", [_row(each) for each in found[:limit]], COLUMNS)


@misunderstood_.command("label")
@click.argument("message_id", metavar="ID")
@click.argument("intent")
@click.pass_obj
def label_(context: Context, message_id: str, intent: str) -> None:
    """Say which INTENT the message ID and all like it have; `-` takes the label away. It stands in the audit."""
    known = known_intents(Taught.read(context.root))
    if intent != NO_LABEL and intent not in known:
        raise click.UsageError(f"{intent} is no intent; known are {', '.join(known)}")
    with working(context.environment, LABEL_MISUNDERSTOOD, "misunderstood label", read_only=True) as (uow, _):
        with _refusing(message_id):
            ids = like(uow, message_id)
    with working(context.environment, LABEL_MISUNDERSTOOD, "misunderstood label") as (uow, who), _refusing(message_id):
        count = label(uow, who, ids, None if intent == NO_LABEL else intent)
    context.output.record({"id": message_id, "label": None if intent == NO_LABEL else intent, "messages": count})


@misunderstood_.command()
@click.option("--intent", help="Only what was labelled so.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Into a new file; to the terminal without.")
@click.option(
    "--apply", "into_files", is_flag=True, help="Into the files of data/nlu; the next start trains with them."
)
@click.pass_obj
def export(context: Context, intent: str | None, to: Path | None, into_files: bool) -> None:
    """What was labelled as training data: YAML as in data/nlu, without personal data and what is taught already."""
    if to is not None and into_files:
        raise click.UsageError("--to and --apply are two ways; choose one")
    labelled = [(each.newest.text, str(each.newest.label)) for each in _looked_at(context, labelled=True)]
    taught = Taught.read(context.root)
    made, left_out = examples((each for each in labelled if intent in (None, each[1])), taught)
    for reason in left_out:
        click.echo(f"left out: {one_line(reason)}", err=True)
    if into_files:
        _apply(context, made)
    elif to is not None:
        with to.open("x", encoding="utf-8") as file:
            file.write(as_yaml(made))
        context.output.record({"file": str(to), "utterances": sum(map(len, made.values()))})
    else:
        click.echo(as_yaml(made), nl=False)


def _apply(context: Context, made: Mapping[str, list[str]]) -> None:
    try:
        files = append(context.root, made)
    except NotFit as problem:
        raise click.ClickException(f"nothing was changed: {problem}") from problem
    names = [str(file.relative_to(context.root)) for file in files]
    context.output.record({"files": ", ".join(names), "utterances": sum(map(len, made.values()))})


def _looked_at(context: Context, labelled: bool | None = None, since: datetime | None = None) -> list[Alike]:
    start = since.replace(tzinfo=UTC) if since else None
    with working(context.environment, LABEL_MISUNDERSTOOD, "misunderstood", read_only=True) as (uow, _):
        return misunderstood(uow, labelled, start)


@contextmanager
def _refusing(message_id: str) -> Iterator[None]:
    try:
        yield
    except KeyError:
        raise click.UsageError(f"no message {message_id} was misunderstood") from None


def _row(alike: Alike) -> dict[str, Any]:
    one = alike.newest
    return {
        "id": one.id, "at": one.at, "times": alike.count, "how": str(one.how), "taken_for": one.intent,
        "confidence": one.confidence, "others": dict(one.others), "chosen": one.chosen,
        "label": one.label, "text": one_line(one.text),
    }  # fmt: skip
