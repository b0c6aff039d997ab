"""Text that a spreadsheet would take for a formula, made harmless on the way out and itself again on the way in.

A cell of a CSV file that begins with = + - or @ is calculated when somebody opens it, and what it calculates may be
another's customer name. An apostrophe before it makes it text for every spreadsheet. Knows no file.
"""

from __future__ import annotations

import re

_BEGINS_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")  # the wide ones are read like the others in East Asia


def neutralised(text: str) -> str:
    """With an apostrophe before what could be calculated; also where apostrophes stand there, so that no two meet."""
    return f"'{text}" if _BEGINS_FORMULA.match(text) else text


def restored(text: str) -> str:
    """What `neutralised` was given; any other text as it is."""
    return text[1:] if text.startswith("'") and _BEGINS_FORMULA.match(text) else text
