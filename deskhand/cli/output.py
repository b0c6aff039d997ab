"""Prints results for people (tables) or for programs (`--format json`). Knows nothing of what it prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 160  # columns, where there is no terminal to ask


@dataclass(frozen=True)
class Output:
    """Where and how a command's result is shown."""

    format: str = "text"

    def rows(self, title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
        """A table; as JSON a list of objects with everything that is known, not the columns alone."""
        if self.format == "json":
            self.json(list(rows))
            return
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
        for column in columns:
            table.add_column(column.replace("_", " "))
        for row in rows:
            table.add_row(*[_cell(row.get(column)) for column in columns])
        Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)

    def json(self, value: Any) -> None:
        click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))

    def line(self, value: Mapping[str, Any], said: str) -> None:
        """One of many, as it happens: a line for people, or an object on a line."""
        click.echo(json.dumps(value, ensure_ascii=False, default=_plain) if self.format == "json" else said)

    def record(self, value: Mapping[str, Any]) -> None:
        """One object: JSON, or a line for each field."""
        if self.format == "json":
            self.json(value)
            return
        width = max((len(name) for name in value), default=0)
        for name, item in value.items():
            click.echo(f"{name.replace('_', ' '):<{width}}  {_cell(item)}")


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value if isinstance(value, str | int | list | dict) else str(value)
