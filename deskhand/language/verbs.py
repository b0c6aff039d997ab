"""The closed set of things that can be asked for in one clause about orders, and the words that ask for them.

High precision: a clause is read when all of it is known, politeness included; anything else is left to those who read
the whole message. Knows nothing of which orders there are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

CONFIRM, RECEIVE, COMPLETE = "confirm_order", "receive_goods", "complete_shipment"
CANCEL, AMEND, UNDO, QUERY = "cancel_order", "amend_order", "undo_change", "query_order"
GIVE, CHANGE = "give_shipment", "change_shipment"
HOLD, RELEASE, INVOICE = "hold_order", "release_order", "send_invoice"
BEGIN_PERIOD, PAY = "start_account_period", "record_payment"
SETTLE, FREIGHT = "settle_payment", "settle_freight"
REJECT = "reject_order"
REASONED = frozenset({CANCEL, HOLD, REJECT})  # what is asked for with a reason
ASK = "ask_policy"  # a question that is about no order

_A_DAY = r"(?!\d{4}-\d{1,2}-\d{1,2}(?!\d))"
NUMBER = (
    rf"(?<![A-Za-z0-9-]){_A_DAY}(?:#|(?:SO|PO|ORD|DH)-?)?(?:\d{{4,9}}|\d{{3}}(?!,\d{{3}}(?!\d)))(?:-\d+)*"
    r"(?![\dA-Za-z%-]|\.\d)"
)
_LED = (
    r"(?:(?:the |my |our )?(?:orders?|numbers?|no\.?)[ :]*(?:(?:number|no\.?)[ :]*)?|"
    r"订单号?[是为: ]*|单号[是为: ]*|单子?)?"
)
_TAILED = r"(?:号(?:的?订单|单子?)?|[这那]个?(?:订单|单子?)|的?订单|单子?(?!号))?"
ORDER = rf"{_LED}{NUMBER}{_TAILED}"
_AND = r"(?:\s*(?:,? and|[,、&/+]|和|与|及|跟|以及)\s*)"
ORDERS = rf"(?:both |these(?: orders)?:? |all of )?{ORDER}(?:{_AND}{ORDER})*"
IT = (
    r"(?:it(?!'s)|that(?: one| order)?|this(?: one| order)?|the order|them(?: both)?|它们?|[这那](?:个|一)?(?:订单|单)|"
    r"该订单)"
)
PLURAL = re.compile(r"them|它们", re.IGNORECASE)

_ASKING = (
    r"(?:(?:can|could|would|will) you|i(?:'d| would) like (?:you )?to|i (?:want|need|have) (?:you )?to|"
    r"we (?:want|need|have) to|let'?s|go ahead and|help me(?: to)?)\b"
)
_BEFORE = (
    rf"(?:(?:please|pls|kindly|also|then|now|just|and|but|ok(?:ay)?|so|hi|hello|hey|first(?:ly)?|next|finally|lastly|"
    rf"after that|afterwards|secondly|{_ASKING})\b[ ,:!]*"
    r"|(?:请|麻烦(?:[你您]|一下)?|帮(?:我们?|忙|一下)?|给我|我们?要|我们?想|需要|首先|先|再|然后|接着|顺便|顺带|同时|并且?|"
    r"另外|此外|也|还有|还要|还|那|好的?|[你您]好|最后|以及)[ ,:!]*)*"
)
_AFTER = (
    r"(?:[ ,!.~]*(?:\b(?:please|pls|now|too|as well|for me|right away|asap|at once|thanks|thank you|thx|first|next|"
    r"then|afterwards|today)\b|一下|吧|呗|哈|谢谢[你您]?|多谢|好了|就行|即可|也))*[ !.~]*"
)
_ALSO = r"(?:[ :-]*(?:都|也|先|再|全部|一起|一并|帮我|给我|请|麻烦|就)*[ ]*)"


@dataclass(frozen=True)
class _Said:
    """`verb` stands before its order, `after` behind it, `with_ba` behind an order that 把 leads in."""

    verb: str
    after: str = ""
    with_ba: str = ""


_VERBS: Mapping[str, _Said] = {
    CONFIRM: _Said(
        r"(?:confirm|approve|accept|sign off(?: on)?)\b|审核通过|批准|确认(?:一?下)?",
        r"(?:confirm|approve)\b|(?:可以)?确认|审核通过|批准",
        r"(?:给)?(?:确认|批准|审核通过|批)[了掉]?",
    ),
    RECEIVE: _Said(
        r"(?:receive|book in|check in)(?: the goods)?(?: (?:of|for))?\b|(?:登记|办理?)?(?:入库|收货)(?:一?下)?",
        r"(?:has|have) (?:arrived|come in)|(?:is|are) (?:here|in stock|in the warehouse)|arrived|came in|receive\b|"
        r"(?:的?货物?)?(?:已经?)?(?:全部?|都)?(?:到货了?|到了|到齐了|收到了|入库了?|收齐了)|(?:登记|办理?)(?:入库|收货|到货)|收货",
        r"(?:的货物?)?(?:登记|办理?)?(?:入库|收货|收进来)[了掉]?",
    ),
    COMPLETE: _Said(
        r"(?:(?:complete|finish|close)(?: the| its)? (?:shipment|shipping)(?: (?:of|for))?|ship|complete)\b|"
        r"完成(?:发运|发货)?|(?:发运|发货)(?:完成)?|出库",
        r"(?:(?:is|has) (?:fully |completely )?shipped|ship)\b|(?:已经?)?(?:全部?|都)?"
        r"(?:发运完成|发货完成|完成发运|完成发货|发运|发货|出库|发完了|发出了?)",
        r"(?:的货物?)?(?:完成发运|完成发货|发运|发货|出库|发)[了掉]?",
    ),
    CANCEL: _Said(
        r"(?:cancel|void|call off|scrap)\b|取消掉?|作废|撤单",
        r"(?:cancel|void)\b|取消掉?|作废掉?|撤单|不要了",
        r"(?:给)?(?:取消|作废)[了掉]?",
    ),
    REJECT: _Said(
        r"(?:reject|decline|turn down)\b|驳回|打回|不批准?",
        r"(?:驳回|打回|不批准?)|(?:rejected|declined)\b",
        r"(?:给)?(?:驳回|打回)[去了]?",
    ),
    HOLD: _Said(
        r"(?:hold|pause|suspend|freeze|park)\b|(?:先)?(?:挂起|暂停|冻结)(?:一?下)?",
        r"(?:on hold|hold)\b|(?:先)?(?:挂起来?|暂停一?下?|冻结)",
        r"(?:先)?(?:给)?(?:挂起来?|暂停|冻结|压住|停)[了掉]?",
    ),
    RELEASE: _Said(
        r"(?:release|unhold|unfreeze|resume|unblock)\b|(?:lift|remove) the hold (?:on|of|from)\b|"
        r"(?:恢复|解除|解挂|解冻|放行)(?:一?下)?",
        r"(?:off hold|release)\b|(?:可以)?(?:恢复(?:处理)?|解除?挂起?|解挂|解冻|放行)|(?:的?挂起)?解除",
        r"(?:给)?(?:恢复|解挂|解冻|放行|解除挂起)[了掉]?",
    ),
    INVOICE: _Said(
        r"(?:resend|re-send)(?: the)? invoices?(?: (?:of|for|on))?\b|send the invoices?(?: again)? (?:of|for)\b|"
        r"重发(?:发票)?|再发(?:一次|一遍)?",
        r"(?:的?发票)(?:再发(?:一次|一遍)?|重发|补发)|(?:invoice again)\b",
        r"的?发票(?:再发(?:一次|一遍)?|重发|补发)[了掉]?",
    ),
    BEGIN_PERIOD: _Said(
        r"(?:start|begin|open) (?:the )?(?:account|credit) period (?:of|for)\b|开始账期",
        r"(?:开始|进入|启动)账期|账期开始",
        r"(?:转入|放进|进入)账期[了]?",
    ),
    SETTLE: _Said(
        r"settle(?: the payments?(?: (?:of|for|on))?)?\b|结算(?:一?下)?",
        r"settle\b|(?:的?货款)?(?:结算|结款|结清)(?:一?下)?",
        r"(?:的?货款)?(?:给)?(?:结算?|结清)[了掉]?",
    ),
    FREIGHT: _Said(
        r"(?:settle|close)(?: the)? freight (?:of|for|on)\b|结算?运费",
        r"(?:的?运费)(?:结算|结清|结)[了掉]?",
        r"的?运费(?:给)?(?:结算|结清|结)[了掉]?",
    ),
    UNDO: _Said(
        r"(?:undo|revert|roll back|take back)(?: (?:the|my)(?: last)? (?:change|step)s?(?: (?:to|of|on))?)?\b|"
        r"撤回(?:对|刚才的?)?",
        r"(?:刚才|刚刚|上一步|上次)?的?(?:操作|修改|改动)?撤回",
        r"(?:刚才|刚刚|上一步|上次)?的?(?:操作|修改|改动)?撤回[了掉]?",
    ),
}

_ASKS = (
    r"(?:tell me|show me|let me know|check|look up|find out|see|(?:do )?you know|"
    r"告诉我|查(?:一?下|询|查)?|看(?:一?下|看)?|问一?下)?[ ,:]*"
)
_WHERE = (
    r"(?:where(?:'s| is| are)?|what(?:'s| is)? (?:the )?(?:status|state|progress) of|the (?:status|state) of|"
    r"(?:how|what)(?:'s| is) (?:happening (?:with|to)|going on with)|how(?:'s| is)|when (?:will|does|is)|has|is|did)"
)
_THERE = (
    r"(?: (?:is|are|stands?|doing|going|now|at|currently|gone|arrived?|arriving|come|get here|be delivered|"
    r"shipped|left|ship|leave|on its way))*"
)
_ASKED_ZH = (
    r"(?:的?(?:货物?|快递|包裹|订单))?(?:现在|目前)?(?:到哪(?:里|儿|一步)?了?|在哪(?:里|儿)?了?|是?什么(?:状态|情况|进度|时候到)|"
    r"什么样了|怎么样了?|进度如何|(?:的)?(?:状态|进度|物流|情况)(?:如何|怎么样|呢)?|到了?(?:吗|没有?)|发货?了?(?:吗|没有?)|"
    r"走到哪了|(?:几号|哪天|什么时候)(?:到|发货?))"
)
_LOOKED_UP = r"(?:check|look up|show me|查(?:一?下|询|查)?|看(?:一?下|看))[ ,:]*"

_QUESTIONS = (
    rf"{_ASKS}{_WHERE} (?P<o>{ORDERS}|{IT}){_THERE}",
    rf"{_ASKS}(?P<o>{ORDERS}|{IT}){_ASKED_ZH}",
    rf"{_LOOKED_UP}(?:on )?(?P<o>{ORDERS}|{IT})(?:的?(?:状态|进度|物流|情况))?",
)
_BECAUSE = r"(?:[ ,]*(?::|because(?: of)?|since|reason(?: is|:)?|因为|由于|原因[是为:]?)[ ,:]*(?P<why>\S.*))?"


def _clause(core: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE}(?:{core}){_AFTER}", re.IGNORECASE | re.DOTALL)


def _patterns(kind: str, said: _Said) -> list[tuple[str, re.Pattern[str]]]:
    tail = {CANCEL: _BECAUSE, HOLD: _BECAUSE, UNDO: r"(?:的?(?:刚才|刚刚|上一步|上次)?的?(?:操作|修改|改动))?"}.get(
        kind, ""
    )
    goods = r"(?:the (?:goods|items|stuff) (?:of|for|from) )?" if kind == RECEIVE else ""
    cores = [
        rf"(?:{said.verb})[ :]*(?P<o>{ORDERS}|{IT})(?:的货)?{tail}",
        rf"{goods}(?P<o>{ORDERS}|{IT}){_ALSO}(?:{said.after}){tail}",
        rf"[把将](?P<o>{ORDERS}|{IT}){_ALSO}(?:{said.with_ba}){tail}",
    ]
    if kind == COMPLETE:
        cores.append(rf"(?:mark|set) (?P<o>{ORDERS}|{IT}) (?:as )?(?:fully )?shipped")
    if kind == HOLD:
        cores.append(rf"(?:put|place|set) (?P<o>{ORDERS}|{IT}) on hold{tail}")
    if kind == RELEASE:
        cores.append(rf"take (?P<o>{ORDERS}|{IT}) off hold")
        cores.append(rf"(?:取消|解除)(?P<o>{ORDERS}|{IT})的?(?:挂起|冻结|暂停)")
    if kind == INVOICE:
        cores.append(rf"(?:重发|再发(?:一次|一遍)?|补发)(?P<o>{ORDERS}|{IT})的?发票")
        cores.append(rf"(?:re-?)?send (?P<o>{ORDERS}|{IT})(?:'s)? invoice(?: again)?")
        cores.append(rf"send the invoice (?:of|for) (?P<o>{ORDERS}|{IT}) again")
    if kind == FREIGHT:
        cores.append(rf"(?:结算|结清|结)(?P<o>{ORDERS}|{IT})的?运费")
    if kind == SETTLE:
        cores.append(rf"(?:结算|结清|结)(?P<o>{ORDERS}|{IT})的?货款")
    if kind == RECEIVE:
        cores.append(rf"(?:put|book) (?P<o>{ORDERS}|{IT}) in(?:to stock)?")
    return [(kind, _clause(core)) for core in cores]


_BARE = [(kind, _clause(said.verb)) for kind, said in _VERBS.items()]
_NUMBERS = re.compile(NUMBER, re.IGNORECASE)
_ONLY_ORDERS = re.compile(rf"{_BEFORE}[把将]?(?P<o>{ORDERS}){_BECAUSE}{_AFTER}", re.IGNORECASE | re.DOTALL)
_NOTHING = re.compile(rf"{_BEFORE}{_AFTER}", re.IGNORECASE)
ANY_VERB_ZH = (
    "确认|批准|入库|收货|取消|作废|撤回|完成发运|发货|发运|出库|挂起|暂停|冻结|恢复|解挂|解冻|放行|驳回|打回|结算"
)


@cache
def _all() -> list[tuple[str, re.Pattern[str]]]:
    """Made when the first clause is read: they take a seventh of a second, and most processes read none."""
    said = [pattern for kind, said in _VERBS.items() for pattern in _patterns(kind, said)]
    return [*said, *((QUERY, _clause(core)) for core in _QUESTIONS)]


@dataclass(frozen=True)
class Clause:
    """What one clause asks for: of which orders (numbers as said; none: `it`, or nothing was said), and why."""

    kind: str
    numbers: tuple[str, ...] = ()
    it: str = ""
    reason: str | None = None


def read_clause(clause: str) -> Clause | None:
    """The request that a normalised clause is, when it is nothing else."""
    for kind, pattern in _all():
        if match := pattern.fullmatch(clause):
            said = match["o"]
            reason = match["why"] if "why" in pattern.groupindex else None
            numbers = numbers_in(said)
            return Clause(kind, numbers, "" if numbers else said, _reason(reason))
    return None


def _reason(said: str | None) -> str | None:
    return said.strip(" .!") if said else None


def read_bare_verb(clause: str) -> str | None:
    """The kind of a clause that is a verb and no more: what it is done to stands before or behind."""
    return next((kind for kind, pattern in _BARE if pattern.fullmatch(clause)), None)


def only_orders(clause: str) -> Clause | None:
    """A clause that says nothing but numbers of orders, and perhaps why; it has no kind."""
    match = _ONLY_ORDERS.fullmatch(clause)
    return Clause("", numbers_in(match["o"]), reason=_reason(match["why"])) if match else None


def is_padding(clause: str) -> bool:
    """Whether a clause is politeness and nothing else."""
    return _NOTHING.fullmatch(clause) is not None


def numbers_in(said: str) -> tuple[str, ...]:
    """Each once, in the order said, without the hash: 1042, SO-1042."""
    return tuple(dict.fromkeys(match[0].lstrip("#").upper() for match in _NUMBERS.finditer(said)))
