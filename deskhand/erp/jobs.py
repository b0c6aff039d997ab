"""Imports that are looked at now, agreed to later, and carried out by whoever is there. Knows files and the store.

What was sent in lies on disk and what is known of it in a row, so that neither a restart nor a `kill -9` loses or
doubles anything: a worker holds an import by a lease and tells how far it is; when it dies the next one begins again,
and what is written already is not written twice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from deskhand.erp.columns import ColumnsNotRecognised
from deskhand.erp.configured import ConfiguredSources, beside_each_other, import_variables
from deskhand.erp.heart import LEASE_SECONDS, Heart
from deskhand.erp.importing import ChangedSince, ImportOptions, OptionInvalid, preview, run
from deskhand.erp.kept_files import KeptFiles
from deskhand.erp.mapping_file import Mappings, MappingUnknown, read_mapping
from deskhand.erp.rejected import RejectedNotWritten
from deskhand.erp.rights import right_of, right_to_begin
from deskhand.erp.sources import FileNotReadable, FileSource, Source, SourceNotReached
from deskhand.erp.steps import ImportStopped
from deskhand.orders.errors import ImportGone
from deskhand.orders.model import Actor
from deskhand.orders.status import OrderStatus, Role
from deskhand.store import Desk, UnitOfWork
from deskhand.store.file_faults import FileInvalid
from deskhand.store.repositories.import_jobs import OVER, ImportJob, JobState

MOST_ATTEMPTS = 5
READY_FOR = timedelta(hours=24)
KEPT_FOR = timedelta(days=7)  # the report, and the rows that were refused
FINDINGS = 50  # of a report that are kept in the row; all are in the file

Json = Mapping[str, Any]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """How files are to be taken, as people say it; `configured` is the name of a source in place of files, and
    `together` are those of several that are aligned with each other.
    """

    source: str
    kind: str | None = None
    mapping: str | None = None  # its text
    mapping_name: str | None = None  # of a file in erp/mappings
    sort: str = "created"
    start_status: str | None = None
    automatic: bool = False
    currency: str | None = None
    incomplete: bool = False
    configured: str | None = None
    together: Sequence[str] = ()


class NotImportable(Exception):
    """What was sent in can't be imported; `problem` is `{code, about}`, and `words.problem_said` says it."""

    def __init__(self, code: str, about: str = "") -> None:
        self.problem = {"code": code, "about": about}
        super().__init__(about or code)


@dataclass(frozen=True)
class ImportPlaces:
    """Where what belongs to imports lies, and what the variables hold that sources may name."""

    kept: Path = Path("var/imports")
    erp: Path = Path("erp")
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> ImportPlaces:
        """Read from a service's environment.

        Raises:
            SettingsRefused: naming the variable.
        """
        var = Path(environ.get("DESKHAND_VAR", "").strip() or "var")
        erp = Path(environ.get("DESKHAND_ERP_DIR", "").strip() or "erp")
        return cls(var / "imports", erp, import_variables(environ))


