"""Where robots' credentials come from: sealed in our database, from the environment, or from HashiCorp Vault.

Whatever gives one, it comes as a `Secret`: it stands in no log, no picture, no process variable and no chat. Each
company has its own; no vault gives one company what is another's.
"""

from __future__ import annotations

import base64
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from deskhand.robots.secret import Secret
from deskhand.settings import SettingsRefused, key_id, private, secrets
from deskhand.store import Desk, UnitOfWork

KEY = "DESKHAND_VAULT_KEY"
VARIABLES = "ROBOT_SECRET_"
EMBEDDED, ENVIRONMENT, HASHICORP = "embedded", "environment", "hashicorp"
NAME = re.compile(r"[a-z][a-z0-9_.-]{0,62}")
_NONCE = 12
_SECONDS = 10.0
_LARGEST = 1 << 16


class VaultError(Exception):
    """A credential can't be had; `code` says why, and nothing says what it is."""

    code = "vault_not_reached"


class CredentialUnknown(VaultError):
    """There is no such credential."""

    code = "credential_unknown"


class VaultLocked(VaultError):
    """The key with which it was sealed is not here."""

    code = "vault_locked"


class Vault(Protocol):
    """Gives a company's credentials by their names."""

    def get(self, tenant: str, name: str) -> Secret:
        """Raises VaultError."""
        ...


class Seal:
    """Seals and opens values with keys of which the first is used for new ones. Knows no database.

    AES-256-GCM; company and name are bound into each sealed value, so that rows can't be exchanged for others.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {key_id(key): _derived(key) for key in keys}
        self._first = key_id(keys[0]) if keys else None

    def close(self, tenant: str, name: str, value: str) -> str:
        """Raises VaultLocked: there is no key here."""
        if self._first is None:
            raise VaultLocked(f"{KEY} is not set")
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._keys[self._first]).encrypt(nonce, value.encode(), _bound(tenant, name))
        return f"v1:{self._first}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, tenant: str, name: str, sealed: str) -> Secret:
        """Raises VaultLocked: another key, another row, or it was changed."""
        version, _, rest = sealed.partition(":")
        which, _, data = rest.partition(":")
        key = self._keys.get(which)
        if version != "v1" or key is None:
            raise VaultLocked(f"{name}: sealed with a key that is not here")
        raw = base64.b64decode(data)
        try:
            return Secret(AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], _bound(tenant, name)).decode())
        except InvalidTag:
            raise VaultLocked(f"{name}: is not what was sealed here") from None

    def is_newest(self, sealed: str) -> bool:
        return sealed.split(":")[1] == self._first


class EmbeddedVault:
    """Rows of our database that nobody reads without the key, which is not in it."""

    def __init__(self, desk: Desk, seal: Seal) -> None:
        self._desk, self._seal = desk, seal

    def get(self, tenant: str, name: str) -> Secret:
        with self._desk.unit_of_work(tenant, read_only=True) as uow:
            sealed = uow.robots.sealed(name)
        if sealed is None:
            raise CredentialUnknown(name)
        return self._seal.open(tenant, name, sealed)


def seal_in(uow: UnitOfWork, seal: Seal, name: str, value: str, by: str) -> None:
    """Keeps a value, in the caller's transaction.

    Raises:
        ValueError: the name is none.
        VaultLocked.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a credential: small letters, digits, _ . and -")
    uow.robots.seal(name, seal.close(uow.tenant.id, name, value), by)


def seal_anew(uow: UnitOfWork, seal: Seal) -> int:
    """What was sealed with a former key is sealed with the present one; says how many there were.

    Raises:
        VaultLocked: one was sealed with a key that is not here; nothing is changed.
    """
    count = 0
    for name, by, _ in uow.robots.credentials():
        sealed = uow.robots.sealed(name)
        if sealed is not None and not seal.is_newest(sealed):
            value = seal.open(uow.tenant.id, name, sealed)
            uow.robots.seal(name, seal.close(uow.tenant.id, name, value.reveal()), by)
            count += 1
    return count


