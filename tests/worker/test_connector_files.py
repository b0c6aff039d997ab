"""What a connector's file says: how requests are made of it, what is taken from answers, what is refused and where."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deskhand.worker.connectors import ConnectorInvalid, Connectors, contradictions
from deskhand.worker.connectors.errors import ConnectorChanged, ConnectorUnknown
from deskhand.worker.connectors.file import read_connector
from deskhand.worker.connectors.mapping import json_of, request_of, results_of
from deskhand.worker.connectors.model import Connector
from deskhand.worker.settings import Settings

FILE = """
title: {zh: 征信, en: Credit}
url: https://credit.example/v2/
sign_in: {as: bearer, secret: CONNECTOR_CREDIT_TOKEN}
operations:
  score:
    path: /customers/{customer}/score
    query: {day: day, full: {value: true}}
    body:
      order.total: {from: amount, as: number}
      order.currency: {value: CNY}
      name: name
    answer:
      score: {at: data.0.score, as: number}
      rating: {at: rating, values: [A, B]}
      since: {at: since, as: date, required: false}
      known: {at: known, as: boolean, required: false}
"""
GIVEN = {"customer": "华兴/1", "amount": "1200.50", "day": "2026-11-22", "name": None}
ANSWER = b'{"data": [{"score": 712.10}], "rating": "A", "since": "2020-01-31T00:00:00Z", "known": true}'


@pytest.fixture
def credit() -> Connector:
    return read_connector(FILE, "credit")


def test_a_request_is_made_of_parameters_and_of_what_is_always_the_same(credit: Connector) -> None:
    request = request_of(credit, credit.operations["score"], GIVEN)

    assert request.path == "/customers/%E5%8D%8E%E5%85%B4%2F1/score"
    assert request.query == {"day": "2026-11-22", "full": "true"}
    assert request.body == {"order": {"total": 1200.5, "currency": "CNY"}, "name": None}


@pytest.mark.parametrize("value", ["..", ".", "", None])
def test_a_parameter_can_not_lead_to_another_address(credit: Connector, value: str | None) -> None:
    with pytest.raises(ConnectorUnknown, match="customer"):
        request_of(credit, credit.operations["score"], {**GIVEN, "customer": value})


def test_numbers_of_an_answer_keep_their_digits_and_days_are_days(credit: Connector) -> None:
    results = results_of(credit, credit.operations["score"], json_of(ANSWER))

    assert results == {"score": Decimal("712.10"), "rating": "A", "since": date(2020, 1, 31), "known": True}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b'{"data": [], "rating": "A"}', "data.0.score of the answer is nothing, not number"),
        (b'{"data": [{"score": true}], "rating": "A"}', "'True', not number"),
        (b'{"data": [{"score": "NaN"}], "rating": "A"}', "'NaN', not number"),
        (b'{"data": [{"score": 1}], "rating": "C"}', "rating is 'C', none of"),
        (b'{"data": [{"score": 1}], "rating": ["A"]}', "not text"),
        (b'{"data": [{"score": 1}], "rating": "A", "since": "soon"}', "'soon', not date"),
        (b'{"data": [{"score": 1}], "rating": "A", "known": "yes"}', "'yes', not boolean"),
        (b"[]", "is nothing"),
    ],
)
def test_an_answer_that_has_changed_is_refused_by_what_is_wrong_with_it(
    credit: Connector, answer: bytes, message: str
) -> None:
    with pytest.raises(ConnectorChanged, match=message):
        results_of(credit, credit.operations["score"], json_of(answer))


def test_every_fault_of_a_file_is_told_with_its_line() -> None:
    wrong = FILE.replace("https://credit.example/v2/", "").replace("CONNECTOR_CREDIT_TOKEN", "DESKHAND_TURN_SECRET")
    wrong = wrong.replace("as: number}", "as: money}").replace("/customers/{customer}", "customers/..")

    with pytest.raises(ConnectorInvalid) as refused:
        read_connector(wrong + "surprise: 1\n", "credit")

    found = {(fault.line, fault.setting) for fault in refused.value.faults}
    assert {(18, "surprise"), (3, "url"), (4, "sign_in.secret"), (7, "operations.score.path")} <= found


@pytest.mark.parametrize(
    ("text", "instead", "message"),
    [
        ("sign_in: {as: bearer, secret: CONNECTOR_CREDIT_TOKEN}", "sign_in: {as: bearer}", "has a secret"),
        ("sign_in:", "seconds: 90\nsign_in:", "at most 30"),
        ("sign_in:", "url_from: CONNECTOR_URL\nsign_in:", "either url or url_from"),
        ("    path:", "    method: STEAL\n    path:", "STEAL is not one of"),
        ("name: name", "name: {from: name, value: x}", "either from"),
    ],
)
def test_what_can_not_be_is_refused(text: str, instead: str, message: str) -> None:
    with pytest.raises(ConnectorInvalid, match=message):
        read_connector(FILE.replace(text, instead, 1), "credit")


def recorded(**changed: Any) -> str:
    call = {
        "name": "good standing",
        "operation": "score",
        "params": GIVEN,
        "request": {
            "method": "POST",
            "path": "/customers/%E5%8D%8E%E5%85%B4%2F1/score",
            "query": {"day": "2026-11-22", "full": "true"},
            "body": {"order": {"total": 1200.5, "currency": "CNY"}, "name": None},
        },
        "answer": {"status": 200, "body": {"data": [{"score": 712}], "rating": "B"}},
        "results": {"score": 712, "rating": "B", "since": None, "known": None},
    }
    import json

    return f"{FILE}recorded: {json.dumps([{**call, **changed}])}\n"


def test_a_recorded_call_that_still_comes_out_the_same_contradicts_nothing() -> None:
    assert contradictions(read_connector(recorded(), "credit")) == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"params": {**GIVEN, "amount": "7"}}, "body is now"),
        ({"answer": {"status": 200, "body": {"rating": "B"}}}, "data.0.score of the answer is nothing"),
        ({"answer": {"status": 404, "body": {}}}, "status 404 is a refusal now"),
        ({"results": {"score": 1, "rating": "B", "since": None, "known": None}}, "results are now"),
        ({"results": None}, "status 200 is not a refusal now"),
    ],
)
def test_a_recorded_call_that_comes_out_otherwise_is_told(changed: dict[str, Any], message: str) -> None:
    (said,) = contradictions(read_connector(recorded(**changed), "credit"))

    assert said.startswith("good standing: ") and message in said


def test_an_operation_that_was_never_recorded_is_told(credit: Connector) -> None:
    assert contradictions(credit) == ["score: no call is recorded"]


@pytest.mark.parametrize("name", ["../tenants/demo", "no_such", "Scales", "scales.yml", ""])
def test_only_a_file_of_the_folder_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConnectorUnknown):
        Connectors(tmp_path, {}).read(name)


@pytest.mark.parametrize("url", ["http://a.example", "ftp://a.example", "https://user:pw@a.example", "x"])
def test_an_address_that_is_none_or_has_no_tls_is_not_called(url: str) -> None:
    credit = read_connector(FILE.replace("https://credit.example/v2/", url), "credit")

    with pytest.raises(ConnectorUnknown):
        Connectors(Path(), {}).url(credit)


def test_the_worker_hands_connectors_nothing_but_their_own_variables(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("a-key-from-a-file\n")
    environ = {
        "DATABASE_URL": "sqlite:///x.db",
        "DESKHAND_TURN_SECRET": "never-to-be-shown-to-anybody-at-all",
        "CONNECTOR_SCALES_URL": "http://10.0.0.5",
        "CONNECTOR_SCALES_KEY_FILE": str(file),
    }

    settings = Settings.from_environ(environ)

    found = {"CONNECTOR_SCALES_URL": "http://10.0.0.5", "CONNECTOR_SCALES_KEY": "a-key-from-a-file"}
    assert settings.connector_variables == found
    assert "a-key" not in repr(settings)
