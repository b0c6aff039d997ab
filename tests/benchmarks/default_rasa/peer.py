"""Trains and starts the peer on the running Deskhand's actions, and lets people talk to it without our gateway.

What the gateway does for a turn before Rasa is asked (storing the message, signing the token) is done off the clock.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import yaml

from deskhand.channels.turn_token import TurnClaims, mint
from deskhand.channels.turns import CHANNEL
from deskhand.cli.services import rasa_python
from deskhand.cli.utterances import Taught
from deskhand.store import Desk, User, new_id
from tests.benchmarks.bench import TENANT
from tests.benchmarks.people import PLACE, SMALL_TALK, Person
from tests.support.deskhand import ROOT, free_ports, until

HERE = Path(__file__).parent
START_SECONDS = 300
MOST_UTTERANCES = 150  # of an intent
_PRESSED: Mapping[str, str] = {"confirm": "/affirm", "reject": "/deny"}


@dataclass(frozen=True)
class Trained:
    """A model and how long it took, whenever that was."""

    model: Path
    seconds: float


def train(models: Path, environment: Mapping[str, str]) -> Trained:
    """The peer on some of our utterances, our rules and our domain; trained once for them."""
    said = _some_utterances()
    digest = hashlib.sha256((HERE / "config.yml").read_bytes() + said)
    for path in (ROOT / "domain.yml", *sorted((ROOT / "data" / "rules").glob("*.yml"))):
        digest.update(path.read_bytes())
    model = models / "peer" / f"default-{digest.hexdigest()[:16]}.tar.gz"
    took = model.with_suffix(".json")
    if not took.exists():
        model.parent.mkdir(parents=True, exist_ok=True)
        nlu = model.with_suffix(".yml")
        nlu.write_bytes(said)
        began = time.monotonic()
        command = [
            str(rasa_python(ROOT)), "-W", "ignore", "-m", "rasa", "train", "--out", str(model.parent),
            "--fixed-model-name", model.name.removesuffix(".tar.gz"), "--config", str(HERE / "config.yml"),
            "--domain", "domain.yml", "--data", str(nlu), "data/rules", "data/stories", "--force",
        ]  # fmt: skip
        ran = subprocess.run(command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False)
        assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
        took.write_text(json.dumps(time.monotonic() - began))
    return Trained(model, float(json.loads(took.read_text())))


def _some_utterances() -> bytes:
    """Evenly out of each intent, and what is said here, so that nothing is taken for something else.

    DIET takes the better part of an hour for all, and a message takes no less for that.
    """
    taught = Taught.read(ROOT).utterances
    some = {intent: said[:: -(-len(said) // MOST_UTTERANCES)] for intent, said in taught.items()}
    here = {"place_order": (PLACE,), "small_talk": SMALL_TALK}
    nlu = [
        {"intent": intent, "examples": "".join(f"- {each}\n" for each in (*said, *here.get(intent, ())))}
        for intent, said in some.items()
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True).encode()


@dataclass
class Peer:
    """A running Rasa with the default pipeline."""

    address: str
    pid: int


@contextmanager
def running(model: Path, folder: Path, environment: Mapping[str, str]) -> Iterator[Peer]:
    """The same actions, a tracker store of the same kind, no gateway; ends with the block."""
    port, log = free_ports(1)[0], folder / "peer.log"
    own = {**environment, "RASA_TRACKER_DB": str(folder / "peer.db"), "PYTHONPATH": f"{HERE}:{ROOT}"}
    command = [
        str(rasa_python(ROOT)), "-W", "ignore", "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(port),
        "--model", str(model), "--endpoints", str(ROOT / "endpoints.yml"),
        "--credentials", str(HERE / "credentials.yml"),
    ]  # fmt: skip
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, env=own, stdout=out, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(process, address, log), START_SECONDS, "the default Rasa ready")
        yield Peer(address, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _answers(process: subprocess.Popen[bytes], address: str, log: Path) -> bool:
    assert process.poll() is None, log.read_text()[-3000:]
    try:
        return httpx.get(address, timeout=3).status_code == 200
    except httpx.HTTPError:
        return False


class PeerPerson(Person):
    """Says the same things as other people, to Rasa's REST channel."""

    user: User
    desk: Desk
    secret: str
    ready: list[str]
    talks: int = 0

    @classmethod
    def meet(cls, peer: Peer, user: User, desk: Desk, secret: str) -> PeerPerson:
        person = cls(httpx.Client(base_url=peer.address, timeout=60))
        person.user, person.desk, person.secret, person.ready = user, desk, secret, []
        return person

    def prepare(self, turns: int) -> None:
        """Stores the messages of a new conversation, dated tomorrow: no gateway is to think that they wait for it."""
        with self.desk.unit_of_work(TENANT) as uow:
            self.conversation = uow.conversations.start(self.user.id, CHANNEL, "zh").id
            messages = [uow.messages.add_inbound(self.conversation, new_id(), "benchmark")[0] for _ in range(turns)]
            uow.commit()
        self.ready = [message.id for message in messages]

    def say(self, text: str, **payload: Any) -> str:
        return self._said(text, {})

    def press(self, action: str) -> str:
        return self._said(_PRESSED[action], {"card": self.cards[-1]["id"], "action": action})

    def _said(self, text: str, card: Mapping[str, str]) -> str:
        user = self.user
        claims = TurnClaims(
            user.id, user.role, user.tenant, CHANNEL, str(self.conversation), self.ready.pop(0), "zh", user.name, None,
            **card,
        )  # fmt: skip
        token = mint(claims, self.secret, datetime.now(UTC))
        body = {"sender": f"{self.conversation}-0", "message": text, "metadata": {"token": token}}
        began = time.perf_counter()
        response = self.client.post("/webhooks/rest/webhook", json=body)
        self.seconds = time.perf_counter() - began
        replies = response.raise_for_status().json()
        found = [reply["custom"]["card"] for reply in replies if "card" in (reply.get("custom") or {})]
        self.cards += found
        return "\n".join([reply["text"] for reply in replies if reply.get("text")] + [card["title"] for card in found])


def tomorrow() -> datetime:
    """The clock by which prepared messages are stored."""
    return datetime.now(UTC) + timedelta(days=1)
