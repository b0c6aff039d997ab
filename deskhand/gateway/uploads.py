"""Takes a file out of a form: piece by piece against a limit, with a name that is a name. Knows nothing of orders."""

from __future__ import annotations

import re

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from deskhand.gateway.errors import InvalidRequest, RequestTooLarge

MOST_PARTS = 20
_NAME = re.compile(r'[^/\\:*?"<>|]{1,200}')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# aiohttp asserts what a form must have, and warns of a Content-Disposition that is none: an error where warnings are
_NO_FORM = (ValueError, AssertionError, RuntimeWarning, HttpProcessingError, web.RequestPayloadError)


async def uploaded_file(request: web.Request, largest: int) -> tuple[str, bytes]:
    """Name and content of the file in the form, which is read to its end: half a form is none.

    Raises:
        InvalidRequest: there is no file, it is no form, or the file's name is more than a name.
        RequestTooLarge.
    """
    files = []
    try:
        form = await request.multipart()
        for _ in range(MOST_PARTS):
            part = await form.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                raise InvalidRequest(field="body", problem="has a form inside the form")
            content = await _content(part, largest)
            if part.filename:
                files.append((plain_name(part.filename), content))
        else:
            raise InvalidRequest(field="body", problem=f"has more than {MOST_PARTS} parts")
    except _NO_FORM as error:
        raise InvalidRequest(field="body", problem="is not multipart/form-data") from error
    if len(files) != 1:
        raise InvalidRequest(field="file", problem="is missing" if not files else "must be one file")
    return files[0]


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
