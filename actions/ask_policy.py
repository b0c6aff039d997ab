"""Answers about the company's rules: what a file of knowledge/ says, in its own words and with its name.

Nothing is said that isn't written there. Without a passage that fits, the bot says that it doesn't know.
"""

from __future__ import annotations

import logging

from rasa_sdk import Tracker

from actions.desk_action import DeskAction, Reply
from actions.turn import Event, Turn
from deskhand.channels.turn_token import TurnClaims
from deskhand.language import FoundPassage, Passage, quote
from deskhand.store import find_passages, follow_files

MOST_NAMED = 2
CERTAIN = 0.7  # what sounds like nothing that is done here is answered only by what fits it closely

_log = logging.getLogger(__name__)


class _Reads(DeskAction):
    """The files are looked at before the turn's own transaction begins."""

    read_only = True

    def _perform(self, claims: TurnClaims, tracker: Tracker) -> Reply:
        follow_files(self.services.desk, self.services.knowledge, claims.tenant)
        return super()._perform(claims, tracker)


class AskPolicyAction(_Reads):
    """ "多久能到货？", "how do I return something?"."""

    action_name = "action_ask_policy"

    def act(self, turn: Turn) -> list[Event]:
        found = _found(turn)
        if found and found[0].is_sure:
            _tell(turn, found[0].passage)
            return []
        _log.info("no passage answers message %s", turn.claims.message_id)
        close = [each.passage.heading for each in found[:MOST_NAMED] if each.is_close]
        if close:
            turn.say("utter_policy_close", headings=("、" if turn.language == "zh" else "; ").join(close))
        else:
            turn.say("utter_policy_unknown")
        return []


class DeclineAction(_Reads):
    """What is nobody's task here, or was not understood: a company may have written about it all the same."""

    action_name = "action_decline"
    read_only = False  # the words of a process are asked about by a card

    def act(self, turn: Turn) -> list[Event]:
        if (of_case := turn.of_case()) is not None:
            return of_case
        if not answer_from_files(turn):
            turn.say("utter_out_of_scope" if turn.intent == "out_of_scope" else "utter_not_understood")
        return []


def answer_from_files(turn: Turn, least: float = CERTAIN) -> bool:
    """Say the passage that fits what was said closely; False when none does."""
    found = _found(turn)
    if not found or found[0].score < least:
        return False
    _tell(turn, found[0].passage)
    return True


def _found(turn: Turn) -> list[FoundPassage]:
    return find_passages(turn.uow, turn.text, turn.language, for_staff=not turn.is_customer)


def _tell(turn: Turn, passage: Passage) -> None:
    response = "utter_policy_quoted" if passage.language == turn.language else "utter_policy_in_other_language"
    said = {"quote": quote(turn.text, passage.body), "title": passage.title[turn.language], "heading": passage.heading}
    turn.say(response, **said)
