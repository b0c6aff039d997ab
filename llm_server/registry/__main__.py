"""``python -m llm_server.registry``: add, list, promote, roll back and fetch versions of models."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from llm_server.errors import LlmError
from llm_server.registry.store import Entry, Registry

log = logging.getLogger(__name__)


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
    parser = argparse.ArgumentParser(prog="python -m llm_server.registry", description="Versions of models.")
    parser.add_argument(
        "--store", default=os.environ.get("LLM_REGISTRY", "var/registry"),
        help="a folder, or an address like s3://bucket/models (LLM_REGISTRY; %(default)s)",
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="a new version; it is served once it is promoted")
    add.add_argument("name")
    add.add_argument("folder", type=Path, help="the model's folder")
    add.add_argument(
        "--evaluation", type=Path, help="done.json of a training stage, or a JSON object of figures"
    )  # fmt: skip
    listed = commands.add_parser("list", help="names, or the versions of one")
    listed.add_argument("name", nargs="?")
    promote = commands.add_parser("promote", help="make a version the current one, unless it is worse")
    promote.add_argument("name")
    promote.add_argument("version", type=int)
    promote.add_argument("--tolerance", type=float, default=0.0, help="share by which a figure may be worse (0.02)")
    back = commands.add_parser("rollback", help="the version before the current one is current again")
    back.add_argument("name")
    fetch = commands.add_parser("fetch", help="a folder with the files, checked")
    fetch.add_argument("name")
    fetch.add_argument("--version", type=int)
    fetch.add_argument("--into", type=Path, default=Path("var/models"))
    return parser


def _do(given: argparse.Namespace, registry: Registry) -> None:
    if given.command == "add":
        entry = registry.add(given.name, given.folder, _figures(given.evaluation), _card(given.folder))
        log.info("added %s version %d (%d files); promote it to serve it", entry.name, entry.version, len(entry.files))
    elif given.command == "promote":
        log.info(
            "%s is at version %d", given.name, registry.promote(given.name, given.version, given.tolerance).version
        )
    elif given.command == "rollback":
        log.info("%s is at version %d again", given.name, registry.roll_back(given.name).version)
    elif given.command == "fetch":
        log.info("%s", registry.fetch(given.name, given.into, given.version))
    elif given.name is None:
        for name in registry.names():
            log.info("%s: version %s is current", name, registry.current(name) or "none")
    else:
        for entry in registry.versions(given.name):
            log.info("%s", _line(entry, registry.current(given.name)))


def _line(entry: Entry, current: int | None) -> str:
    size = sum(size for _, size in entry.files.values())
    figures = ", ".join(f"{name} {value:g}" for name, value in entry.evaluation.items())
    return f"{entry.version:5} {'current' if entry.version == current else '       '} {size / 1e6:8.1f} MB  {figures}"


def _figures(path: Path | None) -> dict[str, float]:
    """Figures of a file; of a training stage's those measured afterwards."""
    if path is None:
        return {}
    said = json.loads(path.read_text(encoding="utf-8"))
    said = said.get("after", said) if isinstance(said, Mapping) else {}
    return {name: float(value) for name, value in said.items() if isinstance(value, int | float)}


def _card(folder: Path) -> str:
    path = folder / "README.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
