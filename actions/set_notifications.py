"""How one is told, by talking: "别在晚上发通知给我", "send me a daily digest"; a card, one yes, and a way back."""

from __future__ import annotations

from typing import Any

from actions import cards
from actions.desk_action import DeskAction
from actions.notice_wish import read_wish
from actions.turn import Event, Turn
from deskhand.notifications.preferences import Hearing, Mode, Preferences, PreferencesInvalid
from deskhand.notifications.settings import SET, of_row, save, show, take_back, tried
from deskhand.notifications.topics import topics
from deskhand.orders.errors import DeskhandError
from deskhand.orders.working_hours import DAYS
from deskhand.store import Card, User
from deskhand.store.repositories.notice_settings import KeptPreference

KIND = "notifications"
TAKE_BACK = "take_back"


class SetNotificationsAction(DeskAction):
    """ "通知静音到明天早上", "turn off shipping notifications", "notification settings"."""

    action_name = "action_set_notifications"

    def act(self, turn: Turn) -> list[Event]:
        desk, user = turn.services.desk, _user(turn)
        if turn.wording.codes_in("notice_undo", turn.text):
            return _undo(turn)
        before = show(desk, turn.uow, user)
        wish = read_wish(turn.wording, turn.text, turn.language, turn.uow.now, before.preferences, turn.actor.channel)
        if not wish:
            turn.say("utter_notifications_now")
            turn.show(_card(turn, before))
            return []
        turn.attempted = SET
        try:
            _, now = tried(desk, turn.uow, user, wish)
        except PreferencesInvalid:
            turn.say("utter_notifications_unclear")
            return []
        _ask(turn, now, {"said": wish})
        return []


def _undo(turn: Turn) -> list[Event]:
    """What takes the settings back names them, so it may be taken for a wish about them."""
    kept = turn.uow.notice_settings.get(turn.user_id)
    if kept is None or kept.previous is None:
        turn.say("utter_nothing_to_undo")
    else:
        begin_undo(turn, kept)
    return []


def is_named(turn: Turn) -> bool:
    """Whether the words name the settings themselves: 撤回刚才的通知设置."""
    return bool(turn.wording.codes_in("notice_named", turn.text))


def begin_undo(turn: Turn, newest: KeptPreference) -> None:
    """The card that brings back what stood before."""
    hearing = show(turn.services.desk, turn.uow, _user(turn))
    before = of_row(newest.previous or {}, turn.uow.tenant)
    now = Hearing(before, hearing.channels, hearing.urgent, hearing.must)
    _ask(turn, now, {TAKE_BACK: newest.updated_at.isoformat()})


def is_settings(card: Card) -> bool:
    return card.payload.get("kind") == KIND


def answered(turn: Turn, card: Card, yes: bool) -> list[Event]:
    """Carried out in the transaction that used the card up."""
    if not yes:
        turn.say("utter_command_rejected")
        return []
    desk, user, said = turn.services.desk, _user(turn), card.payload.get("said")
    try:
        if isinstance(said, dict):
            now = save(desk, turn.uow, turn.actor, user, said)
        else:
            now = take_back(desk, turn.uow, turn.actor, user)
    except DeskhandError as error:
        turn.refuse(error)
        return []
    turn.say("utter_notifications_set" if said else "utter_notifications_taken_back")
    if said:
        back = turn.wording.say("notice_said", "take_back", turn.language)
        turn.replies[-1]["buttons"] = [{"title": back, "payload": back}]
    turn.show(_card(turn, now))
    return []


def _ask(turn: Turn, now: Hearing, payload: dict[str, Any]) -> None:
    turn.say("utter_notifications_check")
    cards.issue(turn, _card(turn, now), {"kind": KIND, "purpose": KIND, **payload}, cards.yes_or_no(turn))


def _user(turn: Turn) -> User:
    user = turn.uow.users.get(turn.user_id)
    assert user is not None  # whoever has a turn is signed in
    return user


def _card(turn: Turn, hearing: Hearing) -> dict[str, Any]:
    """Hours first, then one line for each topic with what each channel does."""
    said, wording, language = hearing.preferences, turn.wording, turn.language
    facts = [
        ("notice_muted", _until(turn, said)),
        ("notice_quiet", _quiet(turn, said)),
        ("notice_digest", wording.say("notice_said", str(said.digest.every), language, at=f"{said.digest.at:%H:%M}")),
        ("notice_zone", said.zone),
    ]
    items = [
        {"order": None, "title": topic.name[language], "subtitle": _of_topic(turn, hearing, topic.id)}
        for topic in topics().values()
    ]
    return cards.face(turn, KIND, cards.title(turn, "notifications"), facts, items=items)


def _of_topic(turn: Turn, hearing: Hearing, topic: str) -> str:
    chosen = hearing.preferences.wants.get(topic, {})
    told = [(channel, chosen.get(channel, default)) for channel, default in hearing.channels.items()]
    return " · ".join(_of_channel(turn, channel, mode) for channel, mode in told)


def _of_channel(turn: Turn, channel: str, mode: Mode) -> str:
    say, language = turn.wording.say, turn.language
    return f"{say('notice_channels', channel, language)}: {say('notice_modes', str(mode), language)}"


def _until(turn: Turn, said: Preferences) -> str:
    if said.muted_until is None or said.muted_until <= turn.uow.now:
        return ""
    until = said.muted_until.astimezone(said.clock)
    day = turn.wording.day(until.date(), turn.language)
    return turn.wording.say("notice_said", "until", turn.language, day=day, time=f"{until:%H:%M}")


def _quiet(turn: Turn, said: Preferences) -> str:
    if said.quiet is None:
        return ""
    days = [turn.wording.say("notice_days", DAYS[day], turn.language) for day in sorted(said.quiet.days)]
    named = turn.wording.say("notice_days", "all", turn.language) if len(days) == len(DAYS) else ", ".join(days)
    return f"{named} {said.quiet.begins:%H:%M}–{said.quiet.ends:%H:%M}"
