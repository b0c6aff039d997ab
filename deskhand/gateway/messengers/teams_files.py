"""Where files that were sent in Teams lie: in the company's SharePoint, at an address that needs no token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from deskhand.channels.messengers.settings import TeamsCredentials
from deskhand.gateway.messengers.files import Sent

FILE = "application/vnd.microsoft.teams.file.download.info"
SHAREPOINT = (".sharepoint.com", ".sharepoint.us", ".sharepoint.cn")


def sent_in_teams(credentials: TeamsCredentials, attachments: Iterable[Any]) -> list[Sent]:
    """Pictures and cards among what is attached are no files of the company's."""
    return [
        Sent(str(each.name or "file"), _address(credentials, each.content))
        for each in attachments
        if each.content_type == FILE
    ]


def _address(credentials: TeamsCredentials, content: object) -> str | None:
    """The file's, if it lies where Teams keeps files; none of ours is sent there, and nothing is fetched elsewhere."""
    given = content.get("downloadUrl") if isinstance(content, dict) else None
    if not isinstance(given, str):
        return None
    try:
        parts = urlsplit(given)
        host = parts.hostname or ""
        in_sharepoint = parts.scheme == "https" and parts.port in {None, 443} and host.endswith(SHAREPOINT)
    except ValueError:
        return None
    named = parts.username is None and parts.password is None
    return given if named and (in_sharepoint or credentials.may_send_to(given)) else None
