"""Puts the worker together from its settings and runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from deskhand.channels.messengers.slack_posting import SlackPosting
from deskhand.channels.messengers.teams_posting import TeamsPosting
from deskhand.documents import Stationery
from deskhand.erp.jobs import Imports
from deskhand.orders.events import NOTICE_MAIL
from deskhand.orders.tenant import SLACK, TEAMS
from deskhand.robots.shift import Workshop
from deskhand.store import Database, Desk, load_tenants
from deskhand.store.privacy import RasaConversations
from deskhand.store.risks import load_rules
from deskhand.worker.connectors import ConnectorConsumer, Connectors
from deskhand.worker.consumer import Consumer
from deskhand.worker.copies import CopiesConsumer
from deskhand.worker.credit_notes import CreditNoteConsumer
from deskhand.worker.delivery_notes import DeliveryNoteConsumer
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.duties import Duties
from deskhand.worker.forgetting import ForgetConsumer
from deskhand.worker.freight import FreightConsumer
from deskhand.worker.health import Health
from deskhand.worker.invoices import InvoiceConsumer
from deskhand.worker.loops import Loop, Running
from deskhand.worker.mailing import MailConsumer
from deskhand.worker.metrics import Metrics
from deskhand.worker.notice_mail import MailPosting
from deskhand.worker.notices import Notices
from deskhand.worker.outbox_folder import OutboxFolder
from deskhand.worker.posts import PostConsumer
from deskhand.worker.receipts import ReceiptConsumer
from deskhand.worker.risks import Risks
from deskhand.worker.robot_floor import Floor
from deskhand.worker.robot_jobs import RobotJobs
from deskhand.worker.robot_rows import RobotRows
from deskhand.worker.robots import OutcomeConsumer, RobotConsumer
from deskhand.worker.settings import NONE, ONLY, Settings
from deskhand.worker.smtp import SmtpServer
from deskhand.worker.texts import TextConsumer
from deskhand.writing import LlmClient, Writer, load_templates

PROCESS = "order_to_cash"
PROJECTOR_SECONDS = 0.3
OUTBOX_SECONDS = 0.5
AUTOMATIC_SECONDS = 1.0
LEFT_SECONDS = 5.0  # for what jobs have missed, where there are jobs
TIMER_SECONDS = 20.0
TENANTS_SECONDS = 2.0
RETENTION_SECONDS = 3600.0
RISKS_SECONDS = 900.0
_GRACE_SECONDS = 25.0

_log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT; deliveries at work are finished first."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    database = Database.connect(settings.database_url)
    try:
        await asyncio.to_thread(database.migrate)
        desk = Desk(database, load_tenants(settings.tenants_dir, settings.processes_dir), settings.processes_dir)
        async with _writer(settings) as writer:
            await run(desk, settings, writer, stop)
    finally:
        database.close()


async def run(desk: Desk, settings: Settings, writer: Writer, stop: asyncio.Event) -> None:
    """The loops and the health server, until `stop`."""
    metrics = Metrics()
    imports = Imports.at(desk, settings.imports)
    floor = floor_of(desk, settings, metrics)
    loops = loops_of(desk, settings, writer, metrics, imports, floor)
    health = Health(loops, metrics, desk.database.ready, lambda: _measure(desk, metrics))
    async with _listening(health.application(), settings.host, settings.port):
        _log.info("worker runs, health on %s:%d", settings.host, settings.port)
        tasks = [asyncio.create_task(loop.run(stop), name=loop.name) for loop in loops]
        await stop.wait()
        imports.halt.set()
        floor.halt.set()
        _, late = await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await asyncio.to_thread(floor.close)
    _log.info("worker stopped")


def loops_of(
    desk: Desk,
    settings: Settings,
    writer: Writer,
    metrics: Metrics,
    imports: Imports | None = None,
    floor: Floor | None = None,
) -> list[Running]:
    """What runs side by side, and how often each looks when there is nothing to do."""
    duties = Duties(desk, rasa_of(settings), imports)
    own = [
        ("notifications", duties.project, PROJECTOR_SECONDS),
        ("messengers", Notices(desk).run_once, PROJECTOR_SECONDS),
        ("automatic", duties.carry_automatic, AUTOMATIC_SECONDS),
        ("cases", duties.carry_cases, AUTOMATIC_SECONDS),
        ("settlement", duties.settle, TIMER_SECONDS),
        ("reservations", duties.release_expired, TIMER_SECONDS),
        ("escalations", duties.escalate, TIMER_SECONDS),
        ("risks", _risks(desk, settings, writer).run_once, RISKS_SECONDS),
        ("retention", duties.forget, RETENTION_SECONDS),
        ("imports", duties.carry_imports, AUTOMATIC_SECONDS),
        ("old imports", duties.forget_imports, RETENTION_SECONDS),
        ("tenants", duties.note_tenants, TENANTS_SECONDS),
        ("processes", duties.follow_processes, TENANTS_SECONDS),
    ]
    screens = screens_of(desk, settings, metrics, floor) if floor is not None else []
    if screens and settings.robot_share == ONLY:
        return screens
    loops = [*(Loop(name, work, idle, metrics) for name, work, idle in own), *screens]
    for consumer in consumers_of(desk, settings, writer):
        dispatcher = Dispatcher(desk, consumer, metrics, settings.lease_seconds)
        loops.append(Loop(consumer.name, dispatcher.run_once, OUTBOX_SECONDS, metrics))
    return loops


def screens_of(desk: Desk, settings: Settings, metrics: Metrics, floor: Floor) -> list[Running]:
    """What robots need: a look at the queue, and jobs where the database carries them."""
    if settings.robot_share == NONE:
        return []
    evidence = Loop("evidence", floor.sweep, RETENTION_SECONDS, metrics)
    if desk.database.dialect != "postgresql":
        return [Loop("robots", floor.run_once, AUTOMATIC_SECONDS, metrics), evidence]
    return [RobotJobs(desk, floor, metrics), Loop("robots", floor.run_once, LEFT_SECONDS, metrics), evidence]


def consumers_of(desk: Desk, settings: Settings, writer: Writer) -> Sequence[Consumer]:
    stationery = Stationery.load(settings.processes_dir / PROCESS, settings.tenants_dir)
    server = SmtpServer(settings.smtp_url) if settings.smtp_url else None
    folder = OutboxFolder(settings.outbox_dir)
    slack, teams = settings.messengers.slack, settings.messengers.teams
    return (
        InvoiceConsumer(desk, writer, min(settings.text_seconds, settings.lease_seconds / 2)),
        ReceiptConsumer(desk, writer, min(settings.text_seconds, settings.lease_seconds / 2)),
        TextConsumer(desk, writer, min(settings.text_seconds, settings.lease_seconds / 2)),
        CreditNoteConsumer(desk),
        DeliveryNoteConsumer(desk),
        FreightConsumer(desk),
        MailConsumer(desk, stationery, folder, settings.mail_from, server),
        ForgetConsumer(desk, rasa_of(settings)),
        ConnectorConsumer(desk, Connectors(settings.connectors_dir, settings.connector_variables)),
        RobotConsumer(desk, settings.robots.queue(desk)),
        OutcomeConsumer(desk, RobotRows(Imports.at(desk, settings.imports), settings.robots.robots)),
        CopiesConsumer(desk),
        PostConsumer(desk, SLACK, SlackPosting(slack) if slack is not None else None),
        PostConsumer(desk, TEAMS, TeamsPosting(teams) if teams is not None else None),
        PostConsumer(desk, NOTICE_MAIL, MailPosting(server, settings.mail_from, desk.clock) if server else None),
    )


def floor_of(desk: Desk, settings: Settings, metrics: Metrics) -> Floor:
    """Where robots work."""
    places = settings.robots
    shop = Workshop(
        desk, places.robots, places.vault(desk), places.kept, settings.robot_lease_seconds, told=metrics.attempt
    )  # fmt: skip
    return Floor(shop, metrics)


def _risks(desk: Desk, settings: Settings, writer: Writer) -> Risks:
    rules = load_rules(settings.processes_dir / PROCESS / "supervision" / "risks.yml")
    return Risks(desk, writer, rules, settings.tenants_dir / "schedules", settings.text_seconds)


def rasa_of(settings: Settings) -> RasaConversations | None:
    """Where Rasa keeps what people wrote; None: nobody said so."""
    return RasaConversations(settings.rasa_tracker) if settings.rasa_tracker else None


@asynccontextmanager
async def _writer(settings: Settings) -> AsyncIterator[Writer]:
    """Without LLM_URL every text is the template's."""
    templates = load_templates(Path(settings.processes_dir) / PROCESS / "writing", settings.llm_prompt)
    async with contextlib.AsyncExitStack() as stack:
        client = None
        if settings.llm_url:
            client = await stack.enter_async_context(
                LlmClient(settings.llm_url, settings.llm_model, settings.llm_api_key)
            )
        yield Writer(templates, client)


@asynccontextmanager
async def _listening(application: web.Application, host: str, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield
    finally:
        await runner.cleanup()


def _measure(desk: Desk, metrics: Metrics) -> None:
    for tenant in desk.tenants:
        with desk.unit_of_work(tenant, read_only=True) as uow:
            metrics.outbox(tenant, uow.outbox.waiting(), len(uow.outbox.dead_letters()))
            for (robot, state), count in uow.work_items.count().items():
                metrics.items(tenant, robot, state, count)
