"""Takes secrets out of a browser's trace, however they are written there. Knows the ZIP, no browser.

Playwright writes what was typed, the values of fields in each picture of the page, and what forms sent into a trace,
and has no way to leave a value out. So the trace is kept only after this.
"""

from __future__ import annotations

import base64
import html
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus

from deskhand.robots.secret import MASK, Secret

_DOTS = MASK.encode()


def scrub(trace: Path, secrets: Iterable[Secret]) -> bytes:
    """The trace without them."""
    spellings = sorted({each for secret in secrets for each in written(secret.reveal())}, key=len, reverse=True)
    if not spellings:
        return trace.read_bytes()
    clean = trace.with_suffix(".clean.zip")
    with zipfile.ZipFile(trace) as old, zipfile.ZipFile(clean, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, _without(old.read(entry), spellings))
    data = clean.read_bytes()
    clean.unlink()
    return data


def written(value: str) -> set[bytes]:
    """How a value may stand in JSON, in an address, in a form's body, in HTML or coded for a header."""
    ways = {
        value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value),
        quote(value, safe=""), quote_plus(value), html.escape(value), html.escape(value, quote=False),
        base64.b64encode(value.encode()).decode().rstrip("="),
    }  # fmt: skip
    return {way.encode() for way in ways if value}


def _without(data: bytes, spellings: Iterable[bytes]) -> bytes:
    for each in spellings:
        data = data.replace(each, _DOTS)
    return data
