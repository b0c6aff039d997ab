"""A sheet as an HTML page that prints well. Knows nothing of orders."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from deskhand.documents.sheet import Sheet


@lru_cache(maxsize=1)
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("sheet.html.j2")


def to_html(sheet: Sheet) -> str:
    return _template().render(sheet=sheet)
