"""Which rules led to a result: of a table, of all that it needs, of the knowledge that it calls."""

from __future__ import annotations

from decimal import Decimal

import pytest

from deskhand.engine import Applied, Change, DecisionFailed, load_decisions
from tests.engine.diagrams import END, START, path, rule, user
from tests.engine.stepping import begin, step, table_of
from tests.engine.test_dmn import ORDER, RULES, model

CHAIN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" id="m" namespace="n">
<inputData id="i" name="debts"/>
<businessKnowledgeModel id="k" name="weight"><encapsulatedLogic><formalParameter name="amount"/>
<decisionTable hitPolicy="FIRST"><input><inputExpression><text>amount</text></inputExpression></input><output name="w"/>
<rule id="k1"><inputEntry><text>&gt; 100</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>
<rule id="k2"><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>
</decisionTable></encapsulatedLogic></businessKnowledgeModel>
<decision id="s" name="score"><informationRequirement><requiredInput href="#i"/></informationRequirement>
<literalExpression><text>weight(debts) * 10</text></literalExpression></decision>
<decision id="v" name="verdict"><informationRequirement><requiredDecision href="#s"/></informationRequirement>
<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>score</text></inputExpression></input>
<output name="approved"/><output name="why"/><annotation name="note"/>
<rule id="v1"><inputEntry><text>&lt; 15</text></inputEntry><outputEntry><text>true</text></outputEntry>
<outputEntry><text>"fine"</text></outputEntry><annotationEntry><text>small debts</text></annotationEntry></rule>
<rule id="v2"><description>too much</description><inputEntry><text>&gt; 15</text></inputEntry>
<outputEntry><text>false</text></outputEntry><outputEntry><text>"debts"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_every_rule_of_a_chain_is_told_what_came_first_being_first() -> None:
    explained = load_decisions(CHAIN, "m.dmn").explain("verdict", {"debts": 700})

    assert explained.outputs == {"approved": False, "why": "debts"}
    assert explained.applied == (
        Applied("weight", "k1", 1, "", {"amount": Decimal(700)}, {"w": Decimal(2)}),
        Applied("score", "", 0, "", {"debts": 700}, {"score": Decimal(20)}),
        Applied("verdict", "v2", 2, "too much", {"score": Decimal(20)}, {"approved": False, "why": "debts"}),
    )


def test_an_annotation_column_is_told_with_its_rule() -> None:
    explained = load_decisions(CHAIN, "m.dmn").explain("verdict", {"debts": 1})

    assert [(each.rule_number, each.annotation) for each in explained.applied][-1] == (1, "small debts")


@pytest.mark.parametrize(
    ("policy", "numbers"),
    [
        ("FIRST", [1]),
        ("PRIORITY", [2]),
        ("RULE ORDER", [1, 2, 3]),
        ("OUTPUT ORDER", [2, 3, 1]),
        ("COLLECT", [1, 2, 3]),
    ],
)
def test_the_rules_that_count_by_the_hit_policy_are_told(policy: str, numbers: list[int]) -> None:
    explained = load_decisions(model(policy, *RULES, values=ORDER), "m.dmn").explain("level", {"n": 10})

    assert [each.rule_number for each in explained.applied] == numbers


def test_that_no_rule_applied_is_told_too() -> None:
    explained = load_decisions(model("FIRST", *RULES), "m.dmn").explain("level", {"n": 0})

    assert explained.applied == (Applied("level", "", 0, "", {"n": Decimal(0)}, {"result": None}),)


def test_what_is_explained_is_what_is_decided() -> None:
    decisions = load_decisions(CHAIN, "m.dmn")

    for debts in (None, 1, 100, 101):
        inputs = {"debts": debts}
        assert decisions.explain("verdict", inputs).outputs == decisions.decide("verdict", inputs)


def test_a_step_hands_on_which_rules_applied_on_its_way() -> None:
    decisions = load_decisions(CHAIN, "m.dmn")
    table = table_of(START, user("ask"), rule("rate", "verdict"), END, *path("start", "ask", "rate", "end"))

    explained = step(table, begin(table), "ask", {"debts": 700}, decide=decisions.explain)
    silent = step(table, begin(table), "ask", {"debts": 700}, decide=decisions.decide)

    assert isinstance(explained, Change) and isinstance(silent, Change)
    assert [(each.decision, each.rule_number) for each in explained.decided[0].applied][-1] == ("verdict", 2)
    assert (explained.data, silent.decided) == (silent.data, ())


def test_a_table_whose_rules_contradict_names_them() -> None:
    with pytest.raises(DecisionFailed, match="2 rules apply where only one may: 1, 2"):
        load_decisions(model("UNIQUE", *RULES), "m.dmn").explain("level", {"n": 6})
