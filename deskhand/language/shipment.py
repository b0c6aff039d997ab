"""Shipment information in one message: which order, carrier, tracking number, address, ship date."""

from __future__ import annotations

import re
from datetime import date

from deskhand.language.carriers import carrier_in
from deskhand.language.dates import dates_in
from deskhand.language.delivery import address_in
from deskhand.language.readings import ShipmentReading
from deskhand.language.references import order_number_spans
from deskhand.language.text import blank, normalise

_CODE = (
    r"(?P<code>\d{4}(?: \d{4}){1,4}(?: \d{1,4})?(?!\d)|"
    r"[A-Za-z]{0,4}-?\d[A-Za-z0-9-]{4,30}|[A-Za-z]{1,4}\d{2,30}|\d[A-Za-z]\d{2,30})"
)
_LABEL = re.compile(
    r"(?:运单号?码?|快递单号?|物流单号?|货运单号?|面单号?|单号|tracking(?: (?:number|"
    r"no\.?|id|code|#))?|waybill(?: (?:number|no\.?))?|awb|consignment(?: number)?)"
    r"[ :,#]*(?:(?:is|was|now|to|changed|updated|becomes|should be|has|been|改成|"
    r"改为|换成|变成|更新为|是|为|应该是|应为)[ :]*)*" + _CODE,
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?<![A-Za-z0-9-])(?P<code>(?!SO-|SKU-|PO-)(?:[A-Z]{2,4}\d{3,30}[A-Z]{0,2}|"
    r"1Z[A-Z0-9]{3,20}|[A-Z]\d{12,20}|\d{10,22}))(?![A-Za-z0-9-])",
    re.IGNORECASE,
)


def tracking_number_in(text: str, carrier_said: bool = False) -> tuple[str, tuple[int, int]] | None:
    """The tracking number: after its label, else a bare code that can be one (a telephone number is not)."""
    match = _LABEL.search(text)
    if match and not _is_order(text, match):
        return match["code"].upper().replace(" ", ""), match.span("code")
    for bare in _BARE.finditer(text):
        if not re.fullmatch(r"1[3-9]\d{9}", bare["code"]) or carrier_said and "电话" not in text:
            return bare["code"].upper(), bare.span()
    return None


def _is_order(text: str, match: re.Match[str]) -> bool:
    return match["code"].upper().startswith("SO-") or (
        match[0].startswith("单号")
        and text[: match.start()].endswith("订")
        or bool(re.fullmatch(r"\d{1,7}", match["code"]))
        and match[0].startswith("单号")
    )


def read_shipment(text: str, today: date) -> ShipmentReading:
    """What a message says of a shipment; `ship_date` may lie in the past, for goods leave before they are reported."""
    plain = normalise(text)
    carrier = carrier_in(plain)
    rest = blank(plain, carrier.span) if carrier else plain
    tracking = tracking_number_in(rest, carrier is not None)
    rest = blank(rest, tracking[1]) if tracking else rest
    orders = order_number_spans(rest)
    for _, span in orders:
        rest = blank(rest, span)
    address = address_in(rest)
    rest = blank(rest, address[1]) if address else rest
    dates = dates_in(rest, today)
    return ShipmentReading(
        order_number=orders[0][0] if orders else None,
        carrier=(carrier.code or carrier.said) if carrier else None,
        carrier_said=carrier.said if carrier else None,
        carrier_known=bool(carrier and carrier.code),
        tracking_number=tracking[0] if tracking else None,
        address=address[0] if address else None,
        ship_date=dates[0].date if dates else None,
    )
