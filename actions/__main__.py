"""`python -m actions`: the action server, on loopback unless told otherwise."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any

from sanic import Sanic

from actions import case_turns
from actions.heard_first import heard
from actions.receipts import Receipts
from actions.server import make_app
from actions.services import Services
from actions.settings import Settings, SettingsRefused
from actions.wording import Wording
from deskhand import logs
from deskhand.garbage import collect_seldom
from deskhand.store import Database, Desk, KnowledgeFiles, load_tenants
from deskhand.writing import LlmClient, Writer, load_templates
from deskhand.writing.replies import inquiries_of

_log = logging.getLogger(__name__)


def services_of(settings: Settings) -> Services:
    """Opens nothing but files; the database is reached with the first turn."""
    desk = Desk(
        Database.connect(settings.database_url),
        load_tenants(settings.tenants_dir, settings.processes_dir),
        settings.processes_dir,
    )
    templates = load_templates(settings.processes_dir / "order_to_cash" / "writing", settings.llm_prompt)
    writer = Writer(templates, LlmClient(settings.llm_url, settings.llm_model, settings.llm_api_key))
    wording, receipts = (
        Wording.load(settings.processes_dir),
        Receipts(writer, inquiries_of(settings.processes_dir / "order_to_cash")),
    )
    knowledge = KnowledgeFiles(settings.processes_dir.parent / "knowledge")
    return Services(
        desk,
        wording,
        receipts,
        settings.turn_secrets,
        knowledge=knowledge,
        heard_first=heard,
        of_case=case_turns.of_case,
        places=settings.imports,
        robots_dir=settings.robots_dir,
    )


def app_of(settings: Settings) -> Sanic[Any, Any]:
    """The application, with the catalogues read before the first message."""
    services = services_of(settings)
    app = make_app(services, settings.actions_tokens)

    @app.before_server_start
    async def preload(_: object) -> None:
        for tenant in services.desk.tenants:
            with services.desk.unit_of_work(tenant, read_only=True) as uow:
                services.catalogues.of(uow)
                services.desk.versions.look(tenant)
        app.add_task(services.catalogues.keep_fresh())
        app.add_task(services.desk.versions.keep_fresh())

    @app.before_server_stop
    async def tell_the_rest(_: object) -> None:
        await services.refused_turns.close()

    return app


def main() -> int:
    logs.set_up(quiet=["rasa_sdk.executor"])
    # Rasa 3.6.21 and this SDK understand one another: a recorded live request is a contract test.
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk might not be compatible")
    try:
        settings = Settings.from_environ(os.environ)
    except SettingsRefused as refused:
        _log.error("%s", refused)
        return 2
    app = app_of(settings)
    collect_seldom()
    app.run(host=settings.host, port=settings.port, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
