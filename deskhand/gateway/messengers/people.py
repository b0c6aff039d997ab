"""Who somebody in Slack or Teams is here: company and user follow from links, never from what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from deskhand.gateway.sessions import Session
from deskhand.orders.model import Actor
from deskhand.orders.tenant import LANGUAGES, SLACK, TEAMS, Tenant
from deskhand.store import Desk, MessengerAccount, User

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Person:
    """An account of a company's workspace. `user` None: nobody has linked it, or may not sign in."""

    tenant: Tenant
    account: MessengerAccount
    user: User | None

    @property
    def channel(self) -> str:
        return self.account.channel

    @property
    def language(self) -> str:
        """The user's; of whom nobody knows, the company's first."""
        spoken = self.user.language if self.user is not None else self.tenant.languages[0]
        return spoken if spoken in LANGUAGES else "en"

    def actor(self, cause: str) -> Actor:
        """
        Raises:
            LookupError: nobody is linked; whoever calls this has looked.
        """
        user = self.known
        return Actor(user.id, user.role, user.tenant, self.channel, cause, user.customer_id)

    @property
    def known(self) -> User:
        if self.user is None:
            raise LookupError("nobody is linked to this account")
        return self.user

    @property
    def caller(self) -> Session:
        """For what counts requests: the person counts as one, however they come."""
        user = self.known
        return Session(
            "", user.id, user.login, user.name, user.role, user.tenant, user.customer_id, self.language, _NEVER
        )


def company_of(desk: Desk, channel: str, team: str) -> Tenant | None:
    """The one company whose file names this workspace or directory; two that do are a mistake, and neither is meant."""
    named = {each.id: {SLACK: each.slack.team, TEAMS: each.teams.directory}[channel] for each in desk.tenants.values()}
    found = [each for each in desk.tenants.values() if team and named[each.id] == team]
    return found[0] if len(found) == 1 else None


def person_of(desk: Desk, account: MessengerAccount) -> Person | None:
    """None: no company of ours uses that workspace."""
    tenant = company_of(desk, account.channel, account.team)
    if tenant is None:
        return None
    with desk.unit_of_work(tenant.id, read_only=True) as uow:
        link = uow.messengers.find(account)
        user = uow.users.get(link.user_id) if link is not None else None
    return Person(tenant, account, user if user is not None and user.active else None)
