"""The passages that are told in one company, and which of them have a word of a question."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, cast, delete, func, insert, select
from sqlalchemy.dialects.postgresql import TSQUERY

from deskhand.language import Passage, search_words, words_of
from deskhand.store.repositories.base import Repository
from deskhand.store.schema import knowledge_passage, knowledge_search, knowledge_state

_NOT_TOLD = knowledge_passage.c.staff_only


class Passages(Repository):
    """Replaced all at once when a file has changed."""

    def fingerprint(self) -> str | None:
        """Which reading of the files they are; None before the first."""
        found: str | None = self.value(select(knowledge_state.c.fingerprint).where(self.own(knowledge_state)))
        return found

    def replace(self, fingerprint: str, passages: Iterable[tuple[Passage, bool]]) -> None:
        """Instead of whatever there was; each with whether it is for staff only.

        Two services may do it at once: the first row locks the others out until the transaction ends.
        """
        self.upsert(knowledge_state, [{"fingerprint": fingerprint}], [])
        self.connection.execute(delete(knowledge_passage).where(self.own(knowledge_passage)))
        rows = [
            {
                "id": f"{place:05}", "subject": each.subject, "language": each.language, "heading": each.heading,
                "body": each.body, "title": dict(each.title), "asked": list(each.asked), "staff_only": staff_only,
                "search": search_words(each),
            }
            for place, (each, staff_only) in enumerate(passages)
        ]  # fmt: skip
        self.add_rows(knowledge_passage, rows)
        if self.connection.dialect.name == "sqlite":
            self._index([{"id": row["id"], "search": row["search"]} for row in rows])

    def _index(self, rows: list[dict[str, object]]) -> None:
        self.connection.execute(delete(knowledge_search).where(knowledge_search.c.tenant == self.tenant))
        if rows:
            self.connection.execute(insert(knowledge_search), [{"tenant": self.tenant, **row} for row in rows])

    def with_words_of(self, question: str, for_staff: bool) -> list[Passage]:
        """Those that have any word of the question, and the same subjects in other languages."""
        words = [word for word in dict.fromkeys(words_of(question)) if word.isalnum()]
        if not words:
            return []
        told = [self.own(knowledge_passage), *([] if for_staff else [_NOT_TOLD.is_(False)])]
        subjects = select(knowledge_passage.c.subject).where(*told, self._has_any(words))
        found = self.rows(select(knowledge_passage).where(*told, knowledge_passage.c.subject.in_(subjects)))
        return [
            Passage(row["subject"], row["language"], row["title"], row["heading"], row["body"], tuple(row["asked"]))
            for row in sorted(found, key=lambda row: str(row["id"]))
        ]

    def count_subjects(self, for_staff: bool) -> int:
        told = [self.own(knowledge_passage), *([] if for_staff else [_NOT_TOLD.is_(False)])]
        return int(self.value(select(func.count(knowledge_passage.c.subject.distinct())).where(*told)))

    def _has_any(self, words: list[str]) -> ColumnElement[bool]:
        """The words are letters, digits and Chinese characters only, so nothing in them is an operator."""
        if self.connection.dialect.name == "sqlite":
            search = knowledge_search.c.search.op("MATCH", is_comparison=True)(
                " OR ".join(f'"{word}"' for word in words)
            )
            found = select(knowledge_search.c.id).where(search, knowledge_search.c.tenant == self.tenant)
            return knowledge_passage.c.id.in_(found)
        return knowledge_passage.c.search.op("@@", is_comparison=True)(cast(" | ".join(words), TSQUERY))
