"""The files that Rasa reads agree with the code, and every sentence is there in both languages."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.order_draft import SLOTS
from actions.order_step import STEPS
from actions.registry import ACTIONS
from actions.wording import Wording
from deskhand.cases import errors as case_errors
from deskhand.cli.recognition import CHANGING
from deskhand.orders import errors
from deskhand.orders.status import DeliveryMode, Role
from deskhand.store.processes import load_process

ROOT = Path(__file__).resolve().parents[2]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py"))


def load(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


DOMAIN = load("domain.yml")
CARDS = load("processes/order_to_cash/cards.yml")
RULES = [rule for path in sorted((ROOT / "data" / "rules").glob("*.yml")) for rule in load(str(path))["rules"]]
NLU = [block for path in sorted((ROOT / "data" / "nlu").glob("*.yml")) for block in load(str(path))["nlu"]]


def codes() -> set[str]:
    named = [*inspect.getmembers(errors, inspect.isclass), *inspect.getmembers(case_errors, inspect.isclass)]
    kinds = [kind for _, kind in named if issubclass(kind, errors.DeskhandError)]
    return {kind.code for kind in kinds}


def test_every_intent_has_a_rule() -> None:
    ruled = {step["intent"] for rule in RULES for step in rule["steps"] if "intent" in step}

    assert set(DOMAIN["intents"]) | {"nlu_fallback"} == ruled


def test_every_intent_but_the_gateways_own_has_utterances_in_both_languages() -> None:
    assert {block["intent"] for block in NLU} == set(DOMAIN["intents"]) - {"choose"}
    for block in NLU:
        lines = [line.removeprefix("- ") for line in block["examples"].splitlines()]
        chinese = [line for line in lines if re.search(r"[\u4e00-\u9fff]", line)]
        assert len(chinese) >= 40 and len(lines) - len(chinese) >= 40, block["intent"]
        assert len(set(lines)) == len(lines), block["intent"]


@pytest.mark.parametrize("name", sorted(DOMAIN["responses"]))
def test_every_response_is_said_in_both_languages_with_the_same_places(name: str) -> None:
    chinese, english = DOMAIN["responses"][name]

    assert chinese["condition"] == [{"type": "slot", "name": "language", "value": "zh"}] and "condition" not in english
    assert re.search(r"[\u4e00-\u9fff]", chinese["text"]) and not re.search(r"[\u4e00-\u9fff]", english["text"])
    places = [set(re.findall(r"{(\w+)}", variant["text"])) for variant in (chinese, english)]
    assert places[0] == places[1]


def test_every_error_code_has_a_response() -> None:
    assert {f"utter_{code}" for code in codes()} <= set(DOMAIN["responses"])


def test_every_response_that_the_code_or_a_rule_names_exists() -> None:
    named = set(re.findall(r'"(utter_[a-z_]+[a-z])"', CODE)) - {"utter_action"}  # what Rasa calls the name of one
    ruled = {str(step.get("action")) for rule in RULES for step in rule["steps"]}
    named |= {action for action in ruled if action.startswith("utter_")}
    named |= {f"utter_question_{slot}" for slot in SLOTS}

    assert named <= set(DOMAIN["responses"]), named - set(DOMAIN["responses"])


def test_no_response_is_one_that_a_form_would_say_by_itself() -> None:
    assert not [name for name in DOMAIN["responses"] if name.startswith("utter_ask_")]


def test_the_domain_names_the_actions_that_there_are() -> None:
    assert sorted(DOMAIN["actions"]) == sorted(action.action_name for action in ACTIONS)


def test_slots_of_forms_are_filled_by_validators_only() -> None:
    wanted = {slot for form in DOMAIN["forms"].values() for slot in form["required_slots"]}

    assert wanted <= set(DOMAIN["slots"])
    for slot in wanted:
        assert DOMAIN["slots"][slot] == {"type": "any", "mappings": [{"type": "custom"}]}


def test_each_skill_has_one_basename() -> None:
    others = (
        "place_order",
        "amend_order",
        "give_shipment",
        "query_order",
        "list_orders",
        "show_report",
        "draft_text",
        "set_notifications",
        "undo_change",
        "ask_help",
        "ask_policy",
        "talk_to_person",
        "start_process",
        "list_tasks",
        "decide_task",
        "query_case",
        "withdraw_case",
    )
    of_tasks = {"approve_order", "reject_order"}  # asked for as tasks are: confirm_order, decide_task
    of_tasks |= {"start_account_period"}  # asked for as the status that it leads to: change_status
    of_tasks |= {"cancel_line"}  # goods of an order are cancelled by the skill that cancels orders
    for skill in (*others, *(set(STEPS) - of_tasks)):
        for path in (f"data/nlu/{skill}.yml", f"data/rules/{skill}.yml", f"actions/{skill}.py"):
            assert (ROOT / path).exists(), path


def leaves(entries: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(entries, dict) and not {"zh", "en"} & set(entries):
        for key, value in entries.items():
            yield from leaves(value, f"{path}.{key}")
    else:
        yield path, entries


def test_every_label_of_a_card_is_there_in_both_languages() -> None:
    for path, entry in leaves(CARDS):
        if isinstance(entry, dict):
            assert set(entry) == {"zh", "en"} and all(entry.values()), path


def test_every_step_role_and_delivery_mode_has_its_words() -> None:
    table = load_process(ROOT / "processes" / "order_to_cash").table
    events = {node.event for node in table.waiting} | {"give_shipment_information", "cancel_order", "hold_order"}

    assert events <= set(CARDS["steps"])
    assert {str(mode) for mode in DeliveryMode} == set(CARDS["delivery_modes"])
    assert {str(role) for role in Role} - {"system"} == set(CARDS["roles"])
    assert set(STEPS) <= set(CARDS["effects"]) and {"give_shipment", "change_shipment"} <= set(CARDS["effects"])


def test_python_holds_no_sentence_for_people() -> None:
    for path in (ROOT / "actions").glob("*.py"):
        code = re.sub(r'""".*?"""|#.*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        code = re.sub(r"_(?:LAST|BECAUSE) = re\.compile\(.*?\n\)", "", code, flags=re.DOTALL)
        code = code.replace('"、"', "")
        assert not re.search(r"[\u4e00-\u9fff]", code), path.name


@pytest.mark.parametrize("code", sorted(errors.DelegationRefused.because))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_rights_can_not_be_lent_is_a_sentence_and_no_code(code: str, language: str) -> None:
    data = {"away": "ann", "delegate": "bo"} if code != "not_a_time" else {"said": "Christmas"}

    said = Wording.load(ROOT / "processes").say("lending", code, language, **data)

    assert said != code and "_" not in said and not set("{}") & set(said) and said[-1] in "。."
    assert bool(re.search(r"[\u4e00-\u9fff]", said)) is (language == "zh")


def test_only_what_answers_a_card_carries_out_a_command() -> None:
    """Everything else rehearses: nothing in the order system changes without a yes."""
    carried_out = {
        path.stem
        for path in (ROOT / "actions").glob("*.py")
        if re.search(r"\bturn\.do(?:_case)?\(", path.read_text(encoding="utf-8"))
    }

    assert carried_out == {"answer_card", "several_card", "place_order", "case_command", "robot_cards"}


def test_the_intents_that_need_more_certainty_are_those_that_are_measured() -> None:
    (component,) = [each for each in load("config.yml")["pipeline"] if "changing" in each]

    assert set(component["changing"]) == CHANGING <= set(DOMAIN["intents"])
