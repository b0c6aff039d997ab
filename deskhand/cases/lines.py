"""How the text of a document is written, line by line, and what it leaves out. Knows no case and no layout.

## heading
- label: value        a fact
____ name ____ name   lines to sign on
anything else         a paragraph
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HEADING, FACT, SIGN = "## ", "- ", "____"
_FACT = re.compile(r"(.+?)(?:：|:(?=\s|$))\s*(.*)")


def fact(line: str) -> tuple[str, str] | None:
    """Label and value of a line that states a fact."""
    found = _FACT.fullmatch(line.removeprefix(FACT)) if line.startswith(FACT) else None
    return (found[1], found[2]) if found else None


def tidied(text: str) -> str:
    """Without the facts that are not there, and without headings over nothing."""
    lines = [line.strip() for line in text.splitlines()]
    kept = [line for line in lines if line and not _empty(line)]
    return "\n".join(
        line for line, after in zip(kept, [*kept[1:], HEADING], strict=True) if not _over_nothing(line, after)
    )


def signers(lines: Iterable[str]) -> tuple[str, ...]:
    """Who signs."""
    return tuple(name.strip() for line in lines if line.startswith(SIGN) for name in line.split(SIGN) if name.strip())


def _empty(line: str) -> bool:
    """What punctuation alone is left of says nothing."""
    said = fact(line)
    return said is not None and not re.search(r"\w", said[1])


def _over_nothing(line: str, after: str) -> bool:
    return line.startswith(HEADING) and after.startswith(HEADING)
