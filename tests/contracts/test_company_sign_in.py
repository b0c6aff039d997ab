"""docs/company-sign-in.md and the README's recipe say what the code reads and shows."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from deskhand.gateway import errors
from deskhand.gateway.notices import sentences
from deskhand.orders.sign_in import STAFF, OidcSettings, SignIn
from deskhand.store.tenant_file import read_tenant
from tests.support.deskhand import ROOT

DOCUMENT = (ROOT / "docs" / "company-sign-in.md").read_text(encoding="utf-8")
CODES = {
    *("sign_in_not_offered", "sign_in_forged", "sign_in_denied", "identity_refused", "no_role_given", "user_locked"),
    *("provider_unavailable", "invalid_request", "too_many_requests"),
}


def read(folder: Path, block: str) -> SignIn:
    file = folder / "acme.yml"
    file.write_text("name: Acme\n" + textwrap.dedent(block), encoding="utf-8")
    return read_tenant(file).sign_in


def test_the_example_of_the_document_is_a_companys_file_with_every_setting(tmp_path: Path) -> None:
    block = DOCUMENT.split("```yaml")[1].split("```")[0]

    oidc = read(tmp_path, block).oidc

    assert (
        oidc is not None and oidc.groups_claim == OidcSettings().groups_claim and oidc.scopes == OidcSettings().scopes
    )
    assert set(re.findall(r"^    (\w+):", block, re.MULTILINE)) == set(OidcSettings.__slots__)


def test_the_readmes_example_is_a_companys_file(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    oidc = read(tmp_path, "      sign_in:\n" + readme.split("      sign_in:\n")[1].split("\n\n")[0]).oidc

    assert oidc is not None and oidc.client_secret_name == "OIDC_ACME_SECRET"


def test_the_roles_that_a_group_can_have_are_named() -> None:
    assert ", ".join(f"`{role}`" for role in STAFF) in DOCUMENT


def test_every_code_that_the_pages_show_has_its_sentences_and_the_documents_ones_exist() -> None:
    known = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}

    assert CODES <= known & set(sentences())
    assert set(re.findall(r"^\| `(\w+)`", DOCUMENT, re.MULTILINE)) <= CODES
    for code, said in sentences().items():
        assert re.search("[\u4e00-\u9fff]", said["zh"]) and not re.search("[\u4e00-\u9fff]", said["en"]), code
