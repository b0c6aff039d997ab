"""What somebody said and took back in the same breath: 10把椅子,哦不,12把; "5 lamps, no wait, 6 lamps"."""

from __future__ import annotations

import re
from itertools import islice

from deskhand.language.catalogue import Catalogue
from deskhand.language.quantities import quantities_in
from deskhand.language.readings import Span
from deskhand.language.text import blank

_TAKEN_BACK = re.compile(
    r"[,。. ]*(?:吧[,。. ]*)?(?:(?:哦|噢|啊|呃|额|哎呀?)[, ]*)*(?:不对|不是|说错了?|错了|搞错了?|写错了?|不,|不不|更正)"
    r"[,。:不 ]*(?:应该)?(?:是|要)?"
    r"|[,. ]*\b(?:(?:oh,? )?no,? wait|wait,? no|oh no|no|sorry|i mean|i meant|make that|actually|correction)\b[,.: ]*"
    r"(?:(?:make (?:it|that)|i meant?|it's) )?",
    re.IGNORECASE,
)
_NEAR = 25  # characters from an amount to where it is taken back
_MOST = 4  # each is looked at in the whole text; who says more than that does not correct an amount
_SAYS = re.compile(r"\w")
_OF = re.compile(r" ?(?:of )?(?:the )?", re.IGNORECASE)


def without_slips(text: str, catalogue: Catalogue) -> str:
    """The text with spaces for each amount that was taken back, and for the words that did it."""
    for match in islice(_TAKEN_BACK.finditer(text), _MOST):
        names = [(span, found.entries) for span, found in catalogue.product_spans(text)]
        amounts = [quantity.span for quantity in quantities_in(text, [span for span, _ in names], catalogue)]
        before = [span for span in amounts if match.start() - _NEAR <= span[0] and span[1] <= match.start()]
        after = [span for span in amounts if span[0] == match.end()]
        if not before or not after:
            continue
        said = [entries for span, entries in names if before[-1][0] <= span[0] < match.start()]
        again = [entries for span, entries in names if _OF.fullmatch(text, after[0][1], span[0])]
        same = again[0] in said or not _SAYS.search(text, before[-1][1], match.start()) if again else True
        if len(said) <= 1 and same:
            text = _taken_out(text, before[-1], match.span(), whole=bool(again))
    return text


def _taken_out(text: str, amount: Span, words: Span, *, whole: bool) -> str:
    """Only the amount goes where the goods are not said again."""
    for span in [(amount[0], words[1])] if whole else [amount, words]:
        text = blank(text, span, " ")
    return text
