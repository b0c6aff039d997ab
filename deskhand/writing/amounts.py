"""Amounts and numbers as people write them: ¥1,234.50, 壹佰元整, 1.2万, 二十箱, twenty boxes.

Knows nothing of facts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from deskhand.numerals import digit_of, parse_english
from deskhand.writing.numerals import CHINESE_NUMERAL, ENGLISH_NUMERAL, chinese_number
from deskhand.writing.page import Page

_DOLLARS = ("USD", "AUD", "CAD", "HKD", "SGD")
_CURRENCIES = {
    "CNY": ("CNY",), "RMB": ("CNY",), "人民币": ("CNY",), "元": ("CNY",), "圆": ("CNY",), "块": ("CNY",),
    "块钱": ("CNY",), "元人民币": ("CNY",), "YUAN": ("CNY",), "¥": ("CNY", "JPY"), "$": _DOLLARS,
    "US$": ("USD",), "USD": ("USD",), "美元": ("USD",), "美金": ("USD",), "DOLLAR": _DOLLARS,
    "HK$": ("HKD",), "HKD": ("HKD",), "港元": ("HKD",), "港币": ("HKD",), "EUR": ("EUR",), "€": ("EUR",),
    "欧元": ("EUR",), "EURO": ("EUR",), "GBP": ("GBP",), "£": ("GBP",), "英镑": ("GBP",), "POUND": ("GBP",),
    "JPY": ("JPY",), "日元": ("JPY",), "YEN": ("JPY",), "AUD": ("AUD",), "CAD": ("CAD",), "SGD": ("SGD",),
    "CHF": ("CHF",), "KRW": ("KRW",), "TWD": ("TWD",), "INR": ("INR",), "SEK": ("SEK",), "NOK": ("NOK",),
} | {code: (code,) for code in (
    "AED BRL CLP COP CZK DKK EGP HUF IDR ILS KES MOP MXN MYR NGN NZD PEN PHP PKR PLN RON RUB SAR THB TRY VND ZAR"
).split()}  # fmt: skip
_PLURAL = {f"{word}S": word for word in ("DOLLAR", "EURO", "POUND")}
_SCALE = {"百": 100, "千": 1000, "万": 10**4, "亿": 10**8, "k": 1000, "thousand": 1000, "million": 10**6}

_DIGITS = r"\d{1,3}(?:\.\d{3})+,\d{2}(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = rf"(?:(?<![\w\ue000.,)-])-)?(?:{_DIGITS})"
_SPACED = r"(?<!\d)\d{1,3}(?: \d{3})+(?![\d,.]\d)"  # beside a currency only
_SCALES = r"(?:\s*(?:百|千|万|亿|thousand\b|million\b|k\b))?"
_CODE = "|".join(sorted((re.escape(key) for key in _CURRENCIES), key=len, reverse=True))
_UNIT_WORDS = (
    "boxes|box|packs|pack|packets|packet|pieces|piece|pcs|pc|units|unit|sets|set|pairs|pair|bottles|bottle|bags|bag"
    "|cartons|carton|cases|case|rolls|roll|reams|ream|sheets|sheet|kg|g|t|tons|ton|tonnes|lbs|hours|hour|days|day"
    "|weeks|week|months|month|years|year|minutes|minute|dozen|copies|copy|parcels|parcel|items|item"
    "|inner boxes|inner box|pallets|pallet|crates|crate|mm|millimet(?:re|er)s?|gsm|m2|cm|km|calendar days|orders?|pens?"
)
_CHINESE_UNITS = (
    "公斤|千克|个工作日|个自然日|个小时|个星期|个季度|个钟头|个月|工作日|自然日|星期|季度|小时|分钟|箱|盒|包|台|把|支|件|本|套|张|瓶|袋|吨|克|卷"
    "|条|双|对|块|组|桶|罐|斤|毫米|米|只|根|份|天|日|周|年|个|种|次|项|位|家|折|打|托盘|片|册|枝|盏|令|部|架"
)

MONEY = re.compile(
    rf"(?:(?P<before>(?<![A-Za-z])(?:{_CODE}))\s*)?(?P<number>{_SPACED}|{_SIGNED}|{CHINESE_NUMERAL})(?P<scale>{_SCALES})"
    rf"(?:\s*(?P<after>(?:{_CODE})S?(?![A-Za-z])))?(?P<jiao>[零〇]?[\d壹贰叁肆伍陆柒捌玖一二三四五六七八九]角)?"
    r"(?P<fen>[零〇]?[\d壹贰叁肆伍陆柒捌玖一二三四五六七八九]分)?[整正]?",
    re.IGNORECASE,
)
PERCENT = re.compile(
    rf"(?P<number>{_SIGNED}|{ENGLISH_NUMERAL})\s*(?:%|\bper\s?cent\b)(?P<off>\s*off\b)?|百分之(?P<zh>{CHINESE_NUMERAL}|[\d.]+)"
    r"|\bper\s?cent\b",
    re.IGNORECASE,
)
FOLD = re.compile(r"(?P<number>\d(?:\.\d)?|\d{2}|[一二三四五六七八九]{1,2}(?:点[一二三四五六七八九])?)\s*折")
_GRAMS = re.compile(rf"(?P<number>{_SIGNED})\s*(?P<unit>g/m[2²]|克/平方米|克每平方米|克/m2)", re.IGNORECASE)
NUMBER = re.compile(
    rf"(?P<number>{_SIGNED})(?P<scale>{_SCALES})[\s-]{{0,2}}"
    rf"(?P<unit>(?:{_UNIT_WORDS})\b|{_CHINESE_UNITS})?",
    re.IGNORECASE,
)
CHINESE = re.compile(rf"(?P<number>{CHINESE_NUMERAL})\s*(?P<unit>{_CHINESE_UNITS})?")
ENGLISH = re.compile(
    rf"(?P<number>{ENGLISH_NUMERAL})[\s-]{{0,2}}(?P<unit>(?:{_UNIT_WORDS})\b)?",
    re.IGNORECASE,
)
NONE = re.compile(
    r"\b(?:no|zero)\s+(?:(?:defective|faulty|bad)\s+(?P<unit>sheets?)|defects|faults|flaws)\b|(?:未发现|未见|没有|无)(?:任何)?(?:缺陷|不良|瑕疵)",
    re.IGNORECASE,
)
_FAULTY = re.compile(r"\s*(?:defective|faulty)\s+(sheets?)\b", re.IGNORECASE)  # one defective sheet is one sheet

# Numerals that count nothing.
IDIOM = re.compile(
    "一下|一定|一切|统一|进一步|一直|一起|之一|唯一|万一|千万|十分|一如既往|一旦|一并|一律|一般|一致|一样|一些|一同"
    "|百忙|一贯|再一次|第一时间|第三方|百货|一份|一封|一路|一流|八方|四海|一向|一经|一体|一站|任一|逐一|每一|专一"
    r"|(?<!-)\bone of\b|\bno one\b|\bone another\b|\bthis one\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number found in a text. `currencies` is empty when it names none, `unit` None likewise."""

    surface: str
    span: tuple[int, int]
    value: Decimal | None
    currencies: tuple[str, ...] = ()
    unit: str | None = None


