"""What no well-meant request looks like: refused before anybody looks at it, and worth one line in the log at most."""

from __future__ import annotations

import logging
import re

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from deskhand.gateway.errors import InvalidRequest

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_HALVED = re.compile("[\ud800-\udfff]")
_HOST = re.compile(r"([\w.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", re.ASCII)


def refuse_odd(request: web.Request) -> None:
    """Control characters and halves of characters in an address, a host that is none, and bodies that were packed.

    An unpacked body can be a thousand times as large as what was sent, so none is unpacked.

    Raises:
        InvalidRequest.
    """
    parts = [request.path, *(part for pair in request.query.items() for part in pair)]
    if any(_UNSEEN.search(part) or _HALVED.search(part) for part in parts):
        raise InvalidRequest(field="address", problem="has control characters")
    if not _HOST.fullmatch(request.host) or not _has_address(request):
        raise InvalidRequest(field="Host", problem="is not a host")
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        raise InvalidRequest(field="Content-Encoding", problem="must be identity")


def _has_address(request: web.Request) -> bool:
    """False for a port above 65535 and brackets without an IPv6 address, of which handlers could make no address."""
    try:
        return bool(request.url.host)
    except ValueError:
        return False


def in_one_line(record: logging.LogRecord, text: str, kind: str) -> None:
    """What a client got wrong is worth a line and no traceback."""
    record.exc_info = None
    record.levelno, record.levelname = logging.INFO, "INFO"
    record.msg, record.args = text, (kind,)


class _OfClients(logging.Filter):
    """aiohttp logs what it can't parse with a traceback; who sends it must not be able to fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError | web.RequestPayloadError):
            in_one_line(record, "a request could not be read: %s", type(error).__name__)
        return True


HTTP_LOG = logging.getLogger("deskhand.http")
HTTP_LOG.addFilter(_OfClients())
HANDLER_ARGS = {"auto_decompress": False, "logger": HTTP_LOG}  # for aiohttp's own part of the work
