from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from deskhand.engine import DecisionFailed, DecisionsRefused, load_decisions

FILES = Path(__file__).resolve().parents[2] / "processes" / "order_to_cash"


def model(policy: str, *rules: tuple[str, str], aggregation: str = "", values: str = "") -> bytes:
    rows = "".join(
        f'<rule id="r{at}"><inputEntry><text><![CDATA[{test}]]></text></inputEntry>'
        f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for at, (test, result) in enumerate(rules)
    )
    allowed = values and f"<outputValues><text>{values}</text></outputValues>"
    extra = aggregation and f'aggregation="{aggregation}"'
    return f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" id="m" namespace="n">
<decision id="d" name="level"><decisionTable hitPolicy="{policy}" {extra}>
<input><inputExpression><text>n</text></inputExpression></input><output name="result">{allowed}</output>{rows}
</decisionTable></decision></definitions>""".encode()


RULES = (("> 1", '"low"'), ("> 5", '"high"'), ("> 9", '"high"'))
ORDER = '"high", "low"'


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("FIRST", "low"),
        ("PRIORITY", "high"),
        ("RULE ORDER", ["low", "high", "high"]),
        ("OUTPUT ORDER", ["high", "high", "low"]),
        ("COLLECT", ["low", "high", "high"]),
    ],
)
def test_the_hit_policy_says_which_of_the_rules_count(policy: str, expected: object) -> None:
    decisions = load_decisions(model(policy, *RULES, values=ORDER), "m.dmn")

    assert decisions.decide("level", {"n": 10}) == {"result": expected}


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 9), ("MIN", 2), ("MAX", 4), ("COUNT", 3)])
def test_collected_numbers_are_aggregated(aggregation: str, expected: int) -> None:
    rules = (("-", "3"), ("> 1", "2"), ("> 5", "4"))
    decisions = load_decisions(model("COLLECT", *rules, aggregation=aggregation), "m.dmn")

    assert decisions.evaluate("level", {"n": 10}) == Decimal(expected)


def test_two_rules_of_a_unique_table_may_not_apply_at_once() -> None:
    decisions = load_decisions(model("UNIQUE", *RULES), "m.dmn")

    assert decisions.evaluate("level", {"n": 3}) == "low"
    with pytest.raises(DecisionFailed):
        decisions.evaluate("level", {"n": 6})


def test_rules_of_an_any_table_must_agree() -> None:
    decisions = load_decisions(model("ANY", ("> 5", '"high"'), ("> 1", '"low"'), ("> 9", '"high"')), "m.dmn")

    assert decisions.evaluate("level", {"n": 2}) == "low"
    with pytest.raises(DecisionFailed):
        decisions.evaluate("level", {"n": 6})


def test_no_rule_gives_null() -> None:
    assert load_decisions(model("FIRST", *RULES), "m.dmn").decide("level", {}) == {"result": None}


def test_an_unknown_decision_fails_by_name() -> None:
    with pytest.raises(DecisionFailed, match="'freight'"):
        load_decisions(model("FIRST", *RULES), "m.dmn").decide("freight", {})


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (model("BEST", *RULES), "hit policy 'BEST'"),
        (model("FIRST", ("> ", "1")), "position"),
        (model("COLLECT", *RULES, aggregation="MEAN"), "aggregation 'MEAN'"),
        (model("FIRST", *RULES, aggregation="SUM"), "only a COLLECT table"),
        (model("FIRST", *RULES).replace(b"decisionTable", b"context"), "only decision tables"),
        (b"<definitions/>", "not a DMN file"),
        (b"<definitions", "not well-formed"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><definitions>&a;</definitions>', "document type"),
    ],
)
def test_a_model_outside_the_profile_is_refused_with_the_reason(xml: bytes, message: str) -> None:
    with pytest.raises(DecisionsRefused, match=message) as refused:
        load_decisions(xml, "m.dmn")
    assert all(fault.line >= 1 for fault in refused.value.faults)


def test_decisions_that_need_each_other_are_refused() -> None:
    need = '<informationRequirement><requiredDecision href="#{}"/></informationRequirement>'
    literal = "<literalExpression><text>1</text></literalExpression>"
    xml = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">
<decision id="a" name="a">{need.format("b")}{literal}</decision>
<decision id="b" name="b">{need.format("a")}{literal}</decision>
<decision id="c" name="c">{need.format("x")}{literal}</decision></definitions>"""

    with pytest.raises(DecisionsRefused) as refused:
        load_decisions(xml.encode(), "m.dmn")

    assert [(fault.element_id, fault.line) for fault in refused.value.faults] == [("a", 2), ("b", 3), ("c", 4)]


