"""`python -m tests.benchmarks [NAME ...] [--json FILE]`: runs the benchmarks and prints one table."""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from deskhand.garbage import collect_seldom
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Row, rounded

# In this order: what needs no service comes first, what makes the services work hardest last.
MODULES = {
    "sizes": "sizes",
    "engine": "engine",
    "language": "language",
    "cleaning": "cleaning",
    "import": "imports",
    "automatic": "automatic",
    "rights": "rights",
    "robots": "robots",
    "llm": "llm",
    "serving": "serving",
    "overload": "overload",
    "training": "training",
    "swap": "swap",
    "fan_out": "fan_out",
    "cuts": "cuts",
    "memory": "memory",
    "queries": "queries",
    "cold": "cold",
    "chat": "chat",
    "default": "beside_rasa",
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(list(MODULES)))
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here too.")
def main(names: tuple[str, ...], file: Path | None) -> None:
    """Measure speed, memory and sizes; by default everything. Nothing is asserted."""
    failed = False
    collect_seldom()  # as the services do
    figures: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory(prefix="deskhand-bench-") as folder, Bench(Path(folder)) as bench:
        for name in names or MODULES:
            began = time.monotonic()
            figures[name] = list(_measured(name, bench))
            failed |= any(row.unit == "failed" for row in figures[name])
            click.echo(f"{name}: {time.monotonic() - began:.0f} s", err=True)
    show(figures)
    if file:
        write(file, figures)
    sys.exit(1 if failed else 0)


def _measured(name: str, bench: Bench) -> Iterator[Row]:
    """A benchmark that fails says so in the table, and the others go on."""
    measure: Callable[[Bench], Iterator[Row]] = importlib.import_module(f"tests.benchmarks.{MODULES[name]}").measure
    try:
        yield from measure(bench)
    except Exception as problem:
        Console(stderr=True).print_exception()
        yield Row(name, None, "failed", f"{type(problem).__name__}: {problem}"[:200])


def show(figures: dict[str, list[Row]]) -> None:
    table = Table(title="Deskhand, measured")
    for column, side in (("", "left"), ("what", "left"), ("value", "right"), ("unit", "left"), ("note", "left")):
        table.add_column(column, justify=side, overflow="fold")  # type: ignore[arg-type]
    for name, rows in figures.items():
        for number, row in enumerate(rows):
            value = "-" if row.value is None else rounded(row.value)
            table.add_row("" if number else name, row.name, value, row.unit, row.note, end_section=row is rows[-1])
    console = Console()
    Console(width=max(console.width, 150)).print(table)


def write(file: Path, figures: dict[str, list[Row]]) -> None:
    rows = [{"benchmark": name, **asdict(row)} for name, found in figures.items() for row in found]
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
