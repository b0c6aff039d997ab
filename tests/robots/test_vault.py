"""Credentials: sealed with a key that is elsewhere, from the environment, from HashiCorp Vault, as documented."""

from __future__ import annotations

import copy
import json
import pickle
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deskhand.robots.secret import MASK, Masker, Secret
from deskhand.robots.vault import (
    CredentialUnknown,
    EmbeddedVault,
    EnvironmentVault,
    HashiCorpVault,
    Seal,
    VaultError,
    VaultLocked,
    seal_anew,
    seal_in,
    seal_of,
    vault_of,
)
from deskhand.settings import SettingsRefused
from deskhand.store import Desk
from tests.support.desks import OTHER_TENANT, TENANT

KEY, OLD = "a-key-of-the-vault-for-tests-0123456789", "another-key-that-was-here-before-98765"
WORD = "correct horse battery"


def keep(desk: Desk, seal: Seal, tenant: str = TENANT, name: str = "legacy_password", value: str = WORD) -> None:
    with desk.unit_of_work(tenant) as uow:
        seal_in(uow, seal, name, value, "admin")
        uow.commit()


def test_what_is_kept_comes_back_to_its_company_alone_and_lies_there_sealed(desk: Desk) -> None:
    seal = Seal([KEY])
    keep(desk, seal)
    vault = EmbeddedVault(desk, seal)

    assert vault.get(TENANT, "legacy_password").reveal() == WORD
    with pytest.raises(CredentialUnknown):
        vault.get(OTHER_TENANT, "legacy_password")
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        sealed = uow.connection.execute(text("SELECT sealed FROM credential")).scalar_one()
        assert WORD not in sealed and KEY not in sealed
        assert [name for name, *_ in uow.robots.credentials()] == ["legacy_password"]


def test_a_sealed_value_opens_nowhere_but_in_its_own_row(desk: Desk) -> None:
    seal = Seal([KEY])
    sealed = seal.close(TENANT, "one", WORD)

    for tenant, name in ((OTHER_TENANT, "one"), (TENANT, "two")):
        with pytest.raises(VaultLocked):
            seal.open(tenant, name, sealed)
    changed = sealed[:-4] + ("AAAA" if sealed[-4:] != "AAAA" else "BBBB")
    with pytest.raises(VaultLocked):
        seal.open(TENANT, "one", changed)
    assert seal.close(TENANT, "one", WORD) != sealed  # never the same twice


def test_a_key_is_replaced_without_losing_what_it_sealed(desk: Desk) -> None:
    keep(desk, Seal([OLD]))
    both = Seal([KEY, OLD])
    assert EmbeddedVault(desk, both).get(TENANT, "legacy_password").reveal() == WORD

    with desk.unit_of_work(TENANT) as uow:
        assert (seal_anew(uow, both), seal_anew(uow, both)) == (1, 0)
        uow.commit()

    assert EmbeddedVault(desk, Seal([KEY])).get(TENANT, "legacy_password").reveal() == WORD
    with pytest.raises(VaultLocked):
        EmbeddedVault(desk, Seal([OLD])).get(TENANT, "legacy_password")


