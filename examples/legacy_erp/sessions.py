"""Who is signed in to the old ERP, and the order each is just typing. Lost when the session ends, as in real ones."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

from examples.legacy_erp.book import Order


@dataclass
class Session:
    user: str
    seen: float
    draft: Order = field(default_factory=Order)


class Sessions:
    """In memory; a session that was not used for `minutes` is over."""

    def __init__(self, minutes: float = 20) -> None:
        self._all: dict[str, Session] = {}
        self._seconds = minutes * 60

    def begin(self, user: str) -> str:
        key = secrets.token_urlsafe(16)
        self._all[key] = Session(user, time.monotonic())
        return key

    def get(self, key: str) -> Session | None:
        session = self._all.get(key)
        if session is None or time.monotonic() - session.seen > self._seconds:
            self._all.pop(key, None)
            return None
        session.seen = time.monotonic()
        return session

    def end(self, key: str) -> None:
        self._all.pop(key, None)
