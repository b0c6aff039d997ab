"""How much each API key has used lately: requests and tokens in a minute, requests at once. Knows nothing of HTTP.

A minute's allowance fills up evenly, so that a caller who was refused knows when to come back. The tokens of an answer
are known only when it is there: they are charged then, and a debt is paid before the next request is let in.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from llm_server.api.api_keys import ApiKey
from llm_server.errors import KeyLimitReached

_MINUTE = 60.0
_BUSY_RETRY_SECONDS = 1


class Allowance:
    """So much in a minute; None is without bound."""

    def __init__(self, per_minute: int | None, clock: Callable[[], float]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._left = float(per_minute or 0)
        self._at = clock()

    def seconds_until(self, amount: float) -> float:
        """0 when so much is left now; an amount above the whole allowance waits for a full one."""
        if self._per_minute is None:
            return 0.0
        self._refill(self._per_minute)
        lacking = min(amount, self._per_minute) - self._left
        return max(0.0, lacking * _MINUTE / self._per_minute)

    def take(self, amount: float) -> None:
        """Uses so much, even beyond what is left."""
        if self._per_minute is not None:
            self._refill(self._per_minute)
            self._left -= amount

    def _refill(self, per_minute: int) -> None:
        now = self._clock()
        self._left = min(float(per_minute), self._left + (now - self._at) * per_minute / _MINUTE)
        self._at = now


class KeyUse:
    """What one key uses."""

    def __init__(self, key: ApiKey, clock: Callable[[], float] = time.monotonic) -> None:
        self.key = key
        self.at_once = 0
        self._requests = Allowance(key.requests_per_minute, clock)
        self._tokens = Allowance(key.tokens_per_minute, clock)

    @contextmanager
    def one_request(self) -> Iterator[None]:
        """Counts a request while it is served.

        Raises:
            KeyLimitReached: this key asks too often, or for too many at once, or has tokens to make up for.
        """
        if self.key.at_once is not None and self.at_once >= self.key.at_once:
            raise KeyLimitReached("at_once", _BUSY_RETRY_SECONDS)
        self._check("requests", self._requests)
        self._check("tokens", self._tokens)
        self._requests.take(1)
        self.at_once += 1
        try:
            yield
        finally:
            self.at_once -= 1

    def charge_prompt(self, tokens: int) -> None:
        """Charges a prompt before it is queued; raises as ``one_request`` does when it is more than there is."""
        self._check("tokens", self._tokens, tokens)
        self._tokens.take(tokens)

    def charge_answer(self, tokens: int) -> None:
        """Charges an answer once it is there."""
        self._tokens.take(tokens)

    def _check(self, what: str, allowance: Allowance, amount: float = 1) -> None:
        wait = allowance.seconds_until(amount)
        if wait > 0:
            raise KeyLimitReached(what, max(1, math.ceil(wait)))
