"""Chinese and English numerals as an order means them: 一百二十, 1万2, 半打, twenty-five, half a dozen, 2.5k.

What was said loosely (三五个, 十几箱, twenty-odd) is a range, to be asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from deskhand.language.readings import NumberReading
from deskhand.language.text import normalise
from deskhand.language.units import GENERAL_PATTERN

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
    "壹": 1,
    "贰": 2,
    "叁": 3,
}
_DIGITS |= {"肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "幺": 1}
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8, "兆": 10**12}
_UP_TO_NINETEEN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen"""
_TENS_UP = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: value for value, word in enumerate(re.findall(r"\w+", _UP_TO_NINETEEN))}
_TIES = {word: 10 * value for value, word in enumerate(re.findall(r"\w+", _TENS_UP), 2)}
_TIES["fourty"] = 40
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "dozen": 12, "dozens": 12}
_SUFFIXES = {"k": 10**3, "m": 10**6, "w": 10**4, "万": 10**4, "千": 10**3, "百": 100, "亿": 10**8}

_ZH_DIGIT = "零〇一二三四五六七八九两俩仨壹贰叁肆伍陆柒捌玖"
_ZH = f"[{_ZH_DIGIT}十百千万亿拾佰仟廿卅]"
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_EN_ONE = "|".join(sorted([*_ONES, *_TIES], key=len, reverse=True))
_EN_PART = rf"(?:{_EN_ONE}|hundred|thousand|million|billion)"
_EN_HALF = r"(?:half an? (?:dozen|hundred|thousand|million)|half)"
_EN_LED = r"an? (?:dozen|hundred|thousand|million|couple(?: of)?)"
_EN_RUN = rf"(?:{_EN_LED}|{_EN_PART})(?:(?:[ -]|,? and |, ){_EN_PART})*(?: and a half)?(?: dozen)?"
NUMBER = re.compile(
    rf"(?P<half>{_EN_HALF})\b"
    rf"|(?P<fraction>(?<![\w/.])\d{{1,2}}/\d{{1,2}}(?![\w/]))"
    rf"|(?P<arabic>(?:(?<![A-Za-z0-9_.#])|(?<=(?<![A-Za-z0-9])(?-i:x)))(?<![A-Za-z]-){_ARABIC})"
    r"(?P<suffix>(?:k|m|w)(?![A-Za-z0-9])| ?(?:dozen|hundred|thousand|million)\b|"
    r"[万千百亿][零〇一二三四五六七八九\d]?|半(?=[打]))?"
    rf"|(?P<en>\b{_EN_RUN}\b)"
    rf"|(?P<zh>(?:{_ZH}+(?:点[{_ZH_DIGIT}]+)?|半)(?:个?半(?=打))?)",
    re.IGNORECASE,
)
_JOIN = re.compile(r" ?(?:-|~|到|至|to|or|或者?) ?", re.IGNORECASE)
_NOT_A_NUMBER_BEFORE = re.compile(
    r"(?:第|周|星期|礼拜|统|万$|唯|几|数|any|some|no|every|this|that|the|which|last|next)\s?$", re.IGNORECASE
)
_NOT_A_NUMBER_AFTER = re.compile(r"起|下(?!\d)|共|样|定|直|般|切|些|旦|边|会儿|点(?!\d)|分钟?钟|号|月|星期|致|路|楼")
_ADJACENT = re.compile(rf"([{_ZH_DIGIT}]?十)?([一二三四五六七八两])([二三四五六七八九]|(?<=一)两)([十百千万])?")
_SOME = re.compile(rf" ?[几多余来] ?(?={GENERAL_PATTERN})|[- ]odd\b", re.IGNORECASE)


def parse_chinese(numeral: str) -> Decimal | None:
    """The value of a Chinese numeral, mixed ones too (1万2 = 12000, 一百二 = 120, 二零二六 = 2026), else None."""
    if numeral == "半":
        return Decimal("0.5")
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    whole, point, rest = numeral.partition("点")
    value = _whole(whole)
    if value is None or not point:
        return value
    if not rest or any(c not in _DIGITS for c in rest):
        return None
    return value + Decimal("0." + "".join(str(_DIGITS[c]) for c in rest))


