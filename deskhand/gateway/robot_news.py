"""What a robot does, told in the conversation of whoever asked for it: each step, the last picture, how it ended.

The card that says how far it is changes where it stands. In attended mode the question before the last click is a card
of its own: with the picture, for its person alone, once, until it expires. Several gateways may look at the same time:
whoever notes first what was told tells it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deskhand.channels.colleagues import Audience
from deskhand.channels.transcript import message_json
from deskhand.gateway.door import Door
from deskhand.robots.robots_file import Robots
from deskhand.robots.talk import (
    CARD,
    CLICK,
    item_facts,
    item_title,
    last_picture,
    picture_shown,
    report,
    robot_title,
    step_said,
)
from deskhand.robots.words import said_of
from deskhand.store import Desk, Message
from deskhand.store.repositories.work_items import TOLD_OF_END
from deskhand.store.unit_of_work import UnitOfWork
from deskhand.store.work_item import WorkItem

YES, NO = "confirm", "reject"

News = list[tuple[str, Mapping[str, Any]]]


async def tell_of_robots(at: Door, audience: Audience) -> int:
    """One round over all companies; says how many messages there were."""
    count = 0
    for tenant in [*at.desk.tenants]:
        for user_id, message in await at.threads.run(_news, at.desk, at.robots.robots, tenant, at.settings.public_url):
            await audience.tell(tenant, user_id, "bot_uttered", message)
            count += 1
    return count


def _news(desk: Desk, robots: Robots, tenant: str, address: str) -> News:
    if tenant not in desk.tenants:  # removed just now
        return []
    with desk.unit_of_work(tenant, read_only=True) as uow:
        waiting = [item for item in uow.work_items.untold() if _told(item) != item.told]
    return [told for item in waiting for told in _told_of(desk, robots, tenant, address, item)]


def _told_of(desk: Desk, robots: Robots, tenant: str, address: str, item: WorkItem) -> News:
    with desk.unit_of_work(tenant) as uow:
        if not uow.work_items.tell(item, _told(item)):
            return []
        messages = _messages(uow, robots, item, address)
        uow.commit()
    return [(item.owner, message_json(message, {})) for message in messages]


def _told(item: WorkItem) -> str:
    """What the conversation knows once it was told: the same twice is not told again."""
    if item.is_over:
        return TOLD_OF_END
    question = item.question or {}
    asked = question.get("id") if question.get("answer") is None else None
    return f"{item.attempts}:{item.state}:{item.step}:{asked or ''}"[:400]


def _messages(uow: UnitOfWork, robots: Robots, item: WorkItem, address: str) -> list[Message]:
    conversation = item.conversation_id
    if conversation is None or uow.conversations.get(conversation) is None:
        return []
    changed = uow.messages.update_card(_card_id(item), conversation, _changes(uow, robots, item))
    said: list[dict[str, Any]] = [] if changed is not None else [_standing(robots, item)]
    question = _question(uow, robots, item, address)
    said += [question] if question is not None else []
    if item.is_over:
        said.append({"text": _report(uow, robots, item, address), "card": None, "language": item.language})
    return [*([changed] if changed is not None else []), *uow.messages.add_outbound(conversation, None, said)]


def _card_id(item: WorkItem) -> str:
    return CARD.format(id=item.id)


def _changes(uow: UnitOfWork, robots: Robots, item: WorkItem) -> dict[str, Any]:
    changes: dict[str, Any] = {"facts": item_facts(item, robots, item.language)}
    if item.is_over:
        said = {"text": said_of(str(item.state), item.language), "by": None, "at": uow.now.isoformat()}
        changes["facts"] = [fact for fact in changes["facts"] if fact["key"] != "state"]  # the outcome says it
        changes |= {"state": "used", "outcome": said}
    return changes


def _standing(robots: Robots, item: WorkItem) -> dict[str, Any]:
    face = _face(item, item_title(item, robots, item.language), _card_id(item))
    return {"text": None, "card": face | {"facts": item_facts(item, robots, item.language)}, "language": item.language}


def _question(uow: UnitOfWork, robots: Robots, item: WorkItem, address: str) -> dict[str, Any] | None:
    """The card with the explicit yes, for whoever asked for the item."""
    question = item.question or {}
    if item.is_over or not question or question.get("answer") is not None or item.conversation_id is None:
        return None
    language, expires = item.language, datetime.fromisoformat(str(question["expires_at"]))
    robot = robot_title(robots, item.robot, language)
    text = said_of(
        "ask_yes",
        language,
        robot=robot,
        reference=item.reference,
        what=step_said(robots, item.robot, str(question["what"]), language),
    )
    buttons = [
        {"id": YES, "label": said_of("yes", language), "style": "primary"},
        {"id": NO, "label": said_of("no", language), "style": "default"},
    ]
    payload = {"kind": CLICK, "item": item.id, "question": question["id"], "order": item.reference, "actions": buttons}
    uow.cards.supersede_open(item.owner)
    made = uow.cards.issue("command", item.owner, item.conversation_id, payload, [YES, NO], expires)
    face = _face(item, item_title(item, robots, language), made.id, "command")
    face |= {"actions": buttons, "expires_at": expires.isoformat()}
    picture = picture_shown(str(question["picture"]), language, address)
    return {"text": f"{text}\n{picture}", "card": face, "language": language}


def _report(uow: UnitOfWork, robots: Robots, item: WorkItem, address: str) -> str:
    picture = last_picture(uow, item)
    shown = f"\n{picture_shown(picture, item.language, address)}" if picture else ""
    return report(item, robots, item.language) + shown


def _face(item: WorkItem, title: str, card_id: str, kind: str = "robot") -> dict[str, Any]:
    return {
        "id": card_id, "kind": kind, "language": item.language, "title": title, "order": None, "status": None,
        "facts": [], "lines": [], "total": None, "items": [], "actions": [], "expires_at": None, "state": "open",
        "outcome": None,
    }  # fmt: skip
