"""What a service writes to its log, while a test looks."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from deskhand.logs import set_up


@contextmanager
def service_log(level: int = logging.INFO) -> Iterator[io.StringIO]:
    """Set up as in a service's `__main__`; the test's own handlers come back afterwards."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, before = root.handlers[:], root.level
    root.handlers = []
    stream = io.StringIO()
    try:
        set_up(stream, level)
        yield stream
    finally:
        logging.captureWarnings(False)
        root.handlers, sys.excepthook = handlers, hook
        root.setLevel(before)
