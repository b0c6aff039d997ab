"""What is said in words reads back as itself; no text of any kind crashes a reader; the docstrings are true."""

import doctest
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskhand.language import read_moments, read_money, read_numbers, read_quantities
from deskhand.language.values import measures, moments, money, numbers

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
DIGITS = "零一二三四五六七八九"
ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen".split()
)
ONES += ["eighteen", "nineteen"]
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
MONTHS = "January February March April May June July August September October November December".split()
ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth".split()
)
ORDINALS += ["fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"]
TIDBITS = """20 五十 two thirds hundred and half a dozen $5 三块五 元 角 5 km 两斤半 degrees 周五 next Friday Dec 3 at
    noon 下午三点 quarter to in ago 3 days 2026-99-99 25:61 99月 ½ ² ٣ 1e99 2^-9 0/0 点 分之 又 负 - , ， : / 第 万万
    百百 一个半 小时后 过 十几 零下 度""".split()

whole = st.integers(0, 10**12)
days = st.dates(date(1950, 1, 1), date(2049, 12, 31))
clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(TIDBITS), max_size=12).map(" ".join),
    st.lists(st.sampled_from(TIDBITS), max_size=12).map("".join),
)


def in_chinese(number: int) -> str:
    """一亿零五百 for 100,000,500."""
    if number < 10**4:
        return _below_a_myriad(number)
    scale, word = (10**8, "亿") if number >= 10**8 else (10**4, "万")
    head, rest = divmod(number, scale)
    if not rest:
        return in_chinese(head) + word
    return in_chinese(head) + word + ("零" if rest < scale // 10 else "") + in_chinese(rest)


def _below_a_myriad(number: int) -> str:
    said = ""
    for place, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        said += DIGITS[digit] + word if digit else "零"
    while "零零" in said:
        said = said.replace("零零", "零")
    return said.strip("零") or "零"


def in_english(number: int) -> str:
    """One hundred million five hundred for 100,000,500."""
    if number < 20:
        return ONES[number - 1] if number else "zero"
    if number < 100:
        return TENS[number // 10 - 2] + (f"-{ONES[number % 10 - 1]}" if number % 10 else "")
    scales = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
    scale, word = next((scale, word) for scale, word in scales if number >= scale)
    rest = number % scale
    joint = " and " if scale == 100 else " "
    return f"{in_english(number // scale)} {word}" + (joint + in_english(rest) if rest else "")


def in_ordinals(day: int) -> str:
    if day <= 20:
        return ORDINALS[day - 1]
    return "thirtieth" if day == 30 else f"{TENS[day // 10 - 2]}-{ORDINALS[day % 10 - 1]}"


@given(whole)
@settings(max_examples=300, deadline=None)
def test_a_number_in_chinese_words_reads_back(number: int) -> None:
    assert [read.value for read in read_numbers(in_chinese(number), "zh")] == [number]


@given(whole)
@settings(max_examples=300, deadline=None)
def test_a_number_in_english_words_reads_back(number: int) -> None:
    assert [read.value for read in read_numbers(in_english(number), "en")] == [number]


@given(st.decimals(0, 10**9, places=2, allow_nan=False), st.sampled_from(["{:,}", "{}", "-{}"]))
@settings(max_examples=200, deadline=None)
def test_a_number_in_figures_reads_back(number: Decimal, form: str) -> None:
    sign = -1 if form[0] == "-" else 1

    assert [read.value for read in read_numbers(form.format(number), "en")] == [sign * number]


@given(st.integers(0, 10**6), st.integers(0, 9), st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_money_reads_back(yuan: int, jiao: int, fen: int) -> None:
    amount = yuan + Decimal(jiao) / 10 + Decimal(fen) / 100

    assert [(m.amount, m.currency) for m in read_money(f"{in_chinese(yuan)}元{jiao}角{fen}分")] == [(amount, "CNY")]
    assert [(m.amount, m.currency) for m in read_money(f"{in_english(yuan)} dollars and {fen} cents")] == [
        (yuan + Decimal(fen) / 100, "USD")
    ]


@given(
    st.integers(1, 10**6), st.sampled_from([("公里", "kilometer"), ("公斤", "kilogram"), ("平方米", "square meter")])
)
@settings(max_examples=100, deadline=None)
def test_a_measure_reads_back(value: int, unit: tuple[str, str]) -> None:
    chinese, english = unit

    assert [(q.value, q.unit) for q in read_quantities(in_chinese(value) + chinese)] == [(value, english)]
    assert [(q.value, q.unit) for q in read_quantities(f"{in_english(value)} {english}s")] == [(value, english)]


@given(
    days,
    st.sampled_from(
        [
            lambda d: d.isoformat(),
            lambda d: f"{d.month}/{d.day}/{d.year}",
            lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
            lambda d: f"{MONTHS[d.month - 1][:3]} {d.day}, {d.year}",
            lambda d: f"the {in_ordinals(d.day)} of {MONTHS[d.month - 1]} {d.year}",
            lambda d: f"{d.year}年{d.month}月{d.day}日",
            lambda d: "".join(DIGITS[int(c)] for c in str(d.year)) + f"年{in_months(d.month)}月{in_months(d.day)}号",
        ]
    ),
)
@settings(max_examples=400, deadline=None)
def test_a_date_reads_back_in_every_order(day: date, form: object) -> None:
    said = form(day)  # type: ignore[operator]

    assert [(read.date, read.time) for read in read_moments(said, None, NOW)] == [(day, None)], said


def in_months(number: int) -> str:
    """十二, not 一十二."""
    return in_chinese(number).removeprefix("一") if 10 <= number < 20 else in_chinese(number)


@given(days, clocks)
@settings(max_examples=300, deadline=None)
def test_a_date_with_a_time_reads_back(day: date, clock: time) -> None:
    hour = clock.hour % 12 or 12
    half = "pm" if clock.hour >= 12 else "am"
    chinese = f"{day.year}年{day.month}月{day.day}日{clock.hour}点{clock.minute}分"

    for said in (f"{day} {clock:%H:%M}", f"{hour}:{clock:%M} {half} on {day}", chinese):
        assert [(read.date, read.time) for read in read_moments(said, None, NOW)] == [(day, clock)], said


@given(texts)
@settings(max_examples=400, deadline=None)
def test_no_text_crashes_a_reader_and_every_span_lies_in_it(text: str) -> None:
    readings = [*read_numbers(text), *read_money(text), *read_quantities(text), *read_moments(text, None, NOW)]

    assert all(0 <= reading.span[0] < reading.span[1] <= len(text) for reading in readings)


@pytest.mark.parametrize("module", [numbers, money, measures, moments])
def test_the_examples_in_the_docstrings_are_true(module: object) -> None:
    failed, tried = doctest.testmod(module, extraglobs={"datetime": datetime, "UTC": UTC})  # type: ignore[arg-type]

    assert tried and not failed
