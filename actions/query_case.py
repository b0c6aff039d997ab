"""How a case stands: its fields, its state, for whom it waits, which rules applied. Changes nothing."""

from __future__ import annotations

from actions import case_cards
from actions.case_reference import Seen, named_cases, own_cases, processes_named
from actions.desk_action import DeskAction
from actions.turn import Event, Turn
from deskhand.cases import Definition
from deskhand.cases.model import CaseFile

MOST = 3


class QueryCaseAction(DeskAction):
    """ "PA-1001到哪一步了", "has my purchase request been approved?"."""

    action_name = "action_query_case"
    read_only = True

    def act(self, turn: Turn) -> list[Event]:
        return tell(turn)


def tell(turn: Turn) -> list[Event]:
    """The cases that are named, else the speaker's newest: of the process that is named, and those under way first."""
    found = named_cases(turn) or _own(turn)
    if not found:
        turn.say("utter_no_cases")
        return []
    for definition, file in found[:MOST]:
        _tell_one(turn, definition, file)
    return []


def _tell_one(turn: Turn, definition: Definition, file: CaseFile) -> None:
    waits = case_cards.waits_at(turn, definition, file)
    values = {"number": file.number, "process": definition.title[turn.language],
              "status": definition.status(file.status, turn.language)}  # fmt: skip
    if waits:
        turn.say("utter_case_waits", **values, waits=waits)
    else:
        turn.say("utter_case_found", **values)
    turn.show(case_cards.case_card(turn, definition, file))


def _own(turn: Turn) -> list[Seen]:
    named = {each.process for each in processes_named(turn)}
    cases = [each for each in own_cases(turn) if not named or each[1].process in named]
    return [each for each in cases if each[1].ended_at is None] or cases[:1]
