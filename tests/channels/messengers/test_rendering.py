"""Any card fits into Slack's and Teams' limits, and nothing that people wrote is obeyed there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.channels.messengers import adaptive_cards, block_kit
from deskhand.channels.messengers.face import Button, Face, face_of_card
from deskhand.orders.tenant import Tenant

TENANT = Tenant("demo", "Demo", time_zone="Asia/Shanghai")

text = st.text(max_size=60) | st.sampled_from(
    ["<!channel> hello", "@here", "<https://evil.example|click>", "{{DATE(2026-01-01)}}", "[x](https://evil.example)",
     "*bold* _it_ `code` ~no~", "# title\n- item\n1. one", "&amp;&lt;", "长" * 400, "x" * 9000,
     "\u202e", "<script>", ""]
)  # fmt: skip
pairs = st.lists(st.tuples(text, text), max_size=130).map(tuple)
buttons = st.lists(
    st.builds(
        Button, st.text(min_size=1, max_size=64), text, st.sampled_from(["primary", "danger", "default"]), st.booleans()
    ),
    max_size=130,
    unique_by=lambda button: button.id,
).map(tuple)
faces = st.builds(
    Face,
    st.sampled_from(["zh", "en"]),
    title=text,
    text=text,
    status=text,
    facts=pairs,
    lines=st.lists(text, max_size=200).map(tuple),
    total=st.none() | st.tuples(text, text),
    items=pairs,
    subject=st.sampled_from(["card:0123456789abcdef0123456789abcdef", "approval:SO-1001"]),
    buttons=buttons,
    says=st.lists(st.tuples(text, text), max_size=30).map(tuple),
    asks=st.sampled_from([None, "day"]),
    outcome=text,
)


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string with the name under which it stands."""
    if isinstance(value, str):
        yield name, value
    for key, each in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from strings(each, key if isinstance(key, str) else name)


def parts(value: Any, kind: str) -> Iterator[dict[str, Any]]:
    for each in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        if isinstance(each, dict) and each.get("type") == kind:
            yield each
        yield from parts(each, kind)


@settings(max_examples=40, deadline=None)
@given(faces)
def test_blocks_keep_to_the_limits_of_slack(face: Face) -> None:
    made = block_kit.blocks(face)

    assert 1 <= len(made) <= 50
    assert len(json.dumps(made, ensure_ascii=False).encode()) <= 45_000
    assert len(block_kit.fallback(face)) <= 3_000
    assert all(0 < len(block["text"]["text"]) <= 150 for block in made if block["type"] == "header")
    for block in made:
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3000 if "text" in block else 1 <= len(block["fields"]) <= 10
        assert all(0 < len(field["text"]) <= 2000 for field in block.get("fields", ()))
        assert block["type"] != "actions" or 1 <= len(block["elements"]) <= 25
        assert len(block.get("block_id", "")) <= 255
    for button in parts(made, "button"):
        assert 0 < len(button["text"]["text"]) <= 75 and len(button["value"]) <= 2000
        assert len(button["action_id"]) <= 255
    for pick in parts(made, "static_select"):
        assert 1 <= len(pick["options"]) <= 100
        assert all(0 < len(o["text"]["text"]) <= 75 and 0 < len(o["value"]) <= 150 for o in pick["options"])
    for block in made:
        names = [element["action_id"] for element in block.get("elements", ()) if "action_id" in element]
        assert len(names) == len(set(names))


@settings(max_examples=40, deadline=None)
@given(faces)
def test_nothing_in_slack_calls_a_channel_or_makes_a_link(face: Face) -> None:
    made = block_kit.blocks(face)
    marked = [each["text"] for each in parts(made, "mrkdwn")]
    marked += [block["text"]["text"] for block in made if block["type"] == "section" and "text" in block]
    for each in [*marked, block_kit.fallback(face)]:
        assert not re.search(r"[<>]|@(channel|here|everyone)", each)
        assert re.sub(r"&(amp|lt|gt);", "", each).count("&") == 0


@settings(max_examples=40, deadline=None)
@given(faces)
def test_cards_keep_to_the_limits_of_teams(face: Face) -> None:
    made = adaptive_cards.card(face, ["29:someone"])

    assert len(json.dumps(made, ensure_ascii=False).encode()) <= 28_000
    assert made["body"] and len(made.get("actions", ())) <= 6
    for action in made.get("actions", ()):
        assert action["title"]
        if action["type"] == "Action.Execute":
            assert action["fallback"]["type"] == "Action.Submit"
            assert action["fallback"]["data"] == action["data"] and action["data"]["verb"] == action["verb"]


MARKDOWN = re.compile(r"(?<!\\)[*_`\[\]~<>|]|^\s*(#|[-+]|\d+[.)])\s|(?<!\u2060)\{\{", re.MULTILINE)


