"""What somebody has typed in Slack, as they meant it: Slack writes mentions, links and three signs in its own way."""

from __future__ import annotations

import html
import re

_OWN_MENTION = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^>]*)?>[\s,:，：]*")
_LABELLED = re.compile(r"<(?:https?://|mailto:|tel:)[^>|]*\|([^>]*)>")
_LINK = re.compile(r"<(?:mailto:|tel:)?((?:https?://)?[^>|@#!][^>|]*)>")
_OTHER = re.compile(r"<[@#!][^>|]*(?:\|([^>]*))?>")


def typed(text: str, mentioned: bool = False) -> str:
    """`mentioned`: it begins with the name of the app, which is not part of what is said."""
    if mentioned:
        text = _OWN_MENTION.sub("", text, count=1)
    text = _LABELLED.sub(r"\1", text)
    text = _OTHER.sub(lambda found: found[1] or "", text)
    return html.unescape(_LINK.sub(r"\1", text)).strip()
