"""Several requests in one message: 1042确认，1043取消; "cancel 1044 and tell me where 1045 is".

A message is cut into clauses; it is several requests only when every clause is one, goes on with the one before it, or
is politeness. In doubt it is one request, for those who read it whole. Lines of an order, addresses and names of
companies are never cut: what isn't a request by itself stays with what it follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from deskhand.language.amendment import read_amendment
from deskhand.language.carriers import carrier_in
from deskhand.language.payment import read_payment
from deskhand.language.readings import RequestReading
from deskhand.language.references import order_number_spans
from deskhand.language.replies import is_leave, is_no, is_question, is_yes
from deskhand.language.shipment import tracking_number_in
from deskhand.language.text import normalise
from deskhand.language.verbs import (
    AMEND,
    ANY_VERB_ZH,
    ASK,
    CHANGE,
    GIVE,
    NUMBER,
    ORDER,
    PAY,
    PLURAL,
    QUERY,
    REASONED,
    Clause,
    is_padding,
    numbers_in,
    only_orders,
    read_bare_verb,
    read_clause,
)

MOST = 20
_LONGEST = 400
_ONE_AFTER_THE_OTHER = (
    r"\band then\b|\bthen\b|\bplus\b|\balso\b|\band\b|"
    r"然后|接着|随后|并且|同时|顺便|顺带|另外|以及|还有|并|再|和|与|及|跟"
)
_JOINT = re.compile(rf"[,;。!?\n\x1f、&]+|\.(?=\s|$)|{_ONE_AFTER_THE_OTHER}", re.IGNORECASE)
_CLOSE = re.compile(r"[ ,]*(?:\band\b|并且?|和|&|、)[ ]*", re.IGNORECASE)  # what may stand between verbs of one order
_GLUED_VERB_FIRST = re.compile(rf"(?<=\d)(?:{ANY_VERB_ZH})(?:一下|掉)?(?= ?{ORDER})", re.IGNORECASE)
_GLUED_ORDER_FIRST = re.compile(rf"(?:{ANY_VERB_ZH})(?:一下|掉|了)?(?= ?{ORDER})", re.IGNORECASE)
_IN_TURN = re.compile(r"\b(?:and|then|also)\b|然后|接着|随后|并|再|顺便|同时", re.IGNORECASE)
_ALL = re.compile(r"都|一起|\b(?:both|all)\b", re.IGNORECASE)
_BEGINS_WITH_ORDER = re.compile(rf"[ 把将]*{ORDER}", re.IGNORECASE)
_WORTH_IT = re.compile(
    r"\b(?:confirm|approve|accept|sign off|receive|book|check in|put|arrived|came in|here|in stock|complete|finish|"
    r"close|ship|shipped|mark|hold|pause|suspend|freeze|park|release|resume|unhold|unfreeze|unblock|settle|"
    r"reject|decline|turn down|invoices?|paid|"
    r"payment|account period|cancel|void|call off|scrap|undo|revert|roll back|take back)\b"
    r"|确认|批准|审核|入库|收货|到货|到了|收到|到齐|收齐|发运|发货|出库|发完|发出|取消|作废|撤单|不要了|撤回"
    r"|驳回|打回|不批|挂起|暂停|冻结|恢复|解挂|解冻|放行|发票|账期|结算|结清|付款|收款|货款|到账"
    r"|\b(?:change|add|remove|set|make|update|replace|swap)\b.*\d{3}|\d{3}.*(?:改|加|去掉|删|换|减|发|走|用|快递|运单)|tracking|waybill",
    re.IGNORECASE | re.DOTALL,
)
_A_STEP = r"(?= (?:the )?(?:order )?(?:goods )?(?:of )?(?:#|SO)?-?(?:\d{3}|it\b|you\b))"
_DOUBT = re.compile(
    r"\b(?:if|unless|or|instead|rather|wait|hold on|never ?mind|don'?t|do not|not|never|nobody|except|without|whether|"
    r"should|one of|either|neither|only|maybe|perhaps|who|why|supposed|yesterday|already)\b|n't\b"
    rf"|\b(?:before|after|until|once|when|as soon as)\b{_A_STEP}"
    r"|如果|要是|假如|假设|倘若|除非|万一|或者|或是|还是|别(?![的人])|不要(?!了)|不用|不能|不可|先不|暂不"
    r"|(?:^|[,;。 ])不[是对]|没(?!有?[ ,;?。!]|有?$)|等.{0,12}(?:再|后|了)|之后|以后|(?<!刚)才|之前|以前|算了"
    r"|谁|为什么|为啥|怎么(?!样)|能不能|可不可以|其中|任(?:意|一)|(?:取消|确认|删)一个|昨天",
    re.IGNORECASE,
)
_CHANGES_EN = re.compile(
    r"(?:(?:please|pls|also|then|now|just|can you|could you|kindly|i(?:'d like| want| need) to)\b[ ,]*)*"
    r"(?:change|add|remove|set|make|update|replace|swap|switch|increase|reduce|double|delete|put|amend|modify|postpone|"
    r"take (?=.* (?:off|out))|raise|lower)\b(?=.*\w)",
    re.IGNORECASE,
)
_CHANGES_ZH = re.compile(
    r"改成|改为|改到|改送|换成|换为|调成|调到|调整[为到成]|增?加到|减少?到|再加|追加|增加|去掉|删掉|删除|拿掉|减少|减去|"
    r"推迟|提前|延后|多要|少要|加倍|翻倍|加上?(?=[\d一二两三四五六七八九十半几个])|改(?=[\d一二两三四五六七八九十半])"
)
_SAYS_WHAT = re.compile(  # "please update the system" changes no order
    r"\d|[一二两三四五六七八九十百千半几]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|a|an|another|remove|"
    r"delete|double)\b|去掉|删|拿掉|加倍|翻倍",
    re.IGNORECASE,
)
_SHIPS = re.compile(
    r"发|走|用|交给|快递|物流|运单|单号|\b(?:with|via|by|tracking|waybill|carrier|goes|went|handed|ship\w*)\b",
    re.IGNORECASE,
)
_CORRECTS_SHIPMENT = re.compile(r"改|换|更正|\b(?:change|correct|update)\b", re.IGNORECASE)
_PAID = re.compile(
    r"收到.{0,6}款|收款|付款|到账|回款|\b(?:paid|payment|received|record|book)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"[ ,]*(?:because(?: of)?|since|reason(?: is|:)?|因为|由于|原因[是为:]?)[ ,:]*(?P<why>\S.*)",
    re.DOTALL | re.IGNORECASE,
)
_SOUNDS_LIKE_A_REASON = re.compile(
    r"客户|顾客|重复|下错|搞错|弄错|错了|缺货|没货|不要了|反悔|太贵|太慢|测试单|\b(?:mistake|duplicates?|customer|client|changed|"
    r"wrong|twice|out of stock|test order|too (?:late|expensive|slow)|no longer)\b",
    re.IGNORECASE,
)
_AS_WELL = re.compile(
    rf"(?:{ORDER}) (?P<to>to .*\d.*)", re.IGNORECASE | re.DOTALL
)  # change 1042 to 30 boxes and 1043 to 20
_NEW_TOPIC = re.compile(rf"[ 把将给]*{NUMBER}[ ]*(?=$|[的号改加减去删:]|(?:to|is|are|has|should)\b)", re.IGNORECASE)


@dataclass
class _Request:
    """A request as it is put together; `start` and `end` are its place in the text."""

    kind: str
    numbers: tuple[str, ...]
    start: int
    end: int
    it: str = ""
    verb: str = ""  # said with the request before it, meant with this one too
    reason: str | None = None
    open: bool = False  # what follows may belong to it
    listing: bool = False  # further numbers may follow


@dataclass
class _Reader:
    text: str
    found: list[_Request] = field(default_factory=list)
    waiting: list[tuple[str, int]] = field(default_factory=list)  # verbs whose order is still to come
    topic: tuple[str, ...] = ()  # numbers whose verb is still to come
    topic_start: int = 0
    led: str = ""  # 把, said before the first of them

    def read(self, clauses: list[tuple[int, int]]) -> bool:
        """Whether every clause found its place."""
        for place, (start, end) in enumerate(clauses):
            joint = self.text[clauses[place - 1][1] : start] if place else ""
            if not self._take(start, end, joint):
                return False
        return not self.waiting and not self.topic

    def _take(self, start: int, end: int, joint: str) -> bool:
        clause = self.text[start:end].strip(" ,:")
        if is_padding(clause):
            return True
        if "?" in joint and self.found and self.found[-1].kind not in {QUERY, ASK}:
            return False
        if read := read_clause(f"{self.led}{clause}"):
            return self._begin(read, start, end, joint)
        if more := only_orders(clause):
            return self._more(more, clause, start, end)
        if kind := read_bare_verb(clause):
            return self._bare(kind, clause, (start, end), joint)
        return self._question(clause, start, end) or self._free(clause, start, end) or self._goes_on(clause, end)

    def _begin(self, read: Clause, start: int, end: int, joint: str) -> bool:
        numbers = (*self.topic, *read.numbers)
        if self.topic and not (read.numbers and (_CLOSE.fullmatch(joint) or _ALL.search(self.text, start, end))):
            return False
        start = self.topic_start if self.topic else start
        self.topic, self.led = (), ""
        for kind, place in self.waiting:
            self.found.append(_Request(kind, numbers, place, end, read.it))
        self.waiting = []
        clause = self.text[start:end]
        verb_first = bool(numbers) and not _BEGINS_WITH_ORDER.match(clause.strip())
        one = _Request(read.kind, numbers, start, end, read.it, reason=read.reason, listing=verb_first)
        one.open = read.reason is not None
        self.found.append(one)
        return True

    def _more(self, more: Clause, clause: str, start: int, end: int) -> bool:
        """More orders for the verb before them, or the first of those for the verb behind."""
        if self.found and self.found[-1].listing and not self.found[-1].open:
            last = self.found[-1]
            last.numbers, last.end = tuple(dict.fromkeys((*last.numbers, *more.numbers))), end
            last.reason, last.open = more.reason, more.reason is not None
            return more.reason is None or last.kind in REASONED
        self.led = self.led or (clause[0] if clause[0] in "把将" else "")
        self.topic_start = self.topic_start if self.topic else start
        self.topic = (*self.topic, *more.numbers)
        return more.reason is None

    def _bare(self, kind: str, clause: str, place: tuple[int, int], joint: str) -> bool:
        """ "Confirm and receive 1042", 确认1042并入库; a bare yes or no is never a request."""
        start, end = place
        if not self.found:
            self.waiting.append((kind, start))
            return _CLOSE.match(self.text[end:]) is not None
        if is_yes(clause) or is_leave(clause) or is_no(clause) or (self.found[-1].open and not _IN_TURN.search(joint)):
            return False
        self.found.append(_Request(kind, (), start, end, "it"))
        return True

    def _question(self, clause: str, start: int, end: int) -> bool:
        """ "... and how long does delivery take?": about no order, so whoever answers it must be sure of it."""
        goes_on = self.topic or self.waiting or (self.found and self.found[-1].open)
        if goes_on or not is_question(clause) or any(map(str.isdigit, clause)):
            return False
        self.found.append(_Request(ASK, (), start, end, ASK))
        return True

    def _free(self, clause: str, start: int, end: int) -> bool:
        """Shipment information and amendments: what they say is read by others, here only that they begin."""
        if is_question(clause):
            return False
        numbers = _named(clause)
        if len(numbers) == 1 and _PAID.search(clause) and read_payment(clause).amount is not None:
            return self._open(PAY, numbers, start, end)
        shipped = self._shipment(clause, numbers)
        if shipped:
            return self._open(shipped, numbers, start, end)
        if self.found and self.found[-1].kind == AMEND and (again := _AS_WELL.fullmatch(clause)):
            verb = _CHANGES_EN.match(self.text, self.found[-1].start)
            return verb is not None and self._open(
                AMEND, numbers_in(clause[: again.start("to")]), start, end, "change "
            )
        number, rest = read_amendment(clause)
        if not (_CHANGES_EN.match(clause) or _CHANGES_EN.match(rest) or _CHANGES_ZH.search(rest)):
            return False
        if number is None and (not _SAYS_WHAT.search(rest) or self.found and self.found[-1].kind in {AMEND, QUERY}):
            return False
        return self._open(AMEND, (number.upper(),) if number else (), start, end)

    def _shipment(self, clause: str, numbers: tuple[str, ...]) -> str | None:
        carrier = carrier_in(clause)
        code = tracking_number_in(clause, carrier is not None)
        if len(numbers) != 1 or not (carrier or code) or not _SHIPS.search(clause):
            return None
        return CHANGE if _CORRECTS_SHIPMENT.search(clause) else GIVE

    def _open(self, kind: str, numbers: tuple[str, ...], start: int, end: int, verb: str = "") -> bool:
        if self.topic or self.waiting:
            return False
        self.found.append(_Request(kind, numbers, start, end, "" if numbers else "it", verb, open=True))
        return True

    def _goes_on(self, clause: str, end: int) -> bool:
        """Words that are no request of their own belong to an amendment, a parcel or a reason before them."""
        if not self.found or self.topic:
            return False
        last = self.found[-1]
        if last.kind in REASONED and last.reason is None:
            said = _REASON.fullmatch(clause)
            if not said and (not _SOUNDS_LIKE_A_REASON.search(clause) or any(map(str.isdigit, clause))):
                return False
            last.reason = (said["why"] if said else clause).strip(" .!")
            last.open = True
        elif not last.open or _NEW_TOPIC.match(clause):
            return False
        elif last.kind in REASONED:
            last.reason = f"{last.reason}, {clause}"
        last.end = end
        return True


@lru_cache(maxsize=256)  # asked more than once a turn
def read_requests(text: str) -> tuple[RequestReading, ...]:
    """The requests of a message that holds two or more and changes something; else none.

    One for each order, in the order said. `number` is None where nothing says which order is meant.
    """
    plain = normalise(text)
    if len(plain) > _LONGEST or not _WORTH_IT.search(plain) or _DOUBT.search(plain):
        return ()
    clauses = list(_clauses(plain))
    reader = _Reader(plain)
    if not reader.read(clauses):
        return ()
    found = list(_each(reader))
    changes = [one for one in found if one.kind not in {QUERY, ASK}]
    named = {one.number is not None for one in found if one.kind != ASK}
    if len(named) != 1 or (named == {False} and len(changes) < len(found)):  # "add 5 printers and confirm 1042"
        return ()
    return tuple(found) if changes and 2 <= len(found) <= MOST else ()


def _clauses(plain: str) -> Iterator[tuple[int, int]]:
    """The places between joints; those with a word in them."""
    cuts = [match.span() for match in _JOINT.finditer(plain)] or list(_glued(plain))
    start = 0
    for begin, end in [*cuts, (len(plain), len(plain))]:
        if any(map(str.isalnum, plain[start:begin])):
            yield start, begin
        start = max(start, end)


def _glued(plain: str) -> Iterator[tuple[int, int]]:
    """Between 确认1042 and 取消1043, or 1042确认 and 1043取消, when nothing stands there."""
    if _BEGINS_WITH_ORDER.match(plain):
        for match in _GLUED_ORDER_FIRST.finditer(plain):
            yield match.end(), match.end()
    else:
        for match in _GLUED_VERB_FIRST.finditer(plain):
            yield match.start(), match.start()


def _named(clause: str) -> tuple[str, ...]:
    carrier = carrier_in(clause)
    code = tracking_number_in(clause, carrier is not None)
    rest = clause[: code[1][0]] + " " + clause[code[1][1] :] if code else clause
    spans = tuple(dict.fromkeys(number for number, _ in order_number_spans(rest)))
    return spans or numbers_in(rest)


def _each(reader: _Reader) -> Iterator[RequestReading]:
    """One for each order; "it" is the order of the request before."""
    before: tuple[str, ...] = ()
    seen: set[tuple[str, str | None]] = set()
    for place, one in enumerate(reader.found):
        numbers: tuple[str | None, ...] = one.numbers
        if one.kind == ASK:
            numbers = (None,)
        elif not numbers and place:
            if len(before) > 1 and not PLURAL.search(one.it):
                return
            numbers = before
        for number in numbers or (None,):
            if (one.kind, number) not in seen or one.kind == AMEND:
                seen.add((one.kind, number))
                words = reader.text[one.start : one.end].strip(" ,;:")
                yield RequestReading(one.kind, number, one.verb + words, one.reason)
        before = one.numbers or before
