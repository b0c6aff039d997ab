"""Which settings a tenant's file may hold, and what each may be. Knows nothing of files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from deskhand.orders.sign_in import STAFF, OidcSettings, SignIn
from deskhand.orders.status import Role
from deskhand.orders.tenant import (
    CHANNELS,
    LANGUAGES,
    HandoverRules,
    Limits,
    Retention,
    SessionRules,
    SlackWorkspace,
    TeamsTenant,
)

Given = str | None | list[str]
Reader = Callable[[Given], Any]  # raises ValueError saying what is expected

NEVER = "never"
LONGEST_ID = 64
LONGEST_ISSUER = 255
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_YEARS = 100 * 366

# ISO 4217, funds and precious metals left out
CURRENCIES = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED
    VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG""".split()
)


@dataclass(frozen=True, slots=True)
class Section:
    """Settings of their own under one name."""

    kind: Callable[..., Any]
    readers: Mapping[str, Reader | Section | Table]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Names that the company chooses, each with a value."""

    reader: Reader


def word(given: Given) -> str:
    if not isinstance(given, str) or not given.strip():
        raise ValueError("must be a text")
    return given.strip()


def zone(given: Given) -> str:
    name = word(given)
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone, as Asia/Shanghai is")
    ZoneInfo(name)
    return name


def currency(given: Given) -> str:
    code = word(given)
    if code not in CURRENCIES:
        raise ValueError(f"{code!r} is not a currency of ISO 4217, as CNY is")
    return code


def some_of(known: tuple[str, ...], at_least: int) -> Reader:
    """A list without repeats, each of it known."""

    def read(given: Given) -> tuple[str, ...]:
        if not isinstance(given, list):
            raise ValueError(f"must be a list of some of {', '.join(known)}")
        strange = [each for each in given if each not in known]
        if strange:
            raise ValueError(f"{', '.join(strange)} unknown; known: {', '.join(known)}")
        if len(given) < at_least or len(set(given)) < len(given):
            raise ValueError(f"must name {'one or more' if at_least else 'any'} of {', '.join(known)}, each once")
        return tuple(given)

    return read


def one_of(known: tuple[str, ...]) -> Reader:
    def read(given: Given) -> str:
        if given not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return str(given)

    return read


def names(given: Given) -> tuple[str, ...]:
    """Of processes, each once; which there are, the folders say."""
    if not isinstance(given, list) or any(not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", each) for each in given):
        raise ValueError("must be a list of names of processes, as [quality_report] is")
    return tuple(dict.fromkeys(given))


def address(given: Given) -> str:
    """Of another system. Whether it may go without TLS, the connector's own file says."""
    said = word(given)
    try:
        parts = urlsplit(said)
        named = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.username is None
    except ValueError:
        named = False
    if not named or not said.isascii() or re.search(r"[\s?#]", said):
        raise ValueError(f"{said!r} is not an address, as https://scales.acme.example is")
    return said


def whole(least: int, most: int) -> Reader:
    def read(given: Given) -> int:
        problem = f"must be a whole number from {least} to {most}"
        if not isinstance(given, str) or not given.isascii() or not given.isdigit():
            raise ValueError(f"{problem}, not {given!r}")
        if not least <= int(given) <= most:
            raise ValueError(f"{problem}, not {given}")
        return int(given)

    return read


def days(given: Given) -> int | None:
    """A number of days, or `never`."""
    return None if given in (None, NEVER) else int(whole(1, _YEARS)(given))


def time_of_day(given: Given) -> time:
    try:
        found = time.fromisoformat(word(given))
    except ValueError:
        raise ValueError(f'{given!r} is not a time of day, as "18:00" is') from None
    if found.tzinfo is not None:
        raise ValueError("is in the company's own time zone: name no other")
    return found


def flag(given: Given) -> bool:
    if given not in ("true", "false"):
        raise ValueError(f"must be true or false, not {given!r}")
    return given == "true"


def issuer(given: Given) -> str:
    """An OpenID provider as it names itself: over TLS, unless it is on this machine."""
    address = word(given)
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    plain = address.isascii() and address.isprintable() and not re.search(r"[\s?#]", address)
    if not named or not plain or len(address) > LONGEST_ISSUER:
        raise ValueError(f"{address!r} is not an address, as https://login.example.com/realms/acme is")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("must begin with https://")
    return address


