"""What the audit tells of cases: who did what, and which fields were given; never what they say."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from deskhand.cases import FieldInvalid, GiveFields
from deskhand.store import Desk
from deskhand.store.trail import Asked, Trail
from tests.cases.spending import CLERK, LARGE, MANAGER, TENANT, decided, started

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rows(desk: Desk, **asked: str) -> list[dict[str, object]]:
    with desk.unit_of_work(TENANT, read_only=True) as uow:
        return [asdict(each) for each in Trail(uow.connection, TENANT, desk.clock).latest(Asked(**asked), 50)]


def test_the_trail_names_the_fields_of_a_case_and_not_what_they_say(desk: Desk) -> None:
    case = started(desk, **{**LARGE, "salary_code": "S-7"})
    desk.handle(GiveFields(case.number, {"salary_code": "S-8"}), CLERK)
    decided(desk, case, MANAGER, reason="for the new team")

    found = rows(desk, order=case.number)

    first = next(row for row in found if row["action"] == "start_case")
    assert isinstance(first["detail"], dict) and "salary_code" in first["detail"]["values"]
    said = json.dumps(found, default=str, ensure_ascii=False)
    assert not [secret for secret in ("S-7", "S-8", "Laptops", "8000") if secret in said]
    assert "for the new team" in said


def test_a_refused_value_is_not_kept_in_the_audit(desk: Desk) -> None:
    with pytest.raises(FieldInvalid):
        started(desk, salary_code="x" * 5000)
    with pytest.raises(FieldInvalid):
        started(desk, amount="none-of-yours")

    found = rows(desk, outcome="refused")

    assert {"field_invalid"} == {row["detail"]["code"] for row in found if isinstance(row["detail"], dict)}
    assert "none-of-yours" not in json.dumps(found, default=str) and "xxx" not in json.dumps(found, default=str)
    assert "amount" in json.dumps(found, default=str)
