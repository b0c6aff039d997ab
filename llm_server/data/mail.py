"""Letters in .eml and .mbox files: what was written in them, and the thread they belong to. Knows no records."""

from __future__ import annotations

import email
import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path

from llm_server.data.markup import text_of_html

_REPLY = re.compile(r"^\s*((re|fw|fwd|aw|wg|回复|答复|转发)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)
_QUOTED = re.compile(
    r"^\s*(>|-{2,}\s*(original message|原始邮件|forwarded message)|_{20,}|on .{5,200} wrote:\s*$"
    r"|在.{5,200}写道[:：]\s*$|(from|发件人)\s*[:：].*)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^(-- ?|—{2,}|sent from my .{2,40}|发自我的.{1,30}|来自我的.{1,30})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letter:
    """Its own words, without what it quotes and how it is signed."""

    text: str
    thread: str


def letters_in(path: Path) -> Iterator[Letter | None]:
    """One by one; None for one without text."""
    if path.suffix.lower() == ".mbox":
        box = mailbox.mbox(path, create=False)
        try:
            for message in box:
                yield _letter(email.message_from_bytes(message.as_bytes(), policy=default))
        finally:
            box.close()
        return
    with path.open("rb") as file:
        yield _letter(email.message_from_binary_file(file, policy=default))


def _letter(message: Message) -> Letter | None:
    if not isinstance(message, EmailMessage):
        return None
    try:
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
    except (LookupError, ValueError, AttributeError, KeyError):  # a wrong charset or a part that is none
        return None
    if not isinstance(text, str):
        return None
    if body is not None and body.get_content_subtype() == "html":
        text = text_of_html(text)
    own = own_words(text)
    return Letter(own, _thread(message)) if own.strip() else None


def _thread(message: EmailMessage) -> str:
    """The first letter's id where one is named, else the bare subject."""
    references = f"{message.get('References', '')} {message.get('In-Reply-To', '')}".split()
    if references:
        return references[0]
    own = str(message.get("Message-ID", "")).strip()
    return own or _REPLY.sub("", str(message.get("Subject", ""))).strip().casefold()


def own_words(text: str) -> str:
    """Without quoted letters below or between, and without the signature."""
    kept: list[str] = []
    for line in text.splitlines():
        if _SIGNATURE.match(line.strip()):
            break
        if _QUOTED.match(line):
            if line.lstrip().startswith(">"):
                continue
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip()
