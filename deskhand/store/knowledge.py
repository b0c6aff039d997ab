"""Finds what is written about a question. The index in the database follows the files by itself."""

from __future__ import annotations

from deskhand.language import FoundPassage, rank
from deskhand.store.desk import Desk
from deskhand.store.knowledge_files import KnowledgeFiles, fingerprint
from deskhand.store.unit_of_work import UnitOfWork


def follow_files(desk: Desk, files: KnowledgeFiles, tenant: str) -> None:
    """Indexes a company's passages anew when its files have changed since; else one look at one row.

    Opens transactions of its own, so it is not for the inside of one.
    """
    documents = files.of(tenant)
    wanted = fingerprint(documents)
    with desk.unit_of_work(tenant, read_only=True) as uow:
        if uow.passages.fingerprint() == wanted:
            return
    with desk.unit_of_work(tenant) as uow:
        uow.passages.replace(wanted, ((each, one.staff_only) for one in documents for each in one.passages))
        uow.commit()


def find_passages(uow: UnitOfWork, question: str, language: str, for_staff: bool = False) -> list[FoundPassage]:
    """The passages that may answer, best first; whether the first is good enough, it says itself."""
    passages = uow.passages.with_words_of(question, for_staff)
    return rank(question, passages, language, uow.passages.count_subjects(for_staff))
