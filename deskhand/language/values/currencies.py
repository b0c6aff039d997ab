"""Currencies by every name people give them, in Chinese and English, and how much their small change is worth.

The official names are CLDR's (through Babel), the nicknames are ours. A name that several countries share is read as
the one that most trade is done in: dollars are US dollars, pounds sterling, ¥ and 元 renminbi.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name

_NICKNAMES = """
USD dollar dollars buck bucks us_dollar us_dollars u.s._dollar u.s._dollars american_dollar american_dollars
USD 美金 美圆 united_states_dollar united_states_dollars usd$ 美刀 刀
CNY yuan rmb renminbi kuai chinese_yuan 元 圆 块 块钱 元钱 元人民币 人民币元 元整 块整 人民币
EUR euro euros 欧 歐元
GBP pound pounds quid pound_sterling pounds_sterling sterling british_pound british_pounds 镑
JPY yen japanese_yen 日币 日圆 日本元 円
HKD hk_dollar hk_dollars hong_kong_dollar hong_kong_dollars 港元 港币 港圆 港纸
MOP pataca patacas macanese_pataca 澳门元 澳门币
TWD nt_dollar nt_dollars ntd new_taiwan_dollar new_taiwan_dollars taiwan_dollar taiwan_dollars 台币 新台币 台元
KRW won korean_won south_korean_won 韩元 韩币 韩圆
INR rupee rupees indian_rupee indian_rupees 卢比 印度卢比
RUB ruble rubles rouble roubles russian_rouble russian_roubles 卢布 俄国卢布 俄罗斯卢布
AUD aussie_dollar aussie_dollars 澳元 澳币
CAD loonie loonies 加元 加币 加拿大元
SGD sing_dollar sing_dollars 新元 新币 坡币 新加坡元
NZD kiwi_dollar kiwi_dollars 纽元 纽币 新西兰元
CHF franc francs swiss_franc swiss_francs 法郎 瑞郎
THB baht bahts thai_baht 泰铢 泰元 铢
MYR ringgit ringgits rm malaysian_ringgit 马币 林吉特
MXN peso pesos 比索
PHP philippine_peso philippine_pesos 菲律宾比索 菲币
SEK krona kronor swedish_kronor swedish_kronas 克朗
NOK norwegian_krone norwegian_kroner norwegian_krones
DKK krone kroner danish_krone danish_kroner danish_krones
ISK króna krónur icelandic_króna icelandic_krona 冰岛克朗
IDR rupiah rupiahs 印度尼西亚盾 印尼盾
VND dong dongs 越南盾
PLN zloty zlotys złoty polish_złoty 兹罗提 波兰兹罗提
TRY lira liras turkish_liras 里拉 土耳其里拉
BRL real reals reais brazilian_real 雷亚尔
ZAR rand rands 兰特
ILS shekel shekels israeli_shekel israeli_shekels israeli_new_shekel israeli_new_shekels 谢克尔 新谢克尔
SAR riyal riyals saudi_riyal saudi_riyals 里亚尔
AED dirham dirhams uae_dirham uae_dirhams emirati_dirham emirati_dirhams united_arab_emirates_dirham 迪拉姆
KWD kuwaiti_dinar kuwaiti_dinars 科威特第纳尔
JOD jordanian_dinar jordanian_dinars
UAH hryvnia hryvnias hryvnas 格里夫纳
CZK koruna korunas czech_koruna czech_korunas 捷克克朗
HUF forint forints 福林
RON leu lei romanian_leu romanian_lei 列伊
NGN naira nairas 奈拉
KES shilling shillings kenyan_shilling kenyan_shillings 先令
EGP egyptian_pound egyptian_pounds 埃及镑
KZT tenge 坚戈
MNT tugrik tugriks 图格里克
KHR riel riels 瑞尔
LAK kip 基普
MMK kyat kyats 缅元 缅币
"""
_SYMBOLS = {
    "$": "USD", "¥": "CNY", "￥": "CNY", "€": "EUR", "£": "GBP", "₩": "KRW", "₹": "INR", "₽": "RUB", "₺": "TRY",
    "฿": "THB", "₫": "VND", "₪": "ILS", "₴": "UAH", "₦": "NGN", "₱": "PHP", "₸": "KZT", "₮": "MNT", "₡": "CRC",
    "₲": "PYG", "₵": "GHS", "₭": "LAK", "৳": "BDT", "₼": "AZN", "₾": "GEL", "؋": "AFN", "zł": "PLN", "Kč": "CZK",
    "R$": "BRL", "US$": "USD", "U.S.$": "USD", "HK$": "HKD", "NT$": "TWD", "A$": "AUD", "AU$": "AUD", "C$": "CAD",
    "CA$": "CAD", "CAN$": "CAD", "S$": "SGD", "SG$": "SGD", "NZ$": "NZD", "MX$": "MXN", "J$": "JMD", "B$": "BND",
    "N$": "NAD", "WS$": "WST", "TT$": "TTD", "BZ$": "BZD", "FJ$": "FJD", "CN¥": "CNY", "JP¥": "JPY", "RM": "MYR",
    "Rs.": "INR", "Rs": "INR", "BVI$": "USD", "CI$": "KYD", "GY$": "GYD", "G$": "GYD", "SI$": "SBD", "Mex$": "MXN",
}  # fmt: skip
_COUNTRIES = """AUD australian australia|CAD canadian canada|HKD hong_kong hongkong hk|SGD singapore|NZD new_zealand
|USD us u.s. american united_states|TWD new_taiwan taiwan|JMD jamaican jamaica|FJD fijian fiji|NAD namibian namibia
|BZD belize|BBD barbadian|BMD bermudian|BSD bahamian bahamas|KYD cayman cayman_islands|LRD liberian liberia
|TTD trinidad trinidadian|BND brunei|SRD surinamese|GYD guyanese|SBD solomon_islands|XCD east_caribbean"""
_MINOR = {
    "cent": "USD 100", "cents": "USD 100", "美分": "USD 100", "penny": "GBP 100", "pence": "GBP 100", "便士": "GBP 100",
    "pennies": "GBP 100", "jiao": "CNY 10", "mao": "CNY 10", "fen": "CNY 100", "角": "CNY 10", "毛": "CNY 10",
    "角钱": "CNY 10", "毛钱": "CNY 10", "分钱": "CNY 100", "欧分": "EUR 100", "kopek": "RUB 100", "kopeks": "RUB 100",
    "戈比": "RUB 100", "paise": "INR 100", "paisa": "INR 100", "centavo": "MXN 100", "centavos": "MXN 100",
    "centime": "CHF 100", "centimes": "CHF 100", "satang": "THB 100", "萨当": "THB 100", "öre": "SEK 100",
    "øre": "DKK 100", "fils": "AED 100", "kobo": "NGN 100", "港仙": "HKD 100", "grosz": "PLN 100", "groszy": "PLN 100",
    "agorot": "ILS 100", "派萨": "INR 100", "生丁": "CHF 100",
}  # fmt: skip


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Every name, in lower case, with its ISO 4217 code."""
    found: dict[str, str] = {}
    for code in sorted(_in_use()):
        for name in _official(code):
            found.setdefault(name, code)
        found[code.lower()] = code
    for line in _COUNTRIES.replace("\n", "").split("|"):
        code, *adjectives = line.split()
        found |= {f"{a.replace('_', ' ')} {n}": code for a in adjectives for n in ("dollar", "dollars", "$")}
    for line in _NICKNAMES.strip().splitlines():
        code, *nicknames = line.split()
        found |= dict.fromkeys((n.replace("_", " ") for n in nicknames), code)
    return found


