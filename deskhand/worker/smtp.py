"""Hands messages to a mail server. Knows nothing of documents or orders."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

from deskhand.worker.errors import NotDeliverable

_TIMEOUT = 20.0
_PERMANENT = range(500, 600)


class MailServer(Protocol):
    """Raises NotDeliverable when the server will never take the message; anything else may be tried again."""

    def send(self, message: EmailMessage) -> None: ...


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`smtp://user:password@host:port`, with STARTTLS where it is offered; `smtps://` speaks TLS at once."""

    url: str

    def send(self, message: EmailMessage) -> None:
        """Returns when the server has taken the message."""
        with self._connect() as server:
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                raise _refusal(error, [code for code, _ in error.recipients.values()]) from error
            except smtplib.SMTPResponseException as error:
                raise _refusal(error, [error.smtp_code]) from error
            with suppress(smtplib.SMTPException):
                server.quit()

    def _connect(self) -> smtplib.SMTP:
        where = urlsplit(self.url)
        host = where.hostname or "localhost"
        context = ssl.create_default_context()
        if where.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, where.port or 465, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, where.port or 25, timeout=_TIMEOUT)
        try:
            if where.scheme != "smtps":
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=context)
            if where.username:
                server.login(unquote(where.username), unquote(where.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def _refusal(error: smtplib.SMTPException, codes: list[int]) -> Exception:
    permanent = codes and all(code in _PERMANENT for code in codes)
    return NotDeliverable(str(error)) if permanent else error
