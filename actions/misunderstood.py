"""Notes beside a message that it was not understood, in what way and what it was taken for. Knows no skill.

It happens after the answer, in a transaction of its own, and only for such messages: others cost nothing by it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from actions.turn import Turn
from deskhand.store import Desk, Misread

_SAID: Mapping[str, Misread] = {
    "utter_did_you_mean": Misread.ASKED,
    "utter_not_understood": Misread.FELL_BACK,
    "utter_out_of_scope": Misread.DECLINED,
    "utter_policy_unknown": Misread.NO_PASSAGE,
    "utter_policy_close": Misread.NO_PASSAGE,
    "utter_offer_person_repeated": Misread.REPEATED,
}
_OTHERS = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Misreading:
    """What is to be noted of one message."""

    tenant: str
    message_id: str
    how: Misread
    understood: Mapping[str, object]


def misreading(turn: Turn) -> Misreading | None:
    """By what is being answered; None when that was an answer, or the message is no words of theirs."""
    if not turn.text or turn.meant is not None:
        return None
    said = (_SAID.get(str(reply.get("response") or "")) for reply in turn.replies)
    how = next((each for each in said if each is not None), None)
    if how is None:
        return None
    others = {name: round(sure, 4) for name, sure in turn.ranking[:_OTHERS]}
    understood = {"intent": turn.intent, "confidence": round(turn.confidence, 4), "others": others}
    return Misreading(turn.claims.tenant, turn.claims.message_id, how, understood)


def note(desk: Desk, misread: Misreading) -> None:
    """Who wrote has their answer whatever becomes of this."""
    try:
        with desk.unit_of_work(misread.tenant) as uow:
            uow.misunderstood.note(misread.message_id, misread.how, misread.understood)
            uow.commit()
    except Exception:  # a fault of ours, whatever it is, must not turn an answer into an error
        _log.exception("message %s was misunderstood, which could not be noted", misread.message_id)
