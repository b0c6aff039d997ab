"""What a robot has read off a screen, handed to the import: once for each item.

As a file that somebody agreed to, where the robot's file says so (`feeds`), in the transaction in which its outcome is
heard; as one that waits for a yes, where it was asked for a source of imports. Knows no screen and no column.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from deskhand.erp.jobs import READY_FOR, Imports, NotImportable, Wanted
from deskhand.erp.rights import right_to_begin
from deskhand.erp.sources import SourceNotReached
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.robots.errors import RobotNotKnown
from deskhand.robots.robots_file import Feeds, RobotInvalid, Robots
from deskhand.robots.rows import FOR_IMPORT, csv_of
from deskhand.robots.settling import CHANNEL
from deskhand.store import UnitOfWork
from deskhand.store.file_faults import FileInvalid
from deskhand.store.repositories.import_jobs import FETCHED, JobState
from deskhand.store.work_item import ItemState, WorkItem

FED = "FeedImport"


@dataclass(frozen=True)
class RobotRows:
    """The robots' files say which rows are imported, and as whose."""

    imports: Imports
    robots: Robots

    def fed(self, uow: UnitOfWork, item: WorkItem) -> str | None:
        """The id of the import; None: there is nothing to import. Whoever asked for the item has to have the right."""
        if FOR_IMPORT in item.input:
            waiting = uow.import_jobs.of_cause(_cause(item))
            return waiting.id if waiting is not None else None
        feeds = self._feeds(item)
        rows = self._fresh(uow, item) if feeds is not None else []
        if feeds is None or not rows or uow.import_jobs.of_cause(_cause(item)) is not None:
            return None
        return self._begun(uow, item, feeds, csv_of(rows), _cause(item))

    def look(self, tenant: str, item_id: str) -> None:
        """Rows that were asked for as a source of imports are looked at, and wait for the yes of whoever asked.

        What is wrong with them is kept as an import that failed, and told in the conversation.
        """
        with self.imports.desk.unit_of_work(tenant, read_only=True) as uow:
            item = uow.work_items.get(item_id)
            if item is None or FOR_IMPORT not in item.input or uow.import_jobs.of_cause(_cause(item)) is not None:
                return
            rows, actor = self._fresh(uow, item), _who(uow, item)
        if rows:
            self._look(item, actor, csv_of(rows))

    def _look(self, item: WorkItem, actor: Actor, text: str) -> None:
        about = (item.language, _cause(item))
        wanted = Wanted(str(item.input[FOR_IMPORT]))
        try:
            source = self.imports.configured.get(actor.tenant, wanted.source)
            wanted = Wanted(
                source.source, source.kind, mapping_name=source.mapping, sort=source.sort,
                start_status=source.start_status, automatic=source.automatic, currency=source.currency,
            )  # fmt: skip
            place = self.imports.kept.keep(actor.tenant, text.encode())
            self.imports.look(actor, [(_named(item), place)], wanted, *about, item.conversation_id)
        except NotImportable as refused:
            self.imports.note_refused(actor, wanted, *about, refused, item.conversation_id)
        except (SourceNotReached, FileInvalid) as wrong:
            reason = NotImportable("option_invalid", str(wrong))
            self.imports.note_refused(actor, wanted, *about, reason, item.conversation_id)
        except DeskhandError as error:
            self._note(item, actor, error)

    def _note(self, item: WorkItem, actor: Actor, refused: DeskhandError) -> None:
        with self.imports.desk.unit_of_work(actor.tenant) as uow:
            said = {"robot": item.robot, "item": item.id, "code": refused.code}
            uow.audit.add(actor, FED, item.reference, "refused", said)
            uow.commit()

    def _fresh(self, uow: UnitOfWork, item: WorkItem) -> list[dict[str, str]]:
        """What it read that is not ours."""
        if item.state is not ItemState.SUCCESSFUL or item.dry_run:
            return []
        feeds = self._feeds(item)
        return _not_ours(uow, feeds.own if feeds else "", list((item.output or {}).get("rows") or []))

    def _begun(self, uow: UnitOfWork, item: WorkItem, feeds: Feeds, text: str, cause: str) -> str | None:
        actor = _who(uow, item)
        said = {"robot": item.robot, "item": item.id}
        try:
            acting = self.imports.desk.acting(uow, right_to_begin(self.imports.desk, actor), actor)
        except DeskhandError as refused:
            uow.audit.add(actor, FED, item.reference, "refused", {**said, "code": refused.code})
            return None
        place = self.imports.kept.keep(uow.tenant.id, text.encode())
        wanted = Wanted(
            feeds.source, kind="orders", mapping_name=feeds.mapping, start_status=feeds.start_status
        )  # fmt: skip
        job = uow.import_jobs.add(
            cause, actor.user_id, uow.now + READY_FOR, state=str(JobState.WAITING), language=item.language,
            files=[{"name": _named(item), "place": place}],
            conversation_id=item.conversation_id, wanted=asdict(wanted), actor=_as_row(actor),
        )  # fmt: skip
        uow.audit.add(acting, FED, item.reference, "done", {**said, "import": job.id})
        return job.id

    def _feeds(self, item: WorkItem) -> Feeds | None:
        try:
            return self.robots.read(item.robot).feeds
        except (RobotNotKnown, RobotInvalid):
            return None


def _not_ours(uow: UnitOfWork, own: str, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """What a robot of ours has entered there does not come back as another order."""
    numbers = {row[own] for row in rows if row.get(own)} if own else set()
    ours = {order.number for order in uow.orders.by_numbers(sorted(numbers))}
    return [row for row in rows if row.get(own) not in ours]


def _cause(item: WorkItem) -> str:
    return f"{FETCHED}{item.id}:{item.finished_at}"


def _named(item: WorkItem) -> str:
    return f"{item.robot}-{item.reference}.csv".replace("/", "-").replace(":", ".")


def _who(uow: UnitOfWork, item: WorkItem) -> Actor:
    """Whoever asked for it, in the role that they have now."""
    user = uow.users.get(item.owner)
    role = user.role if user is not None else Role.SYSTEM
    return Actor(item.owner, role, uow.tenant.id, CHANNEL, item.id, user.customer_id if user else None)


def _as_row(actor: Actor) -> dict[str, Any]:
    return {"user_id": actor.user_id, "role": str(actor.role), "channel": actor.channel, "cause": actor.cause,
            "customer_id": actor.customer_id}  # fmt: skip
