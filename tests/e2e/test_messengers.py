"""An order that begins in Slack, is approved in Teams and heard of in Slack again: over all real services."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.deskhand import Running
from tests.support.workspaces import Workspaces


def buttons_of(call: dict[str, Any]) -> dict[str, Any]:
    """The block with the card's buttons."""
    return next(block for block in call["blocks"] if str(block.get("block_id", "")).startswith("card:"))


def link(deskhand: Running, login: str, token: str) -> None:
    answer = deskhand.session(login).post("/api/messengers", json={"token": token})
    assert answer.status_code == 201, answer.text


def test_an_order_from_slack_is_approved_in_teams(deskhand: Running, workspaces: Workspaces) -> None:
    workspaces.write(deskhand, "clerk", "你好")
    link(deskhand, "clerk", workspaces.link_of(workspaces.slack, "U0CLERK"))
    workspaces.said(workspaces.slack, "U0CLERK", "已关联|Linked")
    workspaces.teams_send(deskhand, "manager", text="你好")
    link(deskhand, "manager", workspaces.link_of(workspaces.teams, "a:manager"))
    workspaces.said(workspaces.teams, "a:manager", "已关联|Linked")

    workspaces.write(deskhand, "clerk", "华星要3000箱A4纸，下周五前送到，走快递")
    draft = workspaces.said(workspaces.slack, "Dclerk", "card:")
    workspaces.press(deskhand, "clerk", buttons_of(draft), "确认")
    number = order_number(workspaces, "Dclerk")
    workspaces.write(deskhand, "clerk", f"确认{number}")
    card = workspaces.said(workspaces.slack, "Dclerk", f"(?s)(?=.*card:)(?=.*{number})(?=.*press:confirm)")
    workspaces.press(deskhand, "clerk", buttons_of(card), "确认")

    asked = workspaces.said(workspaces.teams, "a:manager", f"(?s)(?=.*{number})(?=.*approval:)")
    approve = asked["attachments"][0]["content"]["actions"][0]
    value = {"action": {"type": "Action.Execute", "verb": approve["verb"], "data": approve["data"]}}
    answer = workspaces.teams_send(deskhand, "manager", type="invoke", name="adaptiveCard/action", value=value)
    assert "赵敏" in str(answer)

    workspaces.said(workspaces.slack, "U0CLERK", f"(?s)(?=.*{number})(?=.*(批准|approved))")
    clerk = deskhand.session("clerk")
    assert clerk.get(f"/api/orders/{number}").json()["status"] == "confirmed"
    channels = [row["channel"] for row in clerk.get(f"/api/orders/{number}/history").json()["items"]]
    assert channels[0] == "slack" and "teams" in channels


def order_number(workspaces: Workspaces, place: str) -> str:
    call = workspaces.said(workspaces.slack, place, r"SO-\d+")
    found = re.search(r"SO-\d+", json.dumps(call))
    assert found
    return found[0]
