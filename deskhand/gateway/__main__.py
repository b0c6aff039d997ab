"""`python -m deskhand.gateway`: reads the settings, opens the desk, listens."""

from __future__ import annotations

import os
import resource
import sys

from aiohttp import web

from deskhand import logs
from deskhand.channels.rasa import RasaClient
from deskhand.garbage import collect_seldom
from deskhand.gateway.app import build_app
from deskhand.gateway.settings import Settings, SettingsRefused
from deskhand.store import Database, Desk, load_tenants
from deskhand.writing import LlmClient, Writer, load_templates

GRACE_SECONDS = 5.0


def main() -> int:
    """Runs until it is told to stop; 2 when a setting is missing or a placeholder."""
    logs.set_up()
    try:
        settings = Settings.from_environ(os.environ)
    except SettingsRefused as error:
        sys.stderr.write(f"gateway: {error}\n")
        return 2
    database = Database.connect(settings.database_url)
    desk = Desk(database, load_tenants(settings.tenants_dir, settings.processes_dir), settings.processes_dir)
    templates = load_templates(settings.processes_dir / "order_to_cash" / "writing", settings.llm_prompt)
    writer = Writer(templates, LlmClient(settings.llm_url, settings.llm_model, settings.llm_api_key))
    app = build_app(desk, settings, RasaClient(settings.rasa_url, settings.rasa_token), writer)
    collect_seldom()
    _allow_connections()
    try:
        web.run_app(
            app, host=settings.host, port=settings.port, print=None, access_log=None, shutdown_timeout=GRACE_SECONDS
        )
    finally:
        database.close()
    return 0


def _allow_connections() -> None:
    """Each is an open file, of which a process is given few to begin with; takes as many as it may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    sys.exit(main())
