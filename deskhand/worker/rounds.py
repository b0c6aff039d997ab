"""One round over all tenants: what fails for one of them stops no other. Knows nothing of the work."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from deskhand.orders.errors import TenantNotServed
from deskhand.orders.tenant import Tenant
from deskhand.worker.backoff import Backoff

_log = logging.getLogger(__name__)


class Rounds:
    """A tenant whose work fails while others' goes well is left out for a while, longer each time."""

    def __init__(
        self, name: str, pause: Backoff | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._pause = pause or Backoff(first=0.5, longest=30.0)
        self._monotonic = monotonic
        self._failed: dict[str, tuple[int, float]] = {}  # how often in a row, and until when it is left out

    async def run(self, tenants: Iterable[Tenant], work: Callable[[Tenant], Awaitable[int]]) -> int:
        """How much was done for all of them.

        Raises:
            Exception: the last one, when the work went well for nobody: the fault is not one tenant's.
        """
        done, well, failed = 0, 0, dict[str, Exception]()
        for tenant in tenants:
            if self._monotonic() < self._failed.get(tenant.id, (0, 0.0))[1]:
                continue
            try:
                done += await work(tenant)
            except TenantNotServed:
                continue  # removed just now
            except Exception as error:  # whatever it is: the others have theirs done first
                failed[tenant.id] = error
            else:
                well += 1
                self._failed.pop(tenant.id, None)
        if failed and not well:
            raise next(reversed(failed.values()))
        for name, reason in failed.items():
            self._leave_out(name, reason)
        return done

    def _leave_out(self, tenant: str, error: Exception) -> None:
        times = self._failed.get(tenant, (0, 0.0))[0] + 1
        seconds = self._pause.delay(times).total_seconds()
        self._failed[tenant] = (times, self._monotonic() + seconds)
        _log.error(
            "%s: failed for tenant %s, which waits %.1f s; others go on", self._name, tenant, seconds, exc_info=error
        )
