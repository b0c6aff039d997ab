"""A turn: the stored message goes to the bot with a token, the answer is stored and shown. One at a time for each.

The queue is the database: whoever works on a conversation takes its oldest unanswered message until none is left. A
turn that fails stays unanswered and is tried again under the same message id, by this process or by the next one; the
actions keep what they did for a message and answer a repeat with it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from weakref import WeakValueDictionary

from deskhand.channels.colleagues import Audience, Colleagues, Threads
from deskhand.channels.errors import BotUnavailable
from deskhand.channels.inbound import Inbound
from deskhand.channels.rasa import Bot, BotReply, RasaFailed
from deskhand.channels.ready_replies import ReadyReplies
from deskhand.channels.sentences import sentence, sentence_for
from deskhand.channels.turn_token import mint
from deskhand.channels.turns import CHANNEL, Answer, Received, Speaker, Turn, Turns

RETRY_SECONDS = 3.0
PATIENCE_SECONDS = 60.0  # for a message that a running bot does not answer; while it is down there is no end to it
_WAITED_OUT = frozenset({"down", "refused"})
TOO_OLD = timedelta(hours=24)  # nobody wants yesterday's question carried out today

_log = logging.getLogger("deskhand.channels")


class Watch(Protocol):
    """Counts turns."""

    def answered(self, seconds: float) -> None: ...

    def failed(self, reason: str) -> None: ...


class Chat:
    """Conversations of all users with the bot."""

    def __init__(
        self,
        turns: Turns,
        bot: Bot,
        audience: Audience,
        threads: Threads,
        watch: Watch,
        secret: str,
        clock: Callable[[], datetime],
        patience_seconds: float = PATIENCE_SECONDS,
        ready: ReadyReplies | None = None,
    ) -> None:
        self.turns = turns
        self.colleagues = Colleagues(turns.handovers, audience, threads, ready)
        self._bot = bot
        self._audience = audience
        self._threads = threads
        self._watch = watch
        self._secret = secret
        self._clock = clock
        self._patience_seconds = patience_seconds
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._queued: set[str] = set()  # conversations with a worker that waits for the lock
        self._tasks: set[asyncio.Task[None]] = set()
        self._first_try: dict[str, float] = {}
        self._told: set[str] = set()

    async def receive(
        self, speaker: Speaker, inbound: Inbound, conversation: str | None = None, skip: str | None = None
    ) -> Received:
        """Store a message and show it in the user's other tabs; it is answered by `wake` or `answer`."""
        received = await self._threads.run(self.turns.receive, speaker, inbound, conversation)
        if received.created:
            message = received.message
            echo = {
                "id": message.id,
                "client_id": inbound.id,
                "seq": message.seq,
                "text": message.text,
                "turn": message.id,
            }
            echo |= {"at": message.created_at.isoformat(), "direction": "in", "card": None}
            if received.conversation.channel == CHANNEL:
                await self._audience.tell(speaker.tenant, speaker.user_id, "message", echo, skip)
            await self.colleagues.hear(speaker.tenant, received.conversation, [echo])
            if received.ended is not None:
                await self.colleagues.show(speaker.tenant, received.ended)
            else:
                await self.colleagues.answer_ahead(speaker.tenant, received.conversation, message)
        return received

    def wake(self, tenant: str, conversation: str) -> None:
        """Have the conversation worked on; a worker that still waits for the lock will see this message too."""
        if conversation in self._queued:
            return
        self._queued.add(conversation)
        task = asyncio.create_task(self._work(tenant, conversation))
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    async def answer(self, tenant: str, received: Received) -> list[dict[str, Any]]:
        """Answer everything that waits in the conversation, and return the replies to this message.

        Raises:
            BotUnavailable: it stays stored and will be answered.
        """
        async with self._lock(received.conversation.id):
            await self._answer_waiting(tenant, received.conversation.id)
        replies = await self._threads.run(self.turns.replies, tenant, received.message.id)
        if replies is None:
            raise BotUnavailable(reason="no answer", conversation=received.conversation.id, turn=received.message.id)
        return replies

    async def retry(self, older_than: timedelta) -> int:
        """Try again what waits, if the bot is there; returns how many conversations were tried."""
        waiting = await self._threads.run(self.turns.unanswered, older_than)
        if not waiting or not await self._bot.ready():
            return 0
        for tenant, conversation in waiting:
            self.wake(tenant, conversation)
        return len(waiting)

    async def close(self) -> None:
        """Stop; what is unanswered is found again at the next start."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, tenant: str, conversation: str) -> None:
        async with self._lock(conversation):
            self._queued.discard(conversation)
            await self._answer_waiting(tenant, conversation)

    async def _answer_waiting(self, tenant: str, conversation: str) -> None:
        while (turn := await self._threads.run(self.turns.next, tenant, conversation)) is not None:
            if not await self._take(turn):
                return  # later messages wait behind it, so that answers come in order

    async def _take(self, turn: Turn) -> bool:
        """Answer one message; False when it has to be tried again."""
        await self._tell(turn, "turn_started", {"turn": turn.id})
        started = time.perf_counter()
        try:
            replies, code = await self._replies(turn)
        except RasaFailed as failure:
            self._watch.failed(failure.reason)
            _log.warning("turn %s: no answer (%s)", turn.id, failure.reason)
            if not self._hopeless(turn, failure.reason):
                return await self._wait_for_bot(turn)
            replies, code = await self._given_up(turn), "turn_failed"
        answer = await self._threads.run(self.turns.finish, turn, replies)
        self._watch.answered(time.perf_counter() - started)
        self._is_over(turn)
        await self._show(turn, answer, code)
        return True

    async def _replies(self, turn: Turn) -> tuple[list[BotReply], str | None]:
        """What the bot says; or what we say for it, with a code, when it is not asked."""
        language = turn.claims.language
        if turn.refused is not None:
            return [BotReply(sentence_for(turn.refused, language))], turn.refused.code
        if not turn.user_active or self._clock() - turn.message.created_at > TOO_OLD:
            return [BotReply(sentence("turn_expired", language))], "turn_expired"
        token = mint(turn.claims, self._secret, self._clock())
        return list(await self._bot.send(turn.sender, turn.text, {"token": token})), None

    def _hopeless(self, turn: Turn, reason: str) -> bool:
        """A message that a running bot leaves unanswered for a minute must not hold up the next ones."""
        first = self._first_try.setdefault(turn.id, time.monotonic())
        return reason not in _WAITED_OUT and time.monotonic() - first >= self._patience_seconds

    async def _given_up(self, turn: Turn) -> list[BotReply]:
        """That it failed; the second time in a row with a person on offer."""
        language = turn.claims.language
        failed = BotReply(sentence("turn_failed", language))
        if not await self._threads.run(self.turns.has_just_failed, turn):
            return [failed]
        button = {"title": sentence("ask_for_person", language), "text": sentence("ask_for_person", language)}
        return [failed, BotReply(sentence("person_offered", language), quick_replies=(button,))]

    def _is_over(self, turn: Turn) -> None:
        self._first_try.pop(turn.id, None)
        self._told.discard(turn.id)

    async def _wait_for_bot(self, turn: Turn) -> bool:
        """Whether the message needs no bot after all: it asks for a person."""
        found = await self._threads.run(self.turns.ask_instead, turn)
        if found is not None:
            await self._show(turn, found[1], None, found[0])
            if found[0] == turn.id:
                self._is_over(turn)
                return True
        await self._tell(turn, "turn_ended", {"turn": turn.id, "ok": False, "code": BotUnavailable.code})
        if turn.id not in self._told:
            self._told.add(turn.id)
            said = sentence(BotUnavailable.code, turn.claims.language)
            await self._tell(turn, "error", {"code": BotUnavailable.code, "message": said, "turn": turn.id})
        return False

    async def _show(self, turn: Turn, answer: Answer | None, code: str | None, message_id: str | None = None) -> None:
        for message in answer.messages if answer else ():
            await self._tell(turn, "bot_uttered", message)
        for card in answer.cards if answer else ():  # wherever it was pressed, tabs may show it
            await self._audience.tell(turn.claims.tenant, turn.claims.user_id, "card_updated", card)
        ended = {"turn": message_id or turn.id, "ok": code is None} | ({"code": code} if code else {})
        await self._tell(turn, "turn_ended", ended)
        if answer is not None:
            await self._tell_colleagues(turn, answer)

    async def _tell_colleagues(self, turn: Turn, answer: Answer) -> None:
        tenant, conversation = turn.claims.tenant, turn.message.conversation_id
        if answer.asked is not None:
            await self.colleagues.show(tenant, answer.asked)
        if answer.person_id is not None:
            await self.colleagues.tell_person(tenant, answer.person_id, conversation, answer.messages)

    async def _tell(self, turn: Turn, event: str, data: Mapping[str, Any]) -> None:
        """Tabs show the conversation that is held in them; what a messenger's says goes out from the store."""
        if turn.claims.channel != CHANNEL:
            return
        await self._audience.tell(turn.claims.tenant, turn.claims.user_id, event, data)

    def _lock(self, conversation: str) -> asyncio.Lock:
        """One for each conversation that is worked on; forgotten when nobody holds or awaits it."""
        return self._locks.setdefault(conversation, asyncio.Lock())

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a conversation's worker failed; its messages are tried again", exc_info=error)