INVOCATION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">
<businessKnowledgeModel id="k" name="part of"><encapsulatedLogic>
<formalParameter name="whole"/><formalParameter name="share"/>
<literalExpression><text>whole * share</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>
<decision id="d" name="bonus"><invocation id="call"><literalExpression><text>{}</text></literalExpression>
<binding><parameter name="share"/><literalExpression><text>{}</text></literalExpression></binding>
<binding><parameter name="whole"/><literalExpression><text>salary</text></literalExpression></binding>
</invocation></decision></definitions>"""


def test_business_knowledge_is_invoked_by_the_names_of_its_parameters() -> None:
    decisions = load_decisions(INVOCATION.format("part of", "0.5 - 0.25").encode(), "m.dmn")

    assert decisions.decide("bonus", {"salary": 100}) == {"bonus": 25}


@pytest.mark.parametrize(
    ("called", "share", "message"),
    [("parts", "1", "no business knowledge model 'parts'"), ("part of", "1), (2", "position 2")],
)
def test_an_invocation_that_cannot_be_is_refused(called: str, share: str, message: str) -> None:
    with pytest.raises(DecisionsRefused, match=message):
        load_decisions(INVOCATION.format(called, share).encode(), "m.dmn")


def test_every_fault_of_a_model_is_told_at_once_with_element_and_line() -> None:
    xml = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">
<decision id="a" name="Level"><decisionTable id="t" hitPolicy="BEST">
<input id="i" label="Amount"><inputExpression><text>n +</text></inputExpression></input><output/>
<rule id="r1"><inputEntry><text>&lt;</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
<rule><inputEntry><text>1</text></inputEntry></rule>
</decisionTable></decision>
<decision id="b" name="P"><literalExpression expressionLanguage="python"><text>1</text></literalExpression></decision>
<decision id="c" name="Nothing"/>
<decision id="c"><literalExpression><text>1 +</text></literalExpression></decision></definitions>"""

    with pytest.raises(DecisionsRefused) as refused:
        load_decisions(xml.encode(), "m.dmn")

    found = [(fault.element_id, fault.name, fault.line) for fault in refused.value.faults]
    assert found == [
        ("t", "", 2),
        ("i", "Amount", 3),
        ("r1", "", 4),
        ("t", "", 5),
        ("b", "P", 7),
        ("c", "Nothing", 8),
        ("c", "", 9),
        ("c", "", 9),
        ("c", "", 9),
    ]


@pytest.mark.parametrize(
    ("order", "freight"),
    [
        ({"delivery_mode": "pickup"}, "0"),
        ({"delivery_mode": "own", "value": Decimal("1999.99")}, "30"),
        ({"delivery_mode": "own", "value": 2000}, "0"),
        ({"delivery_mode": "direct", "region": "domestic", "weight_kg": 80, "value": 6000}, "0"),
        ({"delivery_mode": "direct", "region": "remote", "weight_kg": 80, "value": 6000}, "60"),
        ({"delivery_mode": "direct", "region": "local", "weight_kg": 150, "value": 10}, "75"),
        ({"delivery_mode": "direct"}, "60"),
        ({"delivery_mode": "courier"}, "15"),
        ({"delivery_mode": "courier", "region": "local", "weight_kg": Decimal("0.5")}, "8"),
        ({"delivery_mode": "courier", "region": "remote", "weight_kg": 2}, "36"),
        ({"delivery_mode": "courier", "weight_kg": 3}, "16"),
        ({}, "15"),
    ],
)
def test_freight_follows_its_table_also_for_an_order_of_which_little_is_known(
    order: dict[str, object], freight: str
) -> None:
    decisions = load_decisions((FILES / "freight.dmn").read_bytes(), "freight.dmn")

    assert decisions.decide("freight", order) == {"freight": Decimal(freight)}


@pytest.mark.parametrize("channel", ["chat", "http", "import", None])
def test_the_scenario_table_answers_for_every_channel_mode_and_appointment(channel: str | None) -> None:
    decisions = load_decisions((FILES / "scenario.dmn").read_bytes(), "scenario.dmn")

    for mode in ("direct", "courier", "own", "pickup", None):
        for appointment in (True, False, None):
            given = {"channel": channel, "delivery_mode": mode, "appointment": appointment}
            result = decisions.decide("scenario", given)
            assert {name for name, value in result.items() if value is None} <= {"warehouse", "cut_off", "carrier"}


@pytest.mark.parametrize(
    ("order", "freight"),
    [
        ({"delivery_mode": "own", "value": Decimal("1999.99")}, "30"),
        ({"delivery_mode": "own", "value": Decimal(2000)}, "0"),
        ({"delivery_mode": "direct", "region": "domestic", "value": Decimal("4999.99"), "weight_kg": None}, "60"),
        ({"delivery_mode": "direct", "region": "domestic", "value": Decimal(5000), "weight_kg": Decimal(500)}, "0"),
        ({"delivery_mode": "direct", "region": "remote", "value": Decimal(5000), "weight_kg": Decimal(100)}, "60"),
        ({"delivery_mode": "direct", "region": "remote", "value": Decimal(5000), "weight_kg": Decimal(101)}, "60.3"),
        ({"delivery_mode": "courier", "region": "local", "value": Decimal(1), "weight_kg": Decimal(1)}, "8"),
        ({"delivery_mode": "courier", "region": "local", "value": Decimal(1), "weight_kg": Decimal("1.01")}, "8.01"),
        ({"delivery_mode": "courier", "region": "domestic", "value": Decimal(1), "weight_kg": Decimal(1)}, "12"),
        ({"delivery_mode": "courier", "region": "domestic", "value": Decimal(1), "weight_kg": Decimal(2)}, "14"),
        ({"delivery_mode": "courier", "region": "remote", "value": Decimal(1), "weight_kg": Decimal(1)}, "28"),
        ({"delivery_mode": "courier", "region": "remote", "value": Decimal(1), "weight_kg": None}, "15"),
        ({"delivery_mode": "pickup", "region": "remote", "value": Decimal(1), "weight_kg": Decimal(900)}, "0"),
    ],
)
def test_freight_changes_exactly_where_its_table_says(order: dict[str, object], freight: str) -> None:
    decisions = load_decisions((FILES / "freight.dmn").read_bytes(), "freight.dmn")

    assert decisions.decide("freight", order)["freight"] == Decimal(freight)
