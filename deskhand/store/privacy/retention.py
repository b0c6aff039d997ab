"""What a tenant forgets by itself: everything past the days of `retention` in its file, in small batches.

Each batch is a transaction of its own and may be done again; the audit is told how much went, and no chain is cut:
rows of a chain stay for good, only what is personal is taken out of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Text, and_, cast, delete, func, or_, select

from deskhand.orders.model import Actor
from deskhand.orders.status import Role
from deskhand.orders.tenant import Retention
from deskhand.store.desk import Desk
from deskhand.store.privacy.conversations import RasaConversations
from deskhand.store.privacy.erasing import Eraser, overwrite_what_is_deleted
from deskhand.store.privacy.subject import ERASED
from deskhand.store.repositories.base import Repository
from deskhand.store.repositories.handovers import CLOSED
from deskhand.store.schema import (
    audit,
    card,
    case,
    case_file,
    conversation,
    delivery,
    draft,
    handover,
    history,
    inbox,
    message,
    messenger_post,
    notification,
    robot_evidence,
    sales_order,
    session,
    text_record,
    work_item,
)
from deskhand.store.verifying import ERASED_AUDIT, ERASED_HISTORY
from deskhand.store.verifying import RETENTION as ACTION

BATCH = 500
_REPEATS = timedelta(days=7)  # nobody repeats a request later, whatever the tenant keeps otherwise
_SESSIONS = timedelta(days=30)  # after their end; as long a link stays used and a place of signing in stays known
_LABEL = f"{ERASED}by-age"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows of what; empty when nothing is past its days."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def forget_old(desk: Desk, tenant: str, rasa: RasaConversations | None) -> Forgotten:
    """One batch of everything; call again until nothing was left."""
    now, rules = desk.clock(), desk.tenant(tenant).retention
    with desk.unit_of_work(tenant) as uow:
        overwrite_what_is_deleted(uow)
        counts, talks = Forgetting(uow.connection, tenant, uow.clock).batch(rules, now)
        if not counts:
            return Forgotten({})
        if rasa is not None and rules.messages_days is not None:
            rasa.forget(talks, now - timedelta(days=rules.messages_days))
        actor = Actor("system", Role.SYSTEM, tenant, "worker", ACTION)
        uow.audit.add(actor, ACTION, None, "done", dict(counts))
        uow.commit()
    return Forgotten(counts)


def would_forget(desk: Desk, tenant: str) -> Forgotten:
    """How many rows are past their days, all batches together; nothing is changed."""
    now, rules = desk.clock(), desk.tenant(tenant).retention
    with desk.unit_of_work(tenant, read_only=True) as uow:
        return Forgotten(Forgetting(uow.connection, tenant, uow.clock).waiting(rules, now))


class Forgetting(Repository):
    """The sets that a rule names, and what becomes of them."""

    def waiting(self, rules: Retention, now: datetime) -> dict[str, int]:
        """How many there are."""
        counts = {}
        for name, (table, condition, _) in self._rules(rules, now).items():
            query = select(func.count()).select_from(table).where(self.own(table), condition)
            counts[name] = int(self.value(query) or 0)
        return {name: count for name, count in counts.items() if count}

    def batch(self, rules: Retention, now: datetime) -> tuple[dict[str, int], list[str]]:
        """Forgets some of each; also says which conversations went."""
        counts: dict[str, int] = {}
        talks: list[str] = []
        for name, (table, condition, forget) in self._rules(rules, now).items():
            key = list(table.primary_key.columns)[1]
            ids = [row[0] for row in self.connection.execute(self._some(table, condition, key))]
            if ids:
                talks += self._talks(table, ids)
                for what, count in forget(table, key, ids).items():
                    counts[what or name] = counts.get(what or name, 0) + count
        return {name: count for name, count in counts.items() if count}, talks

    def _talks(self, table: Table, ids: list[Any]) -> list[str]:
        """The conversations whose old part goes."""
        if table is not message:
            return ids if table is conversation else []
        query = select(message.c.conversation_id).where(self.own(message), message.c.id.in_(ids)).distinct()
        return [row[0] for row in self.connection.execute(query)]

    def _rules(self, rules: Retention, now: datetime) -> dict[str, _Rule]:
        def before(days: int) -> datetime:
            return now - timedelta(days=days)

        found: dict[str, _Rule] = {
            "repeats": (inbox, inbox.c.created_at < now - _REPEATS, self._delete),
            "sessions": (session, session.c.expires_at < now - _SESSIONS, self._delete),
        }
        if rules.messages_days is not None:
            old = before(rules.messages_days)
            found["messages"] = (message, and_(message.c.created_at < old, message.c.answered), self._delete)
            found["drafts"] = (draft, draft.c.updated_at < old, self._delete)
            found["cards"] = (card, and_(card.c.created_at < old, card.c.expires_at < now), self._delete)
            found["handovers"] = (handover, and_(handover.c.asked_at < old, self._is_over(old)), self._delete)
            found["robot_evidence"] = (robot_evidence, robot_evidence.c.at < old, self._delete)
            found["posts"] = (messenger_post, messenger_post.c.created_at < old, self._delete)
            found["conversations"] = (conversation, self._silent(old), self._delete)
        if rules.notifications_days is not None:
            old = before(rules.notifications_days)
            found["notifications"] = (notification, notification.c.created_at < old, self._delete)
        if rules.personal_days is not None:
            found["orders"] = (sales_order, self._finished(before(rules.personal_days)), self._forget_orders)
            found["robot_items"] = (work_item, self._handed_over(before(rules.personal_days)), self._forget_items)
            found["cases"] = (case_file, self._ended(before(rules.personal_days)), self._forget_cases)
        if rules.audit_days is not None:
            old = before(rules.audit_days)
            past = and_(audit.c.at < old, audit.c.personal.is_not(None))
            found[ERASED_AUDIT] = (audit, past, self._forget_personal)
        return found

    def _silent(self, old: datetime) -> ColumnElement[bool]:
        """Nothing was said in it since, and nothing of it is left."""
        left = select(message.c.id).where(self.own(message), message.c.conversation_id == conversation.c.id)
        return and_(conversation.c.updated_at < old, ~left.exists())

    def _is_over(self, old: datetime) -> ColumnElement[bool]:
        """It is closed, or goes with its conversation; else nobody could give that back to the bot any more."""
        lasting = select(conversation.c.id).where(
            self.own(conversation), conversation.c.id == handover.c.conversation_id, ~self._silent(old)
        )
        return or_(handover.c.state == CLOSED, ~lasting.exists())

    def _finished(self, old: datetime) -> ColumnElement[bool]:
        """Orders whose process is over, unchanged since, that still have somebody's name."""
        ended = select(case.c.id).where(self.own(case), case.c.id == sales_order.c.id, case.c.ended)
        return and_(sales_order.c.updated_at < old, ended.exists(), sales_order.c.customer_name != _LABEL)

    def _ended(self, old: datetime) -> ColumnElement[bool]:
        """Cases that are over since, and still say something personal."""
        said = select(history.c.seq).where(
            self.own(history), history.c.order_id == case_file.c.id, history.c.personal.is_not(None)
        )
        return and_(case_file.c.ended_at < old, said.exists())

    def _handed_over(self, old: datetime) -> ColumnElement[bool]:
        """Robots' items that are over since, and still say what was handed over."""
        return and_(work_item.c.finished_at < old, cast(work_item.c.input, Text) != "{}")

    def _some(self, table: Table, condition: ColumnElement[bool], key: Any) -> Select[Any]:
        return select(key).where(self.own(table), condition).order_by(key).limit(BATCH)

    def _delete(self, table: Table, key: Any, ids: list[Any]) -> dict[str, int]:
        return {"": self.connection.execute(delete(table).where(self.own(table), key.in_(ids))).rowcount}

    def _forget_personal(self, table: Table, key: Any, ids: list[Any]) -> dict[str, int]:
        return {"": self._eraser.chained(table, key, ids)}

    def _forget_orders(self, table: Table, key: Any, ids: list[Any]) -> dict[str, int]:
        """Names and addresses of the orders, in their history, in what was told of them, in texts about them."""
        eraser = self._eraser
        eraser.orders(ids, _LABEL)
        eraser.events(ids)
        self.change(delivery, delivery.c.order_id.in_(ids), delivery.c.error.is_not(None), error=None)
        texts = delete(text_record).where(self.own(text_record), text_record.c.order_id.in_(ids))
        numbers = select(table.c.number).where(self.own(table), key.in_(ids))
        told = delete(notification).where(self.own(notification), notification.c.order_number.in_(numbers))
        counts = {"": len(ids), "texts": self.connection.execute(texts).rowcount}
        counts["notifications"] = self.connection.execute(told).rowcount
        return counts | {ERASED_HISTORY: eraser.chained(history, history.c.order_id, ids)}

    def _forget_items(self, table: Table, key: Any, ids: list[Any]) -> dict[str, int]:
        return {"": self._eraser.robot_items(ids)}

    def _forget_cases(self, table: Table, key: Any, ids: list[Any]) -> dict[str, int]:
        """What people wrote in their fields, as reasons, in what was told and in texts about them."""
        eraser = self._eraser
        eraser.cases(ids)
        eraser.events(ids)
        numbers = select(table.c.number).where(self.own(table), key.in_(ids))
        told = delete(notification).where(self.own(notification), notification.c.order_number.in_(numbers))
        counts = {"": len(ids), "notifications": self.connection.execute(told).rowcount}
        return counts | {ERASED_HISTORY: eraser.chained(history, history.c.order_id, ids)}

    @property
    def _eraser(self) -> Eraser:
        return Eraser(self.connection, self.tenant, self.clock)


_Rule = tuple[Table, ColumnElement[bool], Callable[[Table, Any, list[Any]], dict[str, int]]]
