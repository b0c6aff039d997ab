"""What a refusal says, in words: statuses, steps, roles, goods, money and days. Knows nothing of what was refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from deskhand.orders.credit import in_language
from deskhand.orders.money import in_places

if TYPE_CHECKING:
    from actions.turn import Turn

Json = Mapping[str, Any]
_CODES = (("status", "statuses"), ("next", "steps"), ("event", "steps"), ("role", "roles"))
_ERROR_VALUES = (
    "number", "customer", "product", "unit", "units", "quantity", "date", "missing", "available", "wanted",
    "seconds", "parcels", "source", "external_number", "card", "limit", "user", "away",
    "delegate", "problem", "reason", "when", "owed", "amount", "process", "task", "field",
    "fields", "by", "days", "usual", "most", "other_date", "line",
)  # fmt: skip


def of(turn: Turn, data: Json) -> dict[str, object]:
    """The values of a refusal's sentence; what it does not have is empty."""
    words: dict[str, object] = {**dict.fromkeys(_ERROR_VALUES), **data}
    for key, section in _CODES:
        words[key] = turn.wording.say(section, _snake(str(data.get(key) or "nothing")), turn.language)
    words["topic"] = data.get(turn.language)  # what nobody of a role can switch off is named in both languages
    words["able"] = roles(turn, data.get("able") or _able(turn, str(data.get("event") or "")))
    for part in (_missing, _reasons, _goods_and_money, _days):
        words |= part(turn, data)
    return words


def roles(turn: Turn, named: object) -> str:
    """销售、经理 of "sales, manager"."""
    known = [turn.wording.say("roles", name, turn.language) for name in str(named or "").split(", ") if name]
    if not known:
        return turn.wording.say("steps", "nobody", turn.language)
    return ("、" if turn.language == "zh" else ", ").join(known)


def _able(turn: Turn, event: str) -> str:
    """The people's roles that permissions.yml grants it, to all orders or to their own."""
    granted = map(str, turn.services.desk.permissions.rules.get(event, {}))
    return ", ".join(role for role in granted if turn.wording.has("roles", role))


def _missing(turn: Turn, data: Json) -> dict[str, object]:
    if not data.get("missing"):
        return {}
    labels = [turn.wording.say("labels", key, turn.language) for key in str(data["missing"]).split(", ")]
    return {"missing": "、".join(labels) if turn.language == "zh" else ", ".join(labels).lower()}


def _reasons(turn: Turn, data: Json) -> dict[str, object]:
    found: dict[str, object] = {}
    if data.get("reason"):
        found["reason"] = in_language(str(data["reason"]), turn.language)
    if data.get("problem"):
        found["problem"] = turn.wording.say("lending", str(data["problem"]), turn.language, **data)
    return found


def _goods_and_money(turn: Turn, data: Json) -> dict[str, object]:
    found: dict[str, object] = {}
    if data.get("product") and str(data["product"]) in turn.catalogue.products:
        found["product"] = turn.catalogue.product_name(str(data["product"]), turn.language)
    currency = str(data.get("currency") or "")
    for key in (each for each in ("owed", "amount") if currency and data.get(each)):
        found[key] = turn.wording.money(in_places(Decimal(str(data[key])), currency), currency, turn.language)
    return found


def _days(turn: Turn, data: Json) -> dict[str, object]:
    found: dict[str, object] = {}
    for key in ("date", "other_date"):
        if isinstance(day := data.get(key), str | date):
            found[key] = turn.wording.day(day if isinstance(day, date) else date.fromisoformat(day), turn.language)
    return found


def _snake(name: str) -> str:
    """PlaceOrder, as permissions name it, is place_order to the process."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
