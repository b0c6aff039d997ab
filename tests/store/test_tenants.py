"""Companies are files: taken up, changed and removed while the services run; a wrong file changes nothing."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest

from deskhand.orders.tenant import Limits, Retention, SessionRules
from deskhand.store import TenantFileInvalid, load_tenants
from deskhand.store.live_files import EVERY_SECONDS
from deskhand.store.tenants import LiveTenants, faults_in
from tests.support.desks import ROOT

GOOD = "name: Acme\ncurrency: EUR\n"


class Watch:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def forward(self) -> None:
        self.now += EVERY_SECONDS


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme.yml").write_text(GOOD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def tenants(folder: Path, watch: Watch) -> LiveTenants:
    return load_tenants(folder, ROOT / "processes", watch)


def write(file: Path, text: str) -> None:
    """As an editor does, with a new time even where the clock of the file system is coarse."""
    file.parent.mkdir(exist_ok=True)
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(before + 10**9, before + 10**9))


def refused(folder: Path, text: str, name: str = "acme.yml") -> str:
    (folder / "acme.yml").unlink(missing_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(TenantFileInvalid) as error:
        load_tenants(folder, ROOT / "processes")
    return str(error.value)


def test_a_new_file_is_a_new_company_without_a_restart(tenants: LiveTenants, folder: Path, watch: Watch) -> None:
    write(folder / "beta.yml", "name: Beta")
    assert "beta" not in tenants

    watch.forward()

    assert tenants["beta"].name == "Beta"
    assert sorted(tenants) == ["acme", "beta"]


def test_a_changed_file_has_new_settings(tenants: LiveTenants, folder: Path, watch: Watch) -> None:
    write(folder / "acme.yml", "name: Acme\ncurrency: USD\nlimits: {chat_per_minute: 7}")

    watch.forward()

    assert (tenants["acme"].currency, tenants["acme"].limits) == ("USD", Limits(chat_per_minute=7))


def test_a_removed_file_is_no_company_any_more(tenants: LiveTenants, folder: Path, watch: Watch) -> None:
    write(folder / "beta.yml", "name: Beta")
    watch.forward()
    assert "beta" in tenants

    (folder / "beta.yml").unlink()
    watch.forward()
    assert "beta" in tenants  # an editor may be just replacing it
    watch.forward()

    assert list(tenants) == ["acme"]


def test_a_file_that_comes_back_is_read_again(tenants: LiveTenants, folder: Path, watch: Watch) -> None:
    (folder / "acme.yml").rename(folder / "acme.bak")
    for _ in range(3):
        watch.forward()
        tenants.get("acme")
    assert list(tenants) == []

    (folder / "acme.bak").rename(folder / "acme.yml")
    watch.forward()

    assert tenants["acme"].name == "Acme"


def test_a_broken_file_leaves_the_last_good_one_in_force_and_is_logged_once(
    tenants: LiveTenants, folder: Path, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    write(folder / "acme.yml", "name: Acme\ncurrency: EURO")

    with caplog.at_level(logging.ERROR):
        for _ in range(4):
            watch.forward()
            assert tenants["acme"].currency == "EUR"

    (record,) = caplog.records
    assert "acme.yml:2: currency" in record.getMessage()
    assert [(fault.file, fault.line, fault.setting) for fault in tenants.faults] == [("acme.yml", 2, "currency")]


def test_a_mended_file_has_no_faults(tenants: LiveTenants, folder: Path, watch: Watch) -> None:
    write(folder / "acme.yml", "name: [")
    watch.forward()
    assert tenants.faults

    write(folder / "acme.yml", "name: Acme again")
    watch.forward()

    assert (tenants["acme"].name, tenants.faults) == ("Acme again", ())


def test_a_folder_that_can_t_be_read_sends_nobody_away(tenants: LiveTenants, folder: Path, watch: Watch) -> None:
    folder.rename(folder.with_name("elsewhere"))
    for _ in range(3):
        watch.forward()
        assert "acme" in tenants

    assert "can't be read" in str(tenants.faults[0])


def test_a_company_with_a_broken_file_at_the_start_is_left_out_and_the_others_are_served(folder: Path) -> None:
    (folder / "beta.yml").write_text("nmae: Beta", encoding="utf-8")

    tenants = load_tenants(folder)

    assert list(tenants) == ["acme"]
    assert {fault.setting for fault in tenants.faults} == {"nmae", "name"}


def test_readers_between_two_looks_touch_no_file(tenants: LiveTenants, monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(_: Path) -> None:
        raise AssertionError("a file was looked at")

    monkeypatch.setattr(Path, "iterdir", touched)

    assert all("acme" in tenants for _ in range(100))


def test_every_setting_can_be_given(folder: Path) -> None:
    (folder / "acme.yml").write_text(
        """
name: Acme
time_zone: Europe/Berlin
currency: EUR
languages: [en]
channels: [http]
settlement_cut_off: 17:30
limits: {sign_in_per_minute: 3, chat_per_minute: 4, api_per_minute: 5, import_per_hour: 6, largest_import_mb: 7}
retention: {messages_days: never, notifications_days: 10, audit_days: 400, personal_days: 30}
session: {idle_minutes: 5, longest_hours: 1}
texts:
  order_placed: {en: "{number} has come in"}
