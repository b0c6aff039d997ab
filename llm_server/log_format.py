"""How this server writes its log: one line for each record, without keys, e-mail addresses and control characters.

Prompts and completions are never logged; this is for what a fault brings along. Imports nothing of the rest.
"""

import logging
import re

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_MASKS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 ***"),
    (re.compile(r"\b(\w[\w+.-]{1,20}://[^\s/:@]*):[^\s/]+@"), r"\1:***@"),
    (re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"(?<![\w.])(?:\+\d{1,3}[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\w)", re.ASCII), "<phone>"),
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Formatter):
    """A record with its traceback as one line."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if record.exc_info:
            text = text.replace("\n", " | ")
        for pattern, instead in _MASKS:
            text = pattern.sub(instead, text)
        return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def set_up() -> None:
    """The one handler of this process, on its standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
