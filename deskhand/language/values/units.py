"""Units of measure by their names in both languages, and what each of them measures.

A unit is called by its singular English name (kilometer per hour), spelt as in American English; 斤, 两, 里,
亩 and their like keep their own (jin, liang, li, mu).
"""

from __future__ import annotations

from functools import lru_cache

from deskhand.language.units import GENERAL

MEASURES = frozenset(
    ["length", "area", "volume", "weight", "speed", "temperature", "angle", "information", "power", "pressure"]
)
_TABLE = """
length
kilometer: 公里 千米 km kms kilometre 千公尺
hectometer: hm hectometre 百米(单位)
decameter: dam decametre dekameter
meter: 米 公尺 m metre
decimeter: 分米 公寸 dm decimetre
centimeter: 厘米 公分 釐米 cm cms centimetre
millimeter: 毫米 公厘 公釐 mm millimetre
micrometer: 微米 μm µm um micrometre micron
nanometer: 纳米 nm nanometre
picometer: 皮米 picometre
mile: 英里 mi
yard: 码 yd yds
foot: 英尺 呎 feet ft
inch: 英寸 吋 inches in! " ″
light year: 光年 light-year lightyear
nautical mile: 海里 浬 nmi
li: 里 市里 华里
zhang: 丈
chi: 尺 市尺
cun: 寸 市寸
furlong:
fathom:
area
square kilometer: 平方公里 平方千米 km2 km² km^2 ㎢ square_kilometre sq_km sq_kilometer sq_kilometre sqkm
square hectometer: hm2 hm² square_hectometre sq_hm
hectare: 公顷 顷 ha!
square decameter: dam2 dam² square_decametre sq_dam
square meter: 平方米 平米 平方公尺 平方 m2 m² m^2 ㎡ square_metre sq_m sq_meter sq_metre sqm
square decimeter: 平方分米 dm2 dm² dm^2 square_decimetre sq_dm
square centimeter: 平方厘米 平方公分 cm2 cm² cm^2 square_centimetre sq_cm
square millimeter: 平方毫米 mm2 mm² mm^2 square_millimetre sq_mm
square inch: 平方英寸 square_inches sq_in sq_inch sq_inches in2 in² in^2
square foot: 平方英尺 square_feet sq_ft sqft sq_foot sq_feet ft2 ft² ft^2
square mile: 平方英里 sq_mi sq_mile sq_miles mi2 mi²
square yard: 平方码 sq_yd sq_yard sq_yards yd2 yd²
acre: 英亩
square decameter: 公亩
mu: 亩 市亩
volume
cubic meter: 立方米 立方公尺 立方 m3 m³ m^3 ㎥ cubic_metre cbm
cubic decimeter: 立方分米 dm3 dm³ cubic_decimetre
cubic centimeter: 立方厘米 cm3 cm³ cm^3 cc cubic_centimetre
cubic millimeter: 立方毫米 mm3 mm³ cubic_millimetre
cubic yard: 立方码
cubic inch: 立方英寸 cubic_inches cu_in
cubic foot: 立方英尺 cubic_feet cu_ft ft3 ft³
cubic mile: 立方英里
hectoliter: 百升 hl hectolitre
decaliter: decalitre dekaliter
liter: 升 公升 l litre ltr ltrs
deciliter: 分升 dl decilitre
centiliter: 厘升 cl centilitre
milliliter: 毫升 ml mls millilitre
gallon: 加仑 gal gals
quart: 夸脱 qt qts
pint: 品脱
fluid ounce: 液盎司 液量盎司 fl_oz fl._oz
cup: 量杯 cup_of cups_of
tablespoon: 汤匙 tbsp
teaspoon: 茶匙 tsp
barrel: 桶油 桶原油 桶石油 bbl bbls
bushel: 蒲式耳
peck:
gill:
hogshead: hogsheads
dou: 市斗
weight
kilogram: 公斤 千克 kg kgs kilo kilogramme
gram: 克 g gramme
milligram: 毫克 mg milligramme
microgram: 微克 μg µg mcg
metric ton: metric_tonne
ton: 吨 公吨 t! tonne
pound: 磅 英磅(重) lb lbs
ounce: 盎司 英两 oz
stone: 英石
grain: 格令
dram:
pennyweight:
carat: 克拉
jin: 斤 市斤
liang: 两
qian: 市钱
dan: 市担
speed
meter per second: 米每秒 米/秒 m/s mps meters/second meters_/_second metre_per_second
kilometer per hour: 公里每小时 千米每小时 公里/小时 千米/小时 公里/时
kilometer per hour: km/h kph kmh kilometre_per_hour km_per_hour kilometers_an_hour kilometres_an_hour
kilometer per minute: 公里每分钟 千米每分钟 公里/分钟 千米/分钟 公里每分 km/min kilometre_per_minute
kilometer per second: 公里每秒 千米每秒 公里/秒 千米/秒 km/s kilometre_per_second
mile per hour: 英里每小时 英里/小时 mph mi/h miles_an_hour mile_/_hour miles_/_hour
knot: kt kts kn
foot per second: 英尺每秒 英尺/秒 ft/s fps feet_per_second
foot per minute: 英尺每分钟 英尺/分钟 ft/min feet_per_minute
yard per minute: 码每分钟 码每分 码/分 yards/min yard/min yards_/_minute
yard per second: 码每秒 码/秒 yards/s yard/s yards_/_second
temperature
celsius: 摄氏度 °c ℃ degree_celsius degrees_celsius degree_c degrees_c deg_c degrees_centigrade centigrade 度c
fahrenheit: 华氏度 °f ℉ degree_fahrenheit degrees_fahrenheit degree_f degrees_f deg_f 度f
kelvin: 开尔文 开氏度 kelvins
rankine: 兰氏度 °r
delisle: °de
degree: 度 ° deg degs
information
bit: 比特 位
kilobit: kbit kbits Kb kbps
megabit: mbit mbits Mb mbps
gigabit: gbit gbits Gb gbps
terabit: tbit tbits Tb
petabit: pbit Pb
byte: 字节
kilobyte: 千字节 kb kilo_byte
megabyte: 兆字节 mb mega_byte 兆
gigabyte: 千兆字节 十亿字节 吉字节 gb giga_byte
terabyte: 太字节 兆兆字节 万亿字节 tb tera_byte
petabyte: 拍字节 pb peta_byte
power
watt: 瓦 瓦特
kilowatt: 千瓦 kw
kilowatt hour: 千瓦时 千瓦小时 度电 kwh kw·h
megawatt: 兆瓦 mw
horsepower: 马力 hp
volt: 伏 伏特
ampere: 安培 amp
hertz: 赫兹 hz
megahertz: 兆赫 mhz
gigahertz: ghz 千兆赫
pressure
pascal: 帕 帕斯卡
kilopascal: 千帕 kpa
psi: psi
time
second: 秒 秒钟 sec secs s!
minute: 分钟 min mins
hour: 小时 个小时 钟头 个钟头 hr hrs h!
day: 天
week: 周 星期 个星期 礼拜 个礼拜 wk wks
month: 个月
quarter: 个季度
year: 年 yr yrs
age
year old: 岁 周岁 years_old year-old years-old years_of_age
month old: 个月大 months_old month-old months-old
week old: 周大 weeks_old
day old: 天大 days_old
"""
_NEVER_PLURAL = frozenset(
    [
        "celsius",
        "fahrenheit",
        "li",
        "mu",
        "chi",
        "cun",
        "zhang",
        "jin",
        "liang",
        "cup",
        "psi",
        "qian",
        "dan",
        "dou",
        "foot",
        "inch",
    ]
)
_LOOSE = frozenset(["in", "s", "h", "ha", "t"])


