"""Carriers and their names in both languages."""

from __future__ import annotations

import re

from deskhand.language.readings import CarrierReading

_NAMES = {
    "SF": "顺丰速运|顺丰快递|顺丰|sf[ -]?express|shun ?feng|sf",
    "ZTO": "中通快递|中通|zto(?: express)?|zhongtong",
    "YTO": "圆通速递|圆通快递|圆通|yto(?: express)?|yuantong",
    "STO": "申通快递|申通|sto(?: express)|sto|shentong",
    "YUNDA": "韵达快递|韵达|yunda(?: express)?",
    "JD": "京东快递|京东物流|京东|jd(?: logistics| express)?",
    "DEPPON": "德邦快递|德邦物流|德邦|deppon(?: express| logistics)?",
    "JT": "极兔速递|极兔快递|极兔|j&t(?: express)?",
    "EMS": "邮政ems|邮政特快|ems",
    "CHINAPOST": "中国邮政|邮政快递|邮政|china post",
    "DHL": "dhl(?: express)?|敦豪",
    "FEDEX": "fed ?ex|联邦快递|federal express",
    "UPS": "ups|联合包裹",
    "USPS": "usps|us postal service|美国邮政",
    "TNT": "tnt",
}
_BEGINS = r"(?:(?=[\u4e00-\u9fff])|(?<![A-Za-z]))"  # a Chinese name may stand right beside letters: 顺丰SF123
_ENDS = r"(?:(?<=[\u4e00-\u9fff])|(?![A-Za-z0-9]))"
_PATTERN = re.compile(
    "|".join(f"(?P<{code}>{_BEGINS}(?:{names}){_ENDS})" for code, names in _NAMES.items()), re.IGNORECASE
)
_SAID = re.compile(
    r"(?:(?:carrier|courier|shipper|快递|物流)(?: (?:is|now|changed to)|[是为:]|改成|改为|换成)+|"
    r"(?:快递公司|物流公司|承运商|承运人|物流商)(?:[是为: ]|改成|改为|换成)*) ?"
    r"(?P<name>[A-Za-z][\w&. ]{1,30}?|[\u4e00-\u9fff]{2,8})(?=[,;.。!、\n]| ?(?:单号|运单|快递单)|$|"
    r" (?:tracking|number|no\b|and\b|with\b))",
    re.IGNORECASE,
)


def carrier_in(text: str) -> CarrierReading | None:
    """The carrier of a normalised text: a known one anywhere, else a name after 快递公司 or "carrier"."""
    match = _PATTERN.search(text)
    if match and match.lastgroup:
        return CarrierReading(match.lastgroup, match.group(), match.span())
    named = _SAID.search(text)
    return CarrierReading(None, named["name"].strip(), named.span("name")) if named else None
