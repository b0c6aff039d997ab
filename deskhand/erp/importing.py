"""Files -> report, and orders in the store: what looks at an import, and what carries it out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from deskhand.erp.kinds import Kind
from deskhand.erp.master_import import MasterImport, rows_of
from deskhand.erp.options import ImportOptions, OptionInvalid
from deskhand.erp.order_import import OrderImport
from deskhand.erp.previews import REASONS, Preview
from deskhand.erp.report import ImportReport
from deskhand.erp.rights import right_of, right_to_begin
from deskhand.erp.sources import Source
from deskhand.erp.steps import Phase, Step, Stop, Told, never, untold
from deskhand.erp.taking_in import Intake, import_key, is_repeatable
from deskhand.erp.wholes import Gatherer
from deskhand.garbage import put_off
from deskhand.orders.model import Actor
from deskhand.store import Desk

__all__ = ["ChangedSince", "ImportOptions", "OptionInvalid", "import_file", "preview", "run"]


class ChangedSince(Exception):
    """The files, or the way they are taken, are no longer those that were looked at."""


def preview(
    desk: Desk,
    actor: Actor,
    sources: Sequence[Source],
    options: ImportOptions,
    told: Told = untold,
    rejected: Path | None = None,
    language: str = "en",
) -> Preview:
    """What `run` would do with these files; writes nothing but the file of rejected rows.

    Raises:
        RoleNotAllowed, OptionInvalid, FileNotReadable, ColumnsNotRecognised.
    """
    intake, report = _import(desk, actor, sources, replace(options, dry_run=True), told, never, rejected, language)
    changes = {
        "new": report.inserted,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "cancelled": report.cancelled_here,
        "returned": report.returned,
        "customers": report.customers,
        "products": report.products,
        "candidates": len(report.candidates),
        "disagreements": len(report.disagreements),
    }
    good = max(report.rows - report.refused - report.duplicates, 0)
    reasons = tuple(report.findings[:REASONS])
    columns = intake.columns
    return Preview(report.key, report.of, columns, good, report.refused, report.duplicates, changes, reasons, report)


def run(
    desk: Desk,
    actor: Actor,
    sources: Sequence[Source],
    options: ImportOptions,
    told: Told = untold,
    stop: Stop = never,
    key: str | None = None,
    rejected: Path | None = None,
    language: str = "en",
) -> ImportReport:
    """Takes the files over; the same again changes nothing, and after a failure goes on where it stopped.

    Args:
        key: of the preview that was agreed to.
        rejected: where the rows are written that were not taken, with their reasons in `language`; not made for none.

    Raises:
        RoleNotAllowed, OptionInvalid, FileNotReadable, ColumnsNotRecognised: nothing was written.
        ChangedSince: `key` is of other files, or of another way to take them; nothing was written.
        ImportStopped: `stop` said so; whole orders were written until then.
    """
    if key is not None and key != import_key(sources, options, actor.tenant):
        raise ChangedSince("these are not the files that were looked at, or they are to be taken in another way")
    return _import(desk, actor, sources, options, told, stop, rejected, language)[1]


def import_file(desk: Desk, actor: Actor, data: bytes, name: str, options: ImportOptions) -> ImportReport:
    """One uploaded file, whose name is used in the report only; of one that is only looked at nothing is inserted."""
    report = run(desk, actor, [Source.held(name, data)], options)
    if options.dry_run:
        report.inserted = report.customers = report.products = 0
    return report


def _import(
    desk: Desk,
    actor: Actor,
    sources: Sequence[Source],
    options: ImportOptions,
    told: Told,
    stop: Stop,
    rejected: Path | None,
    language: str,
) -> tuple[Intake, ImportReport]:
    began = time.monotonic()
    who, actor = actor, desk.require(right_to_begin(desk, actor), actor)
    options.check()
    tenant = desk.tenant(actor.tenant)
    report = ImportReport(dry_run=options.dry_run, sorted_by=options.sort)
    report.key = import_key(sources, options, actor.tenant)
    zone = ZoneInfo(options.zone or tenant.time_zone)
    currency = options.currency or tenant.currency
    intake = Intake(report, options, zone, currency, desk.clock(), told, stop, rejected, language)
    kind = intake.open(sources)
    actor = desk.require(right_of(kind), who)
    report.of = str(kind)
    if not options.again and is_repeatable(sources) and _taken_before(desk, actor, report):
        report.seconds = time.monotonic() - began
        return intake, report
    try:
        with put_off():
            _take(desk, actor, kind, intake, told, stop)
        intake.finish()
    except BaseException:
        intake.discard()
        raise
    if not options.dry_run and is_repeatable(sources):
        _note_taken(desk, actor, intake)
    report.seconds = time.monotonic() - began
    return intake, report


def _take(desk: Desk, actor: Actor, kind: Kind, intake: Intake, told: Told, stop: Stop) -> None:
    report, options = intake.report, intake.options
    if kind is not Kind.ORDERS:
        rows = (row for part in intake.parts() for row in rows_of(part, kind, intake.now))
        MasterImport(desk, actor, options, report, intake.currency, told, stop).take(kind, rows, intake.tell)
        return
    gatherer = Gatherer(intake.currency, intake.now, intake.tell, intake.refuse)
    for part in intake.parts():
        gatherer.add(part)
    if not options.incomplete:
        gatherer.hold(intake.held.numbers)
    told(Step(Phase.ALIGNING, options.source, 0))
    OrderImport(desk, actor, options, report, intake.currency, told, stop).take(gatherer, intake.tell)


def _taken_before(desk: Desk, actor: Actor, report: ImportReport) -> bool:
    """Whether these very files were taken over whole, and what they said is still all here."""
    with desk.unit_of_work(actor.tenant, read_only=True) as uow:
        known = uow.source_records.file(report.key)
        if known is None or uow.source_records.count(known["source"], known["kind"]) < known["records"]:
            return False
        said = known["report"]
    report.repeated = True
    report.rows, report.orders = said["rows"], said["orders"]
    report.refused = said["refused"]
    report.unchanged = report.already_known = said["orders"]
    return True


def _note_taken(desk: Desk, actor: Actor, intake: Intake) -> None:
    report = intake.report
    said = {"rows": report.rows, "orders": report.orders, "refused": report.refused}
    with desk.unit_of_work(actor.tenant) as uow:
        known = uow.source_records.file(report.key)
        if known is None:
            records = uow.source_records.count(intake.options.source, report.of)
            uow.source_records.note_file(report.key, intake.options.source, report.of, records, said)
            uow.commit()
