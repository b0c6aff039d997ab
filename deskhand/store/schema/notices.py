"""Tables of how people want to be told: what each has chosen, and what waits for its hour."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String

from deskhand.store.schema.base import key, table
from deskhand.store.types import Json, UtcTime

# `previous` is what stood before the last change, until that was taken back; `desk_seq` and `mail_seq` say up to which
# notification it was decided what is told on the desk and by mail (a messenger's link says it for itself).
notice_preference = table(
    "notice_preference",
    key("user_id"),
    Column("settings", Json, nullable=False),
    Column("previous", Json),
    Column("desk_seq", BigInteger, nullable=False),
    Column("mail_seq", BigInteger, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
)

# A notification that somebody is to be told by a channel, and has not been told yet.
notice_waiting = table(
    "notice_waiting",
    key("user_id"),
    Column("channel", String(16), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("since", UtcTime, nullable=False),
)