def secret_name(given: Given) -> str:
    """The variable that holds the secret. The prefix keeps a company's file from naming a secret of ours."""
    name = word(given)
    if not re.fullmatch(r"OIDC_[A-Z0-9_]{1,60}", name) or name.endswith(("_FILE", "_PREVIOUS")):
        raise ValueError("must name a variable, as OIDC_ACME_SECRET does: the secret itself never stands here")
    return name


def slack_token_name(given: Given) -> str:
    """As `secret_name`, of a Slack app's token."""
    name = word(given)
    if not re.fullmatch(r"SLACK_BOT_TOKEN[A-Z0-9_]{0,50}", name) or name.endswith(("_FILE", "_PREVIOUS")):
        raise ValueError("must name a variable, as SLACK_BOT_TOKEN_ACME does: the token itself never stands here")
    return name


def slack_team(given: Given) -> str:
    team = word(given)
    if not re.fullmatch(r"T[A-Z0-9]{2,30}", team):
        raise ValueError(f"{team!r} is not a workspace's id, as T0123ABCD is")
    return team


def directory(given: Given) -> str:
    """The id of a Microsoft Entra tenant."""
    found = word(given).lower()
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found):
        raise ValueError(f"{given!r} is not the id of a directory, as 72f988bf-86f1-41af-91ab-2d7cd011db47 is")
    return found


def scopes(given: Given) -> tuple[str, ...]:
    if not isinstance(given, list) or "openid" not in given:
        raise ValueError("must be a list with openid in it")
    if any(not re.fullmatch(r"[!#-\[\]-~]+", each) for each in given):
        raise ValueError("a scope has no spaces or quotes")
    return tuple(given)


def staff_role(given: Given) -> Role:
    if given not in [str(role) for role in STAFF]:
        raise ValueError(f"{given!r} is not a role that a group can have; known: {', '.join(STAFF)}")
    return Role(given)


OIDC = Section(
    OidcSettings,
    {
        "issuer": issuer,
        "client_id": word,
        "client_secret_name": secret_name,
        "scopes": scopes,
        "groups_claim": word,
        "roles": Table(staff_role),
        "link_by_email": flag,
        "name": word,
        "listed": flag,
    },
    required=("issuer", "client_id", "roles"),
)

SETTINGS: Mapping[str, Reader | Section | Table] = {
    "name": word,
    "time_zone": zone,
    "currency": currency,
    "languages": some_of(LANGUAGES, at_least=1),
    "channels": some_of(CHANNELS, at_least=0),
    "undo_window_seconds": whole(0, 3600),
    "card_minutes": whole(1, 1440),
    "settlement_cut_off": time_of_day,
    "duplicate_hours": whole(0, 8760),
    "reservation_days": days,
    "replies": one_of(("offered", "sent")),
    "default_warehouse": word,
    "scheduled": names,
    "connectors": Table(address),
    "limits": Section(
        Limits,
        {
            "sign_in_per_minute": whole(1, 1000),
            "chat_per_minute": whole(1, 10_000),
            "api_per_minute": whole(1, 100_000),
            "import_per_hour": whole(1, 100_000),
            "largest_import_mb": whole(1, 512),
        },
    ),
    "retention": Section(
        Retention,
        {
            **{name: days for name in ("messages_days", "notifications_days", "audit_days", "personal_days")},
            "invoices_years": whole(1, 100),
        },
    ),
    "session": Section(SessionRules, {"idle_minutes": whole(1, 1440), "longest_hours": whole(1, 720)}),
    "handover": Section(HandoverRules, {"wait_minutes": whole(1, 10_080), "answer_minutes": whole(1, 10_080)}),
    "sign_in": Section(SignIn, {"password": flag, "oidc": OIDC}),
    "slack": Section(SlackWorkspace, {"team": slack_team, "bot_token_name": slack_token_name}, required=("team",)),
    "teams": Section(TeamsTenant, {"directory": directory}, required=("directory",)),
}
