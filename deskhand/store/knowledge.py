"""Finds what is written about a question. The index in the database follows the files by itself."""

from __future__ import annotations

from deskhand.language import FoundPassage, rank
from deskhand.store.desk import Desk
from deskhand.store.knowledge_files import KnowledgeFiles, fingerprint
from deskhand.store.unit_of_work import UnitOfWork


def find_passages(
    desk: Desk, files: KnowledgeFiles, tenant: str, question: str, language: str, for_staff: bool = False
) -> list[FoundPassage]:
    """The passages that may answer, best first; whether the first is good enough, it says itself.

    Opens transactions of its own: one that reads, and one that writes when a file has changed since.
    """
    documents = files.of(tenant)
    wanted = fingerprint(documents)
    with desk.unit_of_work(tenant, read_only=True) as uow:
        if uow.passages.fingerprint() == wanted:
            return _found(uow, question, language, for_staff)
    with desk.unit_of_work(tenant) as uow:
        uow.passages.replace(wanted, ((each, one.staff_only) for one in documents for each in one.passages))
        found = _found(uow, question, language, for_staff)
        uow.commit()
    return found


def _found(uow: UnitOfWork, question: str, language: str, for_staff: bool) -> list[FoundPassage]:
    passages = uow.passages.with_words_of(question, for_staff)
    return rank(question, passages, language, uow.passages.count_subjects(for_staff))
