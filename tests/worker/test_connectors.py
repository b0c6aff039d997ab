"""A case asks another system over real HTTP, and goes on with the answer, waits, or stops and says why."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from shutil import copytree

import pytest

from deskhand.cases import StartCase
from deskhand.cases.model import CaseFile
from deskhand.store import Database, Desk, load_tenants
from deskhand.worker.backoff import Backoff
from deskhand.worker.connectors import ConnectorConsumer, Connectors
from deskhand.worker.dispatcher import Dispatcher
from deskhand.worker.metrics import Metrics
from tests.cases.spending import CLERK, PROCESSES, SMALL, TENANT, WAREHOUSE, fresh
from tests.support.desks import ROOT, FakeClock, clock, demo_database, told
from tests.worker.scales import Scales, standing

__all__ = ["clock"]

KEY = "3f1c9a77-not-a-word"


@pytest.fixture
async def scales() -> AsyncIterator[Scales]:
    async with standing() as system:
        yield system


@pytest.fixture
def desk(clock: FakeClock, tmp_path: Path) -> Iterator[Desk]:
    folder = tmp_path / "processes"
    folder.mkdir()
    for each in (ROOT / "processes" / "order_to_cash", PROCESSES / "stock_check", PROCESSES / "spend_request"):
        copytree(each, folder / each.name)
    _without_a_way_for_failure(folder / "stock_check", folder / "bare_check")
    database = Database.connect(demo_database(tmp_path))
    made = Desk(database, load_tenants(ROOT / "tenants"), folder, clock, ROOT / "permissions.yml")
    yield made
    made.close()


def _without_a_way_for_failure(folder: Path, target: Path) -> None:
    """The same process, with no boundary event where the other system is asked."""
    copytree(folder, target)
    diagram = (folder / "process.bpmn").read_text("utf-8").replace("stock_check", "bare_check")
    for element in ("boundaryEvent", "userTask"):
        diagram = re.sub(rf"<bpmn:{element} .*?</bpmn:{element}>", "", diagram)
    diagram = re.sub(r'<bpmn:sequenceFlow id="f[37]".*?/>', "", diagram)
    (target / "process.bpmn").write_text(diagram.replace("<bpmn:incoming>f7</bpmn:incoming>", ""), "utf-8")


class Worker:
    """The consumer and its dispatcher over files that the test may change."""

    def __init__(self, desk: Desk, clock: FakeClock, folder: Path, url: str) -> None:
        self.desk, self.clock, self.folder = desk, clock, folder
        backoff = Backoff(attempts=3)
        known = Connectors(folder, {"CONNECTOR_SCALES_URL": url, "CONNECTOR_SCALES_KEY": KEY})
        consumer = ConnectorConsumer(desk, known, backoff)
        self.dispatcher = Dispatcher(desk, consumer, Metrics(), 60, backoff)

    def change(self, text: str, instead: str) -> None:
        file = self.folder / "scales.yml"
        file.write_text(file.read_text("utf-8").replace(text, instead), "utf-8")

    async def work(self, hours: float = 0.01) -> None:
        self.clock.forward(hours=hours)
        while await self.dispatcher.run_once():
            pass

    def ask(self, process: str = "stock_check") -> CaseFile:
        return self.desk.handle(StartCase(process, {"place": "main"}), WAREHOUSE).case

    def dead(self) -> list[str]:
        with self.desk.unit_of_work(TENANT, read_only=True) as uow:
            return [str(each.error) for each in uow.outbox.dead_letters()]


@pytest.fixture
def worker(desk: Desk, clock: FakeClock, scales: Scales, tmp_path: Path) -> Worker:
    copytree(ROOT / "connectors", tmp_path / "connectors")
    return Worker(desk, clock, tmp_path / "connectors", scales.url)


async def test_a_case_goes_on_with_what_the_other_system_answered(worker: Worker, scales: Scales) -> None:
    case = worker.ask()
    assert case.case.marking == {"ask_system"}

    await worker.work()

    after = fresh(worker.desk, case.number)
    assert (after.case.marking, after.values["count"]) == ({"look"}, 12)
    (asked,) = scales.asked
    assert (asked["method"], asked["path"]) == ("POST", "/api/places/main/weighings")
    assert asked["body"] == {"asked": {"by": "deskhand"}, "place": "main"}
    assert asked["headers"]["X-Api-Key"] == KEY


async def test_every_attempt_of_one_call_bears_the_same_key_and_two_calls_two(worker: Worker, scales: Scales) -> None:
    scales.answers = [(503, {}), (200, {"result": {"pieces": 1}})]
    worker.ask()
    await worker.work()
    await worker.work(hours=1)
    worker.ask()
    await worker.work()

    one, again, other = (each["headers"]["Idempotency-Key"] for each in scales.asked)
    assert one == again != other


@pytest.mark.parametrize("status", [503, 302])
async def test_a_system_that_can_not_answer_now_is_asked_again_and_meanwhile_the_case_says_why(
    worker: Worker, scales: Scales, status: int
) -> None:
    scales.answers = [(status, "later"), (200, {"result": {"pieces": 3}})]
    case = worker.ask()

    await worker.work()
    waiting = fresh(worker.desk, case.number)
    await worker.work(hours=1)

    assert (waiting.stopped_node, waiting.case.marking) == ("ask_system", {"ask_system"})
    assert str(status) in (waiting.stopped_reason or "")
    after = fresh(worker.desk, case.number)
    assert (after.case.marking, after.stopped_node) == ({"look"}, None)
    assert len(scales.asked) == 2


async def test_a_dead_system_holds_only_its_own_step(worker: Worker, scales: Scales) -> None:
    worker.change("seconds: 5 ", "seconds: 0.05 ")
    scales.slow = True
    case = worker.ask()

    await worker.work()

    assert "no answer within" in (fresh(worker.desk, case.number).stopped_reason or "")
    other = worker.desk.handle(StartCase("spend_request", SMALL), CLERK)
    assert other.case.case.marking


async def test_one_that_never_answers_is_given_up_by_the_way_that_the_diagram_has(
    worker: Worker, scales: Scales
) -> None:
    scales.answers = [(500, "broken")]
    case = worker.ask()

    for _ in range(5):
        await worker.work(hours=1)

    assert fresh(worker.desk, case.number).case.marking == {"count_by_hand"}
    assert len(scales.asked) == 3
    assert worker.dead() == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((404, {"error": "no such place"}), "refused with 404"),
        ((200, {"result": {}}), "result.pieces of the answer is nothing, not number"),
        ((200, {"result": {"pieces": "many"}}), "'many', not number"),
        ((200, "<html>"), "not JSON"),
        ((200, "x" * (2 << 20)), "larger than a megabyte"),
    ],
)
async def test_without_such_a_way_a_refusal_or_a_changed_answer_stops_the_case_and_is_told(
    worker: Worker, scales: Scales, answer: tuple[int, object], reason: str
) -> None:
    scales.answers = [answer]
    case = worker.ask("bare_check")

    await worker.work()

    after = fresh(worker.desk, case.number)
    assert (after.case.marking, after.stopped_node) == ({"ask_system"}, "ask_system")
    assert reason in (after.stopped_reason or "")
    assert len(scales.asked) == 1, "what the data are to blame for is not tried again"
    assert [kind for kind, _ in told(worker.desk, "role:warehouse")].count("CaseStopped") == 1
    assert reason in worker.dead()[0]


async def test_a_call_that_was_given_up_can_be_repeated_and_the_case_goes_on(worker: Worker, scales: Scales) -> None:
    scales.answers = [(404, {}), (200, {"result": {"pieces": 7}})]
    case = worker.ask("bare_check")
    await worker.work()

    with worker.desk.unit_of_work(TENANT) as uow:
        (letter,) = uow.outbox.dead_letters()
        uow.outbox.replay(letter.id)
        uow.commit()
    await worker.work()

    after = fresh(worker.desk, case.number)
    assert (after.case.marking, after.values["count"], after.stopped_node) == ({"look"}, 7, None)


@pytest.mark.parametrize(
    ("text", "instead", "reason"),
    [
        ("weigh:", "measure:", "weigh is not one of measure"),
        ("CONNECTOR_SCALES_KEY", "CONNECTOR_OTHER_KEY", "CONNECTOR_OTHER_KEY is not set"),
        ("allow_http: true", "allow_http: false", "without TLS"),
        ("method: POST", "method: STEAL", "STEAL is not one of"),
        ("{where}/", "{elsewhere}/", "elsewhere is not known"),
    ],
)
async def test_a_wrong_file_holds_only_its_own_calls_and_says_why(
    worker: Worker, scales: Scales, text: str, instead: str, reason: str
) -> None:
    worker.change(text, instead)
    case = worker.ask("bare_check")

    await worker.work()

    assert reason in (fresh(worker.desk, case.number).stopped_reason or "")
    assert scales.asked == []


async def test_nothing_that_a_case_or_a_log_keeps_holds_the_secret(
    worker: Worker, scales: Scales, caplog: pytest.LogCaptureFixture
) -> None:
    scales.answers = [(403, {"error": f"key {KEY} is unknown"})]
    case = worker.ask("bare_check")

    await worker.work()

    after = fresh(worker.desk, case.number)
    assert KEY not in f"{after.stopped_reason} {worker.dead()} {caplog.text}"
