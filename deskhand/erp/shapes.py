"""What the values of a column look like, whatever it is called. Knows no header names and no file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from deskhand.erp.kinds import SPECS, Field, ValueType
from deskhand.erp.sources.model import Cell

_LOOKED_AT = 200
_AMOUNT = re.compile(
    r"[-+(]?\s*(?:[¥￥$€£]|CNY|RMB|USD|EUR|GBP|JPY|HKD|TWD|AUD|CAD|CHF|INR|[A-Z]{3}\s|US\$)?\s*"  # LMP-01 is none
    r"[-+]?[\d０-９][\d０-９\s.,，'’]*\s*\)?\s*"
    r"(?:元|圆|USD|CNY|EUR|RMB|GBP|€|-)?"
)
_DAY = re.compile(
    r"""\d{4}\s*[-/年]\s*\d{1,2}\s*([-/月]\s*\d{1,2}\s*[日号]?)?([T\s].*)?
    | \d{4}\s*\.\s*\d{1,2}\s*\.\s*\d{1,2}\s*([T\s].*)?  # 8897.00 is an amount, and no month of the year 8897
    | \d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2,4}([T\s].*)?
    | \d{1,2}[-\s.]?\s?[A-Za-zäéû]{3,9}\.?[-\s,]+\d{2,4}.*
    | (Mon|Tue|Wed|Thu|Fri|Sat|Sun)?\w*,?\s*[A-Za-z]{3,9}\.?\s\d{1,2}(st|nd|rd|th)?,?\s\d{4}.*
    | [12]?\d{2}\s*[/年.-]\s*\d{1,2}\s*[/月.-]\s*\d{1,2}\s*日?([T\s].*)?  # of Taiwan, or of two digits
    | [〇○零一二三四五六七八九十廿两]{2,5}年[一二三四五六七八九十正元]{1,3}月.* | \d{4}-?W\d\d-?[1-7].*
    | (19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{4}(\d\d)?)? | \d{1,2}月\d{1,2}日.*""",
    re.VERBOSE,
)
_SERIAL = re.compile(r"[34]\d{4}(\.\d+)?|1[5-9]\d{8}(\d{3})?")  # days of a spreadsheet, seconds of a computer
_SHORT_RUN = re.compile(r"\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])(\d{4}(\d\d)?)?|([0-2]\d|3[01])(0[1-9]|1[0-2])\d{2}")
_CODE = re.compile(r"[A-Za-z0-9#][\w\-./#+:]{0,63}|[A-Z]{1,5}(?: [A-Z0-9./-]*\d[A-Z0-9./-]*){1,4}")  # DO 7400 18011
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}|[^@\s]*\*[^@\s]*@[^\s]+")
_PHONE = re.compile(r"(\+?86[-\s]?)?1[3-9][\d*]{9}|\+?[\d*()\s.x-]{7,20}(#\d+|-\d+)?")
_MOBILE = re.compile(r"(\+?86[-\s]?)?1[3-9][\d*]{9}|\+\d[\d\s()-]{8,16}")
_TRACKING = re.compile(
    r"(SF|YT|JDVA|JDVB|JDVC|JD|ZTO|STO|YD|DPK|1Z|LP|EMS|DPD|HTKY|JT)\d{8,20}\w*|1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2}"
    r"|(?:7[78]|43|46|31|55|99)\d{11,13}|9[2-5]\d{18,20}"
)
_CURRENCY = frozenset(
    "CNY RMB USD EUR GBP JPY HKD TWD SGD AUD CAD CHF KRW INR THB MYR VND NZD SEK NOK DKK PLN BRL MXN "
    "人民币 美元 欧元 港币 英镑 日元 元".split()
)
_FLAG = frozenset(
    "是 否 y n yes no true false 1 0 t f 启用 停用 禁用 有效 无效 上架 下架 active inactive enabled disabled published "
    "draft".split()
)
_URL = re.compile(r"(?i)(https?:)?//|www\.")


@dataclass(frozen=True)
class Shape:
    """Shares of a column's values, each of 0..1; nothing is known of an empty one."""

    filled: int
    number: float = 0
    whole: float = 0
    negative: float = 0
    day: float = 0
    serial: float = 0
    short_run: float = 0  # 241105: a date only where the column is named so
    code: float = 0
    email: float = 0
    phone: float = 0
    mobile: float = 0
    tracking: float = 0
    currency: float = 0
    flag: float = 0
    url: float = 0
    share: float = 0  # a per cent sign, 9折, or at most 1
    decimals: float = 0
    distinct: float = 0
    letters: float = 0  # has letters or Chinese
    length: float = 0  # mean
    largest: float = 0


