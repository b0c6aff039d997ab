"""The files that business staff change are checked as they are read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deskhand.orders.status import Role
from deskhand.store import ProcessFileInvalid, TenantFileInvalid, load_tenants
from deskhand.store.permissions_file import load_permissions
from deskhand.store.processes import load_process
from deskhand.store.texts import load_texts
from tests.support.desks import ROOT

FOLDER = ROOT / "processes" / "order_to_cash"


def folder_with(tmp_path: Path, process_yml: str) -> Path:
    copy = tmp_path / "order_to_cash"
    shutil.copytree(FOLDER, copy)
    (copy / "process.yml").write_text(process_yml, encoding="utf-8")
    return copy


def test_the_shipped_process_says_who_hears_of_what_and_what_is_automatic() -> None:
    process = load_process(FOLDER)

    assert process.channels_of("start_account_period") == {"*"}
    assert process.channels_of("confirm_order") == frozenset()
    assert process.notify["OrderPlaced"]["customer"] == "order_placed_customer"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("automatic: {no_such_node: manual}", "no_such_node"),
        ("automatic: {confirm_order: perhaps}", "perhaps"),
        ("automatic: {confirm_order: {chat: maybe}}", "maybe"),
        ("notify: {NoSuchEvent: {customer: x}}", "NoSuchEvent"),
        ("notify: {OrderPlaced: {everybody: x}}", "everybody"),
        ("escalate: {NoSuchEvent: {sales: []}}", "NoSuchEvent"),
        ("escalate: {CaseStopped: {customer: []}}", "customer"),
        ("escalate: {CaseStopped: [sales]}", "expected roles"),
        ("escalate: {CaseStopped: {sales: [{after: soon, to: manager}]}}", "PT30M"),
        ("escalate: {CaseStopped: {sales: [{after: 4, to: manager}]}}", "PT30M"),
        ("escalate: {CaseStopped: {sales: [{after: PT4H}]}}", "expected a list"),
        ("escalate: {CaseStopped: {sales: [{after: PT4H, to: boss}]}}", "boss"),
        ("escalate: {CaseStopped: {sales: [{after: P1D, to: manager}, {after: PT4H, to: admin}]}}", "later"),
    ],
)
def test_a_wrong_word_in_process_yml_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ProcessFileInvalid, match=complaint):
        load_process(folder_with(tmp_path, text))


def test_no_role_but_the_worker_does_everything() -> None:
    permissions = load_permissions(ROOT / "permissions.yml")

    for role in set(Role) - {Role.SYSTEM}:
        assert any(permissions.grant(action, role) is None for action in permissions.rules), role


def test_every_status_has_a_name_in_both_languages() -> None:
    texts = load_texts(FOLDER / "texts.yml")

    assert (texts.status("awaiting_shipment", "zh"), texts.status("awaiting_shipment", "en")) == (
        "待发运",
        "awaiting shipment",
    )
    assert all({"zh", "en"} <= set(names) for names in texts.statuses.values())


@pytest.mark.parametrize(("text", "complaint"), [("name: A\nsmile: yes", "smile"), ("currency: CNY", "name")])
def test_a_tenant_file_with_a_wrong_or_missing_setting_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "demo.yml").write_text(text, encoding="utf-8")

    with pytest.raises(TenantFileInvalid, match=complaint):
        load_tenants(tmp_path)


def test_a_folder_without_tenants_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TenantFileInvalid):
        load_tenants(tmp_path)


def test_the_demo_company_keeps_shanghai_time() -> None:
    demo = load_tenants(ROOT / "tenants")["demo"]

    assert (demo.time_zone, demo.currency, demo.undo_window_seconds, demo.settlement_cut_off.hour) == (
        "Asia/Shanghai",
        "CNY",
        15,
        18,
    )
