"""Files of other systems, by talking: the preview of one, how its import goes, and the rows that it refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rasa_sdk import Tracker

from actions import candidate_cards, import_cards
from actions.desk_action import DeskAction, Reply
from actions.fetch_orders import fetch
from actions.turn import Event, Turn
from deskhand.channels.turn_token import TurnClaims
from deskhand.erp.configured import Configured
from deskhand.erp.jobs import NotImportable, Wanted
from deskhand.erp.kinds import Kind
from deskhand.erp.rights import right_to_begin
from deskhand.erp.words import problem_said
from deskhand.language.imports import ImportTalk, read_import_talk
from deskhand.orders.actions import IMPORT_ORDERS
from deskhand.orders.errors import DeskhandError, ImportGone
from deskhand.store.file_faults import FileInvalid
from deskhand.store.repositories.import_jobs import ImportJob, JobState


class ImportOrdersAction(DeskAction):
    """ "导入今天的订单", "how is the import going?", "show me the refused rows", and a file that was dropped."""

    action_name = "action_import_orders"

    def _perform(self, claims: TurnClaims, tracker: Tracker) -> Reply:
        """Another system is asked before the transaction begins: it may take seconds."""
        text = str(tracker.latest_message.get("text") or "")
        if not claims.card and not claims.file and read_import_talk(text) is ImportTalk.BEGIN:
            self._look(claims, text)
        return super()._perform(claims, tracker)

    def act(self, turn: Turn) -> list[Event]:
        talk = read_import_talk(turn.text)
        told_of = turn.claims.file or talk in _OF_ANY_FILE
        turn.attempted = right_to_begin(turn.services.desk, turn.actor) if told_of else IMPORT_ORDERS
        turn.services.desk.acting(turn.uow, turn.attempted, turn.actor)
        turn.attempted = None
        if turn.claims.file:
            import_cards.show_preview(turn, _own(turn, turn.claims.file))
            return []
        _ANSWERS[talk](turn)
        return []

    def _look(self, claims: TurnClaims, text: str) -> None:
        """What is found waits under the message's id; what refuses it is met again in the turn, and said there."""
        imports = self.services.imports
        try:
            chosen = [each for each in _meant(imports.configured.of(claims.tenant), text) if not each.robot]
            if chosen:
                imports.look(claims.actor(), [], _wanted(chosen), claims.language, _cause(claims), claims.conversation)
        except NotImportable as refused:
            imports.note_refused(claims.actor(), _wanted(chosen), claims.language, _cause(claims), refused)
        except FileInvalid as wrong:
            about = NotImportable("option_invalid", str(wrong.faults[0]))
            imports.note_refused(claims.actor(), Wanted("-"), claims.language, _cause(claims), about)
        except DeskhandError:
            return


def _begin(turn: Turn) -> None:
    """What can be read now was read before the turn; robots begin to read."""
    job = turn.uow.import_jobs.of_cause(_cause(turn.claims))
    robots = _of_robots(turn)
    for source in robots:
        fetch(turn, source)
    if job is None:
        if not robots:
            turn.say("utter_import_how")
    elif job.state is JobState.FAILED:
        problem = problem_said(job.problem or {"code": "internal_error"})[turn.language]
        turn.say("utter_import_unreadable", files=import_cards.named(job), problem=problem)
    else:
        import_cards.show_preview(turn, job)


def _of_robots(turn: Turn) -> list[Configured]:
    try:
        configured = turn.services.imports.configured.of(turn.claims.tenant)
    except FileInvalid:
        return []  # said as the import that could not be looked at
    return [each for each in _meant(configured, turn.text) if each.robot]


def _tell_of_latest(turn: Turn, show: Callable[[Turn, ImportJob], None]) -> None:
    """One that still waits for its yes is shown as it was."""
    job = _latest(turn)
    if job is None:
        turn.say("utter_import_none")
    elif job.state is JobState.READY:
        import_cards.show_preview(turn, job)
    else:
        show(turn, job)


def _latest(turn: Turn) -> ImportJob | None:
    found = turn.uow.import_jobs.list(turn.user_id, limit=1)
    return found[0] if found else None


def _own(turn: Turn, job_id: str) -> ImportJob:
    """Raises ImportGone: there is none, it is not the speaker's, or it waits for no yes any more."""
    job = turn.uow.import_jobs.get(job_id)
    if job is None or job.user_id != turn.user_id or job.state is not JobState.READY:
        raise ImportGone()
    return job


def _meant(configured: list[Configured], text: str) -> list[Configured]:
    """Those that are named; else all that hold orders, which are aligned with each other."""
    said = text.casefold()
    named = [each for each in configured if each.name.casefold() in said or each.source.casefold() in said]
    return named or [each for each in configured if each.kind == Kind.ORDERS] or configured[:1]


def _wanted(together: list[Configured]) -> Wanted:
    if not together:
        return Wanted("-")
    chosen = together[0]
    return Wanted(
        chosen.source,
        chosen.kind,
        mapping_name=chosen.mapping,
        sort=chosen.sort,
        start_status=chosen.start_status,
        automatic=chosen.automatic,
        currency=chosen.currency,
        configured=chosen.name,
        together=[each.name for each in together] if len(together) > 1 else (),
    )


def _cause(claims: TurnClaims) -> str:
    return f"message-{claims.message_id}"


_OF_ANY_FILE = frozenset({ImportTalk.HOW, ImportTalk.PROGRESS, ImportTalk.REFUSED})  # whatever it holds
_ANSWERS: Mapping[ImportTalk, Callable[[Turn], None]] = {
    ImportTalk.BEGIN: _begin,
    ImportTalk.HOW: lambda turn: turn.say("utter_import_how"),
    ImportTalk.PROGRESS: lambda turn: _tell_of_latest(turn, import_cards.show_state),
    ImportTalk.CANDIDATES: candidate_cards.show_next,
    ImportTalk.TAKE_BACK: candidate_cards.take_back,
    ImportTalk.REFUSED: lambda turn: _tell_of_latest(turn, import_cards.show_refused),
}
