"""Cases of any process as people know them: by number, with their history, claims and documents.

Where a case stands is `Cases`' business; both are read together. An order has a case, but no file here.
"""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Join, RowMapping, Select, and_, bindparam, delete, or_, select, tuple_, update

from deskhand.cases.definition import RETURN
from deskhand.cases.errors import CaseChanged, UnknownCase
from deskhand.cases.model import BEGUN, CaseDocument, CaseEntry, CaseFile, Claim, Head
from deskhand.orders.history import RowHashes, salts
from deskhand.orders.model import Actor
from deskhand.store.history_links import FIRST, link
from deskhand.store.records import Page
from deskhand.store.repositories.base import Repository, chunks
from deskhand.store.repositories.cases import case_of, not_stopped
from deskhand.store.schema import case, case_document, case_file, history, scheduled_start, task_claim

FIRST_NUMBER = 1001
CASE_NUMBERS = "case:"  # what the counters' names begin with
Found = list[CaseFile]
_PLACE = ("id", "process", "version", "marking", "row_version", "due_at", "data", "channel", "ended")


class CaseFiles(Repository):
    """All that the handlers need of cases, and what is asked about them."""

    def numbers(self, prefix: str, count: int = 1) -> builtins.list[str]:
        """New case numbers, consecutive within the tenant and the prefix."""
        first = self.next_numbers(f"{CASE_NUMBERS}{prefix}", count, FIRST_NUMBER)
        return [f"{prefix}-{number}" for number in range(first, first + count)]

    def get(self, number: str) -> CaseFile:
        """
        Raises:
            UnknownCase: this tenant has none with that number.
        """
        found = self._load(self._files().where(case_file.c.number == canonical(number)))
        if not found:
            raise UnknownCase(number=number)
        return found[0]

    def by_ids(self, case_ids: Sequence[str]) -> Found:
        """Those that exist, oldest first."""
        found: Found = []
        for part in chunks(case_ids):
            found += self._load(self._files().where(case_file.c.id.in_(part)).order_by(case_file.c.id))
        return found

    def list(
        self,
        *conditions: ColumnElement[bool],
        process: str | None = None,
        status: str | None = None,
        started_by: str | None = None,
        is_open: bool | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[CaseFile]:
        """Newest first. `conditions` narrow it to what may be seen."""
        query = self._files().where(*conditions)
        for column, value in ((case_file.c.process, process), (case_file.c.status, status)):
            query = query if value is None else query.where(column == value)
        if started_by is not None:
            query = query.where(case_file.c.started_by == started_by)
        if is_open is not None:
            query = query.where(case_file.c.ended_at.is_(None) if is_open else case_file.c.ended_at.is_not(None))
        if cursor is not None:
            query = query.where(case_file.c.id < cursor)
        found = self._load(query.order_by(case_file.c.id.desc()).limit(limit + 1))
        return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def seen_by(self, processes: Collection[str], user_ids: Collection[str]) -> ColumnElement[bool]:
        """The condition: cases of these processes, and those that one of these people has started."""
        return or_(case_file.c.process.in_(sorted(processes)), case_file.c.started_by.in_(sorted(user_ids)))

    def add(self, entries: Sequence[CaseEntry], actor: Actor) -> Found:
        """New cases with their first history row; their places in the process are added by `Cases`."""
        rows = [
            {
                "id": entry.file.id,
                "process": entry.file.process,
                "number": entry.file.number,
                "started_by": entry.file.started_by,
                "started_at": entry.file.started_at,
                **row,
            }
            for entry, row in zip(entries, self._linked(entries, actor), strict=True)
        ]
        self.add_rows(case_file, rows)
        return [_headed(entry.file, row) for entry, row in zip(entries, rows, strict=True)]

    def save(self, entries: Sequence[CaseEntry], actor: Actor) -> Found:
        """Writes changes and history.

        Raises:
            CaseChanged: if one of them was changed since it was read.
        """
        if not entries:
            return []
        rows = self._linked(entries, actor)
        statement = (
            update(case_file)
            .where(
                self.own(case_file), case_file.c.id == bindparam("which"), case_file.c.history_seq == bindparam("was")
            )
            .values({name: bindparam(name) for name in rows[0]})
        )
        keys = [{"which": entry.file.id, "was": (entry.file.head or FIRST)[0]} for entry in entries]
        done = self.connection.execute(statement, [{**row, **key} for row, key in zip(rows, keys, strict=True)])
        if done.rowcount != len(entries):
            raise self._conflict(entries)
        return [_headed(entry.file, row) for entry, row in zip(entries, rows, strict=True)]

    def history(self, case_id: str) -> Sequence[RowMapping]:
        """Oldest first; `personal` beside `detail`."""
        query = select(history).where(self.own(history), history.c.order_id == case_id)
        return self.rows(query.order_by(history.c.seq))

    def deciders(self, case_ids: Sequence[str]) -> dict[str, dict[str, set[str]]]:
        """By case and task: who has decided it, and for whom they did; who began the case stands under `BEGUN`.

        What was decided before a case was sent back counts no more.
        """
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        columns = (history.c.order_id, history.c.seq, history.c.actor, history.c.on_behalf_of, history.c.detail)
        for part in chunks(case_ids):
            query = select(*columns).where(self.own(history), history.c.order_id.in_(part))
            for row in self.rows(query.order_by(history.c.order_id, history.c.seq)):
                who = {user for user in (row["actor"], row["on_behalf_of"]) if user is not None}
                if row["seq"] == 1:
                    if "called_by" not in row["detail"]:  # else it is who let the caller go on
                        found[row["order_id"]][BEGUN] |= who
                elif row["detail"].get("decision") == RETURN:
                    begun = found[row["order_id"]].get(BEGUN, set())
                    found[row["order_id"]] = defaultdict(set, {BEGUN: begun})
                elif "decision" in row["detail"]:
                    found[row["order_id"]][row["detail"]["node"]] |= who
        return found

    def claims(self, case_ids: Sequence[str]) -> dict[str, dict[str, Claim]]:
        """By case and node."""
        found: dict[str, dict[str, Claim]] = defaultdict(dict)
        for part in chunks(case_ids):
            for row in self.rows(select(task_claim).where(self.own(task_claim), task_claim.c.case_id.in_(part))):
                found[row["case_id"]][row["node"]] = Claim(
                    row["case_id"], row["node"], row["claimed_by"], row["claimed_at"]
                )
        return found

    def claim(self, claim: Claim) -> bool:
        """False: somebody has it already; of two who claim at once, one waits here and learns it."""
        return self.add_missing(task_claim, [asdict(claim)]) == 1

    def release(self, places: Collection[tuple[str, str]]) -> int:
        """Case and node; says how many were claimed."""
        gone = 0
        for part in chunks(sorted(places)):
            mine = (self.own(task_claim), tuple_(task_claim.c.case_id, task_claim.c.node).in_(part))
            gone += self.connection.execute(delete(task_claim).where(*mine)).rowcount
        return gone

    def write(self, documents: Sequence[CaseDocument]) -> None:
        rows = [asdict(document) for document in documents]
        self.upsert(case_document, rows, ("case_id", "name", "language"))

    def documents(self, case_id: str) -> builtins.list[CaseDocument]:
        query = select(case_document).where(self.own(case_document), case_document.c.case_id == case_id)
        return [
            CaseDocument(row["case_id"], row["name"], row["language"], row["text"], row["written_at"])
            for row in self.rows(query.order_by(case_document.c.name, case_document.c.language))
        ]

    def due(self, now: datetime, limit: int) -> Found:
        """Cases with a timer that is due, and which have not stopped; nobody else takes them meanwhile."""
        query = self._files().where(*_late(now)).order_by(case.c.due_at, case.c.id).limit(limit)
        return self._load(query.with_for_update(skip_locked=True, of=case))

    def is_due(self, now: datetime) -> bool:
        """Whether there is such a case, without taking a lock."""
        query = select(case.c.id).select_from(self._with_place()).where(self.own(case), *_late(now))
        return self.value(query.limit(1)) is not None

    def stopped(self, process: str | None = None, limit: int = 50) -> Found:
        """Live cases that can't go on by themselves, of one process or of all; the oldest first."""
        query = self._files().where(case.c.ended.is_(False), case.c.stopped_reason.is_not(None))
        if process is not None:
            query = query.where(case_file.c.process == process)
        return self._load(query.order_by(case_file.c.id).limit(limit))

    def started_at(self, process: str, moments: Sequence[datetime]) -> set[tuple[str, datetime]]:
        """The starts of these moments that are taken, by their names."""
        query = select(scheduled_start.c.name, scheduled_start.c.due_at).where(
            self.own(scheduled_start), scheduled_start.c.process == process, scheduled_start.c.due_at.in_(moments)
        )
        return {(row["name"], row["due_at"]) for row in self.rows(query)}

    def take_start(self, process: str, name: str, moment: datetime) -> bool:
        """Once and for all: of two who take the same moment one waits here, and learns that it is taken."""
        row = {"process": process, "name": name, "due_at": moment, "started_at": self.clock()}
        return self.add_missing(scheduled_start, [row]) == 1

    def began(self, process: str, name: str, moment: datetime, case_id: str) -> None:
        """Which case it was."""
        mine = (
            scheduled_start.c.process == process,
            scheduled_start.c.name == name,
            scheduled_start.c.due_at == moment,
        )
        self.change(scheduled_start, *mine, case_id=case_id)

    def _linked(self, entries: Sequence[CaseEntry], actor: Actor) -> builtins.list[dict[str, Any]]:
        """Adds the rows of the history; what is to be written of each file."""
        now, hashes = self.clock(), RowHashes(actor, self.clock())
        links = [
            link(
                entry.file.id, entry.event, (entry.before, entry.file.status), (entry.detail, entry.personal),
                entry.file.head or FIRST, actor, now, salt, hashes,
            )
            for entry, salt in zip(entries, salts(len(entries)), strict=True)
        ]  # fmt: skip
        self.add_rows(history, links)
        return [
            {
                "status": entry.file.status,
                "changed_by": actor.user_id,
                "updated_at": now,
                "ended_at": entry.file.ended_at,
                "history_seq": each["seq"],
                "history_hash": each["hash"],
            }
            for entry, each in zip(entries, links, strict=True)
        ]

    def _conflict(self, entries: Sequence[CaseEntry]) -> CaseChanged:
        for fresh in self.by_ids([entry.file.id for entry in entries]):
            known = next(entry.file for entry in entries if entry.file.id == fresh.id)
            if fresh.head != known.head:
                return CaseChanged(number=fresh.number, status=fresh.status, version=fresh.version)
        return CaseChanged(number=entries[0].file.number, status="?")

    def _with_place(self) -> Join:
        return case_file.join(case, and_(case.c.tenant == case_file.c.tenant, case.c.id == case_file.c.id))

    def _files(self) -> Select[Any]:
        columns = (
            *(case_file.c[name] for name in ("number", "status", "started_by", "started_at", "updated_at", "ended_at")),
            *(case_file.c.history_seq, case_file.c.history_hash),
            *(case.c[name] for name in ("tenant", *_PLACE, "stopped_node", "stopped_reason")),
        )
        return select(*columns).select_from(self._with_place()).where(self.own(case_file), self.own(case))

    def _load(self, query: Select[Any]) -> Found:
        return [_file(row) for row in self.rows(query)]


def _late(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (case.c.due_at <= now, case.c.ended.is_(False), not_stopped())


def canonical(number: str) -> str:
    """A case's number as it is written here: `pa1001` and `PA 1001` are PA-1001."""
    letters = "".join(each for each in number if each.isascii() and each.isalpha()).upper()
    digits = "".join(each for each in number if each.isascii() and each.isdigit())
    return f"{letters}-{digits}"


def _file(row: RowMapping) -> CaseFile:
    return CaseFile(
        number=row["number"],
        process=row["process"],
        status=row["status"],
        started_by=row["started_by"],
        started_at=row["started_at"],
        updated_at=row["updated_at"],
        ended_at=row["ended_at"],
        channel=row["channel"],
        stopped_node=row["stopped_node"],
        stopped_reason=row["stopped_reason"],
        case=case_of(row),
        head=(row["history_seq"], row["history_hash"]),
    )


def _headed(file: CaseFile, row: dict[str, Any]) -> CaseFile:
    head: Head = (row["history_seq"], row["history_hash"])
    return replace(file, head=head)
