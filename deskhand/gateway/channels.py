"""Which doors a company keeps open. Knows its settings, no request."""

from __future__ import annotations

from collections.abc import Iterable

from deskhand.gateway.errors import ChannelClosed
from deskhand.store import Desk


def require_channels(desk: Desk, tenant: str, channels: Iterable[str]) -> None:
    """As the company's file says now; what is signed in already is refused from the next request on.

    Raises:
        ChannelClosed: naming the channel.
        TenantNotServed.
    """
    allowed = desk.tenant(tenant).channels
    for channel in channels:
        if channel not in allowed:
            raise ChannelClosed(channel=channel)