def _whole(numeral: str) -> Decimal | None:
    if not numeral:
        return None
    if all(c in _DIGITS or c.isascii() and c.isdigit() for c in numeral):
        return Decimal("".join(str(_DIGITS.get(c, c)) for c in numeral))
    return _scaled(numeral)


def _scaled(numeral: str) -> Decimal | None:
    total = section = Decimal(0)
    current: Decimal | None = None
    last = 1
    zero = False
    for token in re.findall(r"\d+(?:\.\d+)?|.", numeral):
        if token in _DIGITS:
            zero = zero or _DIGITS[token] == 0
            current = Decimal(_DIGITS[token])
        elif token in _TENS:
            section += (Decimal(1) if current is None else current) * _TENS[token]
            current, last, zero = None, _TENS[token], False
        elif token in _MYRIADS:
            total = (
                (total + section + (current or Decimal(0))) * _MYRIADS[token]
                if token in "亿兆"
                else total + (section + (current or Decimal(0))) * _MYRIADS[token]
            )
            section, current, last, zero = Decimal(0), None, _MYRIADS[token], False
        else:
            current = _decimal(token)
            if current is None:
                return None
    return total + section + _tail(current, last, zero)


def _tail(current: Decimal | None, last: int, zero: bool) -> Decimal:
    """The last digit stands for the next lower power unless 零 was said: 一百二 is 120, 一百零二 is 102."""
    if current is None:
        return Decimal(0)
    return current * (last // 10) if last >= 100 and not zero and current < 10 else current


def parse_english(numeral: str) -> Decimal | None:
    """The value of an English numeral: twenty-five, two and a half (dozen), three dozen, a hundred and one."""
    words = re.sub(r"[-,]", " ", numeral.lower()).split()
    times = 12 if "half" in words and words[-1].startswith("dozen") else 1
    words = words[:-1] if times > 1 else words
    half = words[-3:] == ["and", "a", "half"]
    value = _added(words[:-3] if half else words)
    return None if value is None else (value + (Decimal("0.5") if half else 0)) * times


def _added(words: Sequence[str]) -> Decimal | None:
    total = current = Decimal(0)
    for word in words:
        if word in _ONES or word in _TIES:
            current += _ONES.get(word, _TIES.get(word, 0))
        elif word in {"a", "an"}:
            current = Decimal(1)
        elif word == "couple":
            current *= 2
        elif word in {"hundred", "dozen", "dozens"}:
            current = (current or Decimal(1)) * _SCALES[word]
        elif word in _SCALES:
            total, current = total + (current or Decimal(1)) * _SCALES[word], Decimal(0)
        elif word not in {"and", "of"}:
            return None
    return total + current


def _decimal(digits: str) -> Decimal | None:
    try:
        return Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return None


def tidy(value: Decimal) -> Decimal:
    """The number without needless zeros and never in exponent form: 6.0 is 6."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() and abs(value) < 10**20 else value


def value_of(match: re.Match[str]) -> Decimal | None:
    """The value of a match of NUMBER."""
    if match["half"]:
        words = match["half"].lower().split()
        return Decimal("0.5") * _SCALES.get(words[-1], 1)
    if match["fraction"]:
        top, bottom = match["fraction"].split("/")
        return Decimal(top) / Decimal(bottom) if int(bottom) else None
    if match["arabic"]:
        return _suffixed(match["arabic"], (match["suffix"] or "").strip().lower())
    return parse_english(match["en"]) if match["en"] else parse_chinese(match["zh"])


def _suffixed(digits: str, suffix: str) -> Decimal | None:
    value = _decimal(digits)
    if value is None or not suffix:
        return value
    if suffix == "半":
        return value + Decimal("0.5")
    if suffix[0] in _MYRIADS or suffix[0] in _TENS:
        return _scaled(digits.replace(",", "") + suffix)
    return value * (_SCALES.get(suffix) or _SUFFIXES[suffix])


def number_matches(text: str) -> Iterator[NumberReading]:
    """Every number in a normalised text, ranges as one reading; ordinals and words such as 一起 are left out."""
    readings = [r for m in NUMBER.finditer(text) if _is_number(text, m) and (r := _reading(text, m)) is not None]
    index = 0
    while index < len(readings):
        first = readings[index]
        joined = _range(text, first, readings[index + 1]) if index + 1 < len(readings) else None
        yield joined or first
        index += 2 if joined else 1


def _is_number(text: str, match: re.Match[str]) -> bool:
    if match["arabic"] or match["fraction"]:
        return True
    before = text[max(0, match.start() - 12) : match.start()]
    if match["en"] and match["en"].lower() in {"one", "second", "zero"}:
        return not re.search(
            r"\b(?:this|that|the|which|last|next|second|first|third|no|any|every|each)\s$", before, re.IGNORECASE
        )
    if match["zh"] is None:
        return True
    return not _NOT_A_NUMBER_BEFORE.search(before) and not (
        len(match["zh"]) == 1 and _NOT_A_NUMBER_AFTER.match(text, match.end())
    )


def _reading(text: str, match: re.Match[str]) -> NumberReading | None:
    start, end = match.span()
    low, high = _adjacent(match["zh"]) if match["zh"] else (None, None)
    value = low if low is not None else value_of(match)
    if value is None:
        return None
    some = _SOME.match(text, end)
    if some and high is None and value >= 10 and not value % 10:
        low, high, end = value + 1, _next_round(value) - 1, some.end()
        return NumberReading(tidy(low), text[start:end], (start, end), tidy(high))
    sign = re.search(r"(?:(?<![A-Za-z0-9])-|\bminus |\bnegative |负)$", text[:start], re.IGNORECASE)
    if sign:
        start, value = sign.start(), -value
    return NumberReading(tidy(value), text[start:end], (start, end), high)


def _next_round(value: Decimal) -> Decimal:
    """十几 stays below 20, 一百多 below 200."""
    digits = str(tidy(value))
    return value + Decimal(10) ** (len(digits) - len(digits.rstrip("0")))


def _adjacent(numeral: str) -> tuple[Decimal | None, Decimal | None]:
    """Two neighbouring digits are a range: 三五个 is 3 to 5, 二三十 is 20 to 30."""
    match = _ADJACENT.fullmatch(numeral)
    if not match:
        return None, None
    tens, low, high, scale = match.groups()
    if not 0 < _DIGITS[high] - _DIGITS[low] <= 2:
        return None, None
    return tuple(parse_chinese((tens or "") + digit + (scale or "")) for digit in (low, high))  # type: ignore[return-value]


def _range(text: str, first: NumberReading, second: NumberReading) -> NumberReading | None:
    between = text[first.span[1] : second.span[0]]
    low, high = first.value, abs(second.value) if second.text.startswith("-") else second.value
    if second.text.startswith("-") and not between:
        between = "-"
    if first.high is not None or not _JOIN.fullmatch(between) or not 0 < low < high:
        return None
    return NumberReading(low, text[first.span[0] : second.span[1]], (first.span[0], second.span[1]), high)


def read_counts(text: str) -> tuple[NumberReading, ...]:
    """Every number as an order means it, a range as one; digits inside codes (A4, SKU-1002) are not numbers."""
    plain = normalise(text)
    return tuple(r for r in number_matches(plain) if not _inside_code(plain, r))


def _inside_code(text: str, reading: NumberReading) -> bool:
    after = text[reading.span[1] : reading.span[1] + 2]
    return reading.text[-1:].isdigit() and bool(re.match(r"[A-Za-z]\d|[A-Z]{2}", after))