@dataclass(frozen=True)
class Imports:
    """All that the doors do with imports. `halt`: whoever carries them out has to end; the next one goes on."""

    desk: Desk
    kept: KeptFiles
    configured: ConfiguredSources
    mappings: Mappings
    halt: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def at(cls, desk: Desk, places: ImportPlaces) -> Imports:
        sources = ConfiguredSources(places.erp / "sources", places.variables, desk.tenants, desk.clock)
        return cls(desk, KeptFiles(places.kept), sources, Mappings(places.erp / "mappings"))

    def look(
        self,
        actor: Actor,
        files: Sequence[tuple[str, str]],
        wanted: Wanted,
        language: str,
        cause: str,
        conversation: str | None = None,
    ) -> ImportJob:
        """Looks at files (name, place) that are kept already; nothing but a row that waits for a yes is written.

        The same `cause` again gives the same import.

        Raises:
            RoleNotAllowed.
            NotImportable: the files are kept no longer.
        """
        acting = self.desk.require(right_to_begin(self.desk, actor), actor)
        with self.desk.unit_of_work(actor.tenant, read_only=True) as uow:
            known = uow.import_jobs.of_cause(cause)
        if known is not None:
            self.kept.remove(actor.tenant, [place for _, place in files])
            return known
        places = [{"name": name, "place": place} for name, place in files]
        try:
            with _told_apart():
                sources, options = self._taken(actor.tenant, places, wanted)
                seen = preview(self.desk, acting, sources, options, language=language)
        except BaseException:
            self.kept.remove(actor.tenant, [place for _, place in files])
            raise
        with self.desk.unit_of_work(actor.tenant) as uow:
            job = uow.import_jobs.add(
                cause, actor.user_id, uow.now + READY_FOR, actor=_who(actor), language=language, files=places,
                conversation_id=conversation, wanted=asdict(wanted), preview=_short(seen.as_dict()),
            )  # fmt: skip
            uow.commit()
        return job

    def note_refused(
        self,
        actor: Actor,
        wanted: Wanted,
        language: str,
        cause: str,
        refused: NotImportable,
        conversation: str | None = None,
    ) -> ImportJob:
        """Under the same cause, why what was asked for could not even be looked at."""
        with self.desk.unit_of_work(actor.tenant) as uow:
            job = uow.import_jobs.add(
                cause, actor.user_id, uow.now + READY_FOR, actor=_who(actor), language=language, files=[],
                wanted=asdict(wanted), state=str(JobState.FAILED), problem=refused.problem,
                conversation_id=conversation,
            )  # fmt: skip
            uow.commit()
        return job

    def agree(self, uow: UnitOfWork, actor: Actor, job_id: str) -> ImportJob:
        """The yes, inside the caller's transaction: from now on a worker carries it out.

        Raises:
            RoleNotAllowed.
            ImportGone: there is no such import that waits for one.
        """
        job = uow.import_jobs.get(job_id)
        right = self.right_to(actor, job)
        acting = self.desk.acting(uow, right, actor)
        ready = job is not None and job.state is JobState.READY and job.expires_at > uow.now
        if job is None or not ready or not uow.import_jobs.enter(job, JobState.WAITING, actor=_who(actor)):
            raise ImportGone()
        uow.audit.add(acting, right, None, "done", {"agreed": job.id, "files": ", ".join(job.names)[:200]})
        return job

    def discard(self, uow: UnitOfWork, actor: Actor, job_id: str) -> ImportJob:
        """Nothing of it is wanted; one that is at work stops after the orders that it has just written.

        Raises:
            RoleNotAllowed.
            ImportGone: there is none, or it is over; what is over can be removed.
        """
        job = uow.import_jobs.get(job_id)
        self.desk.acting(uow, self.right_to(actor, job), actor)
        if job is None or job.state is JobState.DISCARDED:
            raise ImportGone()
        state = JobState.STOPPING if job.state in {JobState.RUNNING, JobState.STOPPING} else JobState.DISCARDED
        gone = {"expires_at": uow.now} if state is JobState.DISCARDED else {}
        if not uow.import_jobs.enter(job, state, **gone):
            raise ImportGone()
        return job

    def right_to(self, actor: Actor, job: ImportJob | None) -> str:
        """What seeing and deciding about it needs: by what its files hold."""
        return right_of(job.preview["kind"]) if job and job.preview else right_to_begin(self.desk, actor)

    def rejected(self, job: ImportJob, tenant: str) -> Path | None:
        """The rows that were refused."""
        place = (job.report or {}).get("rejected")
        path = self.kept.path(tenant, place) if place else None
        return path if path is not None and path.exists() else None

    def work(self, tenant: str) -> int:
        """Carries the next import out that waits, or that a worker has left; says whether there was one."""
        with self.desk.unit_of_work(tenant, read_only=True) as uow:
            if not uow.import_jobs.is_waiting():
                return 0
        with self.desk.unit_of_work(tenant) as uow:
            job = uow.import_jobs.claim(LEASE_SECONDS)
            uow.commit()
        if job is None:
            return 0
        self._carry_out(tenant, job)
        return 1

    def sweep(self, tenant: str) -> int:
        """Forgets what is past its time, and files that no import knows of."""
        with self.desk.unit_of_work(tenant) as uow:
            gone = uow.import_jobs.expired()
            for job in gone:
                uow.import_jobs.remove(job)
            uow.commit()
        for job in gone:
            self.kept.remove(tenant, _places(job))
        with self.desk.unit_of_work(tenant, read_only=True) as uow:
            known = {place for job in uow.import_jobs.list(limit=100_000) for place in _places(job)}
        return len(gone) + self.kept.sweep(tenant, known)

    def _carry_out(self, tenant: str, job: ImportJob) -> None:
        place, path = self.kept.new_place(tenant)
        try:
            with _told_apart(), Heart(self.desk, tenant, job, self.halt) as heart:
                report = self._ran(tenant, job, heart, path)
        except NotImportable as refused:
            if refused.problem["code"] == "stopped" and self.halt.is_set():
                self._leave(tenant, job)
                return
            self._end(tenant, job, JobState.FAILED, problem=refused.problem)
            return
        except Exception as error:  # a fault of ours: it is tried again some times, then given up with a word
            _log.exception("import %s failed", job.id)
            if job.attempts >= MOST_ATTEMPTS:
                self._end(tenant, job, JobState.FAILED, problem={"code": "internal_error", "about": ""})
                return
            raise error
        kept = {"rejected": place} if path.exists() else {}
        self._end(tenant, job, JobState.DONE, report={**_short(report), **kept})

    def _leave(self, tenant: str, job: ImportJob) -> None:
        """For the next worker."""
        with self.desk.unit_of_work(tenant) as uow:
            now = uow.import_jobs.get(job.id)
            if now is not None and now.attempts == job.attempts and now.state is JobState.RUNNING:
                uow.import_jobs.enter(now, JobState.WAITING, claimed_until=None)
                uow.commit()

    def _ran(self, tenant: str, job: ImportJob, heart: Heart, rejected: Path) -> dict[str, Any]:
        wanted, actor = Wanted(**job.wanted), self._actor(tenant, job)
        sources, options = self._taken(tenant, job.files, wanted)
        key = (job.preview or {}).get("key") or None
        report = run(self.desk, actor, sources, options, heart.told, heart.is_stopped, key, rejected, job.language)
        return report.as_dict(FINDINGS)

    def _end(self, tenant: str, job: ImportJob, state: JobState, **values: Any) -> None:
        """The report is there in the same commit; what was sent in is not needed any more."""
        with self.desk.unit_of_work(tenant) as uow:
            now = uow.import_jobs.get(job.id)
            if (
                now is None
                or now.attempts != job.attempts
                or not uow.import_jobs.enter(now, state, expires_at=uow.now + KEPT_FOR, claimed_until=None, **values)
            ):
                return  # somebody else has it
            uow.commit()
        self.kept.remove(tenant, [str(file["place"]) for file in job.files])

    def _actor(self, tenant: str, job: ImportJob) -> Actor:
        """Who has said yes, in the role that they have now.

        Raises:
            NotImportable: they may sign in no more.
        """
        who = Actor(**{**job.actor, "role": Role(job.actor["role"]), "tenant": tenant})
        with self.desk.unit_of_work(tenant, read_only=True) as uow:
            user = uow.users.get(who.user_id)
        if user is not None and not user.active:
            raise NotImportable("role_not_allowed")
        return who if user is None else replace(who, role=user.role, customer_id=user.customer_id)

    def _taken(self, tenant: str, files: Sequence[Json], wanted: Wanted) -> tuple[list[Source], ImportOptions]:
        """Raises FileInvalid, MappingUnknown, OptionInvalid, SourceNotReached."""
        options = self._options(wanted)
        if not wanted.together:
            return self._sources(tenant, files, wanted), options
        systems = [self.configured.get(tenant, name) for name in wanted.together]
        mappings = {one.name: self.mappings.read(one.mapping) for one in systems if one.mapping}
        return beside_each_other(systems, mappings, options)

    def _options(self, wanted: Wanted) -> ImportOptions:
        """Raises MappingInvalid, MappingUnknown."""
        mapping = read_mapping(wanted.mapping) if wanted.mapping else None
        if wanted.mapping_name:
            mapping = self.mappings.read(wanted.mapping_name)
        return ImportOptions(
            source=wanted.source,
            kind=wanted.kind,
            currency=wanted.currency,
            sort=wanted.sort,
            start_status=OrderStatus(wanted.start_status) if wanted.start_status else None,
            automatic=wanted.automatic,
            mapping=mapping,
            incomplete=wanted.incomplete,
        )

    def _sources(self, tenant: str, files: Sequence[Json], wanted: Wanted) -> list[Source]:
        if wanted.configured is not None:
            return self.configured.get(tenant, wanted.configured).sources()
        return [FileSource(file["name"], path=self.kept.path(tenant, file["place"])) for file in files]


