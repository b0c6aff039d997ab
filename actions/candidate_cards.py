"""Orders that may be one, as a card with two buttons: the same, or two orders. What follows is `erp/candidates`."""

from __future__ import annotations

from typing import Any

from actions import cards
from actions.turn import Event, Turn
from deskhand.erp.candidates import decide
from deskhand.orders.actions import IMPORT_ORDERS
from deskhand.orders.errors import DeskhandError
from deskhand.orders.model import Order
from deskhand.store import Card
from deskhand.store.repositories.candidates import OrderCandidate, Verdict

KIND = "candidate"


def show_next(turn: Turn, silent: bool = False) -> None:
    """The oldest two that nobody has decided; `silent`: nothing is said where there are none."""
    found = turn.uow.candidates.standing(Verdict.OPEN)
    if found:
        _ask(turn, found[0], len(found))
    elif not silent:
        turn.say("utter_no_candidates")


def _ask(turn: Turn, one: OrderCandidate, count: int) -> None:
    turn.say("utter_candidates", count=count)
    orders = {order.id: order for order in turn.uow.orders.by_ids([one.like_order_id or "", one.order_id or ""])}
    places = [(one.like_order_id, one.like_source, one.like_key), (one.order_id, one.source, one.key)]
    items = [_item(turn, orders[order_id or ""], source, key) for order_id, source, key in places]
    card = cards.face(turn, "command", cards.title(turn, "candidate"), items=items)
    payload = {"kind": KIND, "candidate": one.id, "purpose": KIND}
    cards.issue(turn, card, payload, cards.yes_or_no(turn, "same", "apart", danger=True))


def _item(turn: Turn, order: Order, source: str, key: str) -> dict[str, Any]:
    day = turn.uow.tenant.today(order.created_at).isoformat()
    subtitle = " · ".join((f"{source} {key}", day, cards.summary(turn, order)))
    return {"order": order.number, "title": order.number, "subtitle": subtitle}


def is_candidate(card: Card) -> bool:
    return card.payload.get("kind") == KIND


def answered(turn: Turn, card: Card, yes: bool) -> list[Event]:
    """The decision, in the transaction that used the card up; then the next two."""
    payload: Any = card.payload
    verdict = Verdict.SAME if yes else Verdict.APART
    turn.attempted = IMPORT_ORDERS
    if _decided(turn, payload["candidate"], verdict):
        show_next(turn, silent=True)
    return []


def take_back(turn: Turn) -> None:
    """The speaker's last decision."""
    turn.attempted = IMPORT_ORDERS
    last = turn.uow.candidates.last_of(turn.actor.user_id)
    if last is None:
        turn.say("utter_no_candidates")
    else:
        _decided(turn, last.id, Verdict.OPEN)


def _decided(turn: Turn, candidate: str, verdict: Verdict) -> bool:
    """A refusal changes nothing and is said as any other."""
    try:
        with turn.uow.savepoint():
            one = decide(turn.services.desk, turn.uow, turn.actor, candidate, verdict)
    except DeskhandError as error:
        turn.refuse(error)
        return False
    turn.attempted = None
    turn.changed = True
    turn.say(f"utter_candidate_{verdict}", kept=one.like_number or "", double=one.number or "")
    return True
