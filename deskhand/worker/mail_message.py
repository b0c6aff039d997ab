"""A document as an e-mail message: the same key gives the same message. Knows nothing of servers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from deskhand.worker.errors import NotDeliverable


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """`key` names the sending: a receiver drops a message whose Message-ID it has already."""

    key: str
    sender: str
    sender_name: str
    to: str
    subject: str
    body: str
    at: datetime
    attachments: Sequence[Attachment]


def to_message(letter: Letter) -> EmailMessage:
    """Builds the message.

    Raises:
        NotDeliverable: an address is none.
    """
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["From"] = _address(letter.sender, letter.sender_name)
    message["To"] = _address(letter.to)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.key}@{letter.sender.rpartition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    for attachment in letter.attachments:
        message.add_attachment(attachment.data, maintype="application", subtype="pdf", filename=attachment.name)
    if message.is_multipart():
        message.set_boundary(hashlib.sha256(letter.key.encode()).hexdigest()[:40])
    return message


def _address(text: str, name: str = "") -> Address:
    _, bare = parseaddr(text)
    user, at, domain = bare.rpartition("@")
    if not at or not user or not domain or any(char.isspace() for char in bare) or "\n" in text or "\r" in text:
        raise NotDeliverable(f"{text!r} is no e-mail address")
    try:
        return Address(name, user, domain)
    except ValueError as error:
        raise NotDeliverable(f"{text!r} is no e-mail address") from error
