"""What it takes to post something into a messenger, and why that may fail. Knows neither Slack nor Teams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from deskhand.channels.messengers.face import Face
from deskhand.orders.tenant import Tenant

Json = Mapping[str, Any]
DEFAULT_WAIT, LONGEST_WAIT = 5.0, 900.0


class SlowDown(Exception):
    """The messenger asks to wait so many seconds (`Retry-After`)."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"asked to wait {seconds} seconds")


class NotPosted(Exception):
    """It was refused for good: the place is gone, or the app may not write there; trying again changes nothing."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Posting(Protocol):
    """One messenger. Anything else that is raised is a failure that passes."""

    async def post(self, tenant: Tenant, place: Json, face: Face, key: str) -> Json:
        """Something new at a place; what the messenger calls it. `key` is the same for each try.

        Raises:
            SlowDown, NotPosted.
        """

    async def update(self, tenant: Tenant, posted: Json, face: Face) -> None:
        """What stands there already shows this from now on.

        Raises:
            SlowDown, NotPosted.
        """


def seconds_to_wait(retry_after: object) -> float:
    """What a `Retry-After` says; a few seconds where it says nothing that is a number."""
    try:
        return min(max(float(str(retry_after)), 0.5), LONGEST_WAIT)
    except ValueError:
        return DEFAULT_WAIT
