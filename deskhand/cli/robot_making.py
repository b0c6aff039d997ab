"""`deskhand robot new|record|run`: making a robot and trying it, without a queue. Knows the files, no database."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskhand.robots.control import Control
from deskhand.robots.errors import RobotNotKnown
from deskhand.robots.evidence import Evidence
from deskhand.robots.outcome import NotReady, RobotError, Successful
from deskhand.robots.recording import NotARecording, read_recording, robot_class
from deskhand.robots.robots_file import RobotInvalid, Robots, RobotSpec, RobotUnusable
from deskhand.robots.rows import csv_of
from deskhand.robots.secret import Secret
from deskhand.robots.session import Session
from deskhand.robots.templates import NEW, NEW_FILE, RECORDED_FILE, filled
from deskhand.robots.work_item import WorkItem, made_by_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deskhand.cli.main import Context

FOLDER = "DESKHAND_ROBOTS_DIR"
SECRETS = "ROBOT_SECRET_"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("new")
@click.argument("name")
@click.pass_obj
def new(context: Context, name: str) -> None:
    """Lay down a robot to begin with; NAME as in enter_invoice."""
    folder = _folder(context)
    files = _files(folder, name)
    _lay(files, filled(NEW, name=name, class_name=_class(name)), NEW_FILE, name, [f"{name}_user", f"{name}_password"])
    steps = {
        "next_1": f"say in {files[0]} what stands on the screen and what is done there",
        "next_2": f"set ROBOT_{name.upper()}_URL, {SECRETS}{name.upper()}_USER and {SECRETS}{name.upper()}_PASSWORD",
        "next_3": f"deskhand robot run {name} --input item.json --headed --dry-run",
    }
    context.output.record({"laid_down": ", ".join(map(str, files)), **steps})


@click.command("record")
@click.argument("url")
@click.option("--name", required=True, help="What the robot is called, as in enter_invoice.")
@click.option("--from", "recording", type=_FILE, help="A recording that Playwright's codegen wrote (--target python).")
@click.pass_obj
def record(context: Context, url: str, name: str, recording: Path | None) -> None:
    """Work once in a browser that opens at URL, close it, and have a robot class with named steps."""
    files = _files(_folder(context), name)
    try:
        text = recording.read_text(encoding="utf-8") if recording else _recorded(url)
        found = read_recording(text, name)
    except NotARecording as problem:
        raise click.ClickException(f"this is no recording: {problem}") from problem
    except RobotError as problem:
        raise click.ClickException(str(problem)) from problem
    _lay(files, robot_class(found, name), RECORDED_FILE, name, found.credentials, "plain")
    context.output.record(
        {
            "laid_down": ", ".join(map(str, files)),
            "steps": ", ".join(title for title, _ in found.steps),
            "input": ", ".join(found.fields),
            "credentials": ", ".join(found.credentials),
            "not_understood": len(found.left_out),
        }
    )


@click.command("run")
@click.argument("name")
@click.option("--input", "file", type=_FILE, required=True, help='The item, as JSON: {"number": "SO-1", ...}.')
@click.option("--headed", is_flag=True, help="On the display people look at.")
@click.option("--dry-run", is_flag=True, help="Everything up to the last click.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting, in place of the robot's file.")
@click.option("--evidence", type=click.Path(file_okay=False, path_type=Path), help="Where pictures and the log go.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows that were read, as CSV.")
@click.pass_obj
def run(context: Context, name: str, file: Path, headed: bool, dry_run: bool, settings: tuple[str, ...],
        evidence: Path | None, out: Path | None) -> None:  # fmt: skip
    """Work on one item now, here, without the queue; exit code 1 where it could not be done."""
    item = _item(file, name, dry_run)
    kept = Evidence(evidence or Path(tempfile.mkdtemp(prefix=f"deskhand-{name}-")))
    try:
        robots = Robots(_folder(context), context.environment)
        spec = _with(robots.read(name), settings, headed)
        session = Session(kept, Control(), _secrets(context, spec), spec.settings, dry_run)
        done = _worked(robots.class_of(spec), session, item)
        if out is not None:
            out.write_text(csv_of(done.output.get("rows", [])), encoding="utf-8")
    except (RobotNotKnown, RobotUnusable, RobotInvalid) as problem:
        raise click.ClickException(f"robot {name}: {problem}") from problem
    except RobotError as problem:
        ended = {"ended": type(problem).__name__, "code": problem.code, "detail": problem.detail}
        context.output.record({**ended, **_plain(problem.data), "evidence": str(kept.folder)})
        raise SystemExit(1) from problem
    context.output.record({"ended": "Successful", **_plain(done.output), "evidence": str(kept.folder)})


def _worked(robot_class: Any, session: Session, item: WorkItem) -> Successful:
    robot = robot_class(session)
    try:
        robot.start()
        done: Successful = robot.work(item)
        return done
    finally:
        robot.end()


def _item(file: Path, name: str, dry_run: bool) -> WorkItem:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise click.ClickException(f"{file}: {problem}") from problem
    if not isinstance(said, dict):
        raise click.ClickException(f"{file}: expected one object")
    return made_by_hand(str(said.get("reference") or said.get("number") or file.stem), said, name, dry_run)


def _with(spec: RobotSpec, settings: tuple[str, ...], headed: bool) -> RobotSpec:
    given = dict(each.split("=", 1) for each in settings if "=" in each)
    return replace(spec, settings={**spec.settings, **given, **({"headed": "yes"} if headed else {})})


def _secrets(context: Context, spec: RobotSpec) -> Any:
    """From variables; for a robot in the queue they come from the vault."""

    def secret(name: str) -> Secret:
        variable = f"{SECRETS}{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
        if name not in spec.credentials or not context.environment.get(variable):
            raise NotReady("credential_unknown", f"set {variable}", credential=name)
        return Secret(context.environment[variable])

    return secret


def _recorded(url: str) -> str:
    from deskhand.robots.recorder import recorder

    with tempfile.TemporaryDirectory(prefix="deskhand-recorder-") as folder:
        output = Path(folder, "recorded.py")
        with _ended(recorder(url, output)) as process:
            process.wait()
        if not output.exists():
            raise click.ClickException("nothing was recorded; is there a display? (DISPLAY)")
        return output.read_text(encoding="utf-8")


@contextmanager
def _ended(process: Any) -> Iterator[Any]:
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _folder(context: Context) -> Path:
    return Path(context.environment.get(FOLDER, "robots"))


def _class(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise click.BadParameter("a robot's name is small letters, digits and _, such as enter_invoice")
    files = folder / f"{name}.py", folder / f"{name}.yml"
    for file in files:
        if file.exists():
            raise click.ClickException(f"{file} is there already")
    return files


def _lay(
    files: tuple[Path, Path], text: str, file: str, name: str, credentials: list[str], input: str = "order"
) -> None:
    files[0].parent.mkdir(parents=True, exist_ok=True)
    files[0].write_text(text, encoding="utf-8")
    said = filled(file, name=name, class_name=_class(name), credentials=", ".join(credentials), input=input)
    files[1].write_text(said.replace("__VARIABLE__", name.upper()), encoding="utf-8")


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: len(value) if key == "rows" else value for key, value in said.items()}
