"""The documents of cases as PDF files under the company's letterhead, drawn when asked for and kept nowhere."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from aiohttp import web

from deskhand.cases import UnknownCase
from deskhand.cases.errors import UnknownDocument
from deskhand.documents import Stationery
from deskhand.documents.paper import Paper, paper_pdf, split
from deskhand.gateway.case_routes import DOCUMENT_QUERY
from deskhand.gateway.door import Door, actor, door
from deskhand.gateway.errors import InvalidRequest
from deskhand.orders.actions import QUERY_CASES
from deskhand.orders.errors import RoleNotAllowed
from deskhand.orders.model import Actor
from deskhand.orders.process import NAME as ORDERS
from deskhand.orders.tenant import LANGUAGES, Tenant
from deskhand.store.case_reading import seen_document

QUERY = DOCUMENT_QUERY


async def show_paper(request: web.Request) -> web.Response:
    """The text as it was written then, laid out to be read and signed."""
    at, language = door(request), request.query.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        raise InvalidRequest(field="language", problem=f"must be one of {', '.join(LANGUAGES)}")
    number, name = request.match_info["number"], request.match_info["name"]
    file, pdf = await at.threads.run(_drawn, at, actor(request), number, name, language)
    disposition = f'inline; filename="{file}"'
    return web.Response(body=pdf, content_type="application/pdf", headers={"Content-Disposition": disposition})


def _drawn(at: Door, who: Actor, number: str, name: str, language: str) -> tuple[str, bytes]:
    """Its file name, and the file.

    Raises:
        UnknownDocument: the case has none of this name, or none to print, or its text is forgotten.
    """
    try:
        with at.desk.unit_of_work(who.tenant, read_only=True) as uow:
            seen, found = seen_document(at.desk, uow, number, name, language, who)
    except (UnknownCase, RoleNotAllowed) as refused:
        at.desk.note_refused(who, QUERY_CASES, refused)
        raise
    document = seen.definition.documents[name]
    if not document.pdf or not found.text:
        raise UnknownDocument(number=seen.file.number, document=name)
    stationery = _stationery(at.settings.processes_dir / ORDERS, at.settings.tenants_dir)
    tenant = at.desk.tenant(who.tenant)
    paper = paper_of(found.text, document.title[language], seen.file.number, language, tenant, stationery)
    return f"{seen.file.number}-{name}-{language}.pdf", paper_pdf(paper, found.written_at)


def paper_of(text: str, title: str, number: str, language: str, tenant: Tenant, stationery: Stationery) -> Paper:
    """The text under the company's head."""
    words = stationery.speak(language)
    lines, signatures = split(text)
    return Paper(
        language=language,
        title=title,
        number=number,
        letterhead=stationery.letterhead(tenant.id, tenant.name, language),
        letterhead_labels=(words.say("phone"), words.say("tax_number")),
        lines=lines,
        page=words.say("page"),
        signatures=signatures,
    )


@lru_cache(maxsize=4)
def _stationery(process: Path, tenants: Path) -> Stationery:
    """The words of documents are read once, as the worker reads them."""
    return Stationery.load(process, tenants)
