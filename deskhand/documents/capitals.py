"""Amounts in Chinese capital numerals (大写), as an invoice in yuan states them."""

from __future__ import annotations

from decimal import Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


def capital_amount(amount: Decimal) -> str:
    """1234.50 -> 壹仟贰佰叁拾肆元伍角整. `amount` is not negative and below 10^16."""
    cents = int(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    text = _whole(yuan) + "元" if yuan else ""
    if not jiao and not fen:
        return (text or "零元") + "整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return text + (f"{_DIGITS[fen]}分" if fen else "整")


def _whole(number: int) -> str:
    groups = []
    while number:
        groups.append(number % 10000)
        number //= 10000
    text = ""
    for position in range(len(groups) - 1, -1, -1):
        group = groups[position]
        if group:
            text += ("零" if text and (group < 1000 or text.endswith("零")) else "") + _group(group) + _GROUPS[position]
        elif text and not text.endswith("零") and any(groups[:position]):
            text += "零"
    return text.replace("零零", "零")


def _group(number: int) -> str:
    text = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += _DIGITS[digit] + _PLACES[place]
        elif text and not text.endswith("零"):
            text += "零"
    return text.rstrip("零")
