"""Imports that are looked at, agreed to and carried out later, whatever dies in between."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deskhand.erp.configured import ConfiguredInvalid, ConfiguredSources
from deskhand.erp.heart import LEASE_SECONDS, Heart
from deskhand.erp.jobs import KEPT_FOR, READY_FOR, Imports, NotImportable, Wanted, job_json
from deskhand.erp.kept_files import ORPHANED_SECONDS, KeptFiles
from deskhand.erp.mapping_file import Mappings
from deskhand.erp.steps import Phase, Step
from deskhand.erp.words import preview_facts, problem_said, progress_said, reasons_said, result_said
from deskhand.orders.errors import ImportGone, RoleNotAllowed
from deskhand.store import Desk
from deskhand.store.privacy import RasaConversations, erase
from deskhand.store.privacy.documents import Documents
from deskhand.store.repositories.import_jobs import ImportJob, JobState
from tests.support.desks import (
    ADMIN,
    CLERK,
    OTHER_TENANT,
    TENANT,
    WAREHOUSE,
    FakeClock,
    clock,
    database_url,
    desk,
    postgres_template,
)

__all__ = ["clock", "database_url", "desk", "postgres_template"]

GOOD = (
    "Order number,Customer name,SKU,Quantity,Unit price,Created at\n"
    "A-1,Globex,PAPER-A4,2,10.00,2026-11-18 09:00:00\nA-1,Globex,CHR-200,1,99.50,2026-11-18 09:00:00\n"
    "A-2,Initech,PAPER-A4,x,10.00,2026-11-19 09:00:00\n"
)


@pytest.fixture
def imports(desk: Desk, tmp_path: Path) -> Imports:
    sources = tmp_path / "sources"
    sources.mkdir()
    configured = ConfiguredSources(sources, os.environ, desk.tenants, desk.clock)
    return Imports(desk, KeptFiles(tmp_path / "imports"), configured, Mappings(tmp_path / "mappings"))


def looked(imports: Imports, text: str = GOOD, cause: str = "c-1", name: str = "shop.csv") -> ImportJob:
    place = imports.kept.keep(TENANT, text.encode())
    return imports.look(CLERK, [(name, place)], Wanted("shop"), "en", cause)


def agreed(imports: Imports, job: ImportJob) -> None:
    with imports.desk.unit_of_work(TENANT) as uow:
        imports.agree(uow, CLERK, job.id)
        uow.commit()


def now(imports: Imports, job: ImportJob) -> ImportJob | None:
    with imports.desk.unit_of_work(TENANT, read_only=True) as uow:
        return uow.import_jobs.get(job.id)


def orders(imports: Imports) -> list[tuple[str | None, str]]:
    with imports.desk.unit_of_work(TENANT, read_only=True) as uow:
        return [(order.external_number, str(order.total)) for order in uow.orders.list().items]


def test_what_is_looked_at_is_not_written_before_the_yes(imports: Imports) -> None:
    job = looked(imports)

    assert (job.state, job.names, orders(imports), imports.work(TENANT)) == (JobState.READY, ["shop.csv"], [], 0)
    assert job.preview is not None and (job.preview["good"], job.preview["refused"]) == (2, 1)
    for language in ("zh", "en"):
        said = {fact["key"]: fact["value"] for fact in preview_facts(job.preview, job.names, "shop", language)}
        assert {"files", "kind", "good", "refused"} <= set(said) and said["files"] == "shop.csv"
        assert len(reasons_said(job.preview["reasons"], language)) == 1

    agreed(imports, job)
    assert imports.work(TENANT) == 1 and imports.work(TENANT) == 0

    done = now(imports, job)
    assert done is not None and done.state is JobState.DONE and done.report is not None
    assert orders(imports) == [("A-1", "119.50")] and done.report["inserted"] == 1
    assert "1" in result_said(done.report, "zh") and "new: 1" in result_said(done.report, "en")
    rejected = imports.rejected(done, TENANT)
    assert rejected is not None and "x" in rejected.read_text("utf-8-sig")
    assert [*imports.kept.path(TENANT, rejected.name).parent.iterdir()] == [rejected]  # what was sent in is gone


def test_the_same_cause_makes_one_import_and_a_yes_counts_once(imports: Imports) -> None:
    first, again = looked(imports), looked(imports)
    agreed(imports, first)

    assert first.id == again.id
    with pytest.raises(ImportGone):
        agreed(imports, first)
    imports.work(TENANT)
    assert len(orders(imports)) == 1 and imports.work(TENANT) == 0


def test_who_may_not_import_can_neither_look_nor_agree(imports: Imports) -> None:
    job = looked(imports)

    with pytest.raises(RoleNotAllowed):
        imports.look(WAREHOUSE, [], Wanted("shop"), "en", "c-2")
    with imports.desk.unit_of_work(TENANT) as uow, pytest.raises(RoleNotAllowed):
        imports.agree(uow, WAREHOUSE, job.id)


def test_another_company_has_no_such_import(imports: Imports) -> None:
    job = looked(imports)
    stranger = replace(CLERK, tenant=OTHER_TENANT)

    with imports.desk.unit_of_work(OTHER_TENANT) as uow:
        with pytest.raises(ImportGone):
            imports.agree(uow, stranger, job.id)
        with pytest.raises(ImportGone):
            imports.discard(uow, stranger, job.id)
        assert uow.import_jobs.list() == [] and not uow.import_jobs.is_waiting()


def test_what_cannot_be_read_is_said_in_both_languages_and_not_kept(imports: Imports) -> None:
    with pytest.raises(NotImportable) as refused:
        looked(imports, "\x00\x01\x02" * 50)

    said = problem_said(refused.value.problem)
    assert said["zh"] and said["en"] and said["zh"] != said["en"]
    with imports.desk.unit_of_work(TENANT, read_only=True) as uow:
        assert uow.import_jobs.list() == []
    assert [path for path in (imports.kept.path(TENANT, "0" * 32).parent).iterdir()] == []


def test_a_worker_that_dies_is_followed_by_another_and_nothing_is_doubled(imports: Imports, clock: FakeClock) -> None:
    job = looked(imports)
    agreed(imports, job)
    with imports.desk.unit_of_work(TENANT) as uow:  # one that takes it and is never heard of again
        dead = uow.import_jobs.claim(LEASE_SECONDS)
        uow.commit()
    assert dead is not None and imports.work(TENANT) == 0

    clock.forward(seconds=LEASE_SECONDS + 1)
    assert imports.work(TENANT) == 1

    done = now(imports, job)
    assert done is not None and (done.state, done.attempts) == (JobState.DONE, 2) and len(orders(imports)) == 1
    with imports.desk.unit_of_work(TENANT) as uow:  # the first one wakes up: nothing is its own any more
        assert uow.import_jobs.go_on(dead, {"done": 1}, LEASE_SECONDS) is None


def test_how_far_it_is_is_written_down_and_a_wish_to_stop_is_heard(imports: Imports) -> None:
    job = looked(imports)
    agreed(imports, job)
    with imports.desk.unit_of_work(TENANT) as uow:
        mine = uow.import_jobs.claim(LEASE_SECONDS)
        uow.commit()
    assert mine is not None
    heart = Heart(imports.desk, TENANT, mine)

    heart.told(Step(Phase.WRITING, "shop.csv", 40, 100))
    heart.beat()
    seen = now(imports, job)
    assert seen is not None and seen.progress is not None and not heart.is_stopped()
    assert (progress_said(seen.progress, "en"), progress_said(seen.progress, "zh")) == (
        "writing, 40 of 100 (40 %)",
        "写入 40 / 100（40%）",
    )

    with imports.desk.unit_of_work(TENANT) as uow:
        assert imports.discard(uow, CLERK, job.id).state is JobState.RUNNING
        uow.commit()
    heart.beat()
    assert heart.is_stopped()


def test_what_nobody_agrees_to_is_forgotten_with_its_files(imports: Imports, clock: FakeClock) -> None:
    job = looked(imports)
    folder = imports.kept.path(TENANT, "0" * 32).parent

    assert imports.sweep(TENANT) == 0 and len([*folder.iterdir()]) == 1
    clock.forward(seconds=READY_FOR.total_seconds())

    assert imports.sweep(TENANT) == 1 and now(imports, job) is None and [*folder.iterdir()] == []


def test_a_report_and_its_refused_rows_stay_for_a_week(imports: Imports, clock: FakeClock) -> None:
    job = looked(imports)
    agreed(imports, job)
    imports.work(TENANT)

    clock.forward(seconds=KEPT_FOR.total_seconds() - 60)
    assert imports.sweep(TENANT) == 0
    clock.forward(seconds=120)
    assert imports.sweep(TENANT) == 1
    assert [*imports.kept.path(TENANT, "0" * 32).parent.iterdir()] == []


def test_a_file_that_no_import_knows_of_goes_after_an_hour(tmp_path: Path) -> None:
    kept = KeptFiles(tmp_path)
    place = kept.keep(TENANT, b"x")

    assert kept.sweep(TENANT, set()) == 0
    later = time.time() + ORPHANED_SECONDS + 60
    assert kept.sweep(TENANT, {place}, later) == 0 and kept.sweep(TENANT, set(), later) == 1


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a" * 31, "", "0" * 32 + "\n"])
def test_only_a_name_of_ours_leads_to_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        KeptFiles(tmp_path).path(TENANT, name)


def test_where_a_file_is_kept_is_told_to_nobody(imports: Imports) -> None:
    job = looked(imports)
    agreed(imports, job)
    imports.work(TENANT)
    done = now(imports, job)
    assert done is not None

    places = [str(file["place"]) for file in done.files] + [str((done.report or {})["rejected"])]
    assert all(place not in str(job_json(done)) for place in places) and job_json(done)["rejected"] is True


def test_who_is_forgotten_is_in_no_preview_and_no_report(imports: Imports, tmp_path: Path) -> None:
    over, waiting = looked(imports), looked(imports, cause="c-2")
    agreed(imports, waiting)

    rasa = RasaConversations(str(tmp_path / "rasa.db"))
    erase(imports.desk, ADMIN, "huaxing", Documents(tmp_path, TENANT), rasa, force=True)

    assert now(imports, over) is None and now(imports, waiting) is not None


# --- sources that are configured

SHOP = "tenant: demo\nsource: shop\nfiles: ../drop/{day}*.csv\n"


def test_a_configured_folder_gives_the_files_of_the_day(imports: Imports, tmp_path: Path) -> None:
    (tmp_path / "sources" / "shop.yml").write_text(SHOP)
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "2026-11-20-a.csv").write_text(GOOD)
    (drop / "2026-11-19-a.csv").write_text(GOOD)

    (configured,) = imports.configured.of(TENANT)
    job = imports.look(CLERK, [], Wanted(configured.source, configured=configured.name), "zh", "c-1")
    agreed(imports, job)
    imports.work(TENANT)

    assert [source.name for source in configured.sources()] == ["2026-11-20-a.csv"]
    assert len(orders(imports)) == 1 and imports.configured.of(OTHER_TENANT) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("tenant: demo\nsource: shop\n", "expected one of files, sql, http and robot"),
        ("tenant: nobody\nsource: shop\nfiles: x\n", "nobody is not one of"),
        ("tenant: demo\nsource: s\nsql: {url_from: DATABASE_URL, query: SELECT 1}\n", "begins with IMPORT_"),
        ("tenant: demo\nsource: s\nfiles: x\nfile: y\n", "file is not known here"),
    ],
)
def test_a_wrong_file_of_a_source_is_refused_with_its_line(
    imports: Imports, tmp_path: Path, text: str, fault: str
) -> None:
    (tmp_path / "sources" / "shop.yml").write_text(text)

    with pytest.raises(ConfiguredInvalid, match=fault):
        imports.configured.of(TENANT)
