"""An agent over a server elsewhere: what it asks, how it reads answers, what it says when something is wrong."""

from __future__ import annotations

import pickle
import socket
import threading
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from llm_server.agent import (
    Agent,
    AgentBusy,
    AgentClosed,
    AgentTimeout,
    AnswerCutOff,
    AnswerInvalid,
    BadExamples,
    CannotTrain,
    InputTooLong,
    NoSuchModel,
    RequestRefused,
    ServerFailed,
    ServerUnreachable,
    WrongKey,
)
from llm_server.agent.form import label_form, typed_form
from llm_server.agent.home import _told
from llm_server.agent.learning import check_method, rows_of
from llm_server.agent.place import Files, place_of
from llm_server.errors import GenerationFailed, InvalidRequest
from tests.agent.conftest import Elsewhere
from tests.llm_server.tiny_model import make_tiny_adapter, make_tiny_model


@dataclass
class Line:
    item: str
    quantity: int
    price: Decimal = Decimal(0)


class Order(BaseModel):
    customer: str
    lines: list[Line]
    day: date | None = None


ORDER = Order(customer="阿克米", lines=[Line("bolt", 200, Decimal("1.25"))], day=date(2026, 11, 22))


def messages(elsewhere: Elsewhere) -> list[tuple[str, str]]:
    return [(message.role.value, message.content) for message in elsewhere.engine.messages]  # type: ignore[union-attr]


def test_text_goes_in_and_out_with_the_system_before_it(elsewhere: Elsewhere) -> None:
    with Agent.load(elsewhere.url, system="Be short.") as agent:
        assert agent.infer("你好", max_tokens=3, temperature=0.5, seed=4) == "Hello world!"

    asked = elsewhere.engine.requests[-1]
    assert messages(elsewhere) == [("system", "Be short."), ("user", "你好")]
    assert (asked.max_tokens, asked.sampling.temperature, asked.sampling.seed) == (3, 0.5, 4)
    assert asked.grammar is None


def test_an_answer_is_of_its_type_and_the_server_is_told_its_form(elsewhere: Elsewhere) -> None:
    elsewhere.engine.words = [ORDER.model_dump_json()]
    with Agent.load(elsewhere.url) as agent:
        assert agent.returning(Order).infer({"text": "200 bolts"}) == ORDER
        elsewhere.engine.words = ['{"value": [1, 2]}']
        assert agent.returning(list[int]).infer("two numbers") == [1, 2]

    grammar = elsewhere.engine.requests[0].grammar
    assert grammar is not None and '"customer"' in (grammar.schema or "") and "title" not in (grammar.schema or "")
    assert messages(elsewhere)[0][1].startswith("two numbers\n\n{")


def test_a_label_is_one_of_those(elsewhere: Elsewhere) -> None:
    elsewhere.engine.words = ['{"value": "投诉"}']
    with Agent.load(elsewhere.url) as agent:
        assert agent.choosing("订单", "投诉").infer("我的螺栓在哪里？") == "投诉"
        with pytest.raises(AnswerInvalid, match="'order' or 'other'") as wrong:
            agent.choosing("order", "other").infer("?")  # a server that knows no grammars
        for labels in ((), ("one",), ("a", "a"), ("a", " ")):
            with pytest.raises(TypeError, match="two different labels"):
                agent.choosing(*labels)

    assert wrong.value.text == '{"value": "投诉"}'


def test_many_are_answered_in_their_order_and_the_first_error_ends_them(elsewhere: Elsewhere) -> None:
    with Agent.load(elsewhere.url) as agent:
        assert agent.infer_all([f"say {number}" for number in range(20)]) == ["Hello world!"] * 20
        assert agent.infer_all([]) == []
        with pytest.raises(InputTooLong, match="Give a shorter input"):
            agent.infer_all(["short", "long " * 100])


async def test_the_same_on_a_loop_of_one_s_own(elsewhere: Elsewhere) -> None:
    async with Agent.load(elsewhere.url) as agent:
        assert await agent.ainfer("hi") == "Hello world!"
        assert await agent.ainfer_all(["hi", "ho"]) == ["Hello world!"] * 2


@pytest.mark.parametrize("elsewhere", [{"api_key": "right"}], indirect=True)
def test_a_wrong_key_is_said(elsewhere: Elsewhere) -> None:
    with pytest.raises(WrongKey, match="Load the agent with key="):
        Agent.load(elsewhere.url, key="wrong")
    Agent.load(elsewhere.url, key="right").close()


def test_what_the_server_refuses_is_said_in_its_words(elsewhere: Elsewhere) -> None:
    with Agent.load(elsewhere.url) as agent:
        with pytest.raises(RequestRefused, match="temperature"):
            agent.infer("hi", temperature=9.0)
        elsewhere.engine.fails_with = GenerationFailed()
        with pytest.raises(ServerFailed, match="The server's log says more"):
            agent.infer("hi", max_tokens=2)
        elsewhere.engine.fails_with = InvalidRequest("The schema can't be used: no")
        with pytest.raises(RequestRefused, match="The schema can't be used"):
            agent.infer("hi", max_tokens=1)
    with Agent.load(elsewhere.url, model="none") as agent, pytest.raises(NoSuchModel, match="'fake' is served"):
        agent.infer("hi")


