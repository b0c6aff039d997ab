"""Where files that were dropped into Slack lie: at Slack's own host, for the app's token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from deskhand.channels.messengers.settings import SlackCredentials
from deskhand.gateway.messengers.files import Sent
from deskhand.orders.tenant import Tenant

FILES_HOST = "files.slack.com"


def sent_in_slack(credentials: SlackCredentials, tenant: Tenant, files: list[Mapping[str, Any]]) -> list[Sent]:
    """With the app's token, which goes to no other host."""
    token, hosts = credentials.token_of(tenant), {FILES_HOST, urlsplit(credentials.api_url).netloc}
    sent = []
    for file in files:
        address = str(file.get("url_private_download") or "")
        ours = token is not None and urlsplit(address).netloc in hosts
        headers = {"Authorization": f"Bearer {token}"} if ours else {}
        sent.append(Sent(str(file.get("name") or "file"), address if ours else None, headers))
    return sent
