"""How a company's people may come in: by password, and by the company's own OpenID provider. Knows nothing of HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deskhand.orders.status import Role

STAFF = (Role.SALES, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER, Role.ADMIN)
SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """One provider as one company uses it.

    Attributes:
        issuer: exactly as the provider's discovery document names itself.
        client_secret_name: the variable that holds the secret (or its `_FILE`); None for a public client.
        groups_claim: where the groups stand; `realm_access.roles` goes one step down.
        roles: which group has which role here; of several that fit the first line counts.
        link_by_email: whether a user who was here before is taken for the one with the same, verified address.
        name: what stands on the button.
        listed: whether the sign-in page shows the button to everybody, not only to those who name the company.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret_name: str | None = None
    scopes: tuple[str, ...] = SCOPES
    groups_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict, hash=False)
    link_by_email: bool = False
    name: str | None = None
    listed: bool = False

    def role_of(self, groups: Iterable[str]) -> Role | None:
        """The role of somebody in these groups; None: nobody has given them one."""
        theirs = set(groups)
        return next((role for group, role in self.roles.items() if group in theirs), None)


@dataclass(frozen=True, slots=True)
class SignIn:
    """`password` false: the provider is the only way in, so whoever has left the company can't come in any more."""

    password: bool = True
    oidc: OidcSettings | None = None
