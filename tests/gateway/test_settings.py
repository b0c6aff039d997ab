"""What the gateway reads from its environment, and what it refuses."""

from __future__ import annotations

import pytest

from deskhand.gateway.settings import Settings, SettingsRefused

GOOD = {
    "DATABASE_URL": "sqlite:///var/deskhand.db",
    "DESKHAND_SESSION_SECRET": "session-secret-of-the-settings-tests-0123",
    "DESKHAND_RASA_TOKEN": "rasa-token-of-the-settings-tests-01234567",
    "DESKHAND_TURN_SECRET": "turn-secret-of-the-settings-tests-01234567",
}


@pytest.mark.parametrize("name", GOOD)
def test_an_unset_value_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsRefused, match=name):
        Settings.from_environ(GOOD | {name: " "})


@pytest.mark.parametrize("value", ["changeme", "<secret>", "please-changeme-please-changeme-please", "short"])
@pytest.mark.parametrize("name", ["DESKHAND_SESSION_SECRET", "DESKHAND_TURN_SECRET", "DESKHAND_RASA_TOKEN"])
def test_a_placeholder_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsRefused, match=name):
        Settings.from_environ(GOOD | {name: value})


@pytest.mark.parametrize("port", ["0", "70000", "http", "-1"])
def test_a_port_must_be_one(port: str) -> None:
    with pytest.raises(SettingsRefused, match="DESKHAND_PORT"):
        Settings.from_environ(GOOD | {"DESKHAND_PORT": port})


def test_secrets_are_not_shown() -> None:
    settings = Settings.from_environ(GOOD | {"LLM_API_KEY": "key-123", "REDIS_URL": "redis://:pw@host"})

    assert not any(
        secret in repr(settings)
        for secret in ("session-secret", "turn-secret", "rasa-token", "key-123", "redis://", "sqlite")
    )


def test_demo_users_are_listed_on_loopback_only() -> None:
    assert Settings.from_environ(GOOD | {"DESKHAND_DEMO": "1"}).lists_demo_users
    assert not Settings.from_environ(GOOD | {"DESKHAND_DEMO": "1", "DESKHAND_HOST": "0.0.0.0"}).lists_demo_users
    assert not Settings.from_environ(GOOD).lists_demo_users


def test_the_cookie_is_secure_where_the_address_is() -> None:
    public = Settings.from_environ(GOOD | {"DESKHAND_PUBLIC_URL": "https://desk.example.com/"})

    assert public.secure_cookie and "https://desk.example.com" in public.origins()
    assert not Settings.from_environ(GOOD).secure_cookie