def amounts(page: Page) -> Iterator[Amount]:
    """Every number left on the page, money first. What it yields is struck out."""
    yield from _money(page)
    for match in page.take(FOLD):
        yield Amount(match[0], match.span(), _off(match["number"]), unit="% off")
    for match in page.take(PERCENT):
        yield Amount(match[0].strip(), match.span(), _percent(match), unit="% off" if match["off"] else "%")
    for match in page.take(NONE):
        yield Amount(match[0], match.span(), Decimal(0), unit=match["unit"])
    for match in page.take(_GRAMS):
        yield Amount(match[0], match.span(), _value(match["number"]), unit="g/m2")
    for match in page.take(NUMBER):
        yield Amount(match[0].strip(), match.span(), _value(match["number"], match["scale"]), unit=match["unit"])
    list(page.take(IDIOM))
    for pattern in (CHINESE, ENGLISH):
        yield from _words(page, pattern)


def _money(page: Page) -> Iterator[Amount]:
    for match in list(MONEY.finditer(page.rest)):
        if not (match["before"] or match["after"]):
            continue
        value = _value(match["number"], match["scale"])
        if value is None:
            continue
        page.strike(*match.span())
        yield Amount(match[0].strip(), match.span(), value + _small(match), _currencies(match))


def _words(page: Page, pattern: re.Pattern[str]) -> Iterator[Amount]:
    read = chinese_number if pattern is CHINESE else parse_english
    for match in list(pattern.finditer(page.rest)):
        value, further = read(match["number"]), _FAULTY.match(page.rest, match.end())
        unit = match["unit"] or (further and further[1])
        if value is None or (value == 1 and not unit) or _is_prose(match):
            continue
        page.strike(*match.span())
        yield Amount(match[0].strip(), match.span(), value, unit=unit)


def _off(text: str) -> Decimal | None:
    """8.5折 and 八五折 leave 85 %, so 15 % off; 九折 leaves 90 %."""
    value = Decimal(text) if text[0].isdigit() else chinese_number(text)
    if value is None and len(text) == 2:
        value = Decimal(10 * digit_of(text[0]) + digit_of(text[1]))
    return None if value is None else 100 - (value * 10 if value < 10 else value)


def _percent(match: re.Match[str]) -> Decimal | None:
    """None for a "per cent" of nothing that is known."""
    if match["zh"]:
        return _value(match["zh"])
    text = match["number"]
    if not text:
        return None
    return _value(text) if re.search(r"\d", text) else parse_english(text)


def _is_prose(match: re.Match[str]) -> bool:
    """一个, 一位: an article rather than a count of goods."""
    if match["number"] != "一" or match["unit"] not in ("个", "位", "家", "项", "种", "次", "日", "天"):
        return False
    return match.string[max(0, match.start() - 1) : match.start()] not in ("期", "迟", "晚", "了")


def _value(text: str, scale: str | None = None) -> Decimal | None:
    if not re.search(r"\d", text):
        return chinese_number(text)
    if re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+,\d{2}", text):
        text = text.replace(".", "").replace(",", ".")
    factor = _SCALE[scale.strip().lower()] if scale and scale.strip() else 1
    return Decimal(re.sub("[ ,]", "", text)) * factor


def _small(match: re.Match[str]) -> Decimal:
    """伍角 and 伍分 of an amount written in full."""
    total = Decimal(0)
    for group, worth in (("jiao", "0.1"), ("fen", "0.01")):
        digit = (match[group] or "")[:-1].lstrip("零〇")
        if digit:
            total += Decimal(worth) * digit_of(digit)
    return total


def _currencies(match: re.Match[str]) -> tuple[str, ...]:
    """What the symbols on both sides agree on; nothing known when they contradict."""
    found = [_CURRENCIES[_PLURAL.get(code.upper(), code.upper())] for code in (match["before"], match["after"]) if code]
    agreed = set(found[0]).intersection(*found)
    return tuple(sorted(agreed)) or ("?",)
