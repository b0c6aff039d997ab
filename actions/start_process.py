"""A case of any process is begun by its words: which one is meant, then its form. Nothing begins before the yes."""

from __future__ import annotations

from actions import cards, place_order, process_form
from actions.case_draft import START, CaseDraft
from actions.case_reference import processes_named, startable_processes
from actions.desk_action import DeskAction
from actions.process_fields import opening_words
from actions.turn import Event, Turn
from deskhand.cases import Definition, UnknownProcess
from deskhand.orders.permissions import Reach

PROCESS_CHOICE = "process"
_PLACE_ORDER = "PlaceOrder"


class StartProcessAction(DeskAction):
    """ "申请采购10台显示器，两万五", "purchase request: 10 monitors"."""

    action_name = "action_start_process"

    def act(self, turn: Turn) -> list[Event]:
        return begin(turn)


def begin(turn: Turn) -> list[Event]:
    """The process that is named; several that fit: a list to pick from; none: which ones there are.

    Raises:
        UnknownProcess: none that the speaker may start.
    """
    if process_form.is_on(turn):
        return []
    turn.void_command_card()
    named = processes_named(turn)
    possible = startable_processes(turn)
    known = {each.process for each in possible}
    meant = [each for each in named if each.process in known]
    if named and not meant:
        return _not_for(turn, named[0])
    return _one_of(turn, meant or possible)


def chosen(turn: Turn, process: str, said: str) -> list[Event]:
    """A button of the list was pressed; the words that led to it are read now."""
    definition = next((each for each in startable_processes(turn) if each.process == process), None)
    if definition is None:
        raise UnknownProcess(process=process)
    return _start(turn, definition, said)


def _one_of(turn: Turn, found: list[Definition]) -> list[Event]:
    if not found:
        turn.say("utter_no_process_to_start")
        return []
    if len(found) == 1:
        return _start(turn, found[0], turn.text)
    options = [cards.Option(each.process, each.title[turn.language], each.description.get(turn.language, ""))
               for each in found]  # fmt: skip
    turn.say("utter_question_which_process")
    payload = {"purpose": PROCESS_CHOICE, "said": turn.text}
    cards.ask_which(turn, cards.title(turn, "choose_process"), options, payload)
    return []


def _start(turn: Turn, definition: Definition, said: str) -> list[Event]:
    return process_form.begin(turn, CaseDraft(START, definition.process), said, opening_words(definition))


def _not_for(turn: Turn, definition: Definition) -> list[Event]:
    """A process of colleagues. Who orders for themselves alone, and says its words, may simply want to buy."""
    grant = turn.services.desk.granted(turn.uow, _PLACE_ORDER, turn.actor)
    if grant is not None and grant.reach is Reach.OWN:
        return place_order.begin_with(turn.text)
    raise UnknownProcess(process=definition.title[turn.language])
