"""What the status words of other systems say of an order that matters here. Knows no storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from deskhand.erp.kinds import Field

_NONE = (None, None)
_CANCELLED = frozenset(
    "已取消 取消 取消订单 已作废 作废 交易关闭 已关闭 关闭 cancelled canceled cancel void voided annulled".split()
)
_REFUNDED = frozenset(
    "已退款 退款成功 全额退款 退款 已退货 退货 退货退款 refunded refund fully_refunded returned reversed".split()
)
_TAKEN_BACK = _CANCELLED | _REFUNDED


def is_refunded(head: Mapping[Field, Any]) -> bool:
    return not _REFUNDED.isdisjoint(_words(head))


def is_cancelled(head: Mapping[Field, Any]) -> bool:
    """A refunded order is one that was taken back whole; some systems give the time alone."""
    return head.get(Field.CANCELLED_AT) is not None or not _TAKEN_BACK.isdisjoint(_words(head))


def _words(head: Mapping[Field, Any]) -> Collection[str]:
    found = (head.get(Field.STATUS), head.get(Field.PAYMENT_STATUS))
    if found == _NONE:
        return ()
    return {str(word).strip().casefold().replace(" ", "_") for word in found if word}
