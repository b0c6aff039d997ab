"""Quality reports: limits, pass, rework and reject, the signature, and cases that the shifts begin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from deskhand.cases.errors import OtherPersonNeeded
from deskhand.engine import load_decisions
from deskhand.orders.errors import RoleNotAllowed
from deskhand.store.text_jobs import facts_of
from deskhand.writing.jobs import TextJob
from tests.processes.office import DIRECTOR, Office
from tests.processes.values import SAMPLE
from tests.support.desks import CLERK, MANAGER, ROOT, TENANT, WAREHOUSE
from tests.writing.sample import TEMPLATES

RULES = load_decisions((ROOT / "processes/quality_report/quality.dmn").read_bytes(), "quality.dmn")
NAME = "quality_report"
WORK_ORDER = {"work_order": "WO-2026-118"}
WET: dict[str, Any] = {**SAMPLE, "moisture": Decimal("6.1")}


def _judged(measurements: int = 1, **more: Any) -> dict[str, Any]:
    values = {**SAMPLE, **more, "measurements": measurements}
    return RULES.decide("verdict", values | RULES.decide("limits", values))


@pytest.mark.parametrize(
    ("more", "verdict", "deviations"),
    [
        ({}, "pass", []),
        ({"grammage": Decimal("76.8")}, "pass", []), ({"grammage": Decimal("83.2")}, "pass", []),
        ({"grammage": Decimal("76.7")}, "reject", ["grammage_low"]),
        ({"grammage": Decimal("83.3")}, "reject", ["grammage_high"]),
        ({"moisture": Decimal("3.5")}, "pass", []), ({"moisture": Decimal("5.5")}, "pass", []),
        ({"moisture": Decimal("3.4")}, "rework", ["moisture_low"]),
        ({"moisture": Decimal("5.6")}, "rework", ["moisture_high"]),
        ({"length": 295}, "pass", []), ({"length": Decimal("299.1")}, "rework", ["length_off"]),
        ({"width": 212}, "pass", []), ({"width": Decimal("207.9")}, "rework", ["width_off"]),
        ({"defects": 3}, "pass", []), ({"defects": 4}, "rework", ["too_many_defects"]),
        ({"defects": 7}, "rework", ["too_many_defects"]), ({"defects": 8}, "reject", ["too_many_defects"]),
        ({"moisture": 9, "length": 1}, "rework", ["moisture_high", "length_off"]),
        ({"product": "a4_70", "grammage": 70}, "pass", []), ({"product": "a4_70"}, "reject", ["grammage_high"]),
        ({"product": "a3_80", "length": 420, "width": 297}, "pass", []),
    ],
)  # fmt: skip
def test_values_are_judged_by_the_limits_of_the_product(
    more: dict[str, Any], verdict: str, deviations: list[str]
) -> None:
    assert _judged(**more) == {"verdict": verdict, "deviations": deviations}


def test_what_is_still_outside_after_two_reworks_is_rejected() -> None:
    assert [_judged(times, moisture=9)["verdict"] for times in (1, 2, 3)] == ["rework", "rework", "reject"]


def test_a_good_sample_is_signed_off_and_passes(office: Office) -> None:
    file = office.start(NAME, WORK_ORDER, WAREHOUSE)
    assert (file.status, file.number[:3]) == ("waiting_for_measurement", "QR-")
    file = office.answer(file, WAREHOUSE, "complete", **SAMPLE)
    assert file.status == "waiting_for_sign_off"
    assert "签发人" not in office.document(file, "draft") and "合格：各项指标" in office.document(file, "draft")

    done = office.answer(file, MANAGER)

    assert done.status == "passed"
    report = office.document(done, "report")
    assert "克重：79.6 g/m²（限值 76.8 至 83.2）" in report and "缺陷：1 张（允许 3，达到 8 即拒收）" in report
    assert "检验员：王强 Wang Qiang" in report and "签发人：赵敏 Zhao Min" in report and "偏差" not in report


def test_what_can_be_put_right_is_reworked_and_measured_again(office: Office) -> None:
    file = office.answer(office.start(NAME, WORK_ORDER, WAREHOUSE), WAREHOUSE, "complete", **WET)
    assert file.status == "in_rework"

    file = office.answer(file, WAREHOUSE, "complete", rework_done="恒温恒湿放置 8 小时")
    assert file.status == "waiting_for_measurement"
    done = office.answer(office.answer(file, WAREHOUSE, "complete", **SAMPLE), MANAGER)

    assert (done.status, done.values["measurements"]) == ("passed", 2)
    assert "返工：恒温恒湿放置 8 小时" in office.document(done, "report")


def test_a_rejected_sample_is_blocked(office: Office) -> None:
    values = {**SAMPLE, "defects": 9}
    file = office.answer(office.start(NAME, WORK_ORDER, WAREHOUSE), WAREHOUSE, "complete", **values)

    done = office.answer(file, MANAGER)

    assert done.status == "rejected"
    report = office.document(done, "report", "en")
    assert "9 of 125 sheets are faulty, where 3 may be." in report and "Rejected: the goods" in report


def test_who_does_not_sign_has_it_measured_again(office: Office) -> None:
    file = office.answer(office.start(NAME, WORK_ORDER, WAREHOUSE), WAREHOUSE, "complete", **SAMPLE)

    again = office.reject(file, MANAGER, "取样位置不对")
    assert again.status == "waiting_for_measurement"
    done = office.answer(office.answer(again, WAREHOUSE, "complete", **SAMPLE), DIRECTOR)

    assert done.status == "passed"


def test_who_measured_does_not_sign_though_they_stand_in_for_the_manager(office: Office) -> None:
    office.away(MANAGER, WAREHOUSE)
    file = office.start(NAME, WORK_ORDER, DIRECTOR)
    file = office.answer(file, WAREHOUSE, "complete", **SAMPLE)

    with pytest.raises(OtherPersonNeeded):
        office.answer(file, WAREHOUSE)
    assert office.answer(file, MANAGER).status == "passed"


def test_sales_neither_starts_nor_measures(office: Office) -> None:
    file = office.start(NAME, WORK_ORDER, WAREHOUSE)

    with pytest.raises(RoleNotAllowed):
        office.answer(file, CLERK, "complete", **SAMPLE)


def test_an_inspection_is_called_off(office: Office) -> None:
    file = office.start(NAME, WORK_ORDER, WAREHOUSE)

    assert office.withdraw(file, MANAGER, "设备停机").status == "withdrawn"


def test_a_quarter_of_an_hour_before_each_shift_begins_and_ends_an_inspection_is_started(office: Office) -> None:
    begun: list[tuple[str, ...]] = []
    for _ in range(24 * 4):  # a day, in quarters of an hour, from ten in the morning
        office.clock.forward(minutes=15)
        office.desk.run_cases(TENANT)
        with office.desk.unit_of_work(TENANT, read_only=True) as uow:
            files = uow.case_files.list(process=NAME).items
        known = {number for number, *_ in begun}
        begun += [
            (each.number, each.started_by, office.clock().strftime("%H:%M"), each.values["work_order"])
            for each in files
            if each.number not in known
        ]

    assert sorted(each[1:] for each in begun) == [
        ("system", "07:45", "WO-2026-11-20-evening-start"),
        ("system", "07:45", "WO-2026-11-20-morning-end"),
        ("system", "15:15", "WO-2026-11-20-evening-end"),
        ("system", "23:45", "WO-2026-11-21-morning-start"),
    ]  # fmt: skip


def test_who_should_measure_is_reminded_and_after_two_hours_the_manager_is_told(office: Office) -> None:
    file = office.start(NAME, WORK_ORDER, WAREHOUSE)

    office.later(file, minutes=30)
    reminded = office.told("role:warehouse")
    late = office.later(file, minutes=90)

    assert sum("催办" in text for text in reminded) == 1
    assert any("两小时仍未测量" in text for text in office.told("role:manager"))
    assert office.answer(late, WAREHOUSE, "complete", **SAMPLE).status == "waiting_for_sign_off"


def test_a_rejected_work_order_is_blocked_where_it_could_be_delivered(office: Office) -> None:
    values = {**SAMPLE, "grammage": Decimal("60")}
    file = office.answer(office.start(NAME, WORK_ORDER, WAREHOUSE), WAREHOUSE, "complete", **values)

    office.answer(file, MANAGER)

    for role in ("warehouse", "sales"):
        assert any("请封存，不得发货" in text for text in office.told(f"role:{role}"))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("检验员为王强。", "检验日期为2026年11月", "样品共125张。", "克重为79.6 g/m²。", "判定为合格。")),
        ("en", ("The inspector was Wang Qiang.", "November 2026.", "The sample was 125 sheets.", "Judgement: passed.")),
    ],
)
def test_a_text_about_the_batch_says_who_measured_when_and_how_many(
    office: Office, language: str, said: tuple[str, ...]
) -> None:
    file = office.answer(office.start(NAME, WORK_ORDER, WAREHOUSE), WAREHOUSE, "complete", **SAMPLE)
    job = TextJob("quality_report", language, "WO-2026-118")

    with office.desk.unit_of_work(TENANT, read_only=True) as uow:
        known = facts_of(office.desk, uow, job, MANAGER)

    template = TEMPLATES.get("quality_report", language)
    text = template.render(known)
    assert all(words in text for words in said) and template.check(text, known).ok, text
    assert file.values["defects"] == 1
