"""Replies made ahead of time, version by version. Knows no rule of what may be approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, func, select

from deskhand.store.ids import new_id
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import reply_template


@dataclass(frozen=True, slots=True)
class ReplyTemplate:
    """`text` has placeholders; used once it is approved, until a newer one is."""

    inquiry: str
    language: str
    version: int
    text: str
    source: str
    drafted_by: str
    drafted_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


class ReplyTemplates(Repository):
    def add(
        self, inquiry: str, language: str, text: str, source: str, by: str, verdict: Mapping[str, object]
    ) -> ReplyTemplate:
        """The next version of it."""
        last = self.value(
            select(func.max(reply_template.c.version)).where(
                self.own(reply_template), reply_template.c.inquiry == inquiry, reply_template.c.language == language
            )
        )
        made = ReplyTemplate(inquiry, language, int(last or 0) + 1, text, source, by, self.clock())
        self.add_row(
            reply_template,
            id=new_id(),
            inquiry=inquiry,
            language=language,
            version=made.version,
            text=text,
            source=source,
            verdict=dict(verdict),
            drafted_by=by,
            drafted_at=made.drafted_at,
        )
        return made

    def list(self) -> list[ReplyTemplate]:
        """The newest first."""
        query = select(reply_template).where(self.own(reply_template))
        return [_template(row) for row in self.rows(query.order_by(reply_template.c.id.desc()))]

    def get(self, inquiry: str, language: str, version: int) -> ReplyTemplate | None:
        wanted = (inquiry, language, version)
        return next((each for each in self.list() if (each.inquiry, each.language, each.version) == wanted), None)

    def approve(self, template: ReplyTemplate, by: str) -> None:
        """Once: the first to approve it stands."""
        self.change(
            reply_template,
            reply_template.c.inquiry == template.inquiry,
            reply_template.c.language == template.language,
            reply_template.c.version == template.version,
            reply_template.c.approved_by.is_(None),
            approved_by=by,
            approved_at=self.clock(),
        )

    def active(self, inquiry: str, language: str) -> ReplyTemplate | None:
        """The newest approved one."""
        query = (
            select(reply_template)
            .where(
                self.own(reply_template),
                reply_template.c.inquiry == inquiry,
                reply_template.c.language == language,
                reply_template.c.approved_by.is_not(None),
            )
            .order_by(reply_template.c.version.desc())
            .limit(1)
        )
        rows = self.rows(query)
        return _template(rows[0]) if rows else None


def _template(row: RowMapping | Mapping[str, Any]) -> ReplyTemplate:
    names = ReplyTemplate.__dataclass_fields__
    return ReplyTemplate(**{name: row[name] for name in names})
