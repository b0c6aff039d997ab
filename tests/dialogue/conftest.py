"""Real Rasa and the real action server on a SQLite store; a tenant of its own for each test."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from deskhand.channels.inbound import CardPress, for_rasa, payload
from deskhand.channels.rasa import HEADER
from deskhand.channels.turn_token import TurnClaims, mint
from deskhand.cli.environment import QUIET
from deskhand.cli.evaluation import parse
from deskhand.cli.recognition import Found
from deskhand.cli.services import rasa_command, rasa_python
from deskhand.cli.train import train
from deskhand.language import detect_language
from deskhand.store import Database, Desk, load_tenants, new_id, utc_now
from deskhand.store.demo import load_demo
from tests.support.deskhand import free_ports, until

ROOT = Path(__file__).resolve().parents[2]
TENANTS = 220
SECRET, TOKEN = "turn-secret-of-the-dialogue-tests-0123456", "actions-token-of-the-dialogue-tests-01234"
RASA_TOKEN, FORMER = "rasa-token-of-the-dialogue-tests-01234567", "rasa-token-before-the-one-above-012345678"


@dataclass(frozen=True)
class Reply:
    """What Rasa answered to one message."""

    items: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(item["text"] for item in self.items if item.get("text"))

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [item["custom"]["card"] for item in self.items if item.get("custom")]

    @property
    def card(self) -> dict[str, Any]:
        assert self.cards, f"no card: {self.text}"
        return self.cards[-1]

    def fact(self, key: str) -> str:
        return next((fact["value"] for fact in self.card["facts"] if fact["key"] == key), "")

    @property
    def lines(self) -> dict[str, tuple[str, str]]:
        """sku -> quantity and unit."""
        return {line["sku"]: (line["quantity"], line["unit"]) for line in self.card["lines"]}


@dataclass
class Talk:
    """One user's conversation, as the gateway would hold it."""

    services: Services
    tenant: str
    login: str
    language: str
    conversation: str = ""
    session: int = 0  # the gateway gives the conversation another name in Rasa now and then
    last_card: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Another conversation of the same user: the next day, or another channel."""
        with self.services.desk.unit_of_work(self.tenant) as uow:
            self.conversation = uow.conversations.start(self.login, f"chat-{new_id()[-6:]}", self.language).id
            uow.commit()

    def say(self, text: str, message_id: str | None = None) -> Reply:
        self.language = detect_language(text, self.language)
        return self._send(for_rasa(text), text, None, message_id)

    def press(self, action: str, card: dict[str, Any] | None = None, message_id: str | None = None) -> Reply:
        shown = card or self.last_card
        assert shown is not None, "there is no card to press"
        press = CardPress(shown["id"], action)
        return self._send(payload(press), None, press, message_id)

    def stored_message(self, text: str | None = "?") -> str:
        with self.services.desk.unit_of_work(self.tenant) as uow:
            message, _ = uow.messages.add_inbound(self.conversation, new_id(), text)
            uow.commit()
        return message.id

    def _send(self, text: str, shown: str | None, press: CardPress | None, message_id: str | None) -> Reply:
        with self.services.desk.unit_of_work(self.tenant, read_only=True) as uow:
            user = uow.users.get(self.login)
        assert user is not None
        claims = TurnClaims(
            user.id, user.role, self.tenant, "chat", self.conversation, message_id or self.stored_message(shown),
            self.language, user.name, user.customer_id, press.card if press else None, press.action if press else None,
        )  # fmt: skip
        reply = self.services.send(f"{self.conversation}-{self.session}", text, mint(claims, SECRET, utc_now()))
        self.last_card = next((card for card in reversed(reply.cards) if card["actions"]), self.last_card)
        return reply


@dataclass
class Services:
    """Rasa and the actions, running."""

    desk: Desk
    rasa_url: str
    actions_url: str
    environment: dict[str, str]
    model: Path
    log: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def send(self, sender: str, text: str, token: str | None) -> Reply:
        body = {"sender": sender, "message": text, "metadata": {"token": token} if token else {}}
        shown = {HEADER: RASA_TOKEN}
        answer = httpx.post(f"{self.rasa_url}/webhooks/desk/webhook", json=body, headers=shown, timeout=60)
        assert answer.status_code == 200, answer.text
        return Reply(answer.json())

    def start(self, name: str) -> None:
        command = [str(ROOT / ".venv/bin/python"), "-m", "actions"]
        if name == "rasa":
            command = [*rasa_command(ROOT, self.environment, self.model)]
        with (self.log / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def wait(self, name: str, seconds: float = 120) -> None:
        url = f"{self.rasa_url}/" if name == "rasa" else f"{self.actions_url}/health"

        def ready() -> bool:
            assert self.processes[name].poll() is None, (self.log / f"{name}.log").read_text()[-3000:]
            return _answers(url)

        until(ready, seconds, f"{name} ready (see {self.log})")


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        time.sleep(0.2)
        return False


def _environment(folder: Path) -> dict[str, str]:
    rasa, actions, nobody = free_ports(3)
    models = os.environ.get("DESKHAND_MODELS_DIR", str(ROOT / "var" / "models"))
    return {
        **os.environ, **QUIET, "DATABASE_URL": f"sqlite:///{folder / 'deskhand.db'}", "DESKHAND_TURN_SECRET": SECRET,
        "DESKHAND_RASA_TOKEN": RASA_TOKEN, "DESKHAND_RASA_TOKEN_PREVIOUS": FORMER, "DESKHAND_ACTIONS_TOKEN": TOKEN,
        "DESKHAND_TENANTS_DIR": str(folder / "tenants"), "RASA_HOST": "127.0.0.1",
        "RASA_PORT": str(rasa), "ACTIONS_PORT": str(actions), "ACTIONS_URL": f"http://127.0.0.1:{actions}/webhook",
        "RASA_TRACKER_DB": str(folder / "rasa.db"), "LLM_URL": f"http://127.0.0.1:{nobody}",
        "DESKHAND_MODELS_DIR": models, "DESKHAND_PROCESSES_DIR": str(ROOT / "processes"),
    }  # fmt: skip


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    if not rasa_python(ROOT).exists():
        pytest.skip("no .venv-dialogue: make setup")
    folder = tmp_path_factory.mktemp("dialogue")
    (folder / "tenants").mkdir()
    for number in range(TENANTS):
        shutil.copy(ROOT / "tenants" / "demo.yml", folder / "tenants" / f"t{number}.yml")
    environment = _environment(folder)
    database = Database.connect(environment["DATABASE_URL"])
    database.migrate()
    desk = Desk(database, load_tenants(folder / "tenants"), ROOT / "processes")
    running = Services(
        desk, f"http://127.0.0.1:{environment['RASA_PORT']}", f"http://127.0.0.1:{environment['ACTIONS_PORT']}",
        environment, train(ROOT, environment, print), folder,
    )  # fmt: skip
    try:
        for name in ("actions", "rasa"):
            running.start(name)
        for name in ("actions", "rasa"):
            running.wait(name)
        yield running
    finally:
        for process in running.processes.values():
            process.terminate()
        for process in running.processes.values():
            process.wait(timeout=20)
        database.close()


@pytest.fixture(scope="session")
def recognised(services: Services) -> Callable[[Sequence[str]], list[Found]]:
    """What the present model makes of texts; each is asked once, for it takes its time."""
    known: dict[str, Found] = {}

    def look(texts: Sequence[str]) -> list[Found]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, parse(ROOT, services.environment, services.model, new), strict=True) if new else ())
        return [known[text] for text in texts]

    return look


_next_tenant = itertools.count()


@pytest.fixture
def tenant(services: Services) -> str:
    """An empty company with the demo's catalogue, for this test alone."""
    name = f"t{next(_next_tenant)}"
    load_demo(services.desk, name)
    return name


@pytest.fixture
def talk(services: Services, tenant: str) -> Callable[..., Talk]:
    """`talk("clerk")`, `talk("customer", "en")`: that user's conversation."""
    return lambda login, language="zh": Talk(services, tenant, login, language)


def dump(reply: Reply) -> str:
    """For looking at a failed test."""
    return json.dumps(reply.items, ensure_ascii=False, indent=1)
