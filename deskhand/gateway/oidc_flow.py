"""One sign-in on its way: what the browser keeps, sealed, between leaving for the provider and coming back.

Knows nothing of requests or providers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from deskhand.gateway.errors import SignInForged

LIFETIME_SECONDS = 600
HOME = "/desk"
_LOCAL = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~/%?=&@:+,#]{0,500}")


@dataclass(frozen=True, slots=True)
class Flow:
    """`issuer` is the provider that the browser was sent to; only its answer counts."""

    tenant: str
    issuer: str
    state: str
    nonce: str
    verifier: str
    next: str

    @property
    def challenge(self) -> str:
        """PKCE, method S256 (RFC 7636)."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    @property
    def mark(self) -> str:
        """What is remembered of it once it was used."""
        return "oidc-" + hashlib.sha256(self.state.encode()).hexdigest()

    def is_answered_by(self, tenant: str, state: str) -> bool:
        return self.tenant == tenant and state.isascii() and hmac.compare_digest(self.state, state)


def new_flow(tenant: str, issuer: str, following: str) -> Flow:
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    return Flow(tenant, issuer, state, nonce, verifier, following)


def seal(flow: Flow, keys: Sequence[str], now: datetime) -> str:
    """Encrypted and signed, with the time."""
    sealed = Fernet(_key(keys[0])).encrypt_at_time(json.dumps(asdict(flow)).encode(), int(now.timestamp()))
    return sealed.decode()


def unseal(sealed: str, keys: Sequence[str], now: datetime) -> Flow:
    """The flow, for ten minutes.

    Raises:
        SignInForged: it is not ours, or over.
    """
    box = MultiFernet([Fernet(_key(key)) for key in keys])
    try:
        return Flow(**json.loads(box.decrypt_at_time(sealed.encode(), LIFETIME_SECONDS, int(now.timestamp()))))
    except (InvalidToken, ValueError, TypeError) as error:
        raise SignInForged(reason="no sign-in was begun in this browser, or it is over") from error


def is_local(address: str) -> bool:
    """A path of ours and nothing that a browser could take for another site's."""
    return _LOCAL.fullmatch(address) is not None


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"deskhand oidc flow").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
