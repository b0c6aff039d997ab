"""A company that uses the desk: its zone, money and deadlines. Knows nothing of files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Tenant:
    """`settlement_cut_off` is a time of day in `time_zone`."""

    id: str
    name: str
    time_zone: str = "UTC"
    currency: str = "CNY"
    languages: tuple[str, ...] = ("zh", "en")
    undo_window_seconds: int = 15
    card_minutes: int = 30
    settlement_cut_off: time = time(18, 0)
    reservation_days: int = 14
    default_warehouse: str = "main"

    def today(self, now: datetime) -> date:
        """The tenant's calendar day at `now`."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def cut_off_passed(self, now: datetime) -> bool:
        return now.astimezone(ZoneInfo(self.time_zone)).time() >= self.settlement_cut_off
