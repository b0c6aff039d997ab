"""Refusals of a message before it becomes a turn. Their sentences stand in `sentences.yml`.

DeskhandError
└── ChannelError
    ├── MessageEmpty           message_empty
    ├── MessageTooLong         message_too_long
    ├── MessageNotText         message_not_text
    ├── MessageInvalid         message_invalid
    ├── CardActionUnknown      card_action_unknown
    ├── ConversationUnknown    conversation_unknown
    ├── TooManyMessages        too_many_messages
    ├── BotUnavailable         bot_unavailable
    ├── PersonAnswers          person_answers
    ├── LinkOver               link_over
    ├── AlreadyLinked          already_linked
    ├── NotLinked              not_linked
    ├── HandoverUnknown        handover_unknown
    └── HandoverError          handover_error
        ├── HandoverTaken      handover_taken
        ├── HandoverWaiting    handover_waiting
        ├── HandoverOver       handover_over
        └── HandoverOwn        handover_own
"""

from __future__ import annotations

from deskhand.orders.errors import DeskhandError


class ChannelError(DeskhandError):
    """The message was refused."""

    code = "channel_error"


class MessageEmpty(ChannelError):
    """The message is empty."""

    code = "message_empty"


class MessageTooLong(ChannelError):
    """The message has {length} characters; {limit} are the most."""

    code = "message_too_long"


class MessageNotText(ChannelError):
    """The message has characters that are not text."""

    code = "message_not_text"


class MessageInvalid(ChannelError):
    """{field} is missing or of the wrong kind."""

    code = "message_invalid"


class CardActionUnknown(ChannelError):
    """The card has no button {action}."""

    code = "card_action_unknown"


class ConversationUnknown(ChannelError):
    """There is no such conversation of yours."""

    code = "conversation_unknown"


class TooManyMessages(ChannelError):
    """Too many messages at once; wait a moment."""

    code = "too_many_messages"


class BotUnavailable(ChannelError):
    """The bot can't answer now ({reason}); the message is kept and will be answered."""

    code = "bot_unavailable"


class PersonAnswers(ChannelError):
    """{name} has this conversation now; buttons of the bot work again when it is back."""

    code = "person_answers"


class LinkOver(ChannelError):
    """This link is over, used, or not for you; ask for a new one where you got it."""

    code = "link_over"


class AlreadyLinked(ChannelError):
    """This account, or you, are linked there already; unlink first."""

    code = "already_linked"


class NotLinked(ChannelError):
    """You have no account linked there."""

    code = "not_linked"


class HandoverUnknown(ChannelError):
    """There is no such conversation that wants a person."""

    code = "handover_unknown"


class HandoverError(ChannelError):
    """That can't be done with this conversation now."""

    code = "handover_error"


class HandoverTaken(HandoverError):
    """{name} has this conversation."""

    code = "handover_taken"


class HandoverWaiting(HandoverError):
    """Nobody has taken this conversation yet; take it first."""

    code = "handover_waiting"


class HandoverOver(HandoverError):
    """The bot has this conversation again."""

    code = "handover_over"


class HandoverOwn(HandoverError):
    """You asked for a person yourself; somebody else has to take it."""

    code = "handover_own"
