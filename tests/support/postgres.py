"""A PostgreSQL server of the test's own: in a temporary folder, on a free loopback port, never as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.deskhand import free_ports

USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
SUPERUSER = "deskhand"
OWNER = "deskhand_owner"  # an ordinary role: row-level security would not bind a superuser


class NoPostgres(Exception):
    """Why no server can be started here."""


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of an empty database on a fresh server, gone afterwards; its owner is no superuser.

    Raises:
        NoPostgres: with the reason, for a test to skip with.
    """
    programs = _programs()
    as_user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="deskhand-postgres-"))
    try:
        folder.chmod(0o777)
        _run(
            [
                *as_user,
                str(programs / "initdb"),
                "-D",
                str(folder / "data"),
                "-A",
                "trust",
                "-U",
                SUPERUSER,
                "-E",
                "UTF8",
            ]
        )
        port, server = _started(programs, as_user, folder)
        try:
            _run(
                [*as_user, str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", SUPERUSER, "deskhand"]
            )
            _make_owner(f"postgresql://{SUPERUSER}@127.0.0.1:{port}/postgres")
            yield f"postgresql://{OWNER}@127.0.0.1:{port}/deskhand"
        finally:
            _run([*as_user, *server, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def as_role(url: str, role: str) -> str:
    """The same database for somebody else; everybody is trusted here."""
    return f"postgresql://{role}@{url.rpartition('@')[2]}"


@contextmanager
def empty_database(server_url: str, name: str, template: str = "template1") -> Iterator[str]:
    """One more database on a running server, a copy of `template`, dropped afterwards."""
    address = server_url.rpartition("/")[0]
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    try:
        yield f"{address}/{name}"
    finally:
        with psycopg.connect(as_role(f"{address}/postgres", SUPERUSER), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _make_owner(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE NOSUPERUSER NOBYPASSRLS".encode())
        connection.execute(f"ALTER DATABASE deskhand OWNER TO {OWNER}".encode())


def _started(programs: Path, as_user: list[str], folder: Path, tries: int = 5) -> tuple[int, list[str]]:
    """The port and what `_start` returns; somebody else may take a port between our look and the start."""
    for left in reversed(range(tries)):
        (port,) = free_ports(1)
        try:
            return port, _start(programs, as_user, folder, port)
        except NoPostgres:
            if not left:
                raise
    raise AssertionError("tries is at least one")


def _start(programs: Path, as_user: list[str], folder: Path, port: int) -> list[str]:
    """Starts the server and waits until it answers; returns the command that the next `stop` needs."""
    control = [str(programs / "pg_ctl"), "-D", str(folder / "data"), "-w"]
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        " -c shared_buffers=64MB -c fsync=off -c autovacuum=off"
    )
    _run([*as_user, *control, "-l", str(folder / "log"), "-o", options, "start"])
    return control


def _programs() -> Path:
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "createdb", "pg_ctl")):
            return folder
    raise NoPostgres("no PostgreSQL programs (initdb, pg_ctl) on this machine")


def _unprivileged() -> list[str]:
    """The words before a command that run it as somebody else than root."""
    if os.geteuid() != 0:
        return []
    changer = shutil.which("setpriv")
    for name in USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if changer:
            return [changer, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    raise NoPostgres("running as root, and there is no setpriv or no user to become")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/")
    if done.returncode:
        raise NoPostgres(f"{Path(command[-1]).name or command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
