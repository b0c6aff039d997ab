"""`deskhand process`: the versions of a process, from the draft in its folder to what runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.output import Output
from deskhand.cli.process_new import new
from deskhand.cli.workplace import open_desk, operator, tenant_of
from deskhand.orders.errors import UnknownUser
from deskhand.orders.model import Actor
from deskhand.orders.process import NAME
from deskhand.store import Desk
from deskhand.store.live_processes import Running, compiled, domain_beside, draft_of, drafts_beside
from deskhand.store.migrating import migrate, planned
from deskhand.store.process_check import Checked, check, counted
from deskhand.store.process_drawing import draw
from deskhand.store.process_files import ProcessFiles, read_folder
from deskhand.store.process_list import listed
from deskhand.store.publishing import WantedVersion, approve, propose, tried, withdraw
from deskhand.store.simulating import LAST, Simulation, simulate

if TYPE_CHECKING:
    from deskhand.cli.main import Context

FINDINGS = ["severity", "file", "line", "element", "name", "problem"]
BROKEN = ["number", "seq", "event", "node", "code", "why"]
WORDING = ("cards.yml", "documents.yml", "writing")  # read by each service when it starts, not with a version
STOPPED = ["case", "node", "why"]
VERSIONS = ["process", "version", "state", "active_from", "runs", "cases", "proposed_by", "approved_by", "notes"]
json_option = click.option("--json", "as_json", is_flag=True, help="For programs; as `deskhand --format json`.")
folder_option = click.option(
    "--dir", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the draft, where it isn't with the processes.",
)  # fmt: skip
last_option = click.option("--last", default=LAST, show_default=True, help="How many cases, the newest first.")


@click.group()
def process() -> None:
    """List, check, try, publish and draw processes; lay down a new one."""


process.add_command(new)


@process.command("list")
@click.pass_obj
def list_(context: Context) -> None:
    """All versions: which runs, since when, and how many cases are on it."""
    with closing(open_desk(context.environment)) as desk:
        context.output.rows("Processes", listed(desk, tenant_of(context.environment)), VERSIONS)


@process.command("check")
@click.argument("name")
@folder_option
@json_option
@click.pass_obj
def check_(context: Context, name: str, folder: Path | None, as_json: bool) -> None:
    """Say everything that is wrong in a draft, or looks wrong; exit code 1 if it can't run."""
    checked = _checked(context, _draft(context, name, folder))
    _show_findings(Output("json") if as_json else context.output, checked)
    raise SystemExit(1 if checked.errors else 0)


@process.command("simulate")
@click.argument("name")
@folder_option
@last_option
@json_option
@click.pass_obj
def simulate_(context: Context, name: str, folder: Path | None, last: int, as_json: bool) -> None:
    """Try a draft on the histories of real cases; exit code 1 if one would break, 2 if the draft can't run."""
    output = Output("json") if as_json else context.output
    files = _draft(context, name, folder)
    checked = _checked(context, files)
    if checked.running is None or checked.errors:
        _show_findings(output, checked)
        raise SystemExit(2)
    with closing(open_desk(context.environment)) as desk:
        report = simulate(desk, tenant_of(context.environment), checked.running, last)
    _show_simulation(output, report)
    raise SystemExit(1 if report.broken else 0)


@process.command("publish")
@click.argument("name")
@click.option("--as", "login", required=True, metavar="LOGIN", help="Who does it; two different people are needed.")
@click.option("--active-from", metavar="WHEN", help="A day or a time from which it runs; by default at once.")
@click.option("--approve", "approved", type=int, metavar="VERSION", help="Approve what somebody else has proposed.")
@click.option("--withdraw", "withdrawn", type=int, metavar="VERSION", help="Take a proposal back.")
@click.option("--accept-broken", metavar="REASON", help="Why it does not matter that histories would break.")
@click.option("--notes", default="", help="What is new.")
@folder_option
@last_option
@click.pass_obj
def publish(
    context: Context, /, name: str, login: str, approved: int | None, withdrawn: int | None, folder: Path | None,
    **said: Any,
) -> None:  # fmt: skip
    """Propose the draft as a new version, or approve a proposal: one person does the one, another the other."""
    with closing(open_desk(context.environment)) as desk:
        actor = _person(desk, context, login)
        if approved is not None:
            _show_tried(context, desk, actor, name, approved, said["last"])
            done = approve(desk, actor, name, approved)
        elif withdrawn is not None:
            done = withdraw(desk, actor, name, withdrawn)
        else:
            done = _proposed(context, desk, actor, name, folder, said)
    row = {"process": done.process, "version": done.version, "state": done.state, "active_from": done.active_from}
    proposed = {} if approved or withdrawn else {"next": _next(name, done.version)}
    later = {"from_the_next_start": ", ".join(WORDING)} if not withdrawn and name == NAME else {}
    context.output.record(row | proposed | later)


@process.command("migrate")
@click.argument("name")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="Where cases go that wait at OLD; repeatable.")
@click.option("--to", "version", type=int, help="The version to go to; by default the one that is active.")
@click.option("--dry-run", is_flag=True, help="Say what would go where, and move nothing.")
@click.pass_obj
def migrate_(context: Context, name: str, pairs: Sequence[str], version: int | None, dry_run: bool) -> None:
    """Move the live cases of older versions to another one, by an explicit map."""
    over = dict(_pair(each) for each in pairs)
    with closing(open_desk(context.environment)) as desk:
        actor = operator(context.environment, "process migrate")
        report = (planned if dry_run else migrate)(desk, actor, name, over, version)
    title = f"{report.cases} cases of {name} {'would go' if dry_run else 'went'} to version {report.version}"
    context.output.rows(title, report.as_rows(), ["from_version", "from", "to_version", "to", "cases"])