""",
        encoding="utf-8",
    )

    acme = load_tenants(folder, ROOT / "processes")["acme"]

    assert (acme.time_zone, acme.currency, acme.languages, acme.channels) == (
        "Europe/Berlin",
        "EUR",
        ("en",),
        ("http",),
    )
    assert acme.settlement_cut_off == time(17, 30)
    assert acme.limits == Limits(3, 4, 5, 6, 7)
    assert acme.retention == Retention(None, 10, 400, 30)
    assert acme.session == SessionRules(5, 1)
    assert acme.texts == {"order_placed": {"en": "{number} has come in"}}


def test_all_faults_are_told_at_once_with_file_line_and_setting(folder: Path) -> None:
    said = refused(
        folder,
        "name: Acme\ntime_zone: Mars/Olympus\ncurrency: EURO\nlanguages: [en, fr]\nchannels: chat\n"
        "smile: yes\nlimits:\n  chat_per_minute: -1\n  chats: 3\nretention: {audit_days: soon}\n"
        "texts:\n  no_such_text: {en: x}\n  order_placed: {fr: x, en: '{secret}'}\n",
    )

    assert [line.split(": ")[:2] for line in said.splitlines()] == [
        ["acme.yml:2", "time_zone"],
        ["acme.yml:3", "currency"],
        ["acme.yml:4", "languages"],
        ["acme.yml:5", "channels"],
        ["acme.yml:6", "smile"],
        ["acme.yml:8", "limits.chat_per_minute"],
        ["acme.yml:9", "limits.chats"],
        ["acme.yml:10", "retention.audit_days"],
        ["acme.yml:12", "texts.no_such_text"],
        ["acme.yml:13", "texts.order_placed.fr"],
        ["acme.yml:13", "texts.order_placed.en"],
    ]


@pytest.mark.parametrize(
    "name", ["Acme.yml", "acme_ltd.yml", "-acme.yml", f"{'a' * 65}.yml", "ac me.yml", "阿克米.yml"]
)
def test_a_file_whose_name_is_no_id_is_refused(folder: Path, name: str) -> None:
    assert "file's name is the tenant's id" in refused(folder, GOOD, name)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: A\nname: B", ":2: name: stands here twice"),
        ("name: [A", "is not YAML"),
        ("- name", "must hold settings"),
        ("name:", "must be a text"),
        ("name: A\nlimits: many", "limits: must hold some of"),
        ("name: A\nlanguages: []", "one or more"),
        ("name: A\nsettlement_cut_off: 1080", "time of day"),
        ("name: A\nsettlement_cut_off: 18:00+02:00", "name no other"),
        ("name: A\ncurrency: {code: CNY}", "plain value"),
        ("name: A\ncard_minutes: 1.5", "whole number"),
    ],
)
def test_what_can_t_be_is_named(folder: Path, text: str, complaint: str) -> None:
    assert complaint in refused(folder, text)


def test_own_words_may_stand_in_a_file_of_their_own(tenants: LiveTenants, folder: Path, watch: Watch) -> None:
    write(folder / "acme" / "texts.yml", "texts:\n  order_placed: {zh: 新订单 {number}}")
    watch.forward()
    assert "acme/texts.yml:2" in str(tenants.faults[0])  # braces need quotes in YAML

    write(folder / "acme" / "texts.yml", 'texts:\n  order_placed: {zh: "新订单 {number}"}')
    watch.forward()

    assert (tenants["acme"].texts, tenants.faults) == ({"order_placed": {"zh": "新订单 {number}"}}, ())


OWN = (
    ("utter_greet: {en: Welcome.}", ""),
    ('utter_role_not_allowed: {zh: "{role}不能做“{event}”。"}', ""),
    ("titles.order_draft: {en: Your order so far}", ""),
    ('titles.order: {en: "No. {number}"}', ""),
    ("utter_gret: {en: Welcome.}", "domain.yml has no such text"),
    ("titles.draft: {en: x}", "cards.yml has no such text"),
    ("list_words.late: {en: x}", "cards.yml has no such text"),  # read, not said
    ("no_such: {en: x}", "the process has no such text"),
    ('utter_greet: {en: "Welcome {name}."}', "nothing fills name"),
    ('titles.order: {en: "No. {total}"}', "nothing fills total; known: number"),
    ('titles.order: {en: "{number.__class__}"}', "brace"),
    ('utter_greet: {en: "Welcome {"}', "brace"),
)


@pytest.mark.parametrize(("line", "complaint"), OWN)
def test_own_words_for_chat_and_cards_must_be_words_that_there_are_with_the_places_they_have(
    folder: Path, line: str, complaint: str
) -> None:
    write(folder / "acme.yml", f"name: Acme\ntexts:\n  {line}\n")

    faults = [str(fault) for fault in faults_in(folder, ROOT / "processes")]

    assert (complaint in faults[0]) if complaint else faults == []
    assert not faults or faults[0].startswith(f"acme.yml:3: texts.{line.partition(':')[0]}")


def test_without_the_sentences_of_the_chat_at_hand_nothing_is_said_against_their_names(
    folder: Path,
) -> None:
    alone = folder / "apart" / "processes"
    shutil.copytree(ROOT / "processes", alone)
    write(folder / "acme.yml", "name: Acme\ntexts: {utter_whatever: {en: x}}")

    assert faults_in(folder, alone) == []


def test_the_shipped_company_has_no_faults() -> None:
    assert load_tenants(ROOT / "tenants", ROOT / "processes").faults == ()


@pytest.mark.parametrize("change", [lambda s: s.upper(), lambda s: s + "\x00", lambda s: "\ufeff" + s, lambda s: s[:3]])
def test_whatever_stands_in_a_file_is_read_or_refused(folder: Path, change: Callable[[str], str]) -> None:
    (folder / "acme.yml").write_text(change(GOOD), encoding="utf-8")

    try:
        assert load_tenants(folder)["acme"].currency == "EUR"
    except TenantFileInvalid as error:
        assert "acme.yml" in str(error)
