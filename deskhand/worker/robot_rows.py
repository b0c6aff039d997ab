"""What a robot has read off a screen, handed to the import: once for each item, as a file that somebody agreed to.

In the transaction in which the robot's outcome is heard. Knows no screen and no column.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from deskhand.erp.jobs import READY_FOR, Imports, Wanted
from deskhand.erp.rights import right_to_begin
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.robots.errors import RobotNotKnown
from deskhand.robots.robots_file import Feeds, RobotInvalid, Robots
from deskhand.robots.rows import csv_of
from deskhand.robots.settling import CHANNEL
from deskhand.store import UnitOfWork
from deskhand.store.repositories.import_jobs import JobState
from deskhand.store.work_item import ItemState, WorkItem

FED = "FeedImport"


@dataclass(frozen=True)
class RobotRows:
    """The robots' files say which rows are imported, and as whose."""

    imports: Imports
    robots: Robots

    def fed(self, uow: UnitOfWork, item: WorkItem) -> str | None:
        """The id of the import; None: there is nothing to import. Whoever asked for the item has to have the right."""
        feeds = self._feeds(item)
        if feeds is None or item.state is not ItemState.SUCCESSFUL or item.dry_run:
            return None
        rows = _not_ours(uow, feeds, list((item.output or {}).get("rows") or []))
        cause = f"robot:{item.id}:{item.finished_at}"
        if not rows or uow.import_jobs.of_cause(cause) is not None:
            return None
        return self._begun(uow, item, feeds, csv_of(rows), cause)

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
            files=[{"name": f"{item.robot}-{item.reference}.csv".replace("/", "-"), "place": place}],
            conversation_id=item.conversation_id, wanted=asdict(wanted), actor=_as_row(actor),
        )  # fmt: skip
        uow.audit.add(acting, FED, item.reference, "done", {**said, "import": job.id})
        return job.id

    def _feeds(self, item: WorkItem) -> Feeds | None:
        try:
            return self.robots.read(item.robot).feeds
        except (RobotNotKnown, RobotInvalid):
            return None


def _not_ours(uow: UnitOfWork, feeds: Feeds, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """What a robot of ours has entered there does not come back as another order."""
    numbers = {row[feeds.own] for row in rows if row.get(feeds.own)} if feeds.own else set()
    ours = {order.number for order in uow.orders.by_numbers(sorted(numbers))}
    return [row for row in rows if row.get(feeds.own) not in ours]


def _who(uow: UnitOfWork, item: WorkItem) -> Actor:
    """Whoever asked for it, in the role that they have now."""
    user = uow.users.get(item.owner)
    role = user.role if user is not None else Role.SYSTEM
    return Actor(item.owner, role, uow.tenant.id, CHANNEL, item.id, user.customer_id if user else None)


def _as_row(actor: Actor) -> dict[str, Any]:
    return {"user_id": actor.user_id, "role": str(actor.role), "channel": actor.channel, "cause": actor.cause,
            "customer_id": actor.customer_id}  # fmt: skip
