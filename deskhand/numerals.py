"""Words that stand for numbers, in Chinese and English: numerals, months, weekdays; and the number each stands for.

What reading people and checking texts have in common. Knows neither where in a text a numeral stands nor whether it
counts anything: 一起 and "that one" are for those who read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

ZH_DIGITS = "零〇一二三四五六七八九两俩仨壹贰叁肆伍陆柒捌玖"
DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {c: n for n, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
DIGITS |= {"〇": 0, "○": 0, "幺": 1, "两": 2, "俩": 2, "仨": 3}
TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "兆": 10**12}

ONES = {word: n for n, word in enumerate("one two three four five six seven eight nine".split(), 1)}
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
TEENS = {word: n for n, word in enumerate(_TEENS.split(), 10)}
TIES = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
TIES |= {"fourty": 40}
SMALL = {**ONES, **TEENS, **TIES}
SCALES = {"thousand": 10**3, "lakh": 10**5, "million": 10**6, "crore": 10**7, "billion": 10**9, "trillion": 10**12}
GROUPS = {"hundred": 100, "dozen": 12, "dozens": 12}

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    "|Nov(?:ember)?|Dec(?:ember)?)"
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAY = "(?:Mon|Tues?|Wed(?:nes|s|n)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
ZH_WEEKDAYS = "一二三四五六日天"

_NEIGHBOURS = re.compile(rf"([{ZH_DIGITS}]?十)?([一二三四五六七八两])([二三四五六七八九]|(?<=一)两)([十百千万亿])?")


def digit_of(character: str) -> int:
    """5 for 五, 伍 and 5."""
    return int(DIGITS.get(character, character))


def month_of(word: str) -> int:
    """1 for January and jan."""
    return _place(word, MONTHS) + 1


def weekday_of(word: str) -> int:
    """0 for Monday, mon and 周一."""
    place = ZH_WEEKDAYS.find(word[-1])
    return min(place, 6) if place >= 0 else _place(word, WEEKDAYS)


def _place(word: str, names: Sequence[str]) -> int:
    return [name[:3] for name in names].index(word[:3].capitalize())


def parse_chinese(numeral: str) -> Decimal | None:
    """The value of a Chinese numeral, mixed ones too (1万2 = 12000, 一百二 = 120, 二零二六 = 2026), else None."""
    if numeral == "半":
        return Decimal("0.5")
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    whole, point, rest = numeral.partition("点")
    value = _whole(whole)
    if value is None or not point:
        return value
    if not rest or any(c not in DIGITS for c in rest):
        return None
    return value + Decimal("0." + "".join(str(DIGITS[c]) for c in rest))


def _whole(numeral: str) -> Decimal | None:
    if not numeral:
        return None
    if all(c in DIGITS or c.isascii() and c.isdigit() for c in numeral):
        return Decimal("".join(str(digit_of(c)) for c in numeral))
    return _scaled(numeral)


def _scaled(numeral: str) -> Decimal | None:
    total = section = Decimal(0)
    current: Decimal | None = None
    last = 1
    zero = False
    for token in re.findall(r"\d+(?:\.\d+)?|.", numeral):
        if token in DIGITS:
            zero = zero or DIGITS[token] == 0
            current = Decimal(DIGITS[token])
        elif token in TENS:
            section += (Decimal(1) if current is None else current) * TENS[token]
            current, last, zero = None, TENS[token], False
        elif token in MYRIADS:
            group = section + (current or Decimal(0))
            total = (total + group) * MYRIADS[token] if token in "亿兆" else total + group * MYRIADS[token]
            section, current, last, zero = Decimal(0), None, MYRIADS[token], False
        else:
            current = _decimal(token)
            if current is None:
                return None
    return total + section + _tail(current, last, zero)


def _decimal(digits: str) -> Decimal | None:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def _tail(current: Decimal | None, last: int, zero: bool) -> Decimal:
    """The last digit stands for the next lower power unless 零 was said: 一百二 is 120, 一百零二 is 102."""
    if current is None:
        return Decimal(0)
    return current * (last // 10) if last >= 100 and not zero and current < 10 else current


def neighbours(numeral: str) -> tuple[Decimal, Decimal] | None:
    """Two neighbouring digits are a range: 三五 is 3 to 5, 二三十 is 20 to 30."""
    match = _NEIGHBOURS.fullmatch(numeral)
    if not match or not 0 < DIGITS[match[3]] - DIGITS[match[2]] <= 2:
        return None
    low, high = (parse_chinese((match[1] or "") + digit + (match[4] or "")) for digit in (match[2], match[3]))
    return None if low is None or high is None else (low, high)


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
        if word in SMALL:
            current += SMALL[word]
        elif word in {"a", "an"}:
            current = Decimal(1)
        elif word == "couple":
            current *= 2
        elif word in GROUPS:
            current = (current or Decimal(1)) * GROUPS[word]
        elif word in SCALES:
            total, current = total + (current or Decimal(1)) * SCALES[word], Decimal(0)
        elif word not in {"and", "of", "zero"}:
            return None
    return total + current


def tidy(value: Decimal) -> Decimal:
    """The number without needless zeros and never in exponent form: 6.0 is 6."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() and abs(value) < 10**20 else value