class EnvironmentVault:
    """`ROBOT_SECRET_DEMO_LEGACY_ERP_PASSWORD`, or the file that ..._FILE names, for `legacy_erp.password` of demo."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {name: value for name, value in environ.items() if name.startswith(VARIABLES)}

    def get(self, tenant: str, name: str) -> Secret:
        variable = VARIABLES + re.sub(r"[^A-Z0-9]+", "_", f"{tenant}__{name}".upper())
        try:
            value = private(self._environ, variable)
        except SettingsRefused as error:
            raise CredentialUnknown(str(error)) from None
        if value is None:
            raise CredentialUnknown(name)
        return Secret(value)


@dataclass(frozen=True)
class HashiCorpVault:
    """Key/value secrets, version 2: `GET /v1/{mount}/data/{prefix}/{company}/{name}`, the field `value`."""

    address: str
    token: str = field(repr=False)
    mount: str = "secret"
    prefix: str = "deskhand"
    namespace: str | None = None

    def get(self, tenant: str, name: str) -> Secret:
        path = "/".join(quote(part, safe="") for part in (self.prefix, tenant, name))
        url = f"{self.address.rstrip('/')}/v1/{quote(self.mount, safe='')}/data/{path}"
        try:
            answer = self._asked(url)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:  # also a version that was deleted
                    raise CredentialUnknown(name) from None
                raise VaultError(f"the vault answered {error.code}") from None
        except (OSError, ValueError) as error:
            raise VaultError(f"the vault does not answer: {type(error).__name__}") from None
        value = _within(answer, "data", "data", "value")
        if not isinstance(value, str) or not value:
            raise CredentialUnknown(name)
        return Secret(value)

    def _asked(self, url: str) -> object:
        headers = {"X-Vault-Token": self.token, "X-Vault-Request": "true"}
        if self.namespace:
            headers["X-Vault-Namespace"] = self.namespace
        request = urllib.request.Request(url, headers=headers)
        with _OPENER.open(request, timeout=_SECONDS) as response:
            found: object = json.loads(response.read(_LARGEST))
            return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another address."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())


def seal_of(environ: Mapping[str, str]) -> Seal:
    """With the keys of this environment; none, where none is set.

    Raises:
        SettingsRefused.
    """
    return Seal(secrets(environ, "DESKHAND_VAULT_KEY") if private(environ, "DESKHAND_VAULT_KEY") else ())


def vault_of(environ: Mapping[str, str], desk: Desk) -> Vault:
    """The vault that ROBOT_VAULT names.

    Raises:
        SettingsRefused: it is none, or lacks something.
    """
    kind = environ.get("ROBOT_VAULT", "").strip() or EMBEDDED
    if kind == EMBEDDED:
        return EmbeddedVault(desk, seal_of(environ))
    if kind == ENVIRONMENT:
        return EnvironmentVault(environ)
    if kind != HASHICORP:
        raise SettingsRefused(f"ROBOT_VAULT is none of {EMBEDDED}, {ENVIRONMENT}, {HASHICORP}")
    address, token = environ.get("VAULT_ADDR", "").strip(), private(environ, "VAULT_TOKEN")
    if urlsplit(address).scheme not in ("https", "http") or token is None:
        raise SettingsRefused("ROBOT_VAULT=hashicorp needs VAULT_ADDR and VAULT_TOKEN")
    mount, prefix = (environ.get(name, "").strip() for name in ("VAULT_MOUNT", "VAULT_PREFIX"))
    namespace = environ.get("VAULT_NAMESPACE", "").strip() or None
    return HashiCorpVault(address, token, mount or "secret", prefix or "deskhand", namespace)


def _derived(key: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"deskhand vault").derive(key.encode())


def _bound(tenant: str, name: str) -> bytes:
    return json.dumps([tenant, name]).encode()


def _within(answer: object, *path: str) -> object:
    for key in path:
        answer = answer.get(key) if isinstance(answer, Mapping) else None
    return answer
