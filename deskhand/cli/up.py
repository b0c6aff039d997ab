"""`deskhand up`: secrets, database, demo, models, then every service until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from deskhand.cli.services import services
from deskhand.cli.supervisor import ServiceFailed, Supervisor
from deskhand.cli.train import train
from deskhand.cli.workplace import open_desk, reading, signin_links

COLOURS = {"gateway": "green", "rasa": "magenta", "actions": "cyan", "llm_server": "yellow", "worker": "blue"}


def prepare(root: Path, environment: Mapping[str, str]) -> Path:
    """Everything that must be there before a service starts. Returns the dialogue model."""
    say("bringing the database up to date")
    desk = open_desk(environment, migrate=True, demo=environment.get("DESKHAND_DEMO") == "1")
    desk.close()
    _convert_model(root, environment)
    return train(root, environment, say)


def _convert_model(root: Path, environment: Mapping[str, str]) -> None:
    folder = Path(environment["LLM_MODEL_DIR"])
    if (folder / "config.json").exists():
        return
    say("converting the packaged language model (once, about a minute) ...")
    command = [sys.executable, "-m", "llm_server.convert", "--out", str(folder)]
    if subprocess.run(command, cwd=root, env=dict(environment), check=False).returncode:
        raise click.ClickException("the language model could not be converted; see the lines above")


def run(root: Path, environment: Mapping[str, str]) -> None:
    """Starts all services and returns when they have been stopped."""
    model = prepare(root, environment)
    try:
        asyncio.run(_supervise(root, environment, model))
    except ServiceFailed as problem:
        raise click.ClickException(str(problem)) from problem


async def _supervise(root: Path, environment: Mapping[str, str], model: Path) -> None:
    supervisor = Supervisor(services(root, environment, model), root, environment, log)
    starting = asyncio.ensure_future(supervisor.start())
    stop_on_signal(supervisor, starting)
    try:
        await starting
    except asyncio.CancelledError:
        say("stopped")
        return
    try:
        _welcome(environment)
        await supervisor.wait()
        say("stopping ...")
    finally:
        await supervisor.stop()
    say("stopped")


def stop_on_signal(supervisor: Supervisor, starting: asyncio.Future[None]) -> None:
    """A signal stops what runs, or what starts."""

    def stop() -> None:
        if starting.done():
            supervisor.request_stop()
        else:
            starting.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the last: the terminal was closed
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup: that is to stop nothing
            loop.add_signal_handler(number, stop)


def _welcome(environment: Mapping[str, str]) -> None:
    address = f"http://{environment['DESKHAND_HOST']}:{environment['DESKHAND_PORT']}"
    click.echo(f"\nDeskhand is ready: {address}\n")
    if environment.get("DESKHAND_DEMO") == "1":
        click.echo("Sign in as (each link in a window of its own, they are for this machine alone):")
        with reading(environment) as (_, uow):
            for user, link in signin_links(uow, environment, address):
                click.echo(f"  {user.login:<10} {user.role:<10} {link}")
    click.echo("\nCtrl-C stops everything.\n")


def say(text: str) -> None:
    log("deskhand", text)


def log(service: str, line: str) -> None:
    """A line of the one log. Whether somebody reads it is nothing that services stop for."""
    with contextlib.suppress(OSError):
        _write(service, line)


def _write(service: str, line: str) -> None:
    click.echo(click.style(f"{service:<10} | ", fg=COLOURS.get(service), bold=service == "deskhand") + line)
