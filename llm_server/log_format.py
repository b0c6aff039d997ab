"""How this server writes its log: one line for each record, without keys, e-mail addresses and control characters.

Prompts and completions are never logged; this is for what a fault brings along. Imports nothing of the rest: the masks
are a copy of those in deskhand/logs.py, and a test compares them.
"""

import logging
import re

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

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


class OneLine(logging.Formatter):
    """A record with its traceback as one line."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return masked_line(text.replace("\n", " | ") if record.exc_info else text)


def set_up() -> None:
    """The one handler of this process, on its standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
