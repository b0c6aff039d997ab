"""``python -m llm_server.registry``: add, list, promote, roll back and fetch versions of models."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

from llm_server.errors import LlmError
from llm_server.registry.evaluation import read_evaluation, stamp
from llm_server.registry.store import Entry, Registry

log = logging.getLogger(__name__)

_NAME = "of a model, as servers name it by `registry: NAME`"
WAY = """\
The whole way, from texts to a model that answers and back:

  deskhand texts export -o var/data/pairs.jsonl           facts and texts of your orders (or files of your own)
  python -m llm_server.data data.yml                      training data: cleaned, split, with a card
  python -m llm_server.finetune run.yml                   trains, and measures before and after (report.html)
  python -m llm_server.registry add letters var/runs/first/1-adapter/adapter \\
      --evaluation var/runs/first/1-adapter/done.json     a version: checksums, figures; nobody sees it yet
  python -m llm_server.registry promote letters 1         refused if any figure is worse than the current one's
  python -m llm_server.registry rollback letters          the one before answers again

A server whose file of models (LLM_MODELS_FILE) says `registry: letters` looks every LLM_REGISTRY_SECONDS and changes
over without a restart: the new version is started and tried beside the old one, which finishes what it has begun. One
that can't be loaded leaves the old one serving; log, /readyz and the metrics say so. docs/training.md has it all.
"""


def main(arguments: list[str] | None = None) -> int:
    """The command; exit code 1 with the reason if it can't be done."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="registry: %(message)s")
    try:
        _do(given, Registry(given.store))
    except (LlmError, OSError, ValueError, ImportError) as error:
        log.error("%s", error)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m llm_server.registry", description="Versions of models: what was added is what is served.",
        epilog=WAY, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "--store", default=os.environ.get("LLM_REGISTRY", "var/registry"),
        help="a folder, or an address like s3://bucket/models (LLM_REGISTRY; %(default)s)",
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="a new version of a model or an adapter; it is served once it is promoted")
    add.add_argument("name", help=_NAME)
    add.add_argument("folder", type=Path, help="the model's folder, or an adapter's")
    add.add_argument("--evaluation", type=Path, help="done.json of the training stage, or figures bound by `stamp`")
    add.add_argument("--promote", action="store_true", help="and promote it, unless it is worse")
    bound = commands.add_parser("stamp", help="say that a file of figures was measured on a folder, by its checksums")
    bound.add_argument("folder", type=Path, help="what was measured")
    bound.add_argument("figures", type=Path, metavar="FIGURES.json", help='{"facts_right": 0.97, ...}')
    listed = commands.add_parser("list", help="names, or the versions of one")
    listed.add_argument("name", nargs="?", help="without it, all names and their current versions")
    promote = commands.add_parser("promote", help="make a version the current one, unless it is worse")
    promote.add_argument("name", help=_NAME)
    promote.add_argument("version", type=int, help="as `list NAME` shows it")
    for command in (add, promote):
        command.add_argument(
            "--tolerance", type=float, default=0.0, help="share by which a figure may be worse, like 0.02 (%(default)s)"
        )
    back = commands.add_parser("rollback", help="the version before the current one is current again")
    back.add_argument("name", help=_NAME)
    fetch = commands.add_parser("fetch", help="a folder with the files, checked")
    fetch.add_argument("name", help=_NAME)
    fetch.add_argument("--version", type=int, help="another than the current one")
    fetch.add_argument("--into", type=Path, default=Path("var/models"), help="the folder to put it in (%(default)s)")
    return parser


def _do(given: argparse.Namespace, registry: Registry) -> None:
    if given.command == "add":
        _add(given, registry)
    elif given.command == "stamp":
        stamp(given.figures, given.folder)
        log.info("%s is of %s", given.figures, given.folder)
    elif given.command == "promote":
        _promote(registry, given.name, given.version, given.tolerance)
    elif given.command == "rollback":
        log.info("%s is at version %d again", given.name, registry.roll_back(given.name).version)
    elif given.command == "fetch":
        log.info("%s", registry.fetch(given.name, given.into, given.version))
    else:
        _list(registry, given.name)


def _add(given: argparse.Namespace, registry: Registry) -> None:
    evaluation = read_evaluation(given.evaluation) if given.evaluation else None
    entry = registry.add(given.name, given.folder, evaluation, _card(given.folder))
    log.info("added %s version %d (%d files); promote it to serve it", entry.name, entry.version, len(entry.files))
    if given.promote:
        _promote(registry, entry.name, entry.version, given.tolerance)


def _promote(registry: Registry, name: str, version: int, tolerance: float) -> None:
    log.info("%s is at version %d", name, registry.promote(name, version, tolerance).version)


def _list(registry: Registry, name: str | None) -> None:
    if name is None:
        for each in registry.names():
            log.info("%s: version %s is current", each, registry.current(each) or "none")
        return
    current = registry.current(name)
    for entry in registry.versions(name):
        log.info("%s", _line(entry, current))


def _line(entry: Entry, current: int | None) -> str:
    figures = ", ".join(f"{name} {value:g}" for name, value in entry.evaluation.items())
    kind = "adapter" if entry.is_adapter else "model"
    state = "current" if entry.version == current else "       "
    return f"{entry.version:5} {state} {kind:7} {entry.size / 1e6:8.1f} MB  {figures}"


def _card(folder: Path) -> str:
    path = folder / "README.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _leave(code: int) -> NoReturn:
    """At once: a request to a store that was given up may still end, in a thread that must not meet Python ending."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _leave(main())