def test_without_a_key_nothing_is_kept_and_nothing_is_read(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow, pytest.raises(VaultLocked, match="DESKHAND_VAULT_KEY"):
        seal_in(uow, seal_of({}), "legacy_password", WORD, "admin")
    with pytest.raises(SettingsRefused, match="DESKHAND_VAULT_KEY"):
        seal_of({"DESKHAND_VAULT_KEY": "too-short"})


def test_a_name_is_a_name(desk: Desk) -> None:
    with desk.unit_of_work(TENANT) as uow, pytest.raises(ValueError, match="no name"):
        seal_in(uow, Seal([KEY]), "../../etc", WORD, "admin")


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(WORD)

    assert WORD not in f"{secret} {secret!r} {secret:>40}" and str(secret) == MASK
    assert WORD not in str({"a": secret}) and WORD not in json.dumps({"a": secret}, default=str)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    assert secret == Secret(WORD) and secret != Secret("other") and len({secret, Secret(WORD)}) == 1


def test_a_mask_takes_the_longer_of_two_secrets_first_and_leaves_short_ones() -> None:
    mask = Masker()
    for value in ("abc", "abcdef", "x"):
        mask.add(Secret(value))

    assert mask.masked("abcdef abc x") == f"{MASK} {MASK} x"


def test_the_environment_gives_each_company_its_own(tmp_path: Path) -> None:
    file = tmp_path / "word"
    file.write_text("from a file\n")
    file.chmod(0o600)
    vault = EnvironmentVault({
        "ROBOT_SECRET_DEMO_LEGACY_USER": "bot", "ROBOT_SECRET_DEMO_LEGACY_PASSWORD_FILE": str(file), "PATH": "/bin",
    })  # fmt: skip

    assert vault.get("demo", "legacy_user").reveal() == "bot"
    assert vault.get("demo", "legacy.password").reveal() == "from a file"
    for tenant, name in (("other", "legacy_user"), ("demo", "path")):
        with pytest.raises(CredentialUnknown):
            vault.get(tenant, name)


# --- HashiCorp Vault, KV version 2, as documented; not run against a real one ---


class Answers(BaseHTTPRequestHandler):
    """The documented answers: data.data with the values, 404 for what is not there or deleted, 403 for a bad token."""

    seen: list[tuple[str, str | None, str | None]]
    status = 200
    body: Any = None

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("X-Vault-Token"), self.headers.get("X-Vault-Namespace")))
        raw = json.dumps(self.body).encode() if not isinstance(self.body, bytes) else self.body
        self.send_response(self.status)
        if self.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def a_vault(status: int, body: Any) -> Iterator[tuple[HashiCorpVault, list[Any]]]:
    seen: list[Any] = []
    handler = type("Handler", (Answers,), {"seen": seen, "status": status, "body": body})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        yield HashiCorpVault(address, "hvs.token", "kv", "desk", "team"), seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def found(data: Any) -> Any:
    metadata = {"created_time": "2026-11-20T02:00:00Z", "destroyed": False, "version": 3}
    return {"request_id": "r", "lease_id": "", "renewable": False, "data": {"data": data, "metadata": metadata}}


def test_hashicorp_s_vault_is_asked_as_its_interface_says() -> None:
    with a_vault(200, found({"value": WORD})) as (vault, seen):
        assert vault.get("demo", "legacy_password").reveal() == WORD

    assert seen == [("/v1/kv/data/desk/demo/legacy_password", "hvs.token", "team")]
    assert "hvs.token" not in repr(vault)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, {"errors": []}, CredentialUnknown),
        (404, found(None), CredentialUnknown),  # deleted: data is null
        (200, found({"other": "x"}), CredentialUnknown),
        (403, {"errors": ["permission denied"]}, VaultError),
        (503, {"errors": ["Vault is sealed"]}, VaultError),
        (302, {}, VaultError),  # the token is carried nowhere else
        (200, b"no json", VaultError),
    ],
)
def test_what_hashicorp_s_vault_refuses_is_told_apart_and_names_no_secret(
    status: int, body: Any, error: type[VaultError]
) -> None:
    with a_vault(status, body) as (vault, seen), pytest.raises(error) as told:
        vault.get("demo", "legacy_password")

    assert type(told.value) is error and "hvs.token" not in str(told.value) and len(seen) == 1


def test_a_vault_that_is_not_there_is_a_fault_of_the_system() -> None:
    with pytest.raises(VaultError, match="does not answer"):
        HashiCorpVault("http://127.0.0.1:9", "t").get("demo", "legacy_password")


def test_which_vault_it_is_stands_in_the_environment(desk: Desk) -> None:
    assert isinstance(vault_of({}, desk), EmbeddedVault)
    assert isinstance(vault_of({"ROBOT_VAULT": "environment"}, desk), EnvironmentVault)
    hashicorp = {"ROBOT_VAULT": "hashicorp", "VAULT_ADDR": "https://vault.example", "VAULT_TOKEN": "hvs.x"}
    assert isinstance(vault_of(hashicorp, desk), HashiCorpVault)
    for wrong in ({"ROBOT_VAULT": "safe"}, {"ROBOT_VAULT": "hashicorp", "VAULT_ADDR": "https://vault.example"}):
        with pytest.raises(SettingsRefused):
            vault_of(wrong, desk)
