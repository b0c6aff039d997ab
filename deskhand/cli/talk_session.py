"""A talk at the terminal: reads a line, sends it, shows the answer; meanwhile notices and later answers come in.

Knows neither keyboard nor terminal: what reads and shows comes by constructor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deskhand.cli.talk_api import DeskApi, Refused, Unreachable
from deskhand.cli.talk_screen import notice_lines, safe_lines, shown, word

Json = Mapping[str, Any]
Show = Callable[[list[str]], None]
EVERY_SECONDS = 2.0
_OVER = 401
_BOT_AWAY = "bot_unavailable"
_LEAVE = ("/quit", "/exit", "/q")


class SignedOut(Exception):
    """The session is over; nothing more can be said in it."""


@dataclass
class Talk:
    """One conversation. `show` prints lines; it may be called from the thread that listens."""

    api: DeskApi
    language: str
    show: Show
    show_answer: Callable[[list[Json]], None] | None = None  # for programs: the messages as they are
    conversation: str | None = None
    seen: int = 0  # the newest message that was shown
    heard: int = 0  # the newest notice that was shown
    choices: list[Json] = field(default_factory=list)
    unanswered: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _lost: bool = False

    def take(self, line: str) -> bool:
        """One line that was typed; False when it is to be the last.

        Raises:
            SignedOut, Unreachable.
        """
        said = line.strip()
        if said in _LEAVE:
            return False
        if said == "/help":
            self.show(word("help", self.language).split("\n"))
        elif said:
            self._say(self._meant(said))
        return True

    def run(self, lines: Iterable[str]) -> None:
        """Until there are no more lines, or one of them ends it."""
        for line in lines:
            if not self.take(line):
                return

    def _meant(self, said: str) -> Json:
        """A number is the choice that stands behind it, if the last answer offered so many; =2 is the text 2."""
        if said.isascii() and said.isdigit() and 0 < int(said) <= len(self.choices):
            return self.choices[int(said) - 1]
        literal = said[1:].strip()
        return {"text": literal if said.startswith("=") and literal.isdigit() else said}

    def _say(self, said: Json) -> None:
        with self._lock:
            self.choices = []
            try:
                self.api.renew_if_due()
                answer = self.api.say(said, self.conversation)
            except Refused as refused:
                self._refused(refused)
                return
            self.conversation = answer["conversation"]
            self._answered(answer["messages"])
            if not answer["messages"] and (told := (answer.get("handover") or {}).get("said")):
                self.show(safe_lines(told))  # a person has the conversation

    def _refused(self, refused: Refused) -> None:
        if refused.status == _OVER:
            raise SignedOut(str(refused)) from refused
        self.unanswered += 1
        if refused.code == _BOT_AWAY:
            self.conversation = refused.data.get("conversation") or self.conversation
            self.show([word("later", self.language)])
        else:
            self.show(problem_lines(refused))

    def _answered(self, messages: Iterable[Json]) -> None:
        """The bot's part of what is new."""
        new = [each for each in messages if each["seq"] > self.seen]
        self.seen = max((each["seq"] for each in new), default=self.seen)
        new = [each for each in new if each.get("direction", "out") == "out"]
        if not new:
            return
        if self.show_answer is not None:
            self.show_answer(new)
            return
        made = shown(new, self.language)
        self.choices = made.choices
        self.show(made.lines)

    # --- what comes by itself

    def begin(self) -> None:
        """From here on only what is new is shown; what waits unread is counted."""
        page = self.api.notices(0)
        unread = page["unread"]
        while page["items"]:
            self.heard = page["items"][-1]["seq"]
            page = self.api.notices(self.heard)
        if unread:
            self.show([word("unread", self.language, count=unread)])

    def listen(self, stop: threading.Event, every: float = EVERY_SECONDS) -> None:
        """For a thread of its own, until it is told to stop or the session is over."""
        while not stop.wait(every):
            try:
                self.look()
            except Unreachable:
                if not self._lost:
                    self.show([word("gone", self.language)])
                self._lost = True
            except Refused as refused:
                if refused.status == _OVER:
                    self.show([word("ended", self.language)])
                    return
            else:
                if self._lost:
                    self.show([word("back", self.language)])
                self._lost = False

    def look(self) -> None:
        """Once: new notices, and messages that came later or from a colleague."""
        with self._lock:
            self.api.renew_if_due()
            for notice in self.api.notices(self.heard)["items"]:
                self.heard = notice["seq"]
                self.show(notice_lines(notice, self.language))
            if self.conversation is not None:
                self._answered(self.api.messages(self.conversation, self.seen))


def problem_lines(problem: Exception) -> list[str]:
    """What a refusal says, safe for a terminal."""
    return safe_lines(str(problem))
