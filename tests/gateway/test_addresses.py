"""Where a request comes from, and who may say so."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from deskhand.gateway.addresses import address_digest, caller_address, is_near_address, read_networks
from deskhand.settings import SettingsRefused

OURS = read_networks("X", "10.0.0.0/8, 127.0.0.1, fd00::/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"),  # no proxy of ours: anybody can send the header
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["1.2.3.4, 203.0.113.9"], "203.0.113.9"),  # the rest is what the caller claimed
        ("10.0.0.1", ["1.2.3.4", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),  # two proxies, two headers
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["203.0.113.9, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::ffff:198.51.100.1", [], "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),  # one household
        ("fd00::1", ["[2001:db8:1:2::7]"], "2001:db8:1:2::/64"),
        (None, ["203.0.113.9"], "unknown"),
        ("", [], "unknown"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str | None, forwarded: list[str], caller: str) -> None:
    assert caller_address(peer, forwarded, OURS) == caller


def test_a_long_chain_of_hops_is_not_followed_for_ever() -> None:
    assert caller_address("10.0.0.1", [", ".join(["203.0.113.9", *["10.0.0.2"] * 1000])], OURS) == "10.0.0.2"


def test_networks_are_read_from_a_list() -> None:
    assert read_networks("X", " 192.0.2.0/24 ,::1,") == (ip_network("192.0.2.0/24"), ip_network("::1"))
    assert read_networks("X", "") == ()
    with pytest.raises(SettingsRefused, match="DESKHAND_TRUSTED_PROXIES"):
        read_networks("DESKHAND_TRUSTED_PROXIES", "10.0.0.0/8, everybody")


def test_an_address_is_known_again_and_not_read_from_what_is_kept() -> None:
    assert address_digest("198.51.100.1", "key") == address_digest("198.51.100.1", "key")
    assert len({address_digest(a, k) for a in ("198.51.100.1", "198.51.100.2") for k in ("key", "other")}) == 4
    assert "." not in address_digest("198.51.100.1", "key")


NEAR = (
    "127.0.0.1",
    "10.1.2.3",
    "172.31.0.9",
    "192.168.1.1",
    "169.254.1.1",
    "::1",
    "fd00::1",
    "fe80::1",
    "::ffff:10.0.0.1",
)
FAR = ("203.0.113.9", "198.51.100.1", "172.32.0.1", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8", "nobody", "", None)


def test_near_is_this_machine_and_private_networks_alone() -> None:
    assert [address for address in NEAR if not is_near_address(address)] == []
    assert [address for address in FAR if is_near_address(address)] == []
