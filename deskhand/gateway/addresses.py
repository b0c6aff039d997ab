"""Where a request comes from. What a proxy says of it counts only if the proxy is one of ours."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence

from deskhand.settings import SettingsRefused

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

FORWARDED = "X-Forwarded-For"
_HOME_BITS = 64  # of an IPv6 address: one household or one machine has that many to itself
_MOST_HOPS = 20


def read_networks(name: str, text: str) -> tuple[Network, ...]:
    """Networks such as `10.0.0.0/8, ::1`.

    Raises:
        SettingsRefused: naming the variable.
    """
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise SettingsRefused(f"{name} is no list of networks: {error}") from None


_NEAR = read_networks(
    "", "127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, ::1, fc00::/7, fe80::/10"
)


def caller_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The last address that is not one of our proxies.

    Args:
        peer: who is connected to us.
        forwarded: the `X-Forwarded-For` headers as they came; anybody can send them, so without a trusted proxy they
            count for nothing.
    """
    hops = [part.strip() for line in forwarded for part in line.split(",")][-_MOST_HOPS:]
    found = _read(peer)
    while hops and found is not None and any(found in network for network in trusted):
        before = _read(hops.pop())
        if before is None:
            break
        found = before
    return _home(found) if found is not None else "unknown"


def is_near_address(text: str | None) -> bool:
    """Whether it is one of this machine or of a private network."""
    found = _read(text)
    return found is not None and any(found in network for network in _NEAR)


def address_digest(address: str, key: str) -> str:
    """What is kept of an address: enough to know it again, and nothing to read it from."""
    return hmac.new(key.encode(), address.encode(), hashlib.sha256).hexdigest()[:32]


def _read(text: str | None) -> Address | None:
    try:
        address = ipaddress.ip_address((text or "").strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _home(address: Address) -> str:
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address, _HOME_BITS), strict=False))
