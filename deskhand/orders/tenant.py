"""A company that uses the desk: its zone, money, deadlines, limits and words. Knows nothing of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from deskhand.orders.sign_in import SignIn

CHAT, HTTP, SLACK, TEAMS = "chat", "http", "slack", "teams"
MESSENGERS = (SLACK, TEAMS)  # where people are who have linked an account of theirs
CHANNELS = (CHAT, HTTP, *MESSENGERS)
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the company's people and programs may ask for."""

    sign_in_per_minute: int = 10  # for one login
    chat_per_minute: int = 120  # messages of one person
    api_per_minute: int = 600  # requests of one person or key
    import_per_hour: int = 60  # files of the company
    largest_import_mb: int = 32


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after which things are forgotten; None: never."""

    messages_days: int | None = 365
    notifications_days: int | None = 90
    audit_days: int | None = None  # what is personal in the audit; its rows stay for good
    personal_days: int | None = None  # names and addresses of finished orders
    invoices_years: int | None = None  # how long the law wants invoices kept, also those of an erased customer


@dataclass(frozen=True, slots=True)
class HandoverRules:
    """After how long without a person the bot takes a conversation back, and says so."""

    wait_minutes: int = 30  # nobody took it
    answer_minutes: int = 15  # who took it leaves the customer without a word


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a sign-in lasts: without a request, and at most."""

    idle_minutes: int = 120
    longest_hours: int = 12


@dataclass(frozen=True, slots=True)
class SlackWorkspace:
    """`team`: the company's workspace (T0123ABCD); `bot_token_name`: the variable that holds the app's token there."""

    team: str = ""
    bot_token_name: str = "SLACK_BOT_TOKEN"


@dataclass(frozen=True, slots=True)
class TeamsTenant:
    """`directory`: the id of the company's Microsoft Entra tenant, in which its people use Teams."""

    directory: str = ""


@dataclass(frozen=True, slots=True)
class Tenant:
    """`settlement_cut_off` is a time of day in `time_zone`; `texts` are words of its own: key -> language -> text."""

    id: str
    name: str
    time_zone: str = "UTC"
    currency: str = "CNY"
    languages: tuple[str, ...] = LANGUAGES
    channels: tuple[str, ...] = CHANNELS
    undo_window_seconds: int = 15
    card_minutes: int = 30
    settlement_cut_off: time = time(18, 0)
    duplicate_hours: int = 24  # how long an order with the same content is asked about; 0: never
    reservation_days: int | None = 14  # None: until the goods leave
    replies: str = "offered"  # approved answers to customers: `offered` to staff, or `sent` at once
    default_warehouse: str = "main"
    scheduled: tuple[str, ...] = ()  # the processes whose cases the clock starts here; the others wait for people
    limits: Limits = Limits()
    retention: Retention = Retention()
    session: SessionRules = SessionRules()
    handover: HandoverRules = HandoverRules()
    sign_in: SignIn = SignIn()
    slack: SlackWorkspace = SlackWorkspace()
    teams: TeamsTenant = TeamsTenant()
    connectors: Mapping[str, str] = field(default_factory=dict, hash=False)  # addresses of its own, by connector
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)

    def today(self, now: datetime) -> date:
        """The tenant's calendar day at `now`."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def cut_off_passed(self, now: datetime) -> bool:
        return now.astimezone(ZoneInfo(self.time_zone)).time() >= self.settlement_cut_off
