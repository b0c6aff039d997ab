"""Random drafts, and how a Chinese and an English speaker may say each of them: every part in any of its wordings.

What is drawn is the draft; the sentence is made of it. Knows nothing of how sentences are read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from deskhand.language import CatalogueCustomer
from tests.language.conftest import CUSTOMERS

TODAY = date(2026, 11, 18)  # a Wednesday
MODES = ("direct", "courier", "pickup", "own")


@dataclass(frozen=True)
class Goods:
    """A product as people call it, and the units in which they order it (as the catalogue calls them)."""

    sku: str
    chinese: tuple[str, ...]
    english: tuple[str, ...]
    units: tuple[tuple[str, str, str], ...]  # the catalogue's, as a Chinese and as an English speaker say it


GOODS = (
    Goods("SKU-1001", ("A4纸", "复印纸"), ("A4 paper", "copy paper"), (("箱", "箱", "boxes"), ("包", "包", "packs"))),
    Goods("SKU-1002", ("激光打印机", "打印机"), ("laser printers", "printers"), (("台", "台", "units"),)),
    Goods("SKU-1003", ("办公椅", "椅子"), ("office chairs", "chairs"), (("把", "把", "pieces"),)),
    Goods("SKU-1004", ("硒鼓",), ("toner cartridges", "toners"), (("个", "个", "pcs"),)),
    Goods("SKU-1005", ("蓝色签字笔",), ("blue pens",), (("支", "支", "pieces"),)),
)


@dataclass(frozen=True)
class SaidLine:
    goods: Goods
    quantity: Decimal
    unit: str | None


@dataclass(frozen=True)
class SaidDraft:
    """What was meant, with the sentence that says it."""

    sentence: str
    lines: tuple[SaidLine, ...]
    customer: CatalogueCustomer | None
    address: str | None
    day: date | None
    mode: str | None
    contact: str | None
    phone: str | None
    payment_days: int | None


def numeral(number: int) -> str:
    """120 as 一百二十."""
    digits, places = "零一二三四五六七八九", ("", "十", "百", "千")
    said = ""
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        said += digits[digit] + places[place] if digit else "零"
    while "零零" in said:
        said = said.replace("零零", "零")
    return said.rstrip("零")


def english(number: int) -> str:
    """120 as one hundred and twenty."""
    small = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    ).split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    if number < 20:
        return small[number]
    if number < 100:
        return tens[number // 10 - 2] + (f"-{small[number % 10]}" if number % 10 else "")
    head, rest = (number // 100, number % 100) if number < 1000 else (number // 1000, number % 1000)
    scale = "hundred" if number < 1000 else "thousand"
    joint = " and " if number < 1000 else " "
    return f"{english(head)} {scale}" + (joint + english(rest) if rest else "")


@st.composite
def _line(draw: st.DrawFn, goods: Goods, chinese: bool) -> tuple[SaidLine, str]:
    number = draw(st.one_of(st.integers(1, 99), st.integers(1, 9999)))
    digits = draw(st.booleans())
    count = str(number) if digits else numeral(number) if chinese else english(number)
    unit = draw(st.sampled_from(goods.units + (() if chinese and not digits else (None,))))
    line = SaidLine(goods, Decimal(number), unit[0] if unit else None)
    if chinese:
        name, word = draw(st.sampled_from(goods.chinese)), unit[1] if unit else ""
        shapes = [f"{count}{word}{name}", f"{name}{count}{word}", f"{name} {count}{word}", f"{count} {word} {name}"]
        return line, draw(
            st.sampled_from(shapes if word else [f"{name} {count}", f"{name}x{count}", f"{name} x {count}"])
        )
    name, word = draw(st.sampled_from(goods.english)), unit[2] if unit else ""
    word = {"boxes": "box"}.get(word, word.removesuffix("s")) if number == 1 else word
    if not word:
        return line, draw(st.sampled_from([f"{count} {name}", f"{count} x {name}", f"{name}: {count}"]))
    return line, draw(
        st.sampled_from([f"{count} {word} of {name}", f"{count} {word} {name}", f"{name}, {count} {word}"])
    )


_PLACES_ZH = st.builds(
    "{}{}{}{}号{}".format,
    st.sampled_from(["", "广东省深圳市", "上海市", "北京市", "浙江省杭州市", "内蒙古自治区呼和浩特市"]),
    st.sampled_from(["浦东新区", "朝阳区", "南山区", "西湖区", "昆山市"]),
    st.sampled_from(["张江路", "世纪大道", "文三路", "建国门外大街", "高新南一道", "人民东路"]),
    st.integers(1, 2999),
    st.sampled_from(["", "3号楼", "5楼501室", "B座1201", "创业园8栋202"]),
)
_PLACES_EN = st.builds(
    "{} {} {}{}".format,
    st.integers(1, 9999),
    st.sampled_from(["Oak", "Main", "High", "North Park", "St. John's"]),
    st.sampled_from(["Street", "Avenue", "Rd", "Lane", "Drive", "Blvd"]),
    st.sampled_from(["", ", Boston", ", Springfield, IL 62704", ", Suite 5, Oxford"]),
)
_PHONES = st.one_of(
    st.integers(13000000000, 19999999999).map(str),
    st.sampled_from(["021-61234567", "0571-88886666", "400-820-8820", "+44 20 7946 0958", "617-555-0199"]),
)
_CONTACTS_ZH = st.sampled_from(["王小明", "李娜", "陈经理", "张女士", "欧阳师傅"])
_CONTACTS_EN = st.sampled_from(["Anna Miller", "Bob Lee", "Mr. Green", "Mary O'Neil"])


def _days_zh(day: date) -> list[str]:
    ahead = (day - TODAY).days
    said = [
        f"{day.month}月{day.day}日",
        f"{day.month}月{day.day}号前",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d}",
        f"最晚{numeral(day.month)}月{numeral(day.day)}日",
        f"{ahead}天后",
        f"{numeral(ahead)}天内",
        f"{day.month}/{day.day}前",
    ]
    weeks = (day - TODAY + timedelta(days=TODAY.weekday())).days // 7
    if weeks < 3:
        said.append("下" * weeks + ("本" if not weeks else "") + "周" + "一二三四五六日"[day.weekday()] + "前")
    return said + {1: ["明天", "明天下午3点前"], 2: ["后天", "後天上午"]}.get(ahead, [])  # fmt: skip


def _days_en(day: date) -> list[str]:
    ahead = (day - TODAY).days
    said = [
        f"by {day:%B} {day.day}",
        f"on {day.day} {day:%b} {day.year}",
        f"before {day:%Y-%m-%d}",
        f"in {ahead} days",
        f"within {ahead} days",
        f"no later than {day:%b} {day.day}",
        f"by {day.month}/{day.day}",
    ]
    if (day - TODAY + timedelta(days=TODAY.weekday())).days // 7 == 1:
        said += [f"by next {day:%A}", f"{day:%A} next week"]
    return said + {1: ["tomorrow", "by tomorrow noon"], 14: ["in two weeks"]}.get(ahead, [])  # fmt: skip


_MODES_ZH = {"direct": ("仓库直发", "从仓库直送"), "courier": ("走快递", "发快递", "快递", "走物流", "走顺丰"),
             "pickup": ("自提", "上门自提", "我们自己来拿"), "own": ("自送", "你们送")}  # fmt: skip
_MODES_EN = {"direct": ("direct from the warehouse", "drop-ship"), "courier": ("by courier", "via courier", "express"),
             "pickup": ("pickup", "we will collect"), "own": ("own delivery", "by van")}  # fmt: skip


def _maybe(what: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), what)


@st.composite
def chinese_drafts(draw: st.DrawFn) -> SaidDraft:
    picked = draw(st.lists(st.sampled_from(GOODS), min_size=1, max_size=5, unique_by=lambda goods: goods.sku))
    lines = [draw(_line(goods, True)) for goods in picked]
    meant = draw(_fields(_PLACES_ZH, _CONTACTS_ZH))
    joint = draw(st.sampled_from(["、", "，", "和", ", ", "\n", "；", "，还有"]))
    goods = joint.join(said for _, said in lines)
    parts = [goods]
    if meant.address:
        parts.append(draw(st.sampled_from(["送到", "地址：", "收货地址", "寄到"])) + meant.address)
    if meant.day:
        parts.append(draw(st.sampled_from(_days_zh(meant.day))))
    if meant.mode:
        parts.append(draw(st.sampled_from(_MODES_ZH[meant.mode])))
    if meant.contact:
        parts.append(f"联系人{meant.contact}")
    if meant.phone:
        parts.append(draw(st.sampled_from(["电话", "电话：", "手机 "])) + meant.phone)
    if meant.payment_days:
        parts.append(draw(st.sampled_from(["月结{}天", "账期{}天", "{}天账期"])).format(meant.payment_days))
    sentence = draw(st.sampled_from(["，", "。", "；", "\n", " "])).join(draw(st.permutations(parts)))
    if meant.customer:
        name = meant.customer.names[0]
        sentence = draw(st.sampled_from([f"客户{name}要：", f"给{name}下单，", f"{name}要下单："])) + sentence
    return replace(meant, sentence=sentence, lines=tuple(line for line, _ in lines))


@st.composite
def english_drafts(draw: st.DrawFn) -> SaidDraft:
    picked = draw(st.lists(st.sampled_from(GOODS), min_size=1, max_size=5, unique_by=lambda goods: goods.sku))
    lines = [draw(_line(goods, False)) for goods in picked]
    meant = draw(_fields(_PLACES_EN, _CONTACTS_EN))
    parts = [draw(st.sampled_from(["; ", "\n", " and ", " plus "])).join(said for _, said in lines)]
    if meant.address:
        parts.append(
            draw(st.sampled_from(["deliver to ", "ship to ", "address: ", "delivery address is "])) + meant.address
        )
    if meant.day:
        parts.append(draw(st.sampled_from(_days_en(meant.day))))
    if meant.mode:
        parts.append(draw(st.sampled_from(_MODES_EN[meant.mode])))
    if meant.contact:
        parts.append(draw(st.sampled_from(["contact ", "contact: ", "attn "])) + meant.contact)
    if meant.phone:
        parts.append(draw(st.sampled_from(["phone ", "tel: ", ""])) + meant.phone)
    if meant.payment_days:
        parts.append(
            draw(st.sampled_from(["net {}", "{} days credit", "payment in {} days"])).format(meant.payment_days)
        )
    sentence = draw(st.sampled_from([", ", "; ", "\n", ". ", " "])).join(draw(st.permutations(parts)))
    if meant.customer:
        name = meant.customer.names[-1]
        sentence = draw(st.sampled_from([f"customer {name}: ", f"order for {name}: ", f"For {name}, "])) + sentence
    return replace(meant, sentence=sentence, lines=tuple(line for line, _ in lines))


@st.composite
def _fields(draw: st.DrawFn, places: st.SearchStrategy[str], contacts: st.SearchStrategy[str]) -> SaidDraft:
    """Everything but the goods, each of it said or not."""
    days = st.integers(1, 60).map(lambda ahead: TODAY + timedelta(days=ahead))
    return SaidDraft(
        sentence="",
        lines=(),
        customer=draw(st.one_of(st.none(), st.sampled_from(CUSTOMERS))),
        address=draw(_maybe(places)),
        day=draw(st.one_of(st.none(), days)),
        mode=draw(_maybe(st.sampled_from(MODES))),
        contact=draw(_maybe(contacts)),
        phone=draw(_maybe(_PHONES)),
        payment_days=draw(st.one_of(st.none(), st.sampled_from([7, 30, 45, 60, 90]))),
    )
