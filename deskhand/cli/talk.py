"""`deskhand talk`: the chat in a terminal, over the running gateway. Signs in; the rest is talk_session's."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deskhand.cli.talk_api import DeskApi, Refused, Unreachable, is_near
from deskhand.cli.talk_screen import word
from deskhand.cli.talk_session import SignedOut, Talk, problem_lines
from deskhand.cli.workplace import signin_links, tenant_of, working
from deskhand.orders.actions import MANAGE_USERS

if TYPE_CHECKING:
    from deskhand.cli.main import Context

Json = dict[str, Any]
PROMPT = "> "
_WHO = "say who you are: --as LOGIN on this machine, --login LOGIN, or --token-file FILE"


@click.command()
@click.option("--address", help="Where the gateway is reached; by default the one of this machine.")
@click.option(
    "--as", "as_login", metavar="LOGIN", help="Sign in as LOGIN through this machine's database, as `users links` does."
)
@click.option("--login", help="Sign in with a password, which is asked for.")
@click.option(
    "--password-stdin", "piped", is_flag=True, help="Read the password from the first line of the standard input."
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with a sign-in link or a session's token in its first line.",
)
@click.option(
    "--language",
    type=click.Choice(["zh", "en"]),
    help="Of notices and hints; the bot answers in the language it is spoken to.",
)
@click.pass_obj
def talk(context: Context, address: str | None, as_login: str | None, login: str | None, piped: bool,
         token_file: Path | None, language: str | None) -> None:  # fmt: skip
    """Talk to the bot in the terminal; at the end of a pipe it answers each line and leaves.

    A number presses the button that it stands before. Notices show while you type. Without an option the sign-in is
    asked for: a link, or a login and a password.
    """
    environment = context.environment
    api = DeskApi(address or f"http://{environment['DESKHAND_HOST']}:{environment['DESKHAND_PORT']}")
    with _told_plainly(api.address):
        api.call("GET", "/healthz")  # before a link is made for nothing
        if as_login is not None:
            person = api.sign_in_by_link(_link_for(environment, as_login, api.address))
        else:
            person = _signed_in(api, tenant_of(environment), login, piped, token_file)
        show_answer = _as_json if context.output.format == "json" else None
        one = Talk(api, language or person["user"]["language"], _show, show_answer)
        try:
            if sys.stdin.isatty():
                _converse(one, person["user"])
            else:
                one.run(sys.stdin)
                if one.unanswered:
                    raise SystemExit(1)
        finally:
            if token_file is None:
                _leave(api)


def _signed_in(api: DeskApi, tenant: str, login: str | None, piped: bool, file: Path | None) -> Json:
    if file is not None:
        text = (file.read_text(encoding="utf-8").splitlines() or [""])[0].strip()
        return api.sign_in_by_link(text) if "://" in text else api.use_token(text)
    if login is None:
        if not sys.stdin.isatty():
            raise click.UsageError(_WHO)
        said = click.prompt("Sign-in link, or login", type=str)
        if "://" in said:
            return api.sign_in_by_link(said)
        login = said
    password = sys.stdin.readline().rstrip("\r\n") if piped else _asked_password()
    return api.sign_in(login, password, tenant)


def _asked_password() -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("there is nobody to ask for the password here: --password-stdin reads it")
    return str(click.prompt("Password", hide_input=True))


def _link_for(environment: Mapping[str, str], login: str, address: str) -> str:
    """A link as `deskhand users links` makes it; that it was made stands in the audit.

    Raises:
        UsageError: there is no such user, or the gateway is another machine's.
    """
    if not is_near(address):
        raise click.UsageError("--as signs in through this machine's database; elsewhere use --login or --token-file")
    with working(environment, MANAGE_USERS, "talk") as (uow, who):
        for user, link in signin_links(uow, environment, address):
            if user.login == login:
                uow.audit.add(who, "make_link", user.id, "done")
                return link
    raise click.UsageError(f"there is no user {login} who may sign in")


def _converse(one: Talk, user: Mapping[str, Any]) -> None:
    """At a keyboard: what comes in meanwhile is shown above the line that is being typed."""
    import readline  # gives `input` its line editing, and what was said before by the arrow keys

    def show_above(lines: list[str]) -> None:
        typed = readline.get_line_buffer() if threading.current_thread() is not threading.main_thread() else ""
        sys.stdout.write("\r\033[K" + "".join(f"{line}\n" for line in lines))
        if threading.current_thread() is not threading.main_thread():
            sys.stdout.write(PROMPT + typed)
        sys.stdout.flush()

    one.show = show_above
    one.show([word("welcome", one.language, name=user["name"], role=user["role"])])
    one.begin()
    stop = threading.Event()
    listener = threading.Thread(target=one.listen, args=(stop,), name="talk-listen", daemon=True)
    listener.start()
    try:
        one.run(_typed())
    finally:
        stop.set()
        listener.join(timeout=5)


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input(PROMPT)
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return


def _show(lines: list[str]) -> None:
    click.echo("\n".join(lines))


def _as_json(messages: list[Mapping[str, Any]]) -> None:
    for message in messages:
        click.echo(json.dumps(message, ensure_ascii=False))


def _leave(api: DeskApi) -> None:
    try:
        api.sign_out()
    except (Refused, Unreachable):
        return  # the session ends by itself


@contextmanager
def _told_plainly(address: str) -> Iterator[None]:
    """One line and exit code 1 for whatever keeps us from talking."""
    try:
        yield
    except Unreachable as problem:
        said = f"Deskhand does not answer at {address} ({problem}): start it with `deskhand up`, or say --address"
        raise click.ClickException(said) from problem
    except (Refused, SignedOut, ValueError) as problem:
        raise click.ClickException("; ".join(problem_lines(problem))) from problem
