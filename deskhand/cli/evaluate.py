"""`deskhand evaluate`: how well messages are understood, as tables and a picture, or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from deskhand.cli import train as training
from deskhand.cli.evaluation import ParsingFailed, about, draw, parse, read_set
from deskhand.cli.main import Context, pass_context
from deskhand.cli.output import Output

SETS = ("held_out", "held_out_2", "held_out_3", "held_out_processes", "held_out_robots")
PICTURE = "recognition.png"
_SHARES = ("accuracy", "asked_back", "right_among_two", "out_of_scope_recall", "wrong_action", "wrong_draft")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--model", type=click.Path(exists=True, path_type=Path), help="A trained model; without it the present one."
)
@click.option("--errors", is_flag=True, help="Also list the utterances that were taken for something else.")
@pass_context
def evaluate(context: Context, files: tuple[Path, ...], model: Path | None, errors: bool) -> None:
    """Say how well utterances that training never saw are understood, and how sure the bot may be."""
    try:
        report = _report(context, files, model, errors)
    except (training.TrainingFailed, ParsingFailed) as problem:
        raise click.ClickException(str(problem)) from problem
    _show(context.output, report)


def _report(context: Context, files: tuple[Path, ...], model: Path | None, errors: bool) -> dict[str, Any]:
    model = model or training.train(context.root, context.environment, lambda text: click.echo(text, err=True))
    chosen = files or tuple(context.root / "tests" / "dialogue" / f"{name}.yml" for name in SETS)
    sets: dict[str, Any] = {}
    for path in chosen:
        utterances = read_set(path)
        found = parse(context.root, context.environment, model, [each.text for each in utterances])
        sets[path.stem] = about(list(zip(utterances, found, strict=True)), errors)
    picture = Path(context.environment["DESKHAND_VAR"]) / PICTURE
    draw(context.root, context.environment, sets, picture)
    return {"model": model.name, "sets": sets, "picture": str(picture)}


def _show(output: Output, report: Mapping[str, Any]) -> None:
    if output.format == "json":
        output.json(report)
        return
    for name, told in report["sets"].items():
        _show_set(output, name, told)
    output.record({"model": report["model"], "picture": report["picture"]})


def _show_set(output: Output, name: str, told: Mapping[str, Any]) -> None:
    rows = [
        {"language": language, "utterances": each["utterances"], "milliseconds": _number(each["milliseconds"], ".0f"),
         **{key: _number(each[key], ".1%") for key in _SHARES}}
        for language, each in told["figures"].items()
    ]  # fmt: skip
    output.rows(name, rows, ["language", "utterances", *_SHARES, "milliseconds"])
    mistaken = [
        {"intent": wanted, "taken_for": ", ".join(f"{got} {n}" for got, n in sorted(row.items()) if got != wanted)}
        for wanted, row in told["confusion"].items()
        if set(row) - {wanted}
    ]
    output.rows(f"{name}: taken for something else", mistaken, ["intent", "taken_for"])
    sure = [
        {"language": language, "band": band, "confidence": f"{row['from']:.2f}-{row['to']:.2f}",
         "utterances": row["utterances"], "sure": _number(row["sure"], ".2f"), "right": _number(row["right"], ".2f")}
        for language, both in told["calibration"].items() for band, table in both.items() for row in table
        if row["utterances"]
    ]  # fmt: skip
    output.rows(
        f"{name}: how sure, how often right", sure, ["language", "band", "confidence", "utterances", "sure", "right"]
    )
    if told.get("errors"):
        output.rows(f"{name}: errors", told["errors"], ["wanted", "found", "likeliest", "text"])


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