def test_an_answer_that_is_cut_off_is_no_answer_of_a_type(elsewhere: Elsewhere) -> None:
    elsewhere.engine.words = ['{"value"', ": 12", "345}"]
    with Agent.load(elsewhere.url) as agent:
        assert agent.returning(int).infer("?") == 12345
        with pytest.raises(AnswerCutOff, match="larger max_tokens") as cut:
            agent.returning(int).infer("?", max_tokens=2)

    assert cut.value.text == '{"value": 12'


def test_who_takes_too_long_is_given_up(elsewhere: Elsewhere) -> None:
    elsewhere.engine.may_speak.clear()
    with Agent.load(elsewhere.url, timeout=0.5) as agent, pytest.raises(AgentTimeout, match="larger timeout"):
        agent.infer("hi")


def test_nobody_at_the_address_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        with pytest.raises(ServerUnreachable, match="Is the server up"):
            Agent.load(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert [thread for thread in threading.enumerate() if thread.name == "agent"] == []


def test_a_closed_agent_says_so_and_closing_twice_is_harmless(elsewhere: Elsewhere) -> None:
    with Agent.load(elsewhere.url) as agent:
        labels = agent.choosing("a", "b")
    agent.close()

    with pytest.raises(AgentClosed, match="Load it again"):
        labels.infer("hi")


def test_errors_of_busy_servers_are_their_own_kind() -> None:
    import httpx2
    import openai

    request = httpx2.Request("POST", "http://gpu/v1/chat/completions")
    for status, kind in ((429, AgentBusy), (503, AgentBusy), (504, AgentTimeout), (500, ServerFailed)):
        response = httpx2.Response(status, request=request)
        made = openai.RateLimitError if status == 429 else openai.InternalServerError
        assert isinstance(_told(made("said", response=response, body=None), "http://gpu"), kind)


# --- names


def test_a_name_is_a_folder_a_model_or_in_the_registry(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLM_REGISTRY", str(tmp_path / "registry"))
    adapter = make_tiny_adapter(tmp_path / "adapter", 1)

    assert place_of(tiny_model) == Files(tiny_model)
    assert place_of(adapter, base=tiny_model) == Files(tiny_model, adapter)
    assert place_of("smollm2-135m-instruct") == Files(Path("var/models/smollm2-135m-instruct"), converts=True)
    with pytest.raises(NoSuchModel, match="no folder of that name, none in var/models, and none in the registry"):
        place_of("letters")


def test_a_pickle_and_a_broken_file_are_refused_before_a_process_is_started(tmp_path: Path) -> None:
    folder = make_tiny_model(tmp_path / "model")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    for content, why in ((pickle.dumps({}), "but a pickle"), (whole[:-9], "is not whole")):
        weights.write_bytes(content)
        with pytest.raises(NoSuchModel, match=why):
            Agent.load(folder)


# --- examples


@pytest.mark.parametrize(
    ("examples", "why"),
    [
        ([("in", "order")] * 9, "There are 9 examples; 10 are the fewest"),
        ([("in", "order")] * 10 + [("in", "complaints")], "Example 11 can't be learnt: .*'order' or 'complaint'"),
        ([("in", "order"), "order"], "Example 2 is no pair"),
        ([("in", "order", 3)], "Example 1 is no pair"),
    ],
)
def test_examples_are_looked_at_before_anything_begins(examples: list[Any], why: str) -> None:
    with pytest.raises(BadExamples, match=why):
        rows_of(examples, label_form(["order", "complaint"]), "")


def test_examples_are_asked_as_the_agent_asks_and_answered_as_it_reads() -> None:
    form = typed_form(Order)
    row = rows_of([({"text": "200 bolts"}, ORDER)] * 10, form, "Orders")[0]

    assert (row["system"], row["prompt"]) == ("Orders", form.asked({"text": "200 bolts"}))
    assert form.read(row["text"]) == ORDER
    assert rows_of([(date(2026, 11, 22), 5)] * 10, typed_form(int), "")[0]["text"] == '{"value": 5}'
    with pytest.raises(BadExamples, match="Example 1 can't be learnt: lines: Field required"):
        rows_of([("x", {"customer": "A"})], form, "")


def test_a_model_elsewhere_can_not_be_trained_and_no_method_is_invented(elsewhere: Elsewhere) -> None:
    with Agent.load(elsewhere.url) as agent:
        with pytest.raises(CannotTrain, match="Load its folder here"):
            agent.train([("a", "b")] * 10)
        with pytest.raises(CannotTrain, match=r"agent.train\(examples\) comes first"):
            agent.save("letters")
    with pytest.raises(TypeError, match="'lora' is none of adapter, head, whole, distil, prune"):
        check_method("lora")


@pytest.mark.parametrize("kind", [bool, Literal["a", "b"], dict[str, int], int | None, list[Line], Order])
def test_schemas_have_an_object_at_the_top_and_name_every_field(kind: Any) -> None:
    schema = typed_form(kind).schema

    assert schema is not None and schema["type"] == "object"
    for each in (schema, *schema.get("$defs", {}).values()):
        if "properties" in each:
            assert each["required"] == list(each["properties"]) and each["additionalProperties"] is False


def test_a_type_that_nobody_can_check_is_refused() -> None:
    with pytest.raises(TypeError, match="can't be an answer's type"):
        typed_form(threading.Lock)  # type: ignore[arg-type]  # that is the point


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny") / "model")