@lru_cache(maxsize=1)
def units() -> dict[str, tuple[str, str]]:
    """Every name of a unit (Latin ones in lower case) with the unit and what it measures; counters are kind "count"."""
    found: dict[str, tuple[str, str]] = {word.lower(): (word.lower(), "count") for word in GENERAL}
    kind = ""
    for line in _TABLE.strip().splitlines():
        unit, colon, names = line.partition(":")
        if not colon:
            kind = line.strip()
            continue
        for name in (*_spelt(unit), *names.split()):
            plain = name.replace("_", " ").removesuffix("!")
            found |= {form: (unit, kind) for form in _forms(plain, unit)}
    return found


def _spelt(unit: str) -> tuple[str, ...]:
    if unit in _NEVER_PLURAL:
        return (unit,) if len(unit) > 4 or unit in {"foot", "inch"} else ()
    if " per " in unit:
        first, _, per = unit.partition(" per ")
        plural = "feet" if first == "foot" else f"{first}s"
        return unit, f"{plural} per {per}", f"{plural.replace('meters', 'metres')} per {per}"
    return unit, f"{unit}s"


def _forms(name: str, unit: str) -> set[str]:
    if not name.isascii() or name != name.lower():
        return {name}
    plural = {f"{name}s"} if name.endswith(("metre", "litre", "gramme", "tonne", "kilo", "micron", "byte")) else set()
    return {name, *plural}


def is_loose(name: str) -> bool:
    """Whether a short name is a word as often as a unit (5 in, 3 pm, 2 t): it counts only right behind figures."""
    return name in _LOOSE