def _in_use() -> set[str]:
    tender = {entry[0] for entries in get_global("territory_currencies").values() for entry in entries if not entry[2]}
    return tender & set(Locale("en").currencies)


def _official(code: str) -> set[str]:
    english = {get_currency_name(code, count, "en").lower() for count in (1, 2)}
    words = {
        e.rsplit(" ", 1)[0] + f" {s}"
        for e in english
        if " " in e
        for s in (e.rsplit(" ", 1)[1], f"{e.rsplit(' ', 1)[1]}s")
    }
    chinese = Locale("zh").currencies.get(code, "")
    return english | words | ({chinese} if len(chinese) > 1 else set())


def symbols() -> dict[str, str]:
    """Signs that stand before or behind an amount, with their codes."""
    return {sign.lower(): code for sign, code in _SYMBOLS.items()}


def small_change(word: str) -> tuple[str, Decimal] | None:
    """The currency of a small coin and how many of them make one; None for what is no coin."""
    said = _MINOR.get(word.lower())
    return (said.split()[0], Decimal(said.split()[1])) if said else None


def pattern(words: set[str]) -> str:
    """The words as alternatives, longest first; a Latin word ends where its letters end."""
    longest = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(w) + (r"(?![A-Za-zÀ-ÿ])" if w[-1].isalpha() and w[-1] < "\u3000" else "") for w in longest
    )


def minor_words() -> set[str]:
    """The names of small coins."""
    return set(_MINOR)
