"""What Slack and Teams need of the environment; a channel without its credentials is off. Knows no service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from deskhand.orders.tenant import Tenant
from deskhand.settings import FILE, SettingsRefused, private

BOT_TOKEN = "SLACK_BOT_TOKEN"
SLACK_API = "https://slack.com/api/"
TEAMS_HOSTS = ("smba.trafficmanager.net",)
ISSUER = "https://api.botframework.com"
KEYS = "https://login.botframework.com/v1/.well-known/keys"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class SlackCredentials:
    """`tokens` are those of the workspaces, by the name of the variable that holds each."""

    signing_secret: str = field(repr=False)
    tokens: Mapping[str, str] = field(repr=False)
    api_url: str = SLACK_API

    def token_of(self, tenant: Tenant) -> str | None:
        """The app's token in the company's workspace; None: it has none, or there is no token."""
        return self.tokens.get(tenant.slack.bot_token_name) if tenant.slack.team else None


@dataclass(frozen=True, slots=True)
class TeamsCredentials:
    """The bot's registration. `hosts` are the only ones that it ever sends to, with its own token."""

    app_id: str
    app_secret: str = field(repr=False)
    directory: str
    hosts: tuple[str, ...] = TEAMS_HOSTS
    keys_url: str = KEYS
    token_url: str = ""

    @property
    def token_address(self) -> str:
        return self.token_url or f"https://login.microsoftonline.com/{self.directory}/oauth2/v2.0/token"

    def may_send_to(self, address: str | None) -> bool:
        """Whether a service address is one of Teams: over TLS, unless it is on this machine, and named in full."""
        try:
            parts = urlsplit(address or "")
            host = parts.hostname or ""
            port = parts.port
        except ValueError:
            return False
        named = host if port is None else f"{host}:{port}"
        safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
        return safe and parts.username is None and parts.password is None and named in self.hosts


@dataclass(frozen=True, slots=True)
class MessengerSettings:
    """None: the channel is off."""

    slack: SlackCredentials | None = None
    teams: TeamsCredentials | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> MessengerSettings:
        """
        Raises:
            SettingsRefused: naming the variable: half of a channel's credentials is a mistake.
        """
        return cls(_slack(environ), _teams(environ))

    def missing(self) -> dict[str, str]:
        """Which channel is off, and what it would need."""
        wants = {"slack": (self.slack, f"SLACK_SIGNING_SECRET and {BOT_TOKEN}"), "teams": (self.teams, _TEAMS_WANT)}
        return {channel: want for channel, (given, want) in wants.items() if given is None}


_TEAMS_WANT = "TEAMS_APP_ID, TEAMS_APP_SECRET and TEAMS_APP_DIRECTORY"


def _slack(environ: Mapping[str, str]) -> SlackCredentials | None:
    names = sorted({name.removesuffix(FILE) for name in environ if name.startswith(BOT_TOKEN)})
    tokens = {name: token for name in names if (token := private(environ, name))}
    secret = private(environ, "SLACK_SIGNING_SECRET")
    if bool(secret) != bool(tokens):
        raise SettingsRefused(f"Slack needs both SLACK_SIGNING_SECRET and {BOT_TOKEN}")
    if not secret:
        return None
    return SlackCredentials(secret, tokens, _address(environ, "SLACK_API_URL", SLACK_API))


def _teams(environ: Mapping[str, str]) -> TeamsCredentials | None:
    app_id, directory = (environ.get(name, "").strip() for name in ("TEAMS_APP_ID", "TEAMS_APP_DIRECTORY"))
    secret = private(environ, "TEAMS_APP_SECRET")
    if not (app_id or directory or secret):
        return None
    if not (app_id and directory and secret):
        raise SettingsRefused(f"Teams needs {_TEAMS_WANT}")
    hosts = tuple(each.strip() for each in environ.get("TEAMS_SERVICE_HOSTS", "").split(",") if each.strip())
    return TeamsCredentials(
        app_id,
        secret,
        directory,
        hosts or TEAMS_HOSTS,
        _address(environ, "TEAMS_KEYS_URL", KEYS),
        _address(environ, "TEAMS_TOKEN_URL", ""),
    )


def _address(environ: Mapping[str, str], name: str, fallback: str) -> str:
    """Secrets are sent there, or keys come from there: over TLS, unless it is on this machine.

    Raises:
        SettingsRefused.
    """
    given = environ.get(name, "").strip() or fallback
    parts = urlsplit(given)
    if given and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SettingsRefused(f"{name} must begin with https://")
    return given
