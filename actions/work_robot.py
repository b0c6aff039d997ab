"""Robots by talking: enter an order into another system, how far it is, stop it, try again, pause it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from actions import robot_cards
from actions.desk_action import DeskAction
from actions.order_reference import named_orders, orders_meant
from actions.turn import Event, Turn
from deskhand.language.robots import RobotTalk, bare_robot_talk, read_robot_talk, wants_no_saving, wants_to_be_asked
from deskhand.language.text import normalise
from deskhand.orders.actions import QUERY_ROBOTS, RUN_ROBOTS
from deskhand.orders.model import Order
from deskhand.robots.queue import is_open
from deskhand.robots.robots_file import ORDER, RobotSpec
from deskhand.store.repositories.robots import Mode
from deskhand.store.work_item import ItemState, WorkItem

SHOWN = 3


class WorkRobotAction(DeskAction):
    """ "Enter order 1042 into the old ERP", "what is the robot doing?", "stop it", "try again"."""

    action_name = "action_work_robot"

    def act(self, turn: Turn) -> list[Event]:
        talk = read_robot_talk(turn.text)
        turn.attempted = QUERY_ROBOTS if talk is RobotTalk.STATE else RUN_ROBOTS
        turn.services.desk.acting(turn.uow, turn.attempted, turn.actor)
        turn.attempted = None
        _ANSWERS[talk](turn)
        return []


def begin_bare(turn: Turn) -> list[Event] | None:
    """Stop, or again, and nothing else: meant for a robot where one has something of the speaker's; else None."""
    talk = bare_robot_talk(turn.text)
    if talk is None or turn.claims.card:
        return None
    if talk is RobotTalk.STOP:
        items = _open(turn)
    else:
        items = [item for item in _mine(turn)[:1] if item.state in _NOT_DONE]
    if not items:
        return None
    turn.services.desk.acting(turn.uow, RUN_ROBOTS, turn.actor)
    _ANSWERS[talk](turn)
    return []


def _enter(turn: Turn) -> None:
    specs = _meant(turn)
    if len(specs) != 1:
        turn.say("utter_robot_none" if not specs else "utter_robot_which", robots=_listed(turn, specs))
        return
    orders = orders_meant(turn)
    if len(orders) != 1:
        turn.say("utter_question_order_number")
        return
    _enter_order(turn, specs[0], orders[0])


def _enter_order(turn: Turn, spec: RobotSpec, order: Order) -> None:
    """Once: what is done or on its way is said, what did not succeed may be tried again."""
    dry_run = wants_no_saving(turn.text)
    item = None if dry_run else turn.uow.work_items.of_reference(spec.name, order.number)
    if item is None:
        robot_cards.ask_to_enter(turn, spec, order, wants_to_be_asked(turn.text), dry_run)
    elif item.state in _NOT_DONE:
        robot_cards.ask_to_retry(turn, item)
    else:
        done = item.state is ItemState.SUCCESSFUL
        turn.say("utter_robot_done_already" if done else "utter_robot_has_it", number=order.number)
        robot_cards.show_item(turn, item)


def _tell(turn: Turn) -> None:
    """What is named, else what robots are at for the speaker, else what they did last."""
    items = _named(turn) or _open(turn) or _mine(turn)[:1] or _anybodys(turn)
    if not items:
        turn.say("utter_robot_idle")
        return
    turn.say("utter_robot_state", count=len(items))
    for item in items[:SHOWN]:
        robot_cards.show_item(turn, item)


def _stop(turn: Turn) -> None:
    """At once, without a card: nothing is entered by stopping."""
    items = [item for item in (_named(turn) or _open(turn)) if is_open(item)]
    if not items:
        turn.say("utter_robot_nothing_to_stop")
        return
    for item in items:
        turn.services.robots.stop(turn.uow, turn.actor, item.id)
    turn.changed = True
    joined = ("、" if turn.language == "zh" else ", ").join(item.reference for item in items)
    at_it = any(item.state is ItemState.IN_PROGRESS for item in items)
    turn.say("utter_robot_stopping" if at_it else "utter_robot_stopped", number=joined)


def _retry(turn: Turn) -> None:
    items = [item for item in (_named(turn) or _mine(turn)) if item.state in _NOT_DONE]
    if items:
        robot_cards.ask_to_retry(turn, items[0])
    elif named_orders(turn):
        _enter(turn)
    else:
        turn.say("utter_robot_nothing_to_retry")


def _switch(turn: Turn, mode: Mode) -> None:
    specs = _meant(turn)
    if len(specs) != 1:
        turn.say("utter_robot_none" if not specs else "utter_robot_which", robots=_listed(turn, specs))
        return
    turn.services.robots.switch(turn.uow, turn.actor, specs[0].name, mode)
    turn.changed = True
    robot = specs[0].title[turn.language]
    turn.say("utter_robot_paused" if mode is Mode.PAUSED else "utter_robot_resumed", robot=robot)


def _meant(turn: Turn) -> list[RobotSpec]:
    """Those whose words stand in the text, the longest word first; without any, all that enter orders."""
    said = normalise(turn.text).casefold()
    specs = [spec for spec in turn.services.robots.robots.all() if spec.input == ORDER]
    found = [(max((len(word) for word in _words(spec) if word in said), default=0), spec) for spec in specs]
    longest = max((length for length, _ in found), default=0)
    return [spec for length, spec in found if length == longest]


def _words(spec: RobotSpec) -> list[str]:
    return [normalise(word).casefold() for words in spec.words.values() for word in words]


def _listed(turn: Turn, specs: Sequence[RobotSpec]) -> str:
    named = [words[0] if (words := spec.words.get(turn.language)) else spec.title[turn.language] for spec in specs]
    return ("、" if turn.language == "zh" else ", ").join(named)


def _named(turn: Turn) -> list[WorkItem]:
    """The items of the orders whose numbers stand in the text."""
    found = [
        turn.uow.work_items.of_reference(spec.name, order.number)
        for order in named_orders(turn)
        for spec in turn.services.robots.robots.all()
    ]
    return [item for item in found if item is not None]


def _open(turn: Turn) -> list[WorkItem]:
    return turn.uow.work_items.newest(owner=turn.user_id, states=(ItemState.IN_PROGRESS, ItemState.NEW), limit=SHOWN)


def _mine(turn: Turn) -> list[WorkItem]:
    return turn.uow.work_items.newest(owner=turn.user_id, limit=SHOWN)


def _anybodys(turn: Turn) -> list[WorkItem]:
    """What robots are at for colleagues: whoever may see items sees these."""
    return turn.uow.work_items.newest(states=(ItemState.IN_PROGRESS,), limit=SHOWN)


_NOT_DONE = (ItemState.FAILED, ItemState.ABANDONED)
_ANSWERS: Mapping[RobotTalk, Callable[[Turn], None]] = {
    RobotTalk.ENTER: _enter,
    RobotTalk.STATE: _tell,
    RobotTalk.STOP: _stop,
    RobotTalk.RETRY: _retry,
    RobotTalk.PAUSE: lambda turn: _switch(turn, Mode.PAUSED),
    RobotTalk.RESUME: lambda turn: _switch(turn, Mode.RUNNING),
}
