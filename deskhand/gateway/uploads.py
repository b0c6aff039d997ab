"""Takes a file out of a form: piece by piece against a limit, with a name that is a name. Knows nothing of orders."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from deskhand.erp.kept_files import KeptFiles, open_kept
from deskhand.gateway.errors import InvalidRequest, RequestTooLarge

MOST_PARTS = 20
MOST_IN_FIELD = 1 << 16  # bytes; a mapping is the longest
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


async def kept_form(
    request: web.Request, kept: KeptFiles, tenant: str, largest: int
) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Files of a form (name, place), written to the disk as they come, and its other fields.

    Raises:
        InvalidRequest, RequestTooLarge, NoSpace: nothing is kept.
    """
    files: list[tuple[str, str]] = []
    try:
        return files, await _fields(request, kept, tenant, largest, files)
    except _NO_FORM as error:
        kept.remove(tenant, [place for _, place in files])
        raise InvalidRequest(field="body", problem="is not multipart/form-data") from error
    except BaseException:  # whatever ends it, a connection that breaks too: nothing is left behind
        kept.remove(tenant, [place for _, place in files])
        raise


async def _fields(
    request: web.Request, kept: KeptFiles, tenant: str, largest: int, files: list[tuple[str, str]]
) -> dict[str, str]:
    fields: dict[str, str] = {}
    form = await request.multipart()
    for _ in range(MOST_PARTS):
        part = await form.next()
        if part is None:
            return fields
        if not isinstance(part, BodyPartReader):
            raise InvalidRequest(field="body", problem="has a form inside the form")
        if part.filename:
            name, (place, path) = plain_name(part.filename), kept.new_place(tenant)
            files.append((name, place))
            largest -= await _to_disk(part, path, largest)
        elif part.name in fields:
            raise InvalidRequest(field=part.name or "body", problem="is there twice")
        else:
            fields[part.name or ""] = (await _content(part, MOST_IN_FIELD)).decode()
    raise InvalidRequest(field="body", problem=f"has more than {MOST_PARTS} parts")


async def _to_disk(part: BodyPartReader, path: Path, largest: int) -> int:
    """How many bytes it has. All files of a form together may have no more than one alone."""
    size = 0
    with open_kept(path) as file:
        while chunk := await part.read_chunk(1 << 18):
            size += len(chunk)
            if size > largest:
                raise RequestTooLarge(limit=largest)
            await asyncio.to_thread(file.write, chunk)
    return size


async def _content(part: BodyPartReader, largest: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        data += chunk
        if len(data) > largest:
            raise RequestTooLarge(limit=largest)
    return bytes(data)