def shape_of(cells: Sequence[Cell]) -> Shape:
    """Of a column's first values."""
    values = [cell for cell in cells if cell is not None and cell != "" and str(cell).strip()][:_LOOKED_AT]
    if not values:
        return Shape(0)
    texts = [str(value).strip() for value in values]
    numbers = [number for number in map(_number, values, texts) if number is not None]
    part = _part(texts)
    return Shape(
        len(values),
        number=len(numbers) / len(values),
        whole=sum(number == int(number) for number in numbers) / len(values),
        negative=sum(number < 0 for number in numbers) / len(values),
        day=sum(map(_is_day, values, texts)) / len(values),
        serial=part(_SERIAL.fullmatch),
        short_run=part(_SHORT_RUN.fullmatch),
        code=part(_CODE.fullmatch),
        email=part(_EMAIL.fullmatch),
        phone=part(lambda text: _PHONE.fullmatch(text) and sum(map(str.isdigit, text)) >= 6),
        mobile=part(_MOBILE.fullmatch),
        tracking=part(_TRACKING.fullmatch),
        currency=part(lambda text: text.upper() in _CURRENCY),
        flag=part(lambda text: text.casefold() in _FLAG),
        url=part(_URL.match),
        share=part(lambda text: text.endswith(("%", "折")) or _at_most_one(text)),
        decimals=part(lambda text: "." in text or "," in text),
        distinct=len(set(texts)) / len(texts),
        letters=part(lambda text: any(map(str.isalpha, text))),
        length=sum(map(len, texts)) / len(texts),
        largest=float(max((abs(number) for number in numbers), default=0)),
    )  # fmt: skip


def _is_day(value: Cell, text: str) -> bool:
    return isinstance(value, date | datetime) or _DAY.fullmatch(text) is not None


def _part(texts: Sequence[str]) -> Callable[[Callable[[str], object]], float]:
    return lambda fits: sum(bool(fits(text)) for text in texts) / len(texts)


def _number(value: Cell, text: str) -> Decimal | None:
    if isinstance(value, bool) or isinstance(value, date | datetime):
        return None
    if not isinstance(value, str):
        text = str(value)
    elif not _AMOUNT.fullmatch(text):
        return None
    try:
        found = Decimal(re.sub(r"[^\d.-]", "", text.replace(",", "")) or "x")
    except InvalidOperation:
        return Decimal(1) if any(map(str.isdigit, text)) and len(text) < 20 else None
    return found if found.is_finite() else None


