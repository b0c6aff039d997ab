"""Small pages that say one thing in both languages, without scripts. Knows nothing of what happened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from deskhand.yaml_files import yaml_in

_FOLDER = Path(__file__).parent / "texts"

Sentences = Mapping[str, Mapping[str, str]]


@cache
def sentences() -> Sentences:
    """Code -> language -> sentence."""
    found: Sentences = yaml_in(_FOLDER / "sign_in.yml")
    return found


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("notice.html")


def notice(code: str, status: int, request: str = "", onward: str | None = None, back: str = "/") -> web.Response:
    """The page of a code; with `onward` the browser goes on to that path by itself.

    A page that goes on, and no redirect: a browser that comes from another site would not send the new, strict cookie
    with a redirect.
    """
    said = sentences().get(code, sentences()["unknown"])
    text = _template().render(
        code=code,
        zh=said["zh"],
        en=said["en"],
        link=sentences()["onward" if onward else "back"],
        onward=onward,
        back=back,
        request=request,
    )
    headers = {"Cache-Control": "no-store"}
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=headers)
