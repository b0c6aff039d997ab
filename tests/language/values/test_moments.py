"""Days and times of day in any text, told from a Wednesday morning."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from deskhand.language import MomentReading, read_moments

WEDNESDAY = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)


def moments(said: str, prefer: str = "future") -> list[str]:
    return [_told(moment) for moment in read_moments(said, None, WEDNESDAY, prefer=prefer)]


def _told(moment: MomentReading) -> str:
    return " ".join(part.isoformat() for part in (moment.date, moment.time) if part).removesuffix(":00")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("the day after tomorrow", "2026-11-20"),
        ("deliver on Friday", "2026-11-20"),
        ("next Friday", "2026-11-27"),
        ("last Monday", "2026-11-09"),
        ("Tuesday of next week", "2026-11-24"),
        ("2026-12-03", "2026-12-03"),
        ("25/12/2026", "2026-12-25"),
        ("12/3", "2026-12-03"),
        ("3-Dec-2026", "2026-12-03"),
        ("Fri, Nov 20, 2026", "2026-11-20"),
        ("the twenty-second of November", "2026-11-22"),
        ("June twenty-fourth nineteen eighty-two", "1982-06-24"),
        ("on the 5th", "2026-12-05"),
        ("the 1st of next month", "2026-12-01"),
        ("in two months", "2027-01-18"),
        ("a week from Friday", "2026-11-27"),
        ("in 3 business days", "2026-11-23"),
        ("the first Monday of December", "2026-12-07"),
        ("the last Friday of November", "2026-11-27"),
        ("Thanksgiving", "2026-11-26"),
        ("Easter 2027", "2027-03-28"),
        ("Christmas Eve", "2026-12-24"),
        ("end of month", "2026-11-30"),
    ],
)
def test_english_days(said: str, told: str) -> None:
    assert moments(said) == [told]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("大后天", "2026-11-21"),
        ("周五送到", "2026-11-20"),
        ("下周五", "2026-11-27"),
        ("下下周一", "2026-11-30"),
        ("上个星期一", "2026-11-09"),
        ("礼拜天", "2026-11-22"),
        ("二零二六年十一月二十二日", "2026-11-22"),
        ("一六年一月十九日", "2016-01-19"),
        ("２０２６年１２月３日", "2026-12-03"),
        ("2027年1月5日（周二）", "2027-01-05"),
        ("1月5号", "2027-01-05"),
        ("明年3月1日", "2027-03-01"),
        ("下个月5号", "2026-12-05"),
        ("5号送货", "2026-12-05"),
        ("三天后", "2026-11-21"),
        ("两个月前", "2026-09-18"),
        ("半年后", "2027-05-18"),
        ("过三天", "2026-11-21"),
        ("12月第一个周一", "2026-12-07"),
        ("去年圣诞节", "2025-12-25"),
        ("月底", "2026-11-30"),
    ],
)
def test_chinese_days(said: str, told: str) -> None:
    assert moments(said) == [told]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("3 p.m.", "15:00"),
        ("12am", "00:00"),
        ("at 9.30 am", "09:30"),
        ("15:30:20", "15:30:20"),
        ("at seven", "07:00"),
        ("half past five", "05:30"),
        ("a quarter to six", "05:45"),
        ("ten to nine", "08:50"),
        ("twenty minutes to three", "02:40"),
        ("seven thirty", "07:30"),
        ("8 in the evening", "20:00"),
        ("quarter to five in the afternoon", "16:45"),
        ("ten at night", "22:00"),
        ("noon", "12:00"),
        ("midnight", "00:00"),
        ("下午三点半", "15:30"),
        ("早上8点一刻", "08:15"),
        ("晚上九点零五分", "21:05"),
        ("凌晨两点", "02:00"),
        ("中午12点半", "12:30"),
        ("半夜十二点", "00:00"),
        ("差五分八点", "07:55"),
        ("三点三刻", "03:45"),
        ("16时20分", "16:20"),
        ("下午3:30", "15:30"),
        ("上午9点15分30秒", "09:15:30"),
    ],
)
def test_times_of_day(said: str, told: str) -> None:
    assert moments(said) == [told]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("now", "2026-11-18 10:30"),
        ("in half an hour", "2026-11-18 11:00"),
        ("an hour and a half ago", "2026-11-18 09:00"),
        ("5pm tomorrow", "2026-11-19 17:00"),
        ("next Monday at half past nine", "2026-11-23 09:30"),
        ("8 tonight", "2026-11-18 20:00"),
        ("9 this morning", "2026-11-18 09:00"),
        ("tomorrow morning at 8", "2026-11-19 08:00"),
        ("2026-12-03T15:45:30Z", "2026-12-03 15:45:30"),
        ("10am on the 22nd of November", "2026-11-22 10:00"),
        ("end of tomorrow", "2026-11-19 23:59:59"),
        ("两个小时又五分钟之后", "2026-11-18 12:35"),
        ("半小时后", "2026-11-18 11:00"),
        ("一个半小时后", "2026-11-18 12:00"),
        ("明天下午三点半", "2026-11-19 15:30"),
        ("明晚的八点", "2026-11-19 20:00"),
        ("今晚12点", "2026-11-19 00:00"),
        ("下周五的下午两点", "2026-11-27 14:00"),
        ("12月3号15:30", "2026-12-03 15:30"),
        ("三天后下午两点", "2026-11-21 14:00"),
        ("週五下午三點", "2026-11-20 15:00"),
    ],
)
def test_days_with_a_time(said: str, told: str) -> None:
    assert moments(said) == [told]


def test_several_moments_stay_apart() -> None:
    assert moments("周五10点，周一11点") == ["2026-11-20 10:00", "2026-11-23 11:00"]
    assert moments("Friday or Monday at noon") == ["2026-11-20", "2026-11-23 12:00"]


@pytest.mark.parametrize(
    "said",
    [
        "20 boxes",
        "you may need 5 of them",
        "he sat in the sun",
        "five to ten boxes",
        "10 to 20 people",
        "at 20 miles",
        "on the second attempt",
        "by the 3rd party",
        "next week",
        "周末",
        "张江路1号",
        "3号楼",
        "1042号订单",
        "有一点贵",
        "三点五米",
        "三点建议",
        "新年快乐",
        "A4纸",
    ],
)
def test_what_is_no_single_moment_is_left_alone(said: str) -> None:
    assert moments(said) == []


@pytest.mark.parametrize(
    ("said", "future", "past", "nearest"),
    [
        ("Friday", "2026-11-20", "2026-11-13", "2026-11-20"),
        ("周二", "2026-11-24", "2026-11-17", "2026-11-17"),
        ("周三", "2026-11-18", "2026-11-11", "2026-11-18"),
        ("11月12日", "2027-11-12", "2026-11-12", "2026-11-12"),
        ("on the 16th", "2026-12-16", "2026-11-16", "2026-11-16"),
        ("Christmas", "2026-12-25", "2025-12-25", "2026-12-25"),
    ],
)
def test_what_could_be_several_days_is_told_by_preference(said: str, future: str, past: str, nearest: str) -> None:
    assert [moments(said, prefer) for prefer in ("future", "past", "nearest")] == [[future], [past], [nearest]]


def test_an_unknown_preference_is_refused() -> None:
    with pytest.raises(ValueError, match="prefer"):
        read_moments("Friday", "en", WEDNESDAY, prefer="whenever")


def test_today_is_that_of_the_speakers_clock() -> None:
    late = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)

    (moment,) = read_moments("今天", "zh", late, timezone(timedelta(hours=8)))

    assert moment.date == date(2026, 11, 19)


def test_a_part_of_the_day_alone_is_told_beside_its_day() -> None:
    (moment,) = read_moments("明天上午送", "zh", WEDNESDAY)

    assert (moment.date, moment.time, moment.part) == (date(2026, 11, 19), None, "morning")


def test_the_value_is_a_date_a_time_or_both() -> None:
    both, day, clock = read_moments("明天15:30，后天；at 8:15", None, WEDNESDAY)

    assert both.value == datetime(2026, 11, 19, 15, 30)  # noqa: DTZ001 - told on the local clock
    assert day.value == date(2026, 11, 20)
    assert clock.value == time(8, 15)