def _at_most_one(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


Fit = Callable[[Shape], float]
"""How well values fit: 1 they tell by themselves, 0.5 they may, 0 they can't be."""


def _money(shape: Shape) -> float:
    return min(shape.number, 1 - shape.day) * (0.9 if shape.decimals > 0.3 else 0.7)


def _quantity(shape: Shape) -> float:
    if shape.largest > 10_000_000:
        return 0.1
    return shape.number * (0.9 if shape.whole > 0.9 else 0.6)


def _day(shape: Shape) -> float:
    return max(shape.day, shape.serial * 0.6, shape.short_run * 0.6)


def _code(shape: Shape) -> float:
    if shape.day > 0.8 and shape.length > 8 and shape.code < 0.5:
        return 0.05
    return 0.8 * shape.code if shape.decimals < 0.5 or shape.letters > 0.5 else 0.35


def _text(shape: Shape) -> float:
    if shape.day > 0.8 or shape.email > 0.8 or shape.url > 0.8:
        return 0.1
    return 0.7 * max(shape.letters, 0.4 if shape.number < 0.9 else 0.1)


def _name(shape: Shape) -> float:
    return min(_text(shape), 0.3) if shape.length > 80 or (shape.length < 1.5 and shape.filled > 2) else _text(shape)


def _word(shape: Shape) -> float:
    if shape.day > 0.5 or shape.number > 0.9 and shape.distinct > 0.3:
        return 0.1
    return 0.7 if shape.filled < 8 or shape.distinct < 0.5 else 0.35


def _unit(shape: Shape) -> float:
    return 0.8 if shape.letters > 0.7 and shape.length <= 8 else 0.15


def _share(shape: Shape) -> float:
    return shape.share * 0.9 if shape.largest <= 100 else 0.05


def _discount(shape: Shape) -> float:
    return _money(shape) * (0.45 if shape.share > 0.9 else 1)


def _phone(shape: Shape) -> float:
    return max(shape.phone, shape.mobile)


def _tracking(shape: Shape) -> float:
    if shape.length < 6 or shape.day > 0.5:
        return 0.1
    return max(shape.tracking, 0.7 * shape.code * (shape.distinct > 0.3 or shape.filled < 4))


_BY_TYPE: dict[ValueType, Fit] = {
    ValueType.TEXT: _text,
    ValueType.CODE: _code,
    ValueType.MONEY: _money,
    ValueType.PRICE: _money,
    ValueType.NUMBER: _quantity,
    ValueType.SHARE: _share,
    ValueType.MOMENT: _day,
    ValueType.DAY: _day,
    ValueType.WORD: _word,
    ValueType.TERMS: lambda shape: max(0.5, shape.number),
    ValueType.FLAG: lambda shape: max(shape.flag, 0.2),
    ValueType.EMAIL: lambda shape: shape.email,
    ValueType.PHONE: _phone,
    ValueType.CURRENCY: lambda shape: max(shape.currency, 0.5 if shape.length <= 4 and shape.letters > 0.8 else 0.1),
    ValueType.UNIT: _unit,
    ValueType.CARRIER: lambda shape: 0.7 if shape.letters > 0.6 or shape.number > 0.9 and shape.largest < 100 else 0.1,
}
_BY_FIELD: dict[Field, Fit] = {
    Field.CUSTOMER_NAME: _name,
    Field.PRODUCT_NAME: _name,
    Field.CONTACT: _name,
    Field.TRACKING_NUMBER: _tracking,
    Field.DISCOUNT_AMOUNT: _discount,
    Field.POSTCODE: lambda shape: 0.8 * shape.code if 3 <= shape.length <= 11 else 0.3 * shape.code,
    Field.LINE_NUMBER: lambda shape: max(0.8 * shape.whole, 0.6 * shape.code),
    Field.CUSTOMER_CLASS: lambda shape: 0.6 if shape.day < 0.5 else 0.1,
    Field.NOTE: lambda shape: 0.6 if shape.day < 0.8 else 0.3,
    Field.REGION: lambda shape: 0.7 * shape.letters if shape.length < 40 else 0.2,
    Field.WAREHOUSE: lambda shape: 0.6 if shape.day < 0.5 and shape.length < 40 else 0.1,
    Field.WEIGHT: lambda shape: max(shape.number, 0.6 if shape.length < 12 else 0),
}


def fit(field: Field, shape: Shape) -> float:
    """How well a column's values fit a field; 0.5 when it has none."""
    if not shape.filled:
        return 0.5
    return (_BY_FIELD.get(field) or _BY_TYPE[SPECS[field].type])(shape)


def by_values(shape: Shape) -> tuple[Field, float] | None:
    """What values tell without any name."""
    if shape.filled < 3:
        return None
    for field, share, confidence in (
        (Field.EMAIL, shape.email, 0.65), (Field.PHONE, shape.mobile, 0.5),
        (Field.TRACKING_NUMBER, shape.tracking if shape.distinct > 0.5 and not shape.mobile else 0, 0.5),
        (Field.CURRENCY, shape.currency, 0.6),
    ):  # fmt: skip
        if share > 0.9:
            return field, confidence
    return None
