"""Takes a file out of a form: piece by piece against a limit, with a name that is a name. Knows nothing of orders."""

from __future__ import annotations

import re

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from deskhand.gateway.errors import InvalidRequest, RequestTooLarge

MOST_PARTS = 20
_NAME = re.compile(r'[^/\\:*?"<>|]{1,200}')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_NO_FORM = (ValueError, AssertionError, RuntimeWarning, HttpProcessingError, web.RequestPayloadError)


async def uploaded_file(request: web.Request, largest: int) -> tuple[str, bytes]:
    """Name and content of the first file of the form.

    Raises:
        InvalidRequest: there is none, it is no form, or the file's name is more than a name.
        RequestTooLarge.
    """
    try:
        form = await request.multipart()
        for _ in range(MOST_PARTS):
            part = await form.next()
            if not isinstance(part, BodyPartReader):
                break
            data = await _content(part, largest)
            if part.filename:
                return plain_name(part.filename), data
    except _NO_FORM as error:
        raise InvalidRequest(field="body", problem="is not multipart/form-data") from error
    raise InvalidRequest(field="file", problem="is missing")


def plain_name(given: str) -> str:
    """A file's name as it may stand in a report; nothing is ever stored under it.

    Raises:
        InvalidRequest: it is a path, a device, or has what can't be seen.
    """
    if not _NAME.fullmatch(given) or not given.isprintable() or _DEVICE.fullmatch(given) or given.strip(" .") != given:
        raise InvalidRequest(field="file", problem="must have a plain name of at most 200 characters")
    return given


async def _content(part: BodyPartReader, largest: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        data += chunk
        if len(data) > largest:
            raise RequestTooLarge(limit=largest)
    return bytes(data)
