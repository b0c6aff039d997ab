"""`deskhand evaluate`: sets of utterances through Rasa's own parser, figures and a picture out.

A set is YAML: `utterances: [{intent, or: [...], language, text}]`. Nothing is trained on.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import yaml

from deskhand.cli import recognition
from deskhand.cli import train as training
from deskhand.cli.main import Context, pass_context
from deskhand.cli.output import Output
from deskhand.cli.recognition import Found, Pair, Utterance
from deskhand.cli.services import rasa_python
from deskhand.cli.utterances import language_of

SETS = ("held_out", "tuning", "frozen")
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
    model = model or training.train(context.root, context.environment, lambda text: click.echo(text, err=True))
    chosen = files or tuple(context.root / "tests" / "dialogue" / f"{name}.yml" for name in SETS)
    report: dict[str, Any] = {"model": model.name, "sets": {}}
    for path in chosen:
        utterances = read_set(path)
        found = parse(context.root, context.environment, model, [each.text for each in utterances])
        report["sets"][path.stem] = about(list(zip(utterances, found, strict=True)), errors)
    picture = Path(context.environment["DESKHAND_VAR"]) / PICTURE
    report["picture"] = str(picture) if draw(context.root, context.environment, report["sets"], picture) else None
    _show(context.output, report)


def read_set(path: Path) -> list[Utterance]:
    """The utterances of a file; where none is named, the language is read from the text."""
    said = yaml.safe_load(path.read_text(encoding="utf-8"))["utterances"]
    return [
        Utterance(
            each["text"],
            frozenset({each["intent"], *each.get("or", [])}),
            each["intent"],
            each.get("language") or language_of(each["text"]),
        )
        for each in said
    ]


def parse(root: Path, environment: Mapping[str, str], model: Path, texts: Sequence[str]) -> list[Found]:
    """What Rasa makes of each text, in one process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        said, found = Path(folder) / "said.json", Path(folder) / "found.json"
        said.write_text(json.dumps(list(texts)), encoding="utf-8")
        _run(root, environment, "rasa_components.parse", str(model), str(said), str(found))
        rows = json.loads(found.read_text(encoding="utf-8"))
    return [
        Found(
            row["intent"], row["confidence"], tuple((name, sure) for name, sure in row["ranking"]), row["milliseconds"]
        )
        for row in rows
    ]


def about(pairs: Sequence[Pair], errors: bool = False) -> dict[str, Any]:
    """Everything that is said of one set."""
    languages = sorted({utterance.language for utterance, _ in pairs})
    wrong = [
        {"text": u.text, "wanted": u.intent, "found": f.intent, "likeliest": f.likeliest[0], "sure": f.likeliest[1]}
        for u, f in pairs
        if not recognition.is_right(u, f.intent)
    ]
    return {
        "figures": recognition.by_language(pairs),
        "confusion": recognition.confusion(pairs),
        "calibration": {
            **{name: recognition.bands([pair for pair in pairs if pair[0].language == name]) for name in languages},
            "all": recognition.bands(pairs),
        },
        **({"errors": wrong} if errors else {}),
    }


def draw(root: Path, environment: Mapping[str, str], sets: Mapping[str, Any], picture: Path) -> bool:
    """Confusion and calibration of each set as one PNG; by Rasa's Python, which has matplotlib."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "sets.json"
        told.write_text(json.dumps(sets), encoding="utf-8")
        _run(root, environment, "rasa_components.recognition_chart", str(told), str(picture))
    return picture.exists()


def _run(root: Path, environment: Mapping[str, str], module: str, *arguments: str) -> None:
    command = [str(rasa_python(root)), "-W", "ignore", "-m", module, *arguments]
    ran = subprocess.run(command, cwd=root, env=dict(environment), capture_output=True, text=True, check=False)
    if ran.returncode:
        raise click.ClickException(f"{module} failed:\n{ran.stderr[-2000:]}")


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
