"""Days in Chinese: 下周五, 11月22号, 二零二六年十一月二十二日, 三天后, 下个月5号, 十一月的第二个星期五."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from deskhand.language.values.calendar import Calendar, shifted
from deskhand.language.values.chinese import value_of
from deskhand.language.values.holidays import NAMES, holiday
from deskhand.language.values.pieces import DayRule, Said
from deskhand.numerals import ZH_WEEKDAYS, weekday_of

_N = r"(?:\d{1,2}|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?|卅一?|[一二三四五六七八九])"
_AMOUNT = r"(?:\d+(?:\.\d+)?|[零一二两三四五六七八九十百]{1,5}|半)"
_FIGURE = "[零〇一二三四五六七八九]"
_ALONE = "(?<![零〇一二三四五六七八九十百])"
_YEAR = rf"(?:(?P<y>(?<!\d)\d{{4}}|(?<!\d)\d{{2}}|{_FIGURE}{{4}}|{_ALONE}{_FIGURE}{{2}}|[今明去后前本])年的?)"
_WEEKDAY = rf"(?:周|星期|礼拜)(?P<w>[{ZH_WEEKDAYS}])"
_NEAR = {"大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "后": 2, "大后": 3, "大大后": 4}
_UNITS = {"天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "年": "year"}
_UNITS |= {"工作日": "workday", "小时": "hour", "钟头": "hour", "分钟": "minute", "分": "minute", "刻钟": "quarter"}
_UNITS |= {"秒": "second", "秒钟": "second", "季度": "season"}
_UNIT = "(?:个?(?:" + "|".join(sorted(_UNITS.keys() - {"月"}, key=len, reverse=True)) + ")|个月|(?<=半)月)"
_DURATION = (
    rf"(?<![\d月年第点.])(?P<n>{_AMOUNT})(?P<and>个半)?(?P<u>{_UNIT})(?P<half>半)?"
    rf"(?:[零又]?(?P<n2>{_AMOUNT})(?P<u2>{_UNIT}))?"
)
_PARTS = {"早": "morning", "晨": "morning", "晚": "evening", "夜": "night", "午": "noon"}
_NOT_A_DAY = r"(?![楼门店线院房桌机仓码铺铁馆公床订单柜车梯厂库台球员选馆室栋座电人位码])"


def _int(said: str) -> int:
    return int(value_of(said) or 0)


def year_of(said: str | None, calendar: Calendar) -> int | None:
    """2026, 二零二六, 今 and 明."""
    if not said:
        return None
    near = {"今": 0, "本": 0, "明": 1, "去": -1, "后": 2, "前": -2}.get(said)
    return calendar.today.year + near if near is not None else _int(said)


def _month_day(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_year(_int(match["m"]), _int(match["d"]), year_of(match["y"], calendar))


def _figures(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_year(int(match["m"]), int(match["d"]), int(match["y"]))


def _slashed(match: re.Match[str], calendar: Calendar) -> Said:
    first, second = int(match["m"]), int(match["d"])
    month, day = (first, second) if first <= 12 else (second, first)
    return calendar.day_of_year(month, day, int(match["y"]) if match["y"] else None)


def _of_month(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_month(_int(match["d"]), match["r"].count("下") - match["r"].count("上"))


def _bare_day(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.day_of_month(_int(match["d"]))


def _near(match: re.Match[str], calendar: Calendar) -> Said:
    day = calendar.today + timedelta(days=_NEAR[match["r"]])
    return (day, _PARTS[match["p"]]) if match["p"] in _PARTS else day


def _weekday(match: re.Match[str], calendar: Calendar) -> Said:
    relative = match["r"] or ""
    weeks = relative.count("下") - relative.count("上") if relative else None
    return calendar.weekday(weekday_of(match["w"]), weeks)


def _nth(match: re.Match[str], calendar: Calendar) -> Said:
    nth = -1 if match["nth"].startswith("最") else _int(match["nth"].strip("第个"))
    weekday = weekday_of(match["w"])
    if match["r"]:
        first = calendar.month(match["r"].count("下") - match["r"].count("上"))
        return calendar.nth_weekday(nth, weekday, first.month, first.year)
    return calendar.nth_weekday(nth, weekday, _int(match["m"]), year_of(match["y"], calendar))


def _holiday(match: re.Match[str], calendar: Calendar) -> Said:
    year = year_of(match["y"], calendar)
    years = [year] if year is not None else range(calendar.today.year - 1, calendar.today.year + 2)
    days = [holiday(match["h"], each) for each in years]
    return days[0] if year is not None else calendar.choose(days)


def _counted(match: re.Match[str], calendar: Calendar) -> Said:
    moment = calendar.now
    sign = -1 if match["dir"] and match["dir"].endswith("前") else 1
    for number, unit in ((match["n"], match["u"]), (match["n2"], match["u2"])):
        if number:
            moment = moved(moment, number, unit, sign)
    if match["half"] or match["and"]:
        moment = moved(moment, "半", match["u"], sign)
    small = any(_clocked(unit) for unit in (match["u"], match["u2"]) if unit)
    return moment.replace(tzinfo=None) if small else moment.date()


def moved(moment: datetime, number: str, unit: str, sign: int = 1) -> datetime:
    """So many units on, or back with -1: 三 of 天, 半 of 个月."""
    amount = float(value_of(number) or 0) * sign
    name = _UNITS[unit.removeprefix("个")]
    scale = {"quarter": (15, "minute"), "season": (3, "month")}.get(name, (1, name))
    return shifted(moment, amount * scale[0], scale[1])


def _clocked(unit: str) -> bool:
    return _UNITS[unit.removeprefix("个")] in {"hour", "minute", "second", "quarter"}


def _edge(match: re.Match[str], calendar: Calendar) -> Said:
    if match["r"].endswith("年"):
        return date(year_of(match["r"][0], calendar) or calendar.today.year, 12, 31)
    ahead = match["r"].count("下") - match["r"].count("上")
    return calendar.month(ahead + 1) - timedelta(days=1)


def _now(match: re.Match[str], calendar: Calendar) -> Said:
    return calendar.now.replace(tzinfo=None)


_WEEKDAY_AFTER = rf"(?:[ ,，(]*(?:周|星期|礼拜)[{ZH_WEEKDAYS}]\)?)?"
_TABLE: tuple[tuple[str, DayRule], ...] = (
    (
        rf"{_YEAR}? ?(?P<m>{_N})月(?:份)? ?(?P<d>{_N})(?:日|号|(?![\d个月点时:./十百千万%人]|分)){_WEEKDAY_AFTER}",
        _month_day,
    ),
    (
        rf"(?<![\d.])(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?![\d.-]){_WEEKDAY_AFTER}",
        _figures,
    ),
    (r"(?<![\d/.A-Za-z])(?P<m>\d{1,2})/(?P<d>\d{1,2})(?:/(?P<y>\d{4}|\d{2}))?(?![\d/]|号楼|室)", _slashed),
    (rf"(?P<r>上上|上|本|这|当|下下|下)一?个?月的?(?P<d>{_N})(?:日|号)", _of_month),
    (rf"(?<![\d第月路街弄巷道村厦座区年十百千./])(?P<d>{_N})(?:日|号){_NOT_A_DAY}{_WEEKDAY_AFTER}", _bare_day),
    (
        r"(?P<r>大大后|大后|大前|前|昨|今|明|后)(?P<p>[天日儿]|[早晚晨夜](?!点|餐|饭|会)|(?<=[今明昨])午)(?!年|晚报)",
        _near,
    ),
    (rf"(?P<r>上上|上|本|这|下下|下)?一?个?的?{_WEEKDAY}", _weekday),
    (
        rf"(?:{_YEAR}?(?P<m>{_N})月(?:份)?|(?P<r>上上|上|本|这|下下|下)个?月)的?"
        rf"(?P<nth>第[一二三四五]个?|最后一?个?)的?{_WEEKDAY}",
        _nth,
    ),
    (rf"{_YEAR}?(?P<h>{NAMES})", _holiday),
    (rf"(?:过|再过)?{_DURATION}(?P<dir>之后|以后|后|之前|以前|前)(?![面天年台排端景])", _counted),
    (rf"(?:再?过){_DURATION}(?P<dir>)(?![之以后前])", _counted),
    (r"(?P<r>[今明]年|本?年)(?:底|末)", _edge),
    (r"(?P<r>上上|上|本|这|下下|下|)个?(?:月底|月末)", _edge),
    (r"现在|此刻|刚刚|刚才|马上|立刻|当下", _now),
)
RULES = tuple((re.compile(pattern, re.IGNORECASE), rule) for pattern, rule in _TABLE)
# What is plain enough to be a day even in an order, where 1号 may be a house and 新年 a greeting.
PLAIN_RULES = (
    *(entry for entry in RULES if entry[1] in {_nth, _counted, _of_month}),
    (re.compile(rf"{_YEAR}?(?P<h>{NAMES})(?=(?:当天|那天)?(?:之前|以前|前|送|到货|交货|要货))"), _holiday),
)
