"""A company's own provider in its file: read whole, or refused with line and setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskhand.orders.sign_in import SCOPES
from deskhand.orders.status import Role
from deskhand.orders.tenant import Tenant
from deskhand.store import TenantFileInvalid
from deskhand.store.tenant_file import read_tenant

GOOD = """\
name: Acme
sign_in:
  password: false
  oidc:
    issuer: https://login.example.com/realms/acme
    client_id: deskhand
    client_secret_name: OIDC_ACME_SECRET
    groups_claim: realm_access.roles
    roles: {/desk/finance: finance, desk-managers: manager, everybody: sales}
    link_by_email: true
"""


def read(folder: Path, text: str) -> Tenant:
    (folder / "acme.yml").write_text(text)
    return read_tenant(folder / "acme.yml")


def test_a_provider_is_read_with_its_defaults(tmp_path: Path) -> None:
    sign_in = read(tmp_path, GOOD).sign_in

    assert not sign_in.password and sign_in.oidc is not None
    assert sign_in.oidc.scopes == SCOPES and sign_in.oidc.link_by_email and not sign_in.oidc.listed
    assert sign_in.oidc.client_secret_name == "OIDC_ACME_SECRET"


def test_of_several_groups_the_first_line_counts_and_no_group_gives_no_role(tmp_path: Path) -> None:
    oidc = read(tmp_path, GOOD).sign_in.oidc

    assert oidc is not None
    assert oidc.role_of(["everybody", "desk-managers"]) is Role.MANAGER
    assert oidc.role_of(["/desk/finance", "desk-managers"]) is Role.FINANCE
    assert oidc.role_of(["Everybody", ""]) is None


def test_a_company_without_a_provider_has_passwords(tmp_path: Path) -> None:
    sign_in = read(tmp_path, "name: Acme\n").sign_in

    assert sign_in.password and sign_in.oidc is None


@pytest.mark.parametrize(
    ("old", "new", "setting"),
    [
        ("everybody: sales", "everybody: emperor", "sign_in.oidc.roles.everybody"),
        ("everybody: sales", "everybody: customer", "sign_in.oidc.roles.everybody"),
        ("everybody: sales", "everybody: system", "sign_in.oidc.roles.everybody"),
        ("everybody: sales", "everybody: [sales]", "sign_in.oidc.roles.everybody"),
        ("{/desk/finance: finance, desk-managers: manager, everybody: sales}", "{}", "sign_in.oidc.roles"),
        ("{/desk/finance: finance, desk-managers: manager, everybody: sales}", "sales", "sign_in.oidc.roles"),
        ("https://login.example.com", "http://login.example.com", "sign_in.oidc.issuer"),
        ("https://login.example.com", "https://user@login.example.com", "sign_in.oidc.issuer"),
        ("https://login.example.com", "https://login.example.com:99999", "sign_in.oidc.issuer"),
        ("realms/acme", "realms/acme?x=1", "sign_in.oidc.issuer"),
        ("https://login.example.com", "file:///etc", "sign_in.oidc.issuer"),
        ("OIDC_ACME_SECRET", "DESKHAND_SESSION_SECRET", "sign_in.oidc.client_secret_name"),
        ("OIDC_ACME_SECRET", "OIDC_ACME_FILE", "sign_in.oidc.client_secret_name"),
        ("OIDC_ACME_SECRET", "hunter2", "sign_in.oidc.client_secret_name"),
        ("link_by_email: true", "link_by_email: perhaps", "sign_in.oidc.link_by_email"),
        ("link_by_email: true", "scopes: [profile]", "sign_in.oidc.scopes"),
        ("link_by_email: true", "scopes: [openid, 'a b']", "sign_in.oidc.scopes"),
        ("link_by_email: true", "client_secret: hunter2", "sign_in.oidc.client_secret"),
        ("    client_id: deskhand\n", "", "sign_in.oidc.client_id"),
        ("    issuer: https://login.example.com/realms/acme\n", "", "sign_in.oidc.issuer"),
    ],
)
def test_what_is_wrong_is_refused_by_its_name(tmp_path: Path, old: str, new: str, setting: str) -> None:
    assert old in GOOD
    with pytest.raises(TenantFileInvalid) as refused:
        read(tmp_path, GOOD.replace(old, new))

    assert [fault.setting for fault in refused.value.faults] == [setting]
    assert "hunter2" not in str(refused.value)


def test_an_issuer_on_this_machine_needs_no_tls(tmp_path: Path) -> None:
    oidc = read(tmp_path, GOOD.replace("https://login.example.com", "http://127.0.0.1:9000")).sign_in.oidc

    assert oidc is not None and oidc.issuer == "http://127.0.0.1:9000/realms/acme"
