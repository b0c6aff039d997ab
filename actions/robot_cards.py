"""Robots as cards: what is to be entered, how an item stands, the question before the last click. Knows no screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from actions import cards
from actions.turn import Event, Turn
from deskhand.cases import StartCase
from deskhand.cases.model import CaseFile
from deskhand.orders.actions import RUN_ROBOTS
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Order
from deskhand.robots.queue import Wish
from deskhand.robots.robots_file import RobotSpec
from deskhand.robots.talk import CLICK, item_facts, item_title, last_picture, picture_shown
from deskhand.store import Card
from deskhand.store.work_item import WorkItem

PROCESS = "screen_entry"
ENTER, RETRY = "robot_enter", "robot_retry"
KINDS = frozenset({ENTER, RETRY, CLICK})


def ask_to_enter(turn: Turn, spec: RobotSpec, order: Order, attended: bool, dry_run: bool) -> None:
    """The card that says what the robot will do, with one yes."""
    attended = attended or spec.attended
    asked = "attended" if attended else "unattended"
    facts = [
        *cards.order_facts(turn, order)[:1],
        ("robot", spec.title[turn.language]),
        ("last_step", turn.wording.say("robots", "dry_run" if dry_run else asked, turn.language)),
        ("effect", turn.wording.say("effects", "work_robot", turn.language)),
    ]
    title = cards.title(turn, "work_robot", number=order.number, robot=spec.title[turn.language])
    said = {"order": order.number, "status": cards.status(turn, order), "total": cards.total(turn, order)}
    face = cards.face(turn, "command", title, facts, **said, lines=cards.order_lines(turn, order))
    payload = {"kind": ENTER, "order": order.number, "robot": spec.name, "attended": attended, "dry_run": dry_run}
    turn.say("utter_card_check")
    cards.issue(turn, face, payload, cards.yes_or_no(turn))


def ask_to_retry(turn: Turn, item: WorkItem) -> None:
    facts = _facts(turn, item)
    effect = turn.wording.say("effects", "work_robot", turn.language)
    title = cards.title(turn, "retry_robot", number=item.reference)
    face = cards.face(turn, "command", title, [("effect", effect)], order=item.reference)
    face["facts"] = [*facts, *face["facts"]]
    turn.say("utter_card_check")
    cards.issue(
        turn, face, {"kind": RETRY, "order": item.reference, "item": item.id}, cards.yes_or_no(turn)
    )  # fmt: skip


def show_item(turn: Turn, item: WorkItem) -> None:
    """How it stands now, with its last picture."""
    title = item_title(item, turn.services.robots.robots, turn.language)
    turn.show(cards.face(turn, "robot", title) | {"facts": _facts(turn, item)})
    picture = last_picture(turn.uow, item)
    if picture is not None:
        turn.say("utter_robot_picture", link="\n" + picture_shown(picture, turn.language))


def is_of_robot(card: Card) -> bool:
    return card.payload.get("kind") in KINDS


def answered(turn: Turn, card: Card, yes: bool) -> list[Event]:
    """The yes or no, in the transaction in which the card was used up."""
    payload: Any = card.payload
    if payload["kind"] == CLICK:
        return _clicked(turn, payload, yes)
    if not yes:
        turn.say("utter_command_rejected")
        return []
    try:
        if payload["kind"] == RETRY:
            _retry(turn, str(payload["item"]))
        elif payload["dry_run"]:
            _rehearse(turn, payload)
        else:
            _begin(turn, payload)
    except DeskhandError as error:
        turn.refuse(error)
    return []


def _begin(turn: Turn, payload: Mapping[str, Any]) -> None:
    turn.services.desk.acting(turn.uow, RUN_ROBOTS, turn.actor)
    fields = {"order": payload["order"], "robot": payload["robot"], "attended": bool(payload["attended"])}
    outcome = turn.do_case(StartCase(PROCESS, fields))
    _queue(turn, payload, outcome.case)
    _say_begun(turn, str(payload["order"]), outcome.case.number)


def _queue(turn: Turn, payload: Mapping[str, Any], file: CaseFile) -> None:
    """Its item is there with the answer, to be seen and stopped; the worker finds it when it hears of the case."""
    number, (node,) = str(payload["order"]), file.case.marking
    wish = Wish(
        number, {"order": number}, not_before=turn.uow.now + timedelta(seconds=turn.uow.tenant.undo_window_seconds),
        attended=bool(payload["attended"]), conversation=turn.claims.conversation, language=turn.language,
        case_id=file.id, node=node,
    )  # fmt: skip
    turn.services.robots.add(turn.uow, turn.actor, str(payload["robot"]), wish)


def _rehearse(turn: Turn, payload: Mapping[str, Any]) -> None:
    """A dry run is an item of its own, and no case: nothing is entered."""
    number = str(payload["order"])
    wish = Wish(
        f"{number}/dry/{turn.claims.message_id}", {"order": number}, dry_run=True, attended=False,
        conversation=turn.claims.conversation, language=turn.language,
    )  # fmt: skip
    turn.services.robots.add(turn.uow, turn.actor, str(payload["robot"]), wish)
    turn.changed = True
    _say_begun(turn, number, number)


def _retry(turn: Turn, item_id: str) -> None:
    item = turn.services.robots.again(turn.uow, turn.actor, item_id)
    turn.changed = True
    _say_begun(turn, item.reference, item.reference)


def _clicked(turn: Turn, payload: Mapping[str, Any], yes: bool) -> list[Event]:
    """What the robot waits for; it goes on by itself."""
    turn.services.desk.acting(turn.uow, RUN_ROBOTS, turn.actor)
    heard = turn.uow.work_items.answer(str(payload["item"]), str(payload["question"]), yes, turn.user_id)
    if heard:
        turn.changed = True
    turn.say(("utter_robot_goes_on" if yes else "utter_robot_ends") if heard else "utter_robot_waits_no_more")
    return []


def _say_begun(turn: Turn, number: str, case: str) -> None:
    turn.say("utter_robot_begun", number=number, case=case, seconds=turn.uow.tenant.undo_window_seconds)


def _facts(turn: Turn, item: WorkItem) -> list[dict[str, str]]:
    return item_facts(item, turn.services.robots.robots, turn.language)
