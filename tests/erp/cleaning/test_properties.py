"""What holds for any value: it reads back from every notation, nothing raises, cleaning twice is cleaning once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from deskhand.erp.cleaning import DateOrder, DecimalSign, Profile
from deskhand.erp.cleaning.readers import reader
from deskhand.erp.cleaning.texts import tidy
from deskhand.erp.kinds import SPECS, Field, ValueType
from tests.erp.cleaning.tables import clean, column, rules
from tests.erp.cleaning.test_gold import GOLD

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)
FIRST, LAST = datetime(1991, 1, 1), datetime(2029, 1, 1)  # noqa: DTZ001 — local times of any zone
moments = st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0))
RAW = [case[0] for group in yaml.safe_load(GOLD.read_text(encoding="utf-8")) for case in group["cases"]]
SIGNS = "0123456789.,-+()%$¥€元万亿一二十百千年月日时分 :/'\"=&;\u200b\u00a0\u3000\ufeffＡ１，．TZeEkN\x00\t\nÃ©æ–‡"
texts = st.one_of(
    st.text(max_size=12), st.text(SIGNS, max_size=14), st.sampled_from([r for r in RAW if isinstance(r, str)])
)
joined = st.lists(texts, min_size=1, max_size=3).map("".join)
cells = st.one_of(
    joined, st.integers(), st.floats(), st.booleans(), st.none(), st.decimals(), st.datetimes(), st.dates(),
    st.datetimes(timezones=st.just(UTC)), st.lists(st.integers(), max_size=2), st.sampled_from(RAW),
)  # fmt: skip
fields = st.sampled_from(list(Field))


def grouped(value: Decimal, thousands: str, sign: str) -> str:
    return f"{abs(value):,.2f}".replace(",", "t").replace(".", sign).replace("t", thousands)


SPACED = [
    ("'", "."),
    ("’", "."),
    (" ", ","),
    ("\u2009", ","),
    ("\u202f", "."),
    ("", "."),
    ("", ","),
    (",", "."),
    (".", ","),
]
DRESSED: list[Callable[[str], str]] = [
    lambda text: text, lambda text: f"¥{text}", lambda text: f"{text}元", lambda text: f"RMB {text}",
    lambda text: f"{text} CNY", lambda text: f"人民币{text}元", lambda text: f" {text}\u00a0",
    lambda text: f"￥ {text}",
    lambda text: text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}),
]  # fmt: skip
NEGATED: list[Callable[[str], str]] = [
    lambda text: f"-{text}", lambda text: f"({text})", lambda text: f"{text}-", lambda text: f"−{text}",
    lambda text: f"（{text}）",
]  # fmt: skip


@given(amounts, st.sampled_from(SPACED), st.sampled_from(DRESSED), st.sampled_from(NEGATED))
def test_an_amount_in_any_notation_reads_back(
    value: Decimal, signs: tuple[str, str], dress: Callable[[str], str], negate: Callable[[str], str]
) -> None:
    written = dress(grouped(value, *signs))
    written = negate(written) if value < 0 else written

    assert column([written], Field.TOTAL) == [value]


DATES = [
    "{0.year}-{0.month:02}-{0.day:02} {1}", "{0.year}/{0.month}/{0.day} {1}", "{0.year}.{0.month}.{0.day} {1}",
    "{0.year}年{0.month}月{0.day}日 {1}", "{0.year}年{0.month:02}月{0.day:02}日{1}", "{0:%b} {0.day}, {0.year} {1}",
    "{0.day} {0:%B} {0.year} {1}", "{0:%d-%b-%Y} {1}", "{0:%a, %d %b %Y} {1}", "{0:%Y%m%d} {1}", "{0:%d-%b-%y} {1}",
    "{0:%Y-%m-%d}T{1}", "{0.day}/{0.month}/{0.year} {1}", "{0:%d.%m.%y} {1}", "{0:%A, %B %d, %Y} {1}",
]  # fmt: skip
TIMES = [
    "{0:%H:%M:%S}",
    "{0.hour}:{0:%M:%S}",
    "{0:%I:%M:%S %p}",
    "{0.hour}时{0.minute}分{0.second}秒",
    "{0:%H:%M:%S}.000",
]


@given(moments, st.sampled_from(DATES), st.sampled_from(TIMES))
def test_a_time_in_any_notation_reads_back(at: datetime, form: str, clock: str) -> None:
    written = form.format(at, clock.format(at))

    assert column([written], Field.CREATED_AT, date_order=DateOrder.DMY) == [at.replace(tzinfo=UTC)]


@given(st.dates(date(1955, 1, 1), date(2100, 1, 1)), st.booleans())
def test_a_spreadsheets_count_of_days_is_the_day(day: date, from_1904: bool) -> None:
    count = (day - (date(1904, 1, 1) if from_1904 else date(1899, 12, 30))).days
    if count < 20_000 or day == date(1970, 1, 1):
        return

    assert column([str(count), count, float(count)], Field.REQUIRED_ON, excel_1904=from_1904) == [day] * 3


@given(st.datetimes(FIRST, LAST), st.sampled_from(["Asia/Shanghai", "Europe/London"]))
def test_a_local_time_that_was_once_comes_back_in_its_zone(at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    instant = at.replace(tzinfo=UTC)
    local = instant.astimezone(zone)

    found = column([local.strftime("%Y-%m-%d %H:%M:%S.%f"), local.isoformat()], Field.CREATED_AT, zone=zone)

    assert found[1] == instant
    assert found[0] == instant or local.fold


@given(st.lists(st.tuples(fields, cells), min_size=1, max_size=8))
def test_no_cell_of_any_field_ever_raises(row: list[tuple[Field, object]]) -> None:
    found = clean([[cell for _, cell in row]], rules([field for field, _ in row]))

    assert len(found.lines) + len(found.refused) == 1


@given(st.sampled_from(sorted({spec.type for spec in SPECS.values()})), cells)
def test_cleaning_what_is_clean_changes_nothing(kind: ValueType, cell: object) -> None:
    field = next(field for field, spec in SPECS.items() if spec.type is kind)
    of = rules([field], decimal_sign=DecimalSign.POINT, date_order=DateOrder.DMY)
    read = reader(field, of, Profile(list, of), "CNY")
    once = read(cell).value

    again = read(once.isoformat() if isinstance(once, (datetime, date)) else str(once)) if once is not None else None

    assert again is None or (again.value, again.reason) == (once, None)


@given(joined)
def test_a_tidy_text_is_tidy(text: str) -> None:
    once, _ = tidy(text)

    assert tidy(once) == (once, ())


dates_by_day = st.dates(date(2020, 1, 1), date(2026, 11, 1)).map(lambda day: f"{day.day:02}/{day.month:02}/{day:%y}")


@given(st.lists(dates_by_day, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_what_a_column_decides_does_not_depend_on_the_order_of_rows(values: list[str], chance: object) -> None:
    shuffled = values.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis says object

    one = dict(zip(values, column(values, Field.CREATED_AT), strict=True))
    other = dict(zip(shuffled, column(shuffled, Field.CREATED_AT), strict=True))

    assert one == other


@given(st.lists(st.sampled_from(["1,234", "1.234", "12,5", "12.5", "7", "1,234.5", "0,5"]), max_size=30))
def test_what_a_column_takes_for_its_decimal_sign_does_not_either(values: list[str]) -> None:
    one = dict(zip(values, column(values, Field.QUANTITY), strict=True)) if values else {}
    backwards = values[::-1]

    assert one == (dict(zip(backwards, column(backwards, Field.QUANTITY), strict=True)) if values else {})


@pytest.mark.parametrize("days", [3, 40])
def test_days_that_count_on_from_a_date_come_back(days: int) -> None:
    start = date(2024, 1, 1)
    written = [(start + timedelta(days=n)).strftime("%d/%m/%Y") for n in range(days)]

    found = column(written, Field.REQUIRED_ON, order_hints=(DateOrder.DMY,))

    assert found == [start + timedelta(days=n) for n in range(days)]
