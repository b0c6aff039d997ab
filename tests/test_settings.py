"""Secrets: from a variable or a file, refused by name, never shown, replaced without a break."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from deskhand.settings import SettingsRefused, key_id, port, private, required, secret, secrets

KEY, FORMER, OLDER = (f"{word}-key-of-the-settings-tests-0123456" for word in ("first", "second", "third"))


def test_a_secret_is_read_from_its_variable_or_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o600)

    assert secret({"A_KEY": f" {KEY} "}, "A_KEY") == secret({"A_KEY_FILE": str(file)}, "A_KEY") == KEY
    assert secret({"A_KEY": "", "A_KEY_FILE": str(file)}, "A_KEY") == KEY  # an empty variable counts as unset


def test_set_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="A_KEY and A_KEY_FILE are both set"):
        secret({"A_KEY": KEY, "A_KEY_FILE": str(tmp_path / "key")}, "A_KEY")


@pytest.mark.parametrize("content", [None, b"", b" \n", f"{KEY}\n{FORMER}\n".encode(), b"\xff\xfe" * 20])
def test_a_file_that_holds_no_single_line_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    with pytest.raises(SettingsRefused, match="A_KEY_FILE"):
        secret({"A_KEY_FILE": str(tmp_path / "key")}, "A_KEY")


WEAK = ("", "2short", "changeme", "<secret>", "x" * 40, "ab" * 20, "PASSWORD", f"changeme-{KEY}", f"your-secret-{KEY}")


@pytest.mark.parametrize("value", WEAK)
def test_a_placeholder_or_a_weak_key_is_refused_by_name_and_not_shown(value: str) -> None:
    with pytest.raises(SettingsRefused, match="A_KEY") as refused:
        secret({"A_KEY": value}, "A_KEY")

    assert not value or value not in str(refused.value)


def test_a_file_that_everybody_may_read_is_warned_of_without_its_content(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY)
    with caplog.at_level(logging.WARNING):
        file.chmod(0o600)
        secret({"A_KEY_FILE": str(file)}, "A_KEY")
        assert not caplog.records
        file.chmod(0o644)
        secret({"A_KEY_FILE": str(file)}, "A_KEY")

    assert "A_KEY_FILE" in caplog.text and KEY not in caplog.text


def test_the_keys_that_were_replaced_come_after_the_present_one(tmp_path: Path) -> None:
    file = tmp_path / "former"
    file.write_text(f"{FORMER}, {OLDER}")
    file.chmod(0o600)

    assert secrets({"A_KEY": KEY}, "A_KEY") == (KEY,)
    assert secrets({"A_KEY": KEY, "A_KEY_PREVIOUS": f"{FORMER},,{OLDER},{KEY}"}, "A_KEY") == (KEY, FORMER, OLDER)
    assert secrets({"A_KEY": KEY, "A_KEY_PREVIOUS_FILE": str(file)}, "A_KEY") == (KEY, FORMER, OLDER)
    with pytest.raises(SettingsRefused, match="A_KEY_PREVIOUS"):
        secrets({"A_KEY": KEY, "A_KEY_PREVIOUS": "short"}, "A_KEY")
    with pytest.raises(SettingsRefused, match="A_KEY is not set"):
        secrets({"A_KEY_PREVIOUS": FORMER}, "A_KEY")


def test_an_address_with_a_password_may_be_absent_but_no_placeholder(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("smtp://user:pw@mail")
    (tmp_path / "url").chmod(0o600)

    assert private({}, "AN_URL") is None
    assert private({"AN_URL_FILE": str(tmp_path / "url")}, "AN_URL") == "smtp://user:pw@mail"
    with pytest.raises(SettingsRefused) as refused:
        private({"AN_URL": "smtp://user:changeme@mail"}, "AN_URL")
    assert "AN_URL" in str(refused.value) and "smtp" not in str(refused.value)


def test_the_name_of_a_key_tells_keys_apart_and_nothing_of_them() -> None:
    assert key_id(KEY) == key_id(KEY) != key_id(FORMER)
    assert KEY[:4] not in key_id(KEY) and len(key_id(KEY)) == 12


def test_required_values_and_ports_are_refused_by_name() -> None:
    assert required({"NAME": " x "}, "NAME") == "x" and port({}, "A_PORT", 80) == 80
    with pytest.raises(SettingsRefused, match="NAME"):
        required({"NAME": " "}, "NAME")
    for value in ("0", "65536", "http", "-1", "８０８０８"):
        with pytest.raises(SettingsRefused, match="A_PORT"):
            port({"A_PORT": value}, "A_PORT", 80)
