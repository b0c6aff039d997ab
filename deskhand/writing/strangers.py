"""Names in a text that belong to nobody we know. Knows nothing of numbers or dates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from rapidfuzz import fuzz

from deskhand.writing.bindings import Found
from deskhand.writing.facts import Fact
from deskhand.writing.page import normalise

_ORGANISATION = re.compile(
    r"[\u4e00-\u9fff]{1,12}?(?:有限公司|股份公司|公司|集团|商行|商店|工厂|贸易行|银行|事务所|研究院)"
)
_TITLED = re.compile(r"[\u4e00-\u9fff]{1,3}?(?:先生|女士|小姐|太太|经理|主任|老师|总监|总裁|董事)")
_GREETED = re.compile(r"(?:尊敬的|亲爱的|敬爱的)([\u4e00-\u9fff]{1,12})")
_GENERIC = re.compile(
    r"(?:贵|我|本|该|您的|您|我们|你们|我们的|尊敬的|亲爱的|致|与|和|由|及|请|若|如|各位|客户|合作|快递|物流|承运|运输|:|\s)*"
    r"(?:公司|集团|先生|女士|小姐|经理|客户经理|有限公司|银行)"
)
_ANYBODY = ("客户", "顾客", "用户", "先生", "女士", "合作伙伴", "朋友", "买家", "商户", "贵公司", "各位")
_LATIN_IN_CHINESE = re.compile(r"[A-Za-z][A-Za-z'&.-]*[A-Za-z]")
_CAPITAL = re.compile(r"(?<![A-Za-z0-9'-])[A-Z][A-Za-z'&-]*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n]\s*|[\"()/]\s*|- )$")

_CAPITALS = frozenset(
    (
        "Address Best Buyer Clause Client Confirmation Contract Customer Customers Date Dear Delivery Faithfully I "
        "Invoice Kind Madam Mr Mrs Ms Number Order PDF Payment Purchaser Receipt Regards Seller Sincerely Sir "
        "Status Supplier Team Thank Thanks Total Truly Verdict Warm Waybill Yours "
    ).split()
)
_DEAR = re.compile(r"\bdear\s+([^,:;\n.]{1,80}?)\s*(?=[,:;\n.]|$)", re.IGNORECASE)
_ESTEEMED = re.compile(r"(?:尊敬的|亲爱的|敬爱的|致)\s*([^,:;。\n!]{1,40}?)\s*(?:您好|你好)?(?=[,:;。\n!]|$)")
_ANYBODY_DEAR = re.compile(
    r"(?:valued |esteemed |dear )?(?:customers?|clients?|sir|madam|sirs|sir or madam|sir/madam|team|colleagues?|all"
    r"|supervisor|partner|friends?|sales team|warehouse team|buyer|manager|mr|ms|mrs)",
    re.IGNORECASE,
)
_NOT_GOODS_ZH = (
    "总|合计|共|金额|价|送|交|期|预|将|已|请|我|您|贵|订单|发票|运费|等|其|均|款|货|待|于|由|地址|数量|均|都|全部|一并|发|随|现|正|并|将"
    "|确认|准备|通知|联系|后续|运单|快递|承运|付|单|总额|日期|时间|目前|各|需|要求|期望|寄|备"
)
_NEXT_ZH = re.compile(
    rf"\s*(?:、|和|与|及|以及|还有|外加|加上|连同|另加|另有)\s*((?!{_NOT_GOODS_ZH})[\u4e00-\u9fff]{{2,8}})"
)
_NOT_GOODS_EN = "total|delivery|tracking|payment|value|sum|few|invoice|further|separate"
_NOT_GOODS_VERBS = (
    "is|was|has|comes|totals|amounts|goes|costs|ships|leaves|this|its|goods|details|arrives|makes|needs|thus|always"
    "|includes|awaits|us|as|waits|remains|belongs|stands"
)
_NEXT_EN = re.compile(
    r"\s*,?\s*(?:and|plus|with|as well as|along with|together with|including)\s+(?:also\s+)?"
    rf"((?:an?|some|several|our|matching)\s+(?!{_NOT_GOODS_EN})[a-z][a-z -]*"
    rf"|(?!(?:{_NOT_GOODS_VERBS})\b)[a-z]{{3,}}s\b)",
    re.IGNORECASE,
)
_NEARLY = 60  # per cent of the letters
_NEARLY_LATIN = 78


def strange_names(rest: str, language: str, words: Collection[str]) -> list[str]:
    """Companies, titled persons and capitalised words among what is left of a text; `words` open sentences."""
    found = [match[0] for pattern in (_ORGANISATION, _TITLED) for match in pattern.finditer(rest)]
    found = [name for name in found if not _GENERIC.fullmatch(name)]
    found += [match[1] for match in _GREETED.finditer(rest) if not match[1].startswith(_ANYBODY)]
    if language == "zh":
        return found + [match[0] for match in _LATIN_IN_CHINESE.finditer(rest) if match[0] not in _CAPITALS]
    return found + [match[0] for match in _CAPITAL.finditer(rest) if not _is_prose(rest, match, words)]


def _is_prose(rest: str, match: re.Match[str], words: Collection[str]) -> bool:
    word = match[0].rstrip("-'&")
    if word in _CAPITALS or word.removesuffix("'s") in _CAPITALS:
        return True
    opens = word.isupper() or _SENTENCE_START.search(rest[: match.start()])
    return bool(opens) and all(part in words for part in re.findall(r"[a-z]+(?:'[a-z]+)?", word.lower()))


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


def addressed(prose: str, keyed: Mapping[str, Fact]) -> list[str]:
    """Whom a letter greets, when it is not the customer."""
    if "customer" not in keyed:
        return []
    own = [normalise(form).casefold() for form in keyed["customer"].spellings]
    found = [match for pattern in (_DEAR, _ESTEEMED) for match in pattern.finditer(prose)]
    return [match[1] for match in found if not _is_customer(prose[match.start(1) :], match[1], own)]


def _is_customer(after: str, name: str, own: Sequence[str]) -> bool:
    """A name may end in the very dot at which the greeting seems to."""
    name = name.strip().casefold()
    if any(form in name or after.casefold().startswith(form) for form in own):
        return True
    return name.startswith(_ANYBODY) or bool(_ANYBODY_DEAR.fullmatch(name))


def further_goods(rest: str, found: Sequence[Found], facts: Sequence[Fact], language: str) -> list[str]:
    """Goods that stand in a list with ours and are none of them, though no number goes with them."""
    counted = {normalise(form) for fact in facts for form in fact.of}
    pattern = _NEXT_ZH if language == "zh" else _NEXT_EN
    goods = [each for each in found if any(fact.of for fact in each.facts) or _is_of(each, counted)]
    matches = (pattern.match(rest, each.span[1]) for each in goods)
    return [match[1] for match in matches if match]


def _is_of(found: Found, counted: set[str]) -> bool:
    return any(normalise(form) in counted for fact in found.facts for form in fact.spellings)
