"""The stored side of a turn: message in, next to answer, answer out. Blocking; knows nothing of Rasa or sockets.

A message is stored before anybody is asked, under the id that the client gave it; so a repeat is recognised, and what
was not answered is found again after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from deskhand.channels.errors import CardActionUnknown, ConversationUnknown, PersonAnswers, TooManyMessages
from deskhand.channels.handovers import BOT, FAILED, PERSON, WAITING, Change, Handovers, Standing, ask, standing_of
from deskhand.channels.inbound import FILE_DROPPED, CardPress, Inbound, for_rasa, payload
from deskhand.channels.rasa import BotReply
from deskhand.channels.sentences import sentence
from deskhand.channels.transcript import card_json, label, messages_json
from deskhand.channels.turn_token import TurnClaims
from deskhand.language import asks_for_bot, asks_for_person, detect_language
from deskhand.orders.errors import CardError, CardExpired, CardUsed
from deskhand.orders.tenant import LANGUAGES
from deskhand.store import Card, Conversation, Desk, Message, UnitOfWork, User
from deskhand.store.texts import filled

CHANNEL = "chat"
MOST_WAITING = 20  # unanswered messages of one conversation
MESSAGES_A_SESSION = 60  # both directions: some twenty turns
_ASKS = {"utter_question_delivery_date": "day"}  # for which a messenger has something better than a keyboard
_LOOK_AT = 1000  # unanswered messages of a tenant that one look goes through


@dataclass(frozen=True, slots=True)
class Speaker:
    """A signed-in person as the channels know them."""

    tenant: str
    user_id: str
    channel: str = CHANNEL


@dataclass(frozen=True, slots=True)
class Received:
    """A stored message; `created` is False for a repeat, `message.answered` when its turn is over.

    `conversation` is as it was before the message; `ended` says that the message gave it back to the bot.
    """

    message: Message
    conversation: Conversation
    created: bool
    ended: Change | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message that waits for the bot, with everything that Rasa is told. `refused`: its button is gone."""

    message: Message
    claims: TurnClaims
    text: str
    open_card: str | None
    user_active: bool
    refused: CardError | None
    standing: str  # who had the conversation when it was read

    @property
    def id(self) -> str:
        return self.message.id

    @property
    def sender(self) -> str:
        """What Rasa calls the conversation. It gets a new name now and then, the same for each try of a message.

        Every call to the actions carries all events of Rasa's conversation: measured, a turn costs six times as much
        after 150 turns without a pause. Drafts and cards are ours, and a session start puts them back.
        """
        return f"{self.message.conversation_id}-{self.message.seq // MESSAGES_A_SESSION}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What all tabs of the user are shown when the turn is over; `asked`: in it a person was asked for.

    `person_id`: the colleague who took the conversation while the bot was at work.
    """

    messages: tuple[Mapping[str, Any], ...]
    cards: tuple[Mapping[str, Any], ...]
    asked: Change | None = None
    person_id: str | None = None


class Turns:
    """Conversations of every tenant in the store."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._desk = desk
        self._clock = clock
        self.handovers = Handovers(desk, clock)

    def receive(self, speaker: Speaker, inbound: Inbound, conversation_id: str | None = None) -> Received:
        """Store the message once; a repeat gets what was stored, whatever its card has become.

        Raises:
            ConversationUnknown, TooManyMessages, CardUnknown, CardUsed, CardExpired, CardActionUnknown.
            PersonAnswers: a button, while a person has the conversation.
        """
        with self._desk.unit_of_work(speaker.tenant) as uow:
            conversation = own_conversation(uow, speaker, conversation_id)
            known = uow.messages.by_client_id(conversation.id, inbound.id)
            if known is not None:
                return Received(known, conversation, created=False)
            leaves = wants_bot(inbound, conversation) and self.handovers.hold_open(uow, conversation.id)
            text, press = said_by(uow, conversation, inbound)
            waiting = self._waiting(uow, conversation.id)
            if inbound.place is not None and (before := pressed_in(waiting, press)) is not None:
                return Received(before, conversation, created=False)
            if len(waiting) >= MOST_WAITING:
                raise TooManyMessages()
            message, created = uow.messages.add_inbound(conversation.id, inbound.id, text, press, inbound.place)
            if (language := spoken_language(message, conversation)) != conversation.language:
                uow.conversations.set_language(conversation.id, language)
            ended = self.handovers.leave(uow, leaves, message) if leaves else None
            uow.commit()
        return Received(replace(message, answered=message.answered or ended is not None), conversation, created, ended)

    def next(self, tenant: str, conversation_id: str) -> Turn | None:
        """The oldest message of the conversation that still waits."""
        with self._desk.unit_of_work(tenant, read_only=True) as uow:
            waiting = self._waiting(uow, conversation_id)
            conversation = uow.conversations.get(conversation_id)
            user = uow.users.get(conversation.user_id) if conversation is not None else None
            if not waiting or conversation is None or user is None:
                return None
            language = spoken_language(waiting[0], conversation)
            return read_turn(uow, waiting[0], user, language, conversation.state, conversation.channel)

    def finish(self, turn: Turn, replies: Sequence[BotReply]) -> Answer | None:
        """Store the answer, once: None when another gateway was quicker, or the conversation was deleted meanwhile."""
        own = self._desk.tenant(turn.claims.tenant).texts
        items = [reply_item(in_own_words(reply, own, turn.claims.language), turn.claims.language) for reply in replies]
        with self._desk.unit_of_work(turn.claims.tenant) as uow:
            before = uow.conversations.get(turn.message.conversation_id)
            if before is None:
                return None
            messages = uow.messages.add_outbound(before.id, turn.id, items)  # locks the conversation
            stored = uow.messages.get(turn.id)
            now = uow.conversations.get(before.id) if stored is not None and stored.answered else before
            if stored is None or now is None or (stored.answered and not _is_left(uow, turn, len(messages))):
                return None
            uow.messages.mark_answered(turn.id)
            cards = [self._shown(uow, turn, card) for card in changed_cards(uow, turn)]
            asked = self.handovers.just_asked(uow, now.id) if now.state == WAITING != turn.standing else None
            uow.commit()
        return Answer(tuple(messages_json(uow, messages)), tuple(cards), asked, now.person_id)

    def ask_instead(self, turn: Turn) -> tuple[str, Answer | None] | None:
        """The bot is away: who asks for a person does not wait for it. The message that asks, and what is said.

        It may stand behind others that wait for the bot. Nothing is said where another gateway has said it already.
        """
        conversation, language = turn.message.conversation_id, turn.claims.language
        with self._desk.unit_of_work(turn.claims.tenant) as uow:
            waiting = self._waiting(uow, conversation)
            wish = next((each for each in waiting if asks_for_person(each.text or "")), None)
            if wish is None:
                return None
            who = replace(turn.claims, message_id=wish.id).actor()
            made, _ = ask(uow, who, conversation, FAILED, language, wish.text or "")
            item = {"text": sentence("person_requested", language), "language": language}
            messages = uow.messages.add_outbound(conversation, wish.id, [item])  # locks the conversation
            stored = uow.messages.get(wish.id)
            if stored is None or stored.answered:
                return wish.id, None
            uow.messages.mark_answered(wish.id)
            asked = self.handovers.just_asked(uow, conversation)
            shown = tuple(messages_json(uow, messages))
            uow.commit()
        return wish.id, Answer(shown, (), asked)

    def has_just_failed(self, turn: Turn) -> bool:
        """Whether the last that the bot said here is that it had failed."""
        with self._desk.unit_of_work(turn.claims.tenant, read_only=True) as uow:
            last = uow.messages.last_said(turn.message.conversation_id)
        return last in {sentence("turn_failed", language) for language in LANGUAGES}

    def standing(self, speaker: Speaker, conversation_id: str) -> Standing:
        """Who has the conversation.

        Raises:
            ConversationUnknown.
        """
        with self._desk.unit_of_work(speaker.tenant, read_only=True) as uow:
            return standing_of(uow, own_conversation(uow, speaker, conversation_id))

    def transcript(self, speaker: Speaker, conversation_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Messages after a cursor, oldest first.

        Raises:
            ConversationUnknown.
        """
        with self._desk.unit_of_work(speaker.tenant, read_only=True) as uow:
            conversation = own_conversation(uow, speaker, conversation_id)
            return messages_json(uow, uow.messages.after(conversation.id, after, limit))

    def replies(self, tenant: str, turn_id: str) -> list[dict[str, Any]] | None:
        """The messages that answered a turn; None while it waits."""
        with self._desk.unit_of_work(tenant, read_only=True) as uow:
            message = uow.messages.get(turn_id)
            if message is None or not message.answered:
                return None
            return messages_json(uow, uow.messages.of_turn(turn_id))

    def open(self, speaker: Speaker) -> tuple[Conversation, int, Standing]:
        """The speaker's conversation, begun when there is none, its newest number, and who has it."""
        with self._desk.unit_of_work(speaker.tenant) as uow:
            conversation = own_conversation(uow, speaker, None)
            seq, standing = uow.messages.latest_seq(conversation.id), standing_of(uow, conversation)
            uow.commit()
        return conversation, seq, standing

    def set_language(self, speaker: Speaker, language: str) -> None:
        """What the person chose holds until they write in the other language."""
        with self._desk.unit_of_work(speaker.tenant) as uow:
            uow.conversations.set_language(own_conversation(uow, speaker, None).id, language)
            uow.users.set_language(speaker.user_id, language)
            uow.commit()

    def unanswered(self, older_than: timedelta) -> list[tuple[str, str]]:
        """(tenant, conversation) of every message that has waited longer, each once, the longest wait first."""
        found: dict[tuple[str, str], None] = {}
        for tenant in self._desk.tenants:
            with self._desk.unit_of_work(tenant, read_only=True) as uow:
                for message in uow.messages.unanswered(self._clock() - older_than, limit=_LOOK_AT):
                    found[(tenant, message.conversation_id)] = None
        return list(found)

    def _waiting(self, uow: UnitOfWork, conversation_id: str) -> list[Message]:
        """Unanswered messages of one conversation, oldest first."""
        return uow.messages.unanswered_of(conversation_id, MOST_WAITING)

    def _shown(self, uow: UnitOfWork, turn: Turn, card: Card) -> dict[str, Any]:
        """For the tabs that show it; what a messenger shows of it is brought up to date by the worker."""
        changed = card_json(card, turn.claims.name)
        uow.messengers.changed(f"card:{card.id}")
        uow.messages.update_card(card.id, card.conversation_id, {k: v for k, v in changed.items() if k != "id"})
        return changed


def own_conversation(uow: UnitOfWork, speaker: Speaker, conversation_id: str | None) -> Conversation:
    """The one that is named, or the speaker's own in their channel.

    Raises:
        ConversationUnknown: there is none, or it is somebody else's; nobody is told which.
    """
    if conversation_id is None:
        user = uow.users.get(speaker.user_id)
        found = uow.conversations.open(speaker.user_id, speaker.channel, language=user.language if user else "en")
    else:
        found = uow.conversations.get(conversation_id)
    if found is None or found.user_id != speaker.user_id:
        raise ConversationUnknown()
    return found


def wants_bot(inbound: Inbound, conversation: Conversation) -> bool:
    """Whether these words end a person's turn, or the wait for one."""
    return conversation.state != BOT and inbound.text is not None and asks_for_bot(inbound.text)


def said_by(
    uow: UnitOfWork, conversation: Conversation, inbound: Inbound
) -> tuple[str | None, Mapping[str, str] | None]:
    """The text, and the press of a button if it is one, whose text are the words on it.

    Raises:
        PersonAnswers: buttons are the bot's, and a person has the conversation.
        CardUnknown, CardUsed, CardExpired, CardActionUnknown.
    """
    press = inbound.press
    if press is None:
        return inbound.text, {"file": inbound.file} if inbound.file else None
    if conversation.state == PERSON:
        raise PersonAnswers(name=standing_of(uow, conversation).name)
    text = press_allowed(uow.cards.get(press.card, conversation.user_id), press)
    return text, {"id": press.card, "action": press.action}


def pressed_in(waiting: Sequence[Message], press: Mapping[str, str] | None) -> Message | None:
    """The same press, where it waits for its answer: somebody has clicked twice."""
    return next((each for each in waiting if press is not None and each.card_action == press), None)


def press_allowed(card: Card, press: CardPress) -> str:
    """The words on the button, when it still works.

    Raises:
        CardUsed, CardExpired, CardActionUnknown.
    """
    if press.action not in card.actions:
        raise CardActionUnknown(action=press.action)
    if (refusal := card_refusal(card)) is not None:
        raise refusal
    return label(card, press.action)


def card_refusal(card: Card) -> CardError | None:
    """Why its buttons don't work any more."""
    if card.state == "open":
        return None
    return CardUsed(card=card.id) if card.state == "used" else CardExpired(card=card.id)


def spoken_language(message: Message, conversation: Conversation) -> str:
    """The language of the text; a button, or a text of numbers, leaves it as it was."""
    if message.card_action is not None:
        return conversation.language
    return detect_language(message.text or "", default=conversation.language)


def read_turn(
    uow: UnitOfWork, message: Message, user: User, language: str, standing: str = BOT, channel: str = CHANNEL
) -> Turn:
    """What Rasa is told. A press whose card is closed is refused, unless this very message closed it."""
    press, file = None, (message.card_action or {}).get("file")
    if message.card_action is not None and file is None:
        press = CardPress(str(message.card_action["id"]), str(message.card_action["action"]))
    claims = TurnClaims(
        user_id=user.id,
        role=user.role,
        tenant=user.tenant,
        channel=channel,
        conversation=message.conversation_id,
        message_id=message.id,
        language=language,
        name=user.name,
        customer_id=user.customer_id,
        card=press.card if press else None,
        action=press.action if press else None,
        file=str(file) if file else None,
    )
    refused = None
    if press is not None and uow.messages.turn_result(message.id) is None:
        refused = card_refusal(uow.cards.get(press.card, user.id))
    open_card = uow.cards.open_of(user.id)
    text = payload(press) if press is not None else FILE_DROPPED if file else for_rasa(message.text or "")
    return Turn(message, claims, text, open_card.id if open_card else None, user.active, refused, standing)


def changed_cards(uow: UnitOfWork, turn: Turn) -> list[Card]:
    """Those that were open before the turn, or pressed in it, and are not open now."""
    wanted = {card_id for card_id in (turn.claims.card, turn.open_card) if card_id is not None}
    found = [uow.cards.get(card_id, turn.claims.user_id) for card_id in sorted(wanted)]
    return [card for card in found if card.state != "open"]


def _is_left(uow: UnitOfWork, turn: Turn, said: int) -> bool:
    """Whether a message counts as answered only because a person took the conversation while the bot was at work.

    What the bot did for it is said all the same, once; what it only had to say is the person's to say, even if they
    have given the conversation back since.
    """
    did = uow.messages.turn_result(turn.id) is not None
    return did and len(uow.messages.of_turn(turn.id)) == said


def in_own_words(reply: BotReply, texts: Mapping[str, Mapping[str, str]], language: str) -> BotReply:
    """What the company says instead; no facts are left to be filled in."""
    own = texts.get(reply.response or "", {}).get(language)
    return reply if own is None else replace(reply, text=filled(own, {}))


def reply_item(reply: BotReply, language: str) -> dict[str, object]:
    """One message of the bot as it is stored."""
    item: dict[str, object] = {"text": reply.text, "card": reply.card, "language": language}
    if reply.response in _ASKS:
        item["asks"] = _ASKS[reply.response]
    return item | ({"quick_replies": list(reply.quick_replies)} if reply.quick_replies else {})
