"""Imports as cards: the preview with its two buttons, and what follows the yes (ADR 0003). Knows no file."""

from __future__ import annotations

from typing import Any

from actions import cards
from actions.turn import Event, Turn
from deskhand.erp import words
from deskhand.orders.errors import DeskhandError, ImportGone
from deskhand.store import Card
from deskhand.store.repositories.import_jobs import ImportJob, JobState

KIND = "import"
PROGRESS = "import:{id}"  # the card that changes while the import runs; the gateway changes it


def show_preview(turn: Turn, job: ImportJob) -> None:
    """What would happen, with one yes; without a row that could be imported there is none."""
    preview, language = job.preview or {}, turn.language
    said = {"files": named(job), "good": preview["good"], "refused": preview["refused"]}
    if not preview["good"]:
        turn.say("utter_import_nothing_good", files=said["files"], refused=said["refused"])
        turn.show(_preview(turn, job))
        return
    turn.say("utter_import_preview", **said, duplicates=preview["duplicates"])
    if unsure := words.unsure_columns(preview, language):
        turn.say("utter_import_unsure", columns=("；" if language == "zh" else "; ").join(unsure[: words.SHOWN]))
    payload = {"kind": KIND, "import": job.id, "purpose": KIND}
    cards.issue(turn, _preview(turn, job), payload, cards.yes_or_no(turn, "import", "discard"))


def _preview(turn: Turn, job: ImportJob) -> dict[str, Any]:
    preview, language = job.preview or {}, turn.language
    reasons = words.reasons_said(preview["reasons"], language)
    items = [{"order": None, "title": reason, "subtitle": ""} for reason in reasons]
    facts = words.preview_facts(preview, job.names, _systems(job), language)
    return cards.face(turn, KIND, words.word("said", "preview_title", language), items=items) | {"facts": facts}


def is_import(card: Card) -> bool:
    return card.payload.get("kind") == KIND


def answered(turn: Turn, card: Card, yes: bool) -> list[Event]:
    """The yes hands it to the worker in the transaction that used the card up; no deletes what was sent in."""
    payload: Any = card.payload
    imports = turn.services.imports
    if not yes:
        try:
            imports.discard(turn.uow, turn.actor, payload["import"])
        except ImportGone:
            turn.say("utter_import_gone")
        else:
            turn.say("utter_import_discarded")
        return []
    try:
        job = imports.agree(turn.uow, turn.actor, payload["import"])
    except DeskhandError as error:
        turn.refuse(error)
        return []
    turn.say("utter_import_started", files=named(job))
    waiting = words.word("states", str(JobState.WAITING), turn.language)
    turn.show(_standing(turn, job, [("progress", waiting)]))
    return []


def show_state(turn: Turn, job: ImportJob) -> None:
    """How it stands now."""
    state = words.word("states", str(job.state), turn.language)
    turn.say("utter_import_state", files=named(job), state=state)
    if job.report:
        told = [("result", words.result_said(job.report, turn.language))]
    elif job.problem:
        told = [("problem", words.problem_said(job.problem)[turn.language])]
    else:
        told = [("progress", words.progress_said(job.progress, turn.language) if job.progress else state)]
    turn.show(_standing(turn, job, told) | {"id": None})
    if job.report and job.report.get("rejected"):
        _say_refused(turn, job)


def show_refused(turn: Turn, job: ImportJob) -> None:
    """Where the rows that were refused can be had; while it runs, how far it is."""
    if job.report is None:
        show_state(turn, job)
    elif job.report.get("rejected"):
        _say_refused(turn, job)
    else:
        turn.say("utter_import_none_rejected")


def _say_refused(turn: Turn, job: ImportJob) -> None:
    refused, link = words.refused_rows(job.report or {}), words.LINK.format(id=job.id)
    turn.say("utter_import_rejected_rows", refused=refused, link=link)


def _standing(turn: Turn, job: ImportJob, told: list[tuple[str, str]]) -> dict[str, Any]:
    facts = words.facts([("files", named(job)), *told], turn.language)
    title = words.word("said", "progress_title", turn.language, files=named(job))
    return cards.face(turn, KIND, title, id=PROGRESS.format(id=job.id)) | {"facts": facts}


def named(job: ImportJob) -> str:
    """The files; or the systems that they come from."""
    return ", ".join(job.names) or _systems(job)


def _systems(job: ImportJob) -> str:
    return ", ".join(job.wanted.get("together") or [str(job.wanted["source"])])
