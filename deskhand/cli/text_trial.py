"""`deskhand texts evaluate`: how right a model writes the product's texts, as figures and samples. Holds no rule."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deskhand.orders.tenant import LANGUAGES
from deskhand.settings import private
from deskhand.writing import BRIEF, LlmClient, load_templates
from deskhand.writing.trial import JOBS, Case, Outcome, Score, cases, figures, run, scores
from deskhand.writing.trial import Progress as Told

if TYPE_CHECKING:
    from deskhand.cli.main import Context

COLUMNS = ["job", "language", "cases", "first", "second", "template", "no_answer", "right", "seconds", "causes"]
_SAMPLES = 3  # of each job and language: right ones and refused ones


@click.command("evaluate")
@click.option("--model", help="Its name at LLM_URL, or the address of another server.  [default: LLM_MODEL]")
@click.option("--adapter", help="The adapter's name there, asked for instead of the model it is laid over.")
@click.option("--cases", "count", type=click.IntRange(1), default=20, show_default=True, help="Of each job, language.")
@click.option("--job", "jobs", multiple=True, type=click.Choice([*JOBS]), help="Only this kind; may be given again.")
@click.option("--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help="Only this language.")
@click.option("--seed", type=int, default=1, show_default=True, help="Other cases of the same kinds.")
@click.option("--at-once", type=click.IntRange(1), default=4, show_default=True, help="Requests under way.")
@click.option("--seconds", type=float, default=120.0, show_default=True, help="For each text, both tries together.")
@click.option("--at-least", type=click.FloatRange(0, 1), help="Fail when less is right in any job and language.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Figures and samples as JSON.")
@click.pass_obj
def evaluate(context: Context, model: str | None, adapter: str | None, count: int, jobs: tuple[str, ...],
             languages: tuple[str, ...], seed: int, at_once: int, seconds: float, at_least: float | None,
             output: Path | None) -> None:  # fmt: skip
    """Put texts that no model has learnt to a model, and count how many pass the fact check.

    Each goes through the real writer: a first try, a second one that is told what was wrong, else the template. `right`
    is the share without the template, with the range in which it lies (95 per cent).
    """
    given = context.environment
    url, name = _which(given, model, adapter)
    wanted = [*cases(count, seed, jobs, languages or LANGUAGES)]
    with _bar(len(wanted)) as told:
        outcomes = asyncio.run(_run(given, url, name, wanted, told, at_once, seconds))
    found = scores(outcomes)
    said = {"model": name, "seed": seed, "figures": figures(found), "scores": [score.as_json() for score in found]}
    said |= {"samples": [*_samples(outcomes)]}
    if output is not None:
        _write(output, said)
    if context.output.format == "json":
        context.output.json(said)
    else:
        _show(context, name, found, outcomes)
    _judge(found, at_least)


def _which(environment: Mapping[str, str], model: str | None, adapter: str | None) -> tuple[str, str]:
    """Address and name."""
    usual = environment.get("LLM_MODEL", "")
    if model is not None and model.startswith(("http://", "https://")):
        return model, adapter or usual
    url = environment.get("LLM_URL")
    if not url:
        raise click.UsageError("no server: set LLM_URL, or give its address as --model http://...")
    return url, adapter or model or usual


async def _run(
    environment: Mapping[str, str],
    url: str,
    name: str,
    wanted: Sequence[Case],
    told: Told,
    at_once: int,
    seconds: float,
) -> list[Outcome]:
    folder = Path(environment.get("DESKHAND_PROCESSES_DIR", "processes")) / "order_to_cash" / "writing"
    templates = load_templates(folder, environment.get("LLM_PROMPT", BRIEF))
    async with LlmClient(url, name, private(environment, "LLM_API_KEY")) as client:
        return await run(templates, client, wanted, told, at_once=at_once, seconds=seconds)


def _samples(outcomes: Sequence[Outcome]) -> Iterator[dict[str, Any]]:
    """The first of each job, language and outcome."""
    seen: dict[tuple[str, str, str], int] = {}
    for each in sorted(outcomes, key=lambda outcome: outcome.number):
        group = (each.job, each.language, each.how)
        seen[group] = seen.get(group, 0) + 1
        if seen[group] <= _SAMPLES:
            yield {
                "job": each.job, "language": each.language, "how": each.how, "text": each.text,
                "causes": list(each.causes), "reason": each.reason,
            }  # fmt: skip


def _show(context: Context, name: str, found: Sequence[Score], outcomes: Sequence[Outcome]) -> None:
    rows = [
        {
            **score.as_json(),
            "right": f"{score.right:.1%} ({score.low:.1%} - {score.high:.1%})",
            "causes": "; ".join(f"{cause} ({times})" for cause, times in [*score.causes.items()][:2]),
        }
        for score in found
    ]
    context.output.rows(f"Texts by {name}", rows, COLUMNS)
    refused = [each for each in outcomes if each.causes][:_SAMPLES]
    for each in refused:
        click.echo(f"\n{each.job}, {each.language}, {each.how}: {', '.join(each.causes)}\n  {each.text}")


def _judge(found: Sequence[Score], at_least: float | None) -> None:
    if found[-1].no_answer == found[-1].cases:
        raise click.ClickException("the server gave no text at all: is it running, and does it know this model?")
    low = [f"{score.job}, {score.language}" for score in found if at_least is not None and score.right < at_least]
    if low:
        raise click.ClickException(f"less than {at_least:.0%} is right: {'; '.join(low)}")


def _write(output: Path, said: Mapping[str, Any]) -> None:
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    beside.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(output)


@contextmanager
def _bar(count: int) -> Iterator[Told]:
    columns = (TextColumn("{task.fields[right]} right"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task, right = progress.add_task("texts", total=count, right=0), 0

        def told(outcome: Outcome) -> None:
            nonlocal right
            right += outcome.how in ("first", "second")
            progress.update(task, advance=1, right=right)

        yield told
