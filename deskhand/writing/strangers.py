"""Names in a text that belong to nobody we know. Knows nothing of numbers or dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz

_ORGANISATION = re.compile(
    r"[\u4e00-\u9fff]{1,12}?(?:有限公司|股份公司|公司|集团|商行|商店|工厂|贸易行|银行|事务所|研究院)"
)
_TITLED = re.compile(r"[\u4e00-\u9fff]{1,3}?(?:先生|女士|小姐|太太|经理|主任|老师|总监|总裁|董事)")
_GREETED = re.compile(r"(?:尊敬的|亲爱的|敬爱的)([\u4e00-\u9fff]{1,12})")
_GENERIC = re.compile(
    r"(?:贵|我|本|该|您的|您|我们|你们|我们的|尊敬的|亲爱的|致|与|和|由|及|请|若|如|各位|客户|合作|:|\s)*"
    r"(?:公司|集团|先生|女士|小姐|经理|客户经理|有限公司|银行)"
)
_ANYBODY = ("客户", "顾客", "用户", "先生", "女士", "合作伙伴", "朋友", "买家", "商户", "贵公司", "各位")
_LATIN_IN_CHINESE = re.compile(r"[A-Za-z][A-Za-z'&.-]*[A-Za-z]")
_CAPITAL = re.compile(r"(?<![A-Za-z0-9'-])[A-Z][A-Za-z'&-]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n]\s*|[\"(]\s*|- )$")

_CAPITALS = frozenset(
    "Address Best Client Confirmation Customer Customers Date Dear Delivery Faithfully I Invoice Kind Madam Mr "
    "Mrs Ms Number Order Payment PDF Receipt Regards Sincerely Sir Status Team Thank Thanks Total Truly Warm "
    "Yours".split()
)
_OPENERS = frozenset(
    "a about above address after all also amount an and any are as at attached based be been before below best "
    "both but by can contact could customer date dear delivered delivery details did do does due each enclosed "
    "every feel find first following for from further goods greetings has have hello here hi how if in invoice "
    "is it item items its just kind kindly let looking many may no not note now number of on once one or order "
    "our payment please product products quantity question questions receipt regarding regards sales shipment "
    "shipping should since sincerely so status subject team thank thanks that the their there these they this "
    "those to total unless until upon warm was we were what when where which while who will with would yes you "
    "your yours".split()
)
_NEARLY = 60  # per cent of the letters
_NEARLY_LATIN = 78


def strange_names(rest: str, language: str) -> list[str]:
    """Companies, titled persons and capitalised words among what is left of a text."""
    found = [match[0] for pattern in (_ORGANISATION, _TITLED) for match in pattern.finditer(rest)]
    found = [name for name in found if not _GENERIC.fullmatch(name)]
    found += [match[1] for match in _GREETED.finditer(rest) if not match[1].startswith(_ANYBODY)]
    if language == "zh":
        return found + [match[0] for match in _LATIN_IN_CHINESE.finditer(rest) if match[0] not in _CAPITALS]
    return found + [match[0] for match in _CAPITAL.finditer(rest) if not _is_prose(rest, match)]


def _is_prose(rest: str, match: re.Match[str]) -> bool:
    word = match[0].rstrip("-'&")
    if word in _CAPITALS or word.removesuffix("'s") in _CAPITALS:
        return True
    return bool(_SENTENCE_START.search(rest[: match.start()])) and word.lower() in _OPENERS


def near_misses(rest: str, names: Sequence[str]) -> list[str]:
    """Stretches of the text that are almost one of the names: a wrong letter is a wrong name."""
    return [miss for name in dict.fromkeys(names) if len(name) >= 4 for miss in _near(rest, name)]


def _near(rest: str, name: str) -> Iterable[str]:
    if re.search(r"[\u4e00-\u9fff]", name):
        windows = [rest[at : at + len(name)] for at in range(len(rest) - len(name) + 1)]
        return [piece for piece in windows if "\ue000" not in piece and fuzz.ratio(piece, name) >= _NEARLY][:1]
    words = [match.group() for match in re.finditer(r"[A-Za-z0-9'&.-]+", rest)]
    size = len(name.split())
    pieces = [" ".join(words[at : at + size]) for at in range(len(words) - size + 1)]
    return [piece for piece in pieces if fuzz.ratio(piece.casefold(), name.casefold()) >= _NEARLY_LATIN][:1]