@process.command("show")
@click.argument("name")
@click.option("--version", type=int, help="By default the one that runs.")
@click.option("--draft", is_flag=True, help="The folder as it lies, without counts.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; by default NAME.svg here.")
@click.pass_obj
def show(context: Context, name: str, version: int | None, draft: bool, out: Path | None) -> None:
    """Draw a process as SVG, with the count of the cases at each node; say which can't go on, where and why."""
    out = out or Path(f"{name}.svg")
    with closing(open_desk(context.environment)) as desk:
        tenant = tenant_of(context.environment)
        running = _running(context, desk, name, version, draft)
        drawn = draw(desk, tenant, running, with_cases=not draft)
        with desk.unit_of_work(tenant, read_only=True) as uow:
            stopped = [] if draft else uow.case_files.stopped(name)
    out.write_text(drawn.svg, encoding="utf-8")
    record = {"file": str(out), "version": running.version, "cases": drawn.cases}
    rows = [{"case": each.number, "node": each.stopped_node, "why": each.stopped_reason} for each in stopped]
    if context.output.format == "json":
        context.output.json({**record, "stopped": rows})
        return
    context.output.record(record)
    if rows:
        context.output.rows("These can't go on by themselves; a value that is missing carries them on", rows, STOPPED)


def _running(context: Context, desk: Desk, name: str, version: int | None, draft: bool) -> Running:
    tenant = tenant_of(context.environment)
    if draft:
        return compiled(_draft(context, name, None), None, desk.versions.domain)
    return desk.versions.active(tenant, name) if version is None else desk.versions.of(tenant, name, version)


def _proposed(
    context: Context, desk: Desk, actor: Actor, name: str, folder: Path | None, said: Mapping[str, Any]
) -> Any:
    files = None if folder is None else _draft(context, name, folder).texts
    wanted = WantedVersion(
        name, said["active_from"], said["accept_broken"], said["notes"], files=files, last=said["last"]
    )
    output = context.output
    checked = _checked(context, _draft(context, name, folder))
    if output.format != "json" and checked.findings:
        _show_findings(output, checked)
    made = propose(desk, actor, wanted)
    if output.format != "json":
        _show_simulation(output, made.simulation)
    return made.version


def _show_tried(context: Context, desk: Desk, actor: Actor, name: str, version: int, last: int) -> None:
    """What the second person agrees to."""
    if context.output.format == "json":
        return
    checked, simulation = tried(desk, actor, name, version, last)
    if checked.findings:
        _show_findings(context.output, checked)
    _show_simulation(context.output, simulation)


def _checked(context: Context, files: ProcessFiles) -> Checked:
    folder = _processes(context)
    return check(files, 1, domain_beside(folder), drafts_beside(folder))


def _draft(context: Context, name: str, folder: Path | None) -> ProcessFiles:
    if folder is None:
        return draft_of(_processes(context), name)
    return replace(read_folder(folder), name=name)


def _processes(context: Context) -> Path:
    return Path(context.environment.get("DESKHAND_PROCESSES_DIR", "processes"))


def _person(desk: Desk, context: Context, login: str) -> Actor:
    """Whoever runs the command on this machine answers for it that it is they.

    Raises:
        UnknownUser: nobody of that login may sign in.
    """
    tenant = tenant_of(context.environment)
    with desk.unit_of_work(tenant, read_only=True) as uow:
        user = uow.users.by_login(login)
    if user is None or not user.active:
        raise UnknownUser(user=login)
    return Actor(user.id, user.role, tenant, "cli", "process publish", user.customer_id)


def _pair(said: str) -> tuple[str, str]:
    old, equals, new = said.partition("=")
    if not equals or not old or not new:
        raise click.BadParameter(f"{said!r} is not OLD=NEW")
    return old.strip(), new.strip()


def _next(name: str, version: int) -> str:
    return f"somebody else: deskhand process publish {name} --approve {version} --as LOGIN"


def _show_findings(output: Output, checked: Checked) -> None:
    counts = counted(checked.findings)
    rows = [each.as_row() for each in checked.findings]
    output.rows(f"{counts['error']} errors, {counts['warning']} warnings", rows, FINDINGS)


def _show_simulation(output: Output, report: Simulation) -> None:
    """What would break, what would go another way, and what can't be judged, each with the reason."""
    lists = {"broken": report.broken, "goes_another_way": report.elsewhere, "cannot_be_judged": report.unsure}
    rows = {
        name: [{column: getattr(each, column) for column in BROKEN} for each in found] for name, found in lists.items()
    }
    if output.format == "json":
        output.json({"cases": report.cases, "steps": report.steps, "unclear": report.unclear, **rows})
        return
    titles = {
        "broken": f"{report.cases} cases, {report.steps} steps: {len(report.broken)} would break",
        "goes_another_way": f"{len(report.elsewhere)} would go another way, at the node that is named",
        "cannot_be_judged": f"{report.unclear} can't be judged",
    }
    for name, found in rows.items():
        if found or name == "broken":
            output.rows(titles[name], found, BROKEN)
