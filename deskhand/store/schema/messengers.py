"""Tables of Slack and Teams: whose accounts there are whose here, and what was posted to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, UniqueConstraint

from deskhand.store.schema.base import key, optional_text, table, text
from deskhand.store.types import Json, UtcTime

# `team` is the Slack workspace or the Entra directory, `person` the account in it; `place` is where the person is
# written to; `notices` when they are told there, `notified_seq` up to which notification they were.
messenger_link = table(
    "messenger_link",
    Column("channel", String(16), primary_key=True),
    Column("team", String(64), primary_key=True),
    Column("person", String(255), primary_key=True),
    text("user_id"),
    text("name"),
    Column("place", Json, nullable=False),
    text("notices"),
    Column("notified_seq", BigInteger, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("tenant", "user_id", "channel"),
)

# One message as a messenger shows it. What it says is the message's, or `shown` where it is none (a notice); `subject`
# names what its buttons are about, `posted` is what the messenger calls it, once it is there.
messenger_post = table(
    "messenger_post",
    key(),
    text("channel"),
    text("user_id"),
    optional_text("message_id"),
    optional_text("subject"),
    Column("shown", Json),
    Column("posted", Json),
    Column("created_at", UtcTime, nullable=False),
    Index(None, "tenant", "subject"),
    Index(None, "tenant", "user_id"),
    Index(None, "tenant", "created_at"),
)