@contextmanager
def _told_apart() -> Iterator[None]:
    """What people or files are to blame for, from what we are."""
    try:
        yield
    except tuple(_BLAMED) as error:
        code = next(code for kind, code in _BLAMED.items() if isinstance(error, kind))
        raise NotImportable(code or str(getattr(error, "code", "")), str(error)) from error


_BLAMED: Mapping[type[Exception], str | None] = {  # what it is called; None: by its own code
    FileNotReadable: None,
    SourceNotReached: None,
    ColumnsNotRecognised: "columns_not_recognised",
    ChangedSince: "changed_since",
    FileInvalid: "mapping_invalid",
    MappingUnknown: "mapping_invalid",
    RejectedNotWritten: "no_space",
    OptionInvalid: "option_invalid",
    ImportStopped: "stopped",
}


def job_json(job: ImportJob) -> dict[str, Any]:
    """As programs see it; what is kept where is nobody's business."""
    shown = {"id": job.id, "state": str(job.state), "files": job.names, "source": job.wanted["source"]}
    report = {key: value for key, value in (job.report or {}).items() if key != "rejected"} if job.report else None
    times = {name: getattr(job, name).isoformat() for name in ("created_at", "updated_at", "expires_at")}
    more = {"preview": job.preview, "progress": job.progress, "report": report, "problem": job.problem}
    return {**shown, **more, "rejected": bool(job.report and job.report.get("rejected")), **times}


def is_over(job: ImportJob) -> bool:
    return job.state in OVER


def _short(told: dict[str, Any]) -> dict[str, Any]:
    """What a row keeps of it: no more than is shown."""
    report = told.get("report")
    if isinstance(report, dict):
        counts = (
            *("rows", "orders", "counts", "total", "repeated", "seconds", "candidates", "disagreements"),
            *("cleaned", "noticed"),
        )
        told["report"] = {name: report[name] for name in counts if name in report}
    for name in ("candidates", "disagreements"):
        if isinstance(told.get(name), list):
            told[name] = told[name][:FINDINGS]
    return told


def _places(job: ImportJob) -> list[str]:
    rejected = (job.report or {}).get("rejected")
    return [*(str(file["place"]) for file in job.files), *([rejected] if rejected else [])]


def _who(actor: Actor) -> dict[str, Any]:
    return {"user_id": actor.user_id, "role": str(actor.role), "channel": actor.channel, "cause": actor.cause,
            "customer_id": actor.customer_id}  # fmt: skip
