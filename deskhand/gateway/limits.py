"""How much one caller may ask for: token buckets and a growing wait after wrong passwords, kept in this process.

With several gateways behind a balancer each counts for itself, so the limit is as many times higher; a restart
forgets. It is there to stop a runaway script and password guessing, not to bill anyone. Each kind of bucket holds a
bounded number of keys; those unused for longest are forgotten first.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deskhand.gateway.errors import TooManyRequests
from deskhand.gateway.sessions import Session
from deskhand.orders.tenant import Limits, Tenant

_MOST_KEYS = 10_000
_MINUTE, _HOUR = 60.0, 3600.0
Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, refilled by `per_second`."""

    burst: int
    per_second: float


SIGN_IN_ADDRESS = Rate(burst=100, per_second=1.0)  # for one address: an office shares one
HANDSHAKES_ADDRESS = Rate(burst=300, per_second=10.0)  # Socket.IO; when a gateway starts again an office comes at once
HANDSHAKES = Rate(burst=60, per_second=1.0)  # of one person, who may have many tabs
REFUSED_KEYS = Rate(burst=100, per_second=1.0)  # API keys of one address that are none
REFUSED_TOKENS = Rate(burst=20, per_second=1 / _MINUTE)  # of one address, that are worth a row of the audit


def chat_rate(limits: Limits) -> Rate:
    """Messages of one person: a quarter of a minute's worth at once."""
    return Rate(max(1, limits.chat_per_minute // 4), limits.chat_per_minute / _MINUTE)


class RateLimit:
    """Buckets of one kind; a refusal names it."""

    def __init__(self, name: str, rate: Rate | None = None, clock: Seconds = time.monotonic) -> None:
        self._name = name
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, rate: Rate | None = None) -> None:
        """Use one up. The limit's own rate goes before the one given here.

        Raises:
            TooManyRequests: saying in how many seconds the next one is free.
        """
        rate = self._rate or rate
        if rate is None:
            raise ValueError("a limit without a rate")
        now = self._clock()
        left, since = self._buckets.pop(key, (float(rate.burst), now))
        left = min(float(rate.burst), left + (now - since) * rate.per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyRequests(seconds=math.ceil((1 - left) / rate.per_second), limit=self._name)


class GrowingWait:
    """Some attempts are free; after each further one that fails the next must wait twice as long, up to `longest`.

    An attempt counts as failed from its beginning, so that many at once gain nothing; `forget` says that it was right.
    An attempt that is told to wait does not count, so nobody can keep another waiting by asking again and again.
    """

    def __init__(self, name: str, free: int, longest: float, clock: Seconds = time.monotonic) -> None:
        self._name = name
        self._free = free
        self._longest = longest
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def attempt(self, key: str) -> None:
        """Count one.

        Raises:
            TooManyRequests: saying in how many seconds the next one may come.
        """
        now = self._clock()
        failed, last = self._failed.get(key, (0, now))
        if now - last > 2 * self._longest + _MINUTE:
            failed = 0  # quiet since
        wait = min(self._longest, 2.0 ** min(failed - self._free, 20)) if failed >= self._free else 0.0
        if now < last + wait:
            raise TooManyRequests(seconds=math.ceil(last + wait - now), limit=self._name)
        self._failed[key] = (failed + 1, now)
        self._failed.move_to_end(key)
        if len(self._failed) > _MOST_KEYS:
            self._failed.popitem(last=False)

    def forget(self, key: str) -> None:
        self._failed.pop(key, None)


class Guesses:
    """Passwords that were wrong slow down whoever guesses, and nobody else: the same login at the same address.

    Guesses for one login that come from many addresses slow down the addresses from which it has never signed in. The
    owner at a usual place does not notice; at a new one they wait some seconds, or are let in by a link.
    """

    def __init__(self, clock: Seconds = time.monotonic) -> None:
        self._here = GrowingWait("password", free=5, longest=60.0, clock=clock)
        self._anywhere = GrowingWait("password_new_place", free=50, longest=10.0, clock=clock)

    def attempt(self, login: str, address: str) -> None:
        """Count one that begins.

        Raises:
            TooManyRequests.
        """
        self._here.attempt(f"{address} {login}")

    def attempt_from_new_place(self, login: str) -> None:
        """Count it for the login too: it never signed in from there.

        Raises:
            TooManyRequests.
        """
        self._anywhere.attempt(login)

    def right(self, login: str, address: str) -> None:
        """It was no guess."""
        self._here.forget(f"{address} {login}")
        self._anywhere.forget(login)


class Allowances:
    """What the companies' settings allow their people and programs. `chat` and `sign_in` go before the settings."""

    def __init__(
        self,
        tenants: Mapping[str, Tenant],
        chat: Rate | None = None,
        sign_in: Rate | None = None,
        clock: Seconds = time.monotonic,
    ) -> None:
        self._tenants = tenants
        self._chat = RateLimit("chat", chat, clock)
        self._sign_in = RateLimit("sign_in", sign_in, clock)
        self._api = RateLimit("api", clock=clock)
        self._files = RateLimit("import", clock=clock)
        self._keys = RateLimit("refused_keys", REFUSED_KEYS, clock)
        self._refusals = RateLimit("refused_tokens", REFUSED_TOKENS, clock)
        self._handshakes = RateLimit("handshakes_address", HANDSHAKES_ADDRESS, clock)
        self._sockets = RateLimit("handshakes", HANDSHAKES, clock)

    def sign_in(self, tenant: str, login: str, address: str) -> None:
        """One attempt for this login from there.

        Raises:
            TooManyRequests.
        """
        allowed = self._of(tenant).sign_in_per_minute
        self._sign_in.take(f"{address} {login}", Rate(allowed, allowed / _MINUTE))

    def api(self, caller: Session) -> None:
        """One request of a person or a key.

        Raises:
            TooManyRequests.
        """
        allowed = self._of(caller.tenant).api_per_minute
        self._api.take(f"{caller.tenant} {caller.user_id}", Rate(allowed, allowed / _MINUTE))

    def handshake(self, address: str) -> None:
        """One attempt to open a socket, whoever it is.

        Raises:
            TooManyRequests.
        """
        self._handshakes.take(address)

    def socket(self, caller: Session) -> None:
        """One socket of a person.

        Raises:
            TooManyRequests.
        """
        self._sockets.take(f"{caller.tenant} {caller.user_id}")

    def message(self, caller: Session) -> None:
        """One message to the bot.

        Raises:
            TooManyRequests.
        """
        self._chat.take(f"{caller.tenant} {caller.user_id}", chat_rate(self._of(caller.tenant)))

    def file(self, tenant: str) -> None:
        """One file to import.

        Raises:
            TooManyRequests.
        """
        allowed = self._of(tenant).import_per_hour
        self._files.take(tenant, Rate(allowed, allowed / _HOUR))

    def refused_key(self, address: str) -> None:
        """One key that is none; who signs in from there is not kept waiting by it.

        Raises:
            TooManyRequests.
        """
        self._keys.take(address)

    def refusal(self, address: str) -> None:
        """One refused token that is noted.

        Raises:
            TooManyRequests: this address has left enough of them.
        """
        self._refusals.take(address)

    def _of(self, tenant: str) -> Limits:
        found = self._tenants.get(tenant)
        return found.limits if found is not None else Limits()