@settings(max_examples=40, deadline=None)
@given(faces)
def test_nothing_in_teams_is_markdown_or_a_function(face: Face) -> None:
    made = adaptive_cards.card(face)
    for name, said in strings(made["body"]):
        if name in ("text",):
            assert not MARKDOWN.search(said.replace("\\\\", "")), said
    for facts in parts(made["body"], "FactSet"):
        for fact in facts["facts"]:
            assert not MARKDOWN.search(fact["value"].replace("\\\\", "")), fact


CARD: dict[str, Any] = {
    "id": "c1", "kind": "command", "language": "zh", "title": "确认订单", "order": "SO-1001",
    "status": {"code": "draft", "label": "草稿"},
    "facts": [{"key": "customer", "label": "客户", "value": "华星 <!here>"}],
    "lines": [{"sku": "P", "name": "A4纸", "quantity": "20", "unit": "箱", "unit_price": "100.00", "amount": "2,000.00",
               "note": "有货"}],
    "total": {"label": "合计", "value": "2,000.00 元"}, "items": [],
    "actions": [{"id": "confirm", "label": "确认", "style": "primary"},
                {"id": "reject", "label": "不要了", "style": "default"}],
    "state": "open", "outcome": None,
}  # fmt: skip


def test_a_card_of_the_store_is_shown_whole_in_both() -> None:
    face = face_of_card(CARD, TENANT)
    slack, teams = block_kit.blocks(face), adaptive_cards.card(face)

    for said in (json.dumps(slack, ensure_ascii=False), json.dumps(teams, ensure_ascii=False)):
        for word in ("确认订单", "草稿", "客户", "A4纸 · 20 箱 × 100.00 = 2,000.00 (有货)", "合计", "2,000.00 元"):
            assert word in said
    assert [each["value"] for each in parts(slack, "button")] == ["confirm", "reject"]
    assert [each["data"]["action"] for each in teams["actions"]] == ["confirm", "reject"]
    assert slack[-1]["block_id"] == teams["actions"][0]["data"]["subject"] == "card:c1"


def test_an_answered_card_says_who_did_it_and_when_and_has_no_buttons() -> None:
    outcome = {"text": "确认", "by": "林晓", "at": "2026-11-22T08:05:00+00:00"}
    face = face_of_card(CARD | {"state": "used", "outcome": outcome}, TENANT)

    for made in (block_kit.blocks(face), adaptive_cards.card(face)):
        assert "确认 · 林晓 · 2026-11-22 16:05" in json.dumps(made, ensure_ascii=False)
        assert not [*parts(made, "button"), *parts(made, "Action.Execute")]


@pytest.mark.parametrize("state", ["expired", "superseded"])
def test_a_card_that_is_over_says_so_in_its_language(state: str) -> None:
    for language, words in (("zh", "过期取代"), ("en", "ExpiredReplaced")):
        face = face_of_card(CARD | {"state": state, "language": language}, TENANT)
        assert not face.buttons and any(word in face.outcome for word in (words[:2], words[2:], words[:7], words[7:]))


def test_more_choices_than_buttons_are_a_list_to_pick_from() -> None:
    many = [{"id": f"choose:{n}", "label": f"客户 {n}"} for n in range(1, 11)]
    face = face_of_card(CARD | {"actions": many}, TENANT)

    assert [len(each["options"]) for each in parts(block_kit.blocks(face), "static_select")] == [10]
    assert [len(each["choices"]) for each in parts(adaptive_cards.card(face), "Input.ChoiceSet")] == [10]


def test_a_reason_is_asked_for_before_anything_happens() -> None:
    face = face_of_card(
        CARD | {"actions": [{"id": "reject", "label": "驳回", "style": "danger", "reason": True}]}, TENANT
    )

    (button,) = parts(block_kit.blocks(face), "button")
    assert button["action_id"] == "reason:reject" and "confirm" not in button
    (show,) = adaptive_cards.card(face)["actions"]
    assert show["card"]["body"][0]["isRequired"] is True


def test_what_is_dangerous_is_asked_about_once_more() -> None:
    face = face_of_card(CARD | {"actions": [{"id": "confirm", "label": "取消订单", "style": "danger"}]}, TENANT)

    (button,) = parts(block_kit.blocks(face), "button")
    assert button["confirm"]["confirm"]["text"] == "取消订单"


@given(
    st.dictionaries(st.sampled_from([*CARD, "table"]), st.none() | st.integers() | text | st.lists(text, max_size=3))
)
def test_a_card_of_any_shape_is_shown(broken: dict[str, Any]) -> None:
    face = face_of_card(CARD | broken, TENANT)

    assert block_kit.blocks(face) and adaptive_cards.card(face)
