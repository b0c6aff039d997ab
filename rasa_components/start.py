"""`python -m rasa_components.start run ...`: Rasa's own command, with secrets from files and a log that tells nothing.

Rasa reads `${NAME}` of its configuration from the environment alone, so NAME_FILE is read into NAME here. Its log is
masked line by line, and a fault is logged without the variables of the code, which hold what people wrote.

Runs in Rasa's Python; imports Rasa and nothing of Deskhand: the masks are a copy of those in deskhand/logs.py, and a
test compares them.
"""

import io
import os
import re
import runpy
import sys
from pathlib import Path
from typing import Any, MutableMapping, Text

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

READ_FROM_FILES = (
    "DESKHAND_ACTIONS_TOKEN",
    "DESKHAND_RASA_TOKEN",
    "DESKHAND_RASA_TOKEN_PREVIOUS",
    "RASA_TRACKER_PASSWORD",
    "REDIS_PASSWORD",
)

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")

_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(\w[\w+.-]{1,20}://[^\s/:@]*):[^\s/]+@"), r"\1:***@"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), "<token>"),
    (re.compile(r"\b(dhk)_[\w.-]{6,}"), r"\1_***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 ***"),
    (
        re.compile(
            r"""(?ix)(["']?\b[\w-]*(?:password|passwd|secret|token|api[_-]?key|authorization|cookie)["']?\s*[=:]\s*)
            (?:"[^"]*"|'[^']*'|[^\s,;&)}\]]+)"""
        ),
        r"\1***",
    ),
    (re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"(?<![\w.])(?:(?:\+|00)\d{1,3}[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\w)", re.ASCII), "<phone>"),
    (re.compile(r"(?<![\w.])\+\d[\d ()-]{7,16}\d(?!\w)", re.ASCII), "<phone>"),
    (re.compile(r"(?<![\w.-])\(?0\d{2,3}\)?[ -]\d{7,8}(?![\w-])", re.ASCII), "<phone>"),
    (re.compile(r"(?<![\w.-])\(?[2-9]\d{2}\)?[ .-]\d{3}[.-]\d{4}(?![\w-])", re.ASCII), "<phone>"),
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


class MaskedStream(io.TextIOBase):
    """A stream of text whose lines are masked before they are written; a line without an end waits for it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._rest = ""

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._stream.write(masked_line(line) + "\n")
        return len(text)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        """What has no end is written after all."""
        if self._rest:
            self._stream.write(masked_line(self._rest) + "\n")
            self._rest = ""
        self._stream.flush()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._stream.fileno())

    @property
    def encoding(self) -> Text:
        return str(self._stream.encoding)


def masked(text: str) -> str:
    """The text without secrets, e-mail addresses and telephone numbers."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


def one_line(text: str) -> str:
    """Line breaks and what a terminal obeys, written out: nobody's text begins a record of its own."""
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def masked_line(text: str) -> str:
    """Both. Masked before too: a break that is written out (`\\n`) ends in a letter and would hide what follows it."""
    return masked(one_line(masked(text)))


def read_files(environ: MutableMapping[str, str]) -> None:
    """Sets NAME from the file that NAME_FILE names, where NAME itself is not set.

    Raises:
        SystemExit: the file can't be read, or both are set.
    """
    for name in READ_FROM_FILES:
        path = environ.pop(name + "_FILE", "").strip()
        if not path:
            continue
        if environ.get(name, "").strip():
            sys.exit("rasa: {0} and {0}_FILE are both set".format(name))
        try:
            environ[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            sys.exit("rasa: {}_FILE can't be read: {}".format(name, path))


def keep_variables_out() -> None:
    """Structlog would render each frame's variables with a traceback."""
    transformer = ExceptionDictTransformer(show_locals=False)
    structlog.processors.dict_tracebacks = ExceptionRenderer(transformer)


def one_thread_each(environ: MutableMapping[str, str]) -> None:
    """For what multiplies small matrices, unless somebody says otherwise; read when numpy is loaded.

    Several threads for one message wait for each other in a loop: measured on two busy cores, recognising one took 101
    ms in place of 13, and 83 ms of processor time in place of 12.
    """
    for name in THREADS:
        environ.setdefault(name, "1")


def work_out_once() -> None:
    """Loads Rasa, so it must come after what is set for its libraries."""
    from rasa_components import once

    once.install()


def main() -> None:
    one_thread_each(os.environ)
    read_files(os.environ)
    keep_variables_out()
    out, err = MaskedStream(sys.stdout), MaskedStream(sys.stderr)
    sys.stdout, sys.stderr = out, err
    try:
        work_out_once()
        runpy.run_module("rasa", run_name="__main__", alter_sys=True)
    finally:
        out.close()
        err.close()


if __name__ == "__main__":
    main()
