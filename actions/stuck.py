"""Whether somebody gets no further: the same question for the third time, or the second failure in a row.

Reads what Rasa keeps of the conversation and nothing else, so that it costs a turn no look at the store. Says which
sentence offers a person, not whether one is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from deskhand.channels.handovers import ASKED, FAILED, REPEATED
from deskhand.language import asks_for_person, is_question, normalise

# What offers a person, and why it did: what the colleague is told.
OFFERS: Mapping[str, str] = {"utter_offer_person_repeated": REPEATED, "utter_offer_person_failed": FAILED}
_OFFER_OF = {reason: response for response, reason in OFFERS.items()}
FAILED_RESPONSE = "utter_failed"
_FAILURES = frozenset(
    {"utter_not_understood", "utter_out_of_scope", "utter_policy_unknown", FAILED_RESPONSE, "utter_turn_refused"}
)
_ASKING = frozenset({"query_order", "list_orders", "ask_policy", "ask_help", "ask_not_by_chat", "show_report"})
_TIMES, _FAILED_TIMES = 3, 2
_ONE_GO_SECONDS = 900.0
_LOOK_AT = 8  # turns
_NOT_WORDS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d{3,}")

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: what was typed, as what it was taken, and which responses were given."""

    text: str
    intent: str
    responses: frozenset[str]
    at: float | None = None

    @property
    def failed(self) -> bool:
        return bool(self.responses & _FAILURES)

    @property
    def offered(self) -> str | None:
        """Why a person was offered in it."""
        return next((OFFERS[each] for each in OFFERS if each in self.responses), None)


def offer(events: Iterable[Event], saying: Iterable[str], by_customer: bool) -> str | None:
    """The response that offers a person now; None when there is no reason, or it was said already.

    Args:
        events: of Rasa's conversation, up to the message that is being answered.
        saying: the responses that this answer gives.
        by_customer: two questions of a customer that name no order are about the same one.
    """
    turns = turns_of(events, saying)
    if not turns or turns[0].offered or asks_for_person(turns[0].text):
        return None
    in_vain = list(takewhile(lambda each: each.failed and (each is turns[0] or not each.offered), turns))
    if len(in_vain) == _FAILED_TIMES:
        return _OFFER_OF[FAILED]
    question = _question(turns[0], by_customer)
    alike = [_question(each, by_customer) == question for each in _in_one_go(turns, by_customer)]
    return _OFFER_OF[REPEATED] if question and alike.count(True) >= _TIMES else None


def failed(events: Iterable[Event]) -> list[str]:
    """What is said after a fault of ours."""
    offered = offer(events, [FAILED_RESPONSE], by_customer=False)
    return [FAILED_RESPONSE, *([offered] if offered else [])]


def reason(events: Iterable[Event]) -> str:
    """Why a person is wanted now: what was offered in the turn before this one, or that somebody asked."""
    turns = turns_of(events, ())
    return next((each.offered for each in turns[1:2] if each.offered), ASKED)


def _in_one_go(turns: Iterable[Said], by_customer: bool) -> Iterator[Said]:
    """The newest turns since a person was offered, while nothing but asking was done.

    Who does something in between asks for the new state.
    """
    newest = None
    for each in turns:
        newest = newest or each.at
        is_old = newest is not None and each.at is not None and newest - each.at > _ONE_GO_SECONDS
        if is_old or each.offered or not (each.failed or _question(each, by_customer)):
            return
        yield each


def turns_of(events: Iterable[Event], saying: Iterable[str]) -> list[Said]:
    """The newest first; of the first, what is being said now counts too."""
    return list(islice(_turns(reversed(list(events)), set(saying)), _LOOK_AT))


def _turns(backwards: Iterable[Event], responses: set[str]) -> Iterator[Said]:
    for event in backwards:
        if event.get("event") == "bot":
            responses.add(str((event.get("metadata") or {}).get("utter_action") or ""))
        elif event.get("event") == "user":
            intent = (event.get("parse_data") or {}).get("intent") or {}
            said = str(event.get("text") or ""), str(intent.get("name") or "")
            yield Said(*said, frozenset(responses), event.get("timestamp"))
            responses = set()


def _question(said: Said, by_customer: bool) -> tuple[str, ...] | None:
    """What makes two questions the same one: the words, or what is asked about which order."""
    if said.text.startswith("/") or (said.intent not in _ASKING and not is_question(said.text)):
        return None
    numbers = tuple(_NUMBER.findall(said.text))
    if said.intent == "query_order" and (numbers or by_customer):
        return (said.intent, *numbers)
    words = _NOT_WORDS.sub("", normalise(said.text)).casefold()
    return (words,) if words else None
