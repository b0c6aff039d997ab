"""`deskhand process new`: a working example to begin a process with. Knows the files of a process, no database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
import yaml

from deskhand.store.definitions import read_definition
from deskhand.store.process_files import ProcessFiles, process_folders

if TYPE_CHECKING:
    from deskhand.cli.main import Context

EXAMPLE = Path(__file__).parent / "new_process"
FIRST_VERSION = 1
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TITLE = re.compile(r"[\w ()（）·-]+")


@click.command("new")
@click.argument("name")
@click.option("--zh", help="What it is called in Chinese.")
@click.option("--en", help="What it is called in English; by default what the name says.")
@click.pass_obj
def new(context: Context, name: str, zh: str | None, en: str | None) -> None:
    """Lay down a working example of a process; NAME as in expense_claim."""
    processes = Path(context.environment.get("DESKHAND_PROCESSES_DIR", "processes"))
    if not _NAME.fullmatch(name) or len(name) > 40:
        raise click.BadParameter("a process's name is small letters, digits and _, such as expense_claim")
    if (processes / name).exists():
        raise click.ClickException(f"{processes / name} is there already")
    en = _titled(en or name.replace("_", " ").capitalize())
    files = example(name, _titled(zh or f"{en} 申请"), en, prefix_for(name, prefixes(processes)))
    read_definition(files, FIRST_VERSION)
    _lay(processes / name, files)
    next_ = {f"next_{number}": step for number, step in enumerate(steps(name, str(processes / name)), 1)}
    context.output.record({"laid_down": str(processes / name), "files": ", ".join(sorted(files.texts)), **next_})


def example(name: str, zh: str, en: str, prefix: str) -> ProcessFiles:
    """The files, with the names put in."""
    said = {"name": name, "title_zh": zh, "title_en": en, "words_en": en.lower(), "prefix": prefix}
    texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(EXAMPLE.iterdir())}
    return ProcessFiles(name, {file: _filled(text, said) for file, text in texts.items()})


def steps(name: str, folder: str) -> list[str]:
    """What to do next, in this order."""
    return [
        f"change the files in {folder}; their comments say how",
        f"deskhand process check {name}",
        "deskhand train",
        f"deskhand process publish {name}",
    ]


def prefix_for(name: str, taken: Mapping[str, str]) -> str:
    """The first letters of its words; longer where another process has these already."""
    words = name.upper().split("_")
    letters = ["".join(word[:length] for word in words) for length in range(1, max(map(len, words)) + 1)]
    usable = (re.sub(r"[^A-Z]", "", each) for each in letters)
    return next((each for each in usable if each not in taken and each not in ("", "SO")), f"{letters[-1]}X")


def prefixes(processes: Path) -> dict[str, str]:
    """Prefix -> process, of the folders that are there; one that can't be read has none."""
    found = {}
    for name, folder in process_folders(processes).items():
        try:
            said = yaml.safe_load((folder / "process.yml").read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError):
            continue
        if isinstance(said, dict) and said.get("prefix"):
            found[str(said["prefix"])] = name
    return found


def _titled(title: str) -> str:
    if not _TITLE.fullmatch(title):
        raise click.BadParameter(f"{title!r} is not a title of letters, digits and spaces")
    return title.strip()


def _filled(text: str, said: Mapping[str, str]) -> str:
    return re.sub(r"__(\w+?)__", lambda match: said[match[1]], text)


def _lay(folder: Path, files: ProcessFiles) -> None:
    folder.mkdir(parents=True)
    for file, text in files.texts.items():
        (folder / file).write_text(text, encoding="utf-8")
