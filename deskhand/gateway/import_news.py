"""What becomes of an import, told in the conversation that it was asked for in: how far it is, and its report.

The card that says how far it is changes where it stands; the report is a message of its own. Several gateways may look
at the same time: whoever notes first what was told tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from deskhand.channels.colleagues import Audience
from deskhand.channels.transcript import message_json
from deskhand.erp import words
from deskhand.erp.jobs import is_over
from deskhand.gateway.door import Door
from deskhand.store import Desk, Message
from deskhand.store.repositories.import_jobs import FETCHED, TOLD_OF_END, ImportJob, JobState
from deskhand.store.repositories.work_items import TOLD_OF_END as TOLD_OF_READING
from deskhand.store.unit_of_work import UnitOfWork

NEWS_SECONDS = 1.0
CARD = "import:{id}"
KIND, YES, NO = "import", "confirm", "reject"

News = list[tuple[str, Mapping[str, Any]]]


async def tell_of_imports(at: Door, audience: Audience) -> int:
    """One round over all companies; says how many messages there were."""
    count = 0
    for tenant in [*at.desk.tenants]:
        for user_id, message in await at.threads.run(_news, at.desk, tenant):
            await audience.tell(tenant, user_id, "bot_uttered", message)
            count += 1
    return count


def _news(desk: Desk, tenant: str) -> News:
    if tenant not in desk.tenants:  # removed just now
        return []
    with desk.unit_of_work(tenant, read_only=True) as uow:
        waiting = [job for job in uow.import_jobs.untold() if _told(job) != job.told]
    return [told for job in waiting for told in _told_of(desk, tenant, job)]


def _told_of(desk: Desk, tenant: str, job: ImportJob) -> News:
    with desk.unit_of_work(tenant) as uow:
        asks = job.state is JobState.READY
        if asks and not _may_ask(uow, job):
            return []
        if not uow.import_jobs.tell(job, _told(job)):
            return []
        messages = _asked(uow, job) if asks else _messages(uow, job)
        uow.commit()
    return [(job.user_id, message_json(message, {})) for message in messages]


def _may_ask(uow: UnitOfWork, job: ImportJob) -> bool:
    """One question at a time, and after it was told that the robot has read them."""
    item = uow.work_items.get(job.cause.removeprefix(FETCHED).partition(":")[0])
    return (item is None or item.told == TOLD_OF_READING) and uow.cards.open_of(job.user_id) is None


def _told(job: ImportJob) -> str:
    """What the conversation knows once it was told: the same twice is not told again."""
    if is_over(job):
        return TOLD_OF_END
    if job.state is JobState.READY:
        return str(JobState.READY)
    progress = job.progress or {}
    done, total = int(progress.get("done", 0)), progress.get("total")
    return f"{progress.get('phase')}:{100 * done // int(total) if total else done}"


def _messages(uow: UnitOfWork, job: ImportJob) -> list[Message]:
    conversation = job.conversation_id
    if conversation is None or uow.conversations.get(conversation) is None:
        return []
    changes: dict[str, Any] = {"facts": words.facts(_facts(job), job.language)}
    if is_over(job):
        outcome = {"text": words.word("states", str(job.state), job.language), "by": None, "at": uow.now.isoformat()}
        changes |= {"state": "used", "outcome": outcome}
    changed = uow.messages.update_card(CARD.format(id=job.id), conversation, changes)
    report = [{"text": _report(job), "card": None, "language": job.language}] if is_over(job) else []
    return [*([changed] if changed is not None else []), *uow.messages.add_outbound(conversation, None, report)]


def _asked(uow: UnitOfWork, job: ImportJob) -> list[Message]:
    """The preview of what a robot has read, with its two buttons; the answer is the same as to a file's."""
    if job.conversation_id is None or uow.conversations.get(job.conversation_id) is None:
        return []
    preview, language = job.preview or {}, job.language
    counts = {name: preview[name] for name in ("good", "refused", "duplicates")}
    face: dict[str, Any] = {
        "id": None, "kind": KIND, "language": language, "title": words.word("said", "preview_title", language),
        "order": None, "status": None, "lines": [], "total": None, "actions": [], "expires_at": None, "state": "open",
        "outcome": None, "facts": words.preview_facts(preview, job.names, str(job.wanted["source"]), language),
    }  # fmt: skip
    reasons = words.reasons_said(preview["reasons"], language)
    face["items"] = [{"order": None, "title": reason, "subtitle": ""} for reason in reasons]
    if preview["good"]:
        face |= _buttons(uow, job)
    text = words.word("said", "preview", language, files=", ".join(job.names), **counts)
    return uow.messages.add_outbound(job.conversation_id, None, [{"text": text, "card": face, "language": language}])


def _buttons(uow: UnitOfWork, job: ImportJob) -> dict[str, Any]:
    buttons = [
        {"id": YES, "label": words.word("said", "import", job.language), "style": "primary"},
        {"id": NO, "label": words.word("said", "discard", job.language), "style": "default"},
    ]
    payload = {"kind": KIND, "import": job.id, "purpose": KIND, "actions": buttons}
    expires = uow.now + timedelta(minutes=uow.tenant.card_minutes)
    made = uow.cards.issue(KIND, job.user_id, str(job.conversation_id), payload, [YES, NO], expires)
    return {"id": made.id, "actions": buttons, "expires_at": expires.isoformat()}


def _facts(job: ImportJob) -> list[tuple[str, str]]:
    files = ("files", ", ".join(job.names) or str(job.wanted["source"]))
    if job.state is JobState.DONE:
        refused = words.refused_rows(job.report or {})
        said = words.word("said", "rows", job.language, count=refused) if refused else ""
        return [files, ("result", words.result_said(job.report or {}, job.language)), ("refused", said)]
    if job.state is JobState.FAILED:
        return [files, ("problem", _problem(job))]
    return [files, ("progress", words.progress_said(job.progress or {}, job.language))]


def _report(job: ImportJob) -> str:
    files = ", ".join(job.names) or str(job.wanted["source"])
    if job.state is JobState.FAILED:
        return words.word("said", "failed", job.language, files=files, problem=_problem(job))
    report = job.report or {}
    said = words.word("said", "done", job.language, files=files, result=words.result_said(report, job.language))
    if report.get("rejected") and (refused := words.refused_rows(report)):
        link = words.LINK.format(id=job.id)
        said += "\n" + words.word("said", "refused_rows", job.language, refused=refused, link=link)
    return said


def _problem(job: ImportJob) -> str:
    return words.problem_said(job.problem or {"code": "internal_error"})[job.language]
