"""Numbers in a text, in Chinese, English or figures, each with its span and its value.

    >>> [str(n.value) for n in read_numbers("two and a half dozen pens, 1,200 cups and 3.5 million clips")]
    ['30', '1200', '3500000']
    >>> [str(n.value) for n in read_numbers("一百二十箱，1万2，半打，三又四分之一")]
    ['120', '12000', '6', '3.25']

What is no number: an ordinal (第三, 3rd, twenty-first), a digit inside a code (A4, SKU-1002), 百分之五, a pronoun (that
one), a word that only holds a numeral (一起, 千万). 20% is read as 20, a telephone number as the figures that stand
in it. What was said loosely has `high`: 三五个 is 3 up to 5, 十几 is 10 up to 19; 10-20 are two numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

from deskhand.language.readings import NumberReading
from deskhand.language.values import chinese, digits, english
from deskhand.language.values.numeral import Numeral, apart
from deskhand.language.values.plain import language_of, plain
from deskhand.numerals import tidy

_MEASURES = """个件份只台把项枚粒颗部架辆顶床幅面盏串棵株单箱盒袋瓶罐桶卷张本册套组双对打捆扎条支枝根块片吨公斤克升米托
    盘板元角毛分厘万亿页人名位届级种类次回遍场顿餐杯碗盆锅壶筐篮车船艘列节间层楼栋幢座户家所门扇匹头口尾群批排行句段篇章首曲
    年月日号天周季期岁世代点时秒刻倍成亩顷尺寸丈里码磅英平立海光兆千百字声笔票项款股轮局步手脚拳刀枪炮锤线圈团堆束丛滴
    滩道阵股番度环国省市县区镇村校班队员口老大小又送乘除加减等是到至和与或比变斗石两斤吋呎英微纳毫半零负男女胎"""
_MEASURE = f"[{''.join(dict.fromkeys(re.sub(chr(92) + 's', '', _MEASURES)))}]"
_FOLLOWS = re.compile(rf"$|[^\w]|[\dA-Za-z]|{_MEASURE}|(?:箱|星期|礼拜|钟头|小时)")
_NOT_COUNTED = re.compile(
    r"一(?:半|点(?![半钟整零一二三四五六七八九十\d])|面(?:之|倒)|时|道|度|代|老|大|小(?!时)|又|等|行|生|世|声不|家人|口气|手|时间|旦|线|"
    r"国两|股脑|番|零|步步|部分|级棒|方面|头|般|成不变|字|国|省|票|男|女|团|光|和|与|平|立|分钱不|队)"
    r"|三(?:角形|明治)|四(?:周|处|面八方|川|海)|五(?:金|官|谷|颜)|六(?:神)|七(?:夕)|八(?:卦|成)|九(?:州)|两(?:面|手|口子)|"
    r"[二三四五六七八九](?:成|线)|十分(?![钟之\d]|$|[,。])|十足"
)
_BARRED_BEFORE = re.compile(r"(?:第 ?|周|星期|礼拜|初|No\.? ?(?=[^\d]))$")
_BOUND_ONE = re.compile(r"[统唯万同之任逐单专合划归惟]$")
_HALF_OF = re.compile(r"(?:个|[箱斤公米吨升年月天小分里亩克包盒瓶桶车张页块英海杯碗只条片袋磅辈打晌数价])")
_HALF_AFTER = re.compile(r"(?:一|大|多|[个箱斤克吨升里米年月天点分块倍])$")
_NO_HALF = re.compile(r"半(?:路|夜|岛|球|导|月板|边天|成品|决赛|信|推)")
_PRONOUN = re.compile(
    r"\b(?:the|this|that|which|each|every|any|no|some|another|last|next|previous|other|good|new|old|first|second|third"
    r"|[a-z]+th|\d+(?:st|nd|rd|th)) $",
    re.IGNORECASE,
)
_LETTER_AFTER = re.compile(r"(?:st|nd|rd|th)\b|[A-Za-z](?!\d)|[A-Za-z]+\d", re.IGNORECASE)
_TIMES_AFTER = re.compile(r"[xX*](?=[ \d]|$)")
_ARTICLE = re.compile(
    r"(?<![\w'.-])an?(?= (?!half|hundred|thousand|[mbt]r?illion|dozen|lot|few|couple))", re.IGNORECASE
)
_HALF_A = re.compile(r"\bhalf $", re.IGNORECASE)
_OVER = re.compile(r" (?:over|in|out of) ", re.IGNORECASE)
_AND_PART = re.compile(r" and (?:(?:a |an |one )?(half|quarter|third)\b|(\d{1,2})/(\d{1,3})(?![\d/]))", re.IGNORECASE)
_PARTS = {"half": 2, "quarter": 4, "third": 3}


def numerals_in(text: str) -> list[Numeral]:
    """Every numeral of a plain text in either language and in figures, whatever it is for."""
    found = [*digits.numerals_in(text), *chinese.numerals_in(text)]
    if re.search(r"[A-Za-z]{3}", text):
        found += english.numerals_in(text)
    return apart(_with_part(text, numeral) for numeral in found)


def articles_in(text: str) -> Iterator[Numeral]:
    """Each "a" and "an" as one: before a coin or a measure it counts; "half a mile" counts half."""
    for match in _ARTICLE.finditer(text):
        half = _HALF_A.search(text[: match.start()])
        start = half.start() if half else match.start()
        yield Numeral(start, match.end(), Decimal("0.5") if half else Decimal(1), "article")


def _with_part(text: str, numeral: Numeral) -> Numeral:
    """Figures before "and a half"."""
    match = _AND_PART.match(text, numeral.end) if numeral.shape in {"digits", "en"} else None
    if not match or match[2] and not 0 < int(match[2]) < int(match[3]):
        return numeral
    part = Decimal(1) / _PARTS[match[1].lower()] if match[1] else Decimal(match[2]) / Decimal(match[3])
    return replace(numeral, end=match.end(), value=numeral.value + part)


def read_numbers(text: str, language: str | None = None) -> tuple[NumberReading, ...]:
    """The numbers of a text, from left to right; spans are places in the text as it was given.

    Args:
        text: Whatever was written; what stands beyond 2,000 characters is not read.
        language: "zh" or "en", where habits differ (20kg holds a number in Chinese text only); None: as most words are.
    """
    said = plain(text)
    spoken = language_of(said, language)
    kept = [n for n in numerals_in(said) if _counts(said, n, spoken)]
    return tuple(
        NumberReading(tidy(n.value), said[n.start : n.end], (n.start, n.end), n.high) for n in _fractions(said, kept)
    )


def _fractions(text: str, numerals: list[Numeral]) -> Iterator[Numeral]:
    """Two out of three is one number."""
    at = 0
    while at < len(numerals):
        first = numerals[at]
        second = numerals[at + 1] if at + 1 < len(numerals) else None
        if second and 0 < first.value < second.value and _OVER.fullmatch(text, first.end, second.start):
            yield Numeral(first.start, second.end, first.value / second.value, "fraction")
            at += 2
        else:
            yield first
            at += 1


def _counts(text: str, numeral: Numeral, language: str) -> bool:
    rule = _RULES.get(numeral.shape)
    return rule is not None and rule(text, numeral, language) and not _is_ordinal(text, numeral)


def _is_ordinal(text: str, numeral: Numeral) -> bool:
    return bool(_BARRED_BEFORE.search(text[max(0, numeral.start - 4) : numeral.start]))


def _in_figures(text: str, numeral: Numeral, language: str) -> bool:
    after = _LETTER_AFTER.match(text, numeral.end)
    if not after or _TIMES_AFTER.match(text, numeral.end):
        return True
    return language == "zh" and after[0].lower() not in {"st", "nd", "rd", "th"} and text[numeral.end - 1].isdigit()


def _in_words(text: str, numeral: Numeral, language: str) -> bool:
    said = text[numeral.start : numeral.end]
    if said.isascii():
        return said.lower() != "one" or not _PRONOUN.search(text[: numeral.start])
    if said[0] in "百千万亿兆":
        return False
    if len(said) == 1 and _NOT_COUNTED.match(text, numeral.start):
        return False
    if said == "一" and _BOUND_ONE.search(text[: numeral.start]):
        return False
    return len(said) > 1 or bool(_FOLLOWS.match(text, numeral.end))


def _half(text: str, numeral: Numeral, language: str) -> bool:
    if text[numeral.start : numeral.end] != "半":
        return True
    if _NO_HALF.match(text, numeral.start):
        return False
    return bool(_HALF_OF.match(text, numeral.end) or _HALF_AFTER.search(text[: numeral.start]))


_RULES: dict[str, Callable[[str, Numeral, str], bool]] = {
    "digits": _in_figures,
    "fraction": _in_figures,
    "zh": _in_words,
    "en": _in_words,
    "half": _half,
}
