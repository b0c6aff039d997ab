"""What a text says of a payment: how much came in, and the reference by which the bank knows it. Knows no order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from deskhand.language.references import order_number_spans
from deskhand.language.text import normalise
from deskhand.language.values import read_money, read_numbers
from deskhand.language.verbs import NUMBER

_REFERENCE = re.compile(
    r"(?:(?:银行|交易|支付|转账|付款|汇款)?"
    r"(?:流水号?|回单号?|凭证号?|参考号|交易号|单据号|水单号?|附言|备注)[ 是为:#]*|"
    r"\b(?:bank |payment |transfer )?(?:references?|ref|receipt|transaction|txn|voucher|remittance|slip)\b\.?"
    r"(?: (?:no|number|id|is))*\.?[ :#]*)"
    r"(?P<code>[A-Za-z0-9](?:[A-Za-z0-9/_.-]{0,38}[A-Za-z0-9])?)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9-])(?=[A-Za-z/_-]*\d)(?=[\d/_-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9/_-]{3,38}(?![A-Za-z0-9-])"
)
_PAID = re.compile(
    r"(?:付款?了?|收到(?:货款|付款|款)?|收款|打款?了?|汇款?了?|转账?了?|到账|入账|"
    r"\b(?:paid|pays|payment(?: of| received)?|received|"
    r"transferred|sent|amount))[ ,:]*(?P<amount>\d[\d,]*(?:\.\d+)?)(?![\d号-])(?! ?(?:[那这]?单|的|'s\b))",
    re.IGNORECASE,
)
_REST = re.compile(
    r"余款|尾款|余下的|剩下的|剩余|其余的?款|全款|全部货款|全额|付清|结清|付完|"
    r"\b(?:(?:the )?(?:rest|remainder|balance)|in full|full amount|whole amount|paid (?:it )?off|all of it)\b",
    re.IGNORECASE,
)
_BARE = re.compile(r"[^\s,;。!?]{1,40}")
_NUMBER = re.compile(NUMBER, re.IGNORECASE)


@dataclass(frozen=True)
class PaymentReading:
    """What was not said is None."""

    amount: Decimal | None = None
    reference: str | None = None


def read_payment(text: str) -> PaymentReading:
    """Amount and reference; the numbers of orders are neither."""
    plain = normalise(text)
    labelled = _REFERENCE.search(plain)
    code = labelled["code"] if labelled else None
    rest = _without(plain, [labelled.span()] if labelled else [])
    orders = [span for _, span in order_number_spans(rest)]
    rest = _without(rest, orders)
    if code is None and (found := _CODE.search(rest)):
        code = found[0]
    return PaymentReading(_amount_in(rest, bool(orders)), code)


def says_rest(text: str) -> bool:
    """Whether it is all that is still open, whatever that is: 余款到账, paid in full."""
    return bool(_REST.search(normalise(text)))


def _amount_in(text: str, order_known: bool) -> Decimal | None:
    """The sum of money that is said; without a currency what stands behind "paid", or the one number that is left."""
    money = read_money(text)
    if money:
        return money[0].amount
    if said := _PAID.search(text):
        return Decimal(said["amount"].replace(",", ""))
    left = text if order_known else _without(text, [match.span() for match in _NUMBER.finditer(text)])
    numbers = [number.value for number in read_numbers(left) if number.high is None]
    return numbers[0] if len(numbers) == 1 else None


def amount_answered(text: str) -> Decimal | None:
    """The answer to "how much": any one number will do."""
    money = read_money(text)
    numbers = [each.amount for each in money] or [each.value for each in read_numbers(text) if each.high is None]
    return numbers[0] if len(numbers) == 1 else None


def reference_answered(text: str) -> str | None:
    """The answer to "which reference": what is labelled or looks like a code, else the text where it is one word."""
    plain = normalise(text).strip(" .。")
    if labelled := _REFERENCE.search(plain):
        return labelled["code"]
    if code := _CODE.search(plain):
        return code[0]
    return plain if _BARE.fullmatch(plain) else None


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} , {text[end:]}"
    return text
