"""What claims make of a person, whatever a provider puts into them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.gateway.errors import IdentityRefused
from deskhand.gateway.oidc_people import LONGEST_NAME, groups_of, person_of
from deskhand.gateway.oidc_token import ALGORITHMS, Expected, Header, key_for, read_claims, read_header
from deskhand.orders.sign_in import OidcSettings
from tests.support.gateway import Clock

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("name", "claims", "groups"),
    [
        ("groups", {"groups": ["a", "b"]}, ("a", "b")),
        ("groups", {"groups": "a"}, ("a",)),
        ("groups", {}, ()),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, ("a",)),
        ("realm_access.roles", {"realm_access": ["roles"]}, ()),
        ("https://acme.example/groups", {"https://acme.example/groups": ["a"]}, ("a",)),
        ("a.b", {"a.b": ["whole"], "a": {"b": ["step"]}}, ("whole",)),
    ],
)
def test_groups_are_found_under_the_name_that_the_company_gives(
    name: str, claims: dict[str, Any], groups: tuple[str, ...]
) -> None:
    assert groups_of(claims, name) == groups


@given(claims=st.dictionaries(st.sampled_from(["name", "email", "preferred_username", "groups", "locale"]), JSON))
def test_whatever_is_claimed_becomes_a_short_clean_person_or_is_refused(claims: dict[str, Any]) -> None:
    try:
        person = person_of("https://login.example.com", claims | {"sub": "s"}, OidcSettings())
    except IdentityRefused:
        assert not isinstance(claims["groups"], str | None)
        return

    assert 0 < len(person.name) <= LONGEST_NAME and 0 < len(person.login) <= LONGEST_NAME
    assert person.name.isprintable() and " " not in person.login
    assert person.language in (None, "zh", "en")
    assert not person.email_verified or person.email


EXPECTED = Expected("https://login.example.com", "desk", "nonce", None, Clock()())


@given(
    token=st.text() | JSON,
    keys=st.lists(st.dictionaries(st.sampled_from(["kty", "kid", "n", "e", "crv", "x", "y", "use", "alg"]), JSON)),
    algorithm=st.sampled_from(sorted(ALGORITHMS)),
)
def test_no_token_and_no_key_ends_in_anything_but_a_refusal(
    token: Any, keys: list[dict[str, Any]], algorithm: str
) -> None:
    with pytest.raises(IdentityRefused):
        read_header(token)
    for key in [*keys, {"kty": "RSA", "n": "AQ", "e": "AQ"}, {"kty": "EC", "crv": "P-256", "x": "", "y": ""}]:
        key_for(Header(algorithm, None), [key])
        with pytest.raises(IdentityRefused):
            read_claims("e30.e30.e30", Header(algorithm, None), key, EXPECTED)
