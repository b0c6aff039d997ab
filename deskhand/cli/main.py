"""The `deskhand` command. Each subcommand opens what it needs, calls one thing, and prints the result."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from deskhand import logs
from deskhand.cli.environment import service_environment
from deskhand.cli.output import Output
from deskhand.engine.errors import Refused
from deskhand.logs import masked
from deskhand.orders.errors import DeskhandError
from deskhand.settings import SettingsRefused
from deskhand.store import DatabaseSilent, ProcessFileInvalid, RoleRefused, TenantFileInvalid

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Context:
    """What every subcommand is given."""

    root: Path
    environment: dict[str, str]
    output: Output


class Commands(click.Group):
    """Turns refusals of the domain into one line and exit code 1; no traceback for a person."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DeskhandError as refusal:
            raise click.ClickException(f"{refusal} ({refusal.code})") from refusal
        except (SettingsRefused, TenantFileInvalid, RoleRefused, Refused, ProcessFileInvalid) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except DatabaseSilent as silence:
            raise click.ClickException(f"the database does not answer: {masked(str(silence))}") from silence
        except OSError as problem:
            if problem.filename is None:
                raise
            raise click.ClickException(f"{problem.filename}: {problem.strerror}") from problem

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with its whole first sentence."""
        rows = [(name, (command.help or "").split("\n")[0]) for name, command in sorted(self.commands.items())]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


pass_context = click.make_pass_decorator(Context)
format_option = click.Choice(["text", "json"])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--format", "format_", type=format_option, default="text", help="For people, or for programs.")
@click.version_option(package_name="deskhand")
@click.pass_context
def main(ctx: click.Context, format_: str) -> None:
    """Deskhand: work a business process by talking to it."""
    if not logging.getLogger().handlers:
        logs.set_up(level=logging.WARNING)
    ctx.obj = Context(ROOT, service_environment(ROOT), Output(format_))


@main.command()
@click.option("--demo/--no-demo", default=True, help="Offer the demo catalogue and sign-in links.")
@pass_context
def up(context: Context, demo: bool) -> None:
    """Start every service on this machine; Ctrl-C stops them."""
    from deskhand.cli.up import run

    context.environment.setdefault("DESKHAND_DEMO", "1" if demo else "0")
    run(context.root, context.environment)


@main.command()
@click.option("--demo", is_flag=True, help="Also load the demo catalogue and users where there are none.")
@pass_context
def migrate(context: Context, demo: bool) -> None:
    """Bring the database up to date."""
    from deskhand.cli.workplace import open_desk

    open_desk(context.environment, migrate=True, demo=demo).close()
    context.output.record({"migrated": True, "demo": demo})


@main.command()
@click.option("--check", is_flag=True, help="Train nothing: are model and utterances in order? Exit code 1 if not.")
@pass_context
def train(context: Context, check: bool) -> None:
    """Train the dialogue model if its files changed."""
    from deskhand.cli import train as training
    from deskhand.cli.utterances import Taught, problems

    if check:
        model = training.model_path(context.root, Path(context.environment["DESKHAND_MODELS_DIR"]))
        found = problems(Taught.read(context.root))
        context.output.record({"model": model.name, "up_to_date": model.exists(), "problems": found})
        raise SystemExit(0 if model.exists() and not found else 1)
    try:
        model = training.train(context.root, context.environment, lambda text: click.echo(text, err=True))
    except training.TrainingFailed as problem:
        raise click.ClickException(str(problem)) from problem
    context.output.record({"model": str(model)})


@main.command()
@pass_context
def doctor(context: Context) -> None:
    """Say what is missing here and how to get it; exit code 1 if something needed is."""
    from deskhand.cli.doctor import examine

    findings = examine(context.root, context.environment)
    columns = ["what", "state", "detail", "remedy"]
    context.output.rows("Deskhand on this machine", [finding.as_row() for finding in findings], columns)
    raise SystemExit(1 if any(finding.state == "missing" for finding in findings) else 0)


@main.command()
@pass_context
def vulnerabilities(context: Context) -> None:
    """Known vulnerabilities of the locked packages of both environments."""
    from deskhand.cli.vulnerabilities import report

    rows = report(context.root)
    context.output.rows("Known vulnerabilities", rows, ["environment", "package", "version", "id", "fixed_in"])


def _add_groups() -> None:
    from deskhand.cli.audit import audit
    from deskhand.cli.candidates import candidates_
    from deskhand.cli.connectors import connectors
    from deskhand.cli.customers import customers
    from deskhand.cli.evaluate import evaluate
    from deskhand.cli.exports import export_
    from deskhand.cli.imports import import_
    from deskhand.cli.keys import keys
    from deskhand.cli.knowledge import knowledge
    from deskhand.cli.misunderstood import misunderstood_
    from deskhand.cli.notify import notify
    from deskhand.cli.orders import orders
    from deskhand.cli.privacy import privacy
    from deskhand.cli.process import process
    from deskhand.cli.robot import robot
    from deskhand.cli.secrets import secrets_
    from deskhand.cli.talk import talk
    from deskhand.cli.tenants import tenants, with_tenant_option
    from deskhand.cli.texts import texts
    from deskhand.cli.users import users
    from deskhand.cli.vault import vault

    for group in (secrets_, tenants, evaluate):
        main.add_command(group)
    for command in (
        orders,
        customers,
        users,
        import_,
        candidates_,
        export_,
        keys,
        knowledge,
        audit,
        privacy,
        talk,
        misunderstood_,
        notify,
        texts,
        process,
        connectors,
        robot,
        vault,
    ):
        main.add_command(with_tenant_option(command))


_add_groups()
