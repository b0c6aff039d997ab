"""Where and how goods go, and who pays when: address, contact, phone, delivery mode, appointment, payment terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from deskhand.language.readings import Span
from deskhand.language.units import GENERAL
from deskhand.numerals import parse_chinese

_MODES = (
    (
        "direct",
        r"(?:从)?仓库直[发送]|直发|direct(?:ly)? from (?:the )?warehouse|warehouse direct|"
        r"drop[- ]?ship(?:ped|ping)?|ship(?:ped)? direct(?:ly)?|direct (?:shipment|"
        r"delivery)",
    ),
    (
        "pickup",
        r"(?:上门)?自提|自取|自己(?:来|去)?[取提]|(?:我们|客户)?(?:上门)?来(?:自)?[取提]货?|"
        r"到店取|自己(?:过)?来拿|我们(?:自己)?(?:过?来|去)拿|pick[- ]?up|picked up|pick (?:it|them) up|"
        r"(?:we|i|customer|they)(?:'ll|"
        r" will) collect|self[- ]collect(?:ion)?|collection",
    ),
    (
        "own",
        r"自送|我们(?:自己)?送|自有(?:车|车队|配送)|自配送|自己送|你们(?:自己)?(?:配?送|派车)|(?:派|用)(?:你们的?|公司的?)?车送?|送货?上门|"
        r"own (?:delivery|"
        r"truck|van|vehicles?|fleet)|(?:our|your) (?:own )?(?:truck|van|driver|fleet)|by (?:truck|van|lorry)|"
        r"deliver(?:ed)? (?:it )?ourselves",
    ),
    (
        "courier",
        r"(?:走|用|发|寄|叫|改成|改为)?快递|(?:走|用|发|叫|改成|改为)物流|express(?: delivery)?|courier|(?:by|via|"
        r"with) (?:sf express|sf|fedex|dhl|ups|usps|ems|zto|yto|sto|jd)|(?:走|发|"
        r"用|寄)(?:顺丰|中通|圆通|申通|韵达|京东|德邦|邮政|ems)",
    ),
)
_MODE = re.compile(
    "|".join(f"(?P<{mode}>(?:(?:by|via|through|with|using|as) )?(?:{words})(?![A-Za-z]))" for mode, words in _MODES),
    re.IGNORECASE,
)
_NOT_SO = re.compile(
    r"(?:不要|不走|不用|不需要|无需|别|不|\b(?:not|no|instead of|rather than|without)(?: need)?(?: an?| the)?) ?$", re.I
)
_BECOMES = re.compile(r"(?:改成?|换成?|改为|换为|改走|而是|\binto|\bto|\bmake it) ?$", re.IGNORECASE)
_APPOINTMENT = re.compile(
    r"(?P<yes>预约(?:送货|配送|送达)?|(?:送货?前)?(?:先)?约(?:好|个)时间|by appointment|"
    r"(?:make|book|with) an appointment|"
    r"scheduled delivery)|(?P<no>即时(?:送|配送|送达)?|立即|马上|立刻|尽快|越快越好|immediately|as soon as possible|"
    r"right away|at once|asap|instant(?: delivery)?)",
    re.IGNORECASE,
)
_UNIT = "|".join(sorted((u for u in GENERAL if not u.isascii()), key=len, reverse=True))
_UNIT_EN = "|".join(sorted((u for u in GENERAL if u.isascii() and len(u) > 2), key=len, reverse=True))
_PHONE = re.compile(
    r"(?:(?:联系|收货)?(?:电话|手机)(?:号码?)?|tel(?:ephone)?|phone(?: number)?|mobile|cell|call)? ?(?:is|[是为:.])? ?"
    r"(?P<number>(?<![\dA-Za-z-])(?:(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}|"
    r"0\d{2,3}-?\d{7,8}|400-?\d{3,4}-?\d{3,4}|"
    rf"\+\d{{8,15}}|\+\d{{1,3}}(?:[ -]\d{{2,5}}){{2,4}}"
    rf"(?!\d| ?(?!本[周月])(?:[天日月号年周]|days?\b|weeks?\b|{_UNIT}|(?:{_UNIT_EN})\b))|"
    r"\(?\d{3}\)?[- .]\d{3}[- .]\d{4})(?![\dA-Za-z]))",
    re.IGNORECASE,
)
_BECOMES_ZH = "(?:(?:更?改|换|变|调整?|延长|缩短|放宽|推迟|设|定)(?:成|为|到|至)|改)"
_CONTACT = re.compile(
    rf"(?:联系人|收货人|收件人|联络人|找)(?:[是为: ]|{_BECOMES_ZH})*(?!不要|去掉|删|不用|错)"
    r"(?P<zh>[\u4e00-\u9fff]{1,3}(?:先生|"
    r"女士|小姐|经理|总|师傅)|[\u4e00-\u9fff]{2,4}(?=[,;。、\n\x1f ]|$|电话|手机)|"
    r"[A-Z][a-z]+(?: [A-Z][a-z]+)?)"
    r"|(?<![\u4e00-\u9fff])(?P<to>[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|经理|总|师傅)|[\u4e00-\u9fff]{2,3})"
    r"收(?=[ ,;。\n\x1f\d]|$|电话|手机)"
    r"|(?:(?i:contact(?: person| name)?|attn|attention|ask for|recipient))(?: is| should be| to| now|"
    r"[: .])+ ?(?P<en>(?:(?:Mr|Ms|Mrs|Dr)\.? )?[A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){0,2}|"
    r"(?!(?:me|us|them|him|her|you|the|our|my)\b)[a-z][a-z'-]+(?: [a-z][a-z'-]+)?(?= ?(?:[,;.\n\x1f]|$))|"
    r"[\u4e00-\u9fff]{2,4})"
)
_N = r"(?:\d{1,3}|[一二三四五六七八九十两]{1,3})"
_EOM = r"(?:(?:the )?end of (?:the )?month|month[- ]end|eom)"
_PAYMENT = re.compile(
    rf"{_BECOMES_ZH}?(?:[账帐]期|月结|付款(?:期限?|条件)|结算期|付款(?={_BECOMES_ZH}))"
    rf"(?:[是为在: ]|{_BECOMES_ZH}|给(?:我们?|他们?)?|要)*(?P<a>{_N})(?:天|日|"
    rf"days?)|(?P<b>{_N})天(?:的)?(?:[账帐]期|月结|后?付款|结算)"
    r"|\b(?:\d{1,2}/\d{1,2},? )?net[ -]?(?P<c>\d{1,3})\b(?: days)?|"
    r"(?P<d>\d{1,3})[- ]days?(?:'s?)? (?:credit|terms|account|payment(?: terms)?(?! (?:due )?(?:in|within)\b))"
    r"|(?:payment|pay|payable|credit|terms)(?: terms)?(?: is| are| of| to|:)?(?: (?:due )?(?:in|"
    r"within))? (?P<e>\d{1,3}) days"
    r"|\beom ?\+? ?(?P<f>\d{1,3})(?: days)?(?= ?(?:[,;.]|$))"
    rf"|\b{_EOM} (?:plus|\+) (?P<h>\d{{1,3}}) days|(?P<g>\d{{1,3}}) days? (?:from |after )?(?:the )?{_EOM}"
    r"|(?P<now>货到付款|现结|现付|款到发货|先款后货|预付(?:款)?|cash on delivery|"
    r"\bc\.?o\.?d\.?\b|prepaid|pay(?:ment)? (?:in advance|upfront|on delivery|"
    r"now)|cash)",
    re.IGNORECASE,
)
_BEFORE_TERMS = re.compile(
    rf"(?:(?:从|自)?(?:当月)?月[底末](?:后|起算?|算起|再加)[, ]?|(?<!by )(?<!before )(?<!until )\b{_EOM} )$",
    re.IGNORECASE,
)
_AFTER_TERMS = re.compile(
    rf"[,， ]?[(（]?(?:从|自)?(?:当月)?月[底末](?:起算?|算起|开始)[)）]?| ?\(?(?:(?:from|after|of) )?{_EOM}\)?",
    re.IGNORECASE,
)
_MONTH_END = re.compile(rf"月结|月[底末]|\b{_EOM}\b", re.IGNORECASE)
_ADDRESS_CUE = re.compile(
    r"(?:(?:收货|送货|发货|寄送|配送)?地址(?:[是为: ]|改成|改为|换成|改到|变成)*|"
    r"(?:发货|寄送|配送|送货|送|寄|发|运|改送|改寄|配送)(?:到|至|去|往|给(?=.{0,12}[路街省市区号]))(?: |"
    r":)?"
    r"|(?:deliver(?:ed|y)?|ship(?:ped|ping)?|send|sent|mail|bring)(?: (?:it|them|"
    r"this|that|everything|all|the (?:order|goods)|all of it))?(?: instead)? to(?: (?:the )?address)?:? "
    r"|(?:(?:delivery|shipping|ship-to|new|the|my|our) )*address(?: (?:is|to|"
    r"now|should be|has changed to|changed to)|:| -)+ ?)",
    re.IGNORECASE,
)
_AFTER_GOODS = re.compile(r"(?<!不要)(?<!别)(?:送|发|寄|运)[^,。;!\n\x1f]{1,30}?(?P<to>到|至|往)(?![货了时达期底付齐])")
_CUE_GOES_ON = re.compile(
    r"(?:[ ,:]|不对|不是|错了?|有误|写错了?|搞错了?|应该|应|要|请|帮我|改[成为到]?|换[成为到]?|变成|[是为]|"
    r"(?:改)?[送寄发](?:货)?[到至去往])+"
)
_HAN = "[\u4e00-\u9fff]"
_PLACE = "(?:(?![省市区县镇乡路街])[\u4e00-\u9fff])"
_REST = "[\u4e00-\u9fffA-Za-z0-9-]"
_ZH_ADDRESS = re.compile(
    rf"(?:{_PLACE}{{2,8}}(?:省|自治区|市|自治州))?(?:{_PLACE}{{1,8}}[市区县镇乡]){{0,4}}"
    rf"{_PLACE}{{1,10}}(?:路|街道?|大道|道|巷|弄|胡同){_HAN}{{0,6}}\d+[弄号]{_REST}{{0,20}}"
    rf"|{_PLACE}{{2,8}}(?:省|自治区|市){_PLACE}{{1,10}}[区县市]{_REST}{{2,30}}"
)
_STREET = (
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|"
    r"ct|square|sq|place|pl|highway|hwy|parkway|pkwy|terrace|close|crescent)"
)
_EN_ADDRESS = re.compile(
    rf"(?<![A-Za-z0-9])\d{{1,6}}[A-Za-z]? (?:[A-Za-z'.]+ ){{1,4}}{_STREET}\b\.?(?: (?:n|s|e|w|ne|nw|se|sw)\b)?",
    re.IGNORECASE,
)
_STOP_INSIDE = re.compile(
    r"(?:[,;。!\n]|,? )?(?:\x1f|(?:联系人|收货人|收件人|电话|手机|账期|月结|备注|"
    r"付款|走快递|用快递|发快递|快递|自提|仓库直发|直发|预约|即时|尽快|谢谢|客户)"
    r"|\b(?:contact|attn|attention|phone|tel|mobile|net \d|payment|notes?:|instead|"
    r"please|pls|thanks|thank you|by courier|by express|via|by appointment|pick ?up|"
    r"for (?:customer|delivery)|asap|immediately)\b)",
    re.IGNORECASE,
)
_NEW_CLAUSE = re.compile(
    rf"^ ?(?:and |also |then |plus |另外|再|还|我|要|订|买|加|把|不要|请|麻烦|共|总共|用|走|以及|和)"
    rf"|(?<![A-Za-z0-9-])[\d一二两三四五六七八九十百千万半]+ ?(?:{_UNIT})(?!\d)|\d ?(?:{_UNIT_EN})\b|\x1f",
    re.IGNORECASE,
)
_NOT_THERE = re.compile(r"(?:不要|不用|别|\b(?:not|don'?t|never)) ?$", re.IGNORECASE)
_ABOUT_IT = re.compile(r"(?:的?(?:后面|末尾|前面)|再?加上?|去掉|删|不用|不要|都)")  # the address is spoken of, not said
_SOMEBODY = re.compile(r"me|us|him|her|them|you|我|我们|他|她|the customer|客户", re.IGNORECASE)
_TAIL = re.compile(
    r"(?: instead| please| pls| thanks|吧|了|谢谢|,| |\.(?!\w)|;|!|。|在|于|、|(?<![A-Za-z])(?:by|before|and|on))+$",
    re.IGNORECASE,
)


def mode_in(text: str) -> tuple[str, Span] | None:
    """The delivery mode: direct 仓库直发, courier 快递, pickup 自提 or own 自送; of 快递改自提 the one it becomes."""
    said = [m for m in _MODE.finditer(text) if not _NOT_SO.search(text[: m.start()]) and m.lastgroup]
    said = [m for m in said if _BECOMES.search(text[: m.start()])] or said
    return (str(said[0].lastgroup), said[0].span()) if said else None


def appointment_in(text: str) -> tuple[bool, Span] | None:
    """True for 预约, False for 即时 and for 不用预约."""
    match = _APPOINTMENT.search(text)
    return (match["yes"] is not None and not _NOT_SO.search(text[: match.start()]), match.span()) if match else None


def phone_in(text: str, goods: Sequence[int] = ()) -> tuple[str, Span] | None:
    """A telephone number as written, without spaces.

    Args:
        goods: where in the text goods begin to be named with their quantity; a number goes no further.
    """
    match = _PHONE.search(text)
    cut = next((place for place in goods if match and match.start("number") < place < match.end()), None)
    match = _PHONE.search(text, 0, cut) if cut else match
    return (match["number"].replace(" ", ""), match.span()) if match else None


def contact_in(text: str) -> tuple[str, Span] | None:
    """The name of the person to ask for."""
    match = _CONTACT.search(text)
    return (match["zh"] or match["to"] or match["en"], match.span()) if match else None


def payment_in(text: str) -> tuple[tuple[int, bool], Span] | None:
    """Days until payment, and whether they count from the end of the month; 0 for payment on or before delivery."""
    match = _PAYMENT.search(text)
    if not match:
        return None
    said = next((match[group] for group in "abcdefgh" if match[group]), None)
    days = Decimal(0) if said is None else parse_chinese(said) or Decimal(said if said.isdigit() else 0)
    before, after = _BEFORE_TERMS.search(text[: match.start()]), _AFTER_TERMS.match(text, match.end())
    start, end = before.start() if before else match.start(), after.end() if after else match.end()
    return (int(days), bool(_MONTH_END.search(text[start:end]))), (start, end)


def address_in(text: str, goods: Sequence[int] = ()) -> tuple[str, Span] | None:
    """The address: what follows a cue such as 送到 or "ship to", else what looks like one.

    It ends where the sentence turns to something else; parts already read are blanked out and end it too.

    Args:
        goods: where in the text goods begin to be named with their quantity; an address goes no further.
    """
    for start, first in _cues(text):
        end = _address_end(text, first, min((place for place in goods if place > first), default=len(text)))
        address = _trim(text[first:end])
        if len(address) >= 2 and not _SOMEBODY.fullmatch(address):
            return address, (start, end)
    for shape in (_ZH_ADDRESS, _EN_ADDRESS):
        match = shape.search(text)
        if match:
            end = _address_end(text, match.start(), len(text)) if shape is _EN_ADDRESS else match.end()
            return _trim(text[match.start() : end]), (match.start(), end)
    return None


def _cues(text: str) -> Iterator[Span]:
    """Where the words before an address begin, and it itself: 送到 X, 地址不对,应该是 X, 送10箱到 X."""
    for cue in _ADDRESS_CUE.finditer(text):
        if _NOT_THERE.search(text[: cue.start()]) or _ABOUT_IT.match(text, cue.end()):
            continue
        more = _CUE_GOES_ON.match(text, cue.end()) if "地址" in cue.group() else None
        yield cue.start(), more.end() if more else cue.end()
    for cue in _AFTER_GOODS.finditer(text):
        yield cue.start("to"), cue.end()


def _trim(words: str) -> str:
    return _TAIL.sub("", words.strip(" ,.;:。、\n\x1f")).strip(" ,.;:。、")


def _address_end(text: str, start: int, most: int) -> int:
    """Where the address stops: at a word of another kind, or at the first later clause that is about something else."""
    stop = _STOP_INSIDE.search(text, start, most)
    limit = stop.start() if stop else most
    at = start
    for separator in re.finditer(r"[,;。!\n]|$", text[start:limit]):
        clause_start, at = at, start + separator.start()
        clause = text[clause_start:at].lstrip(",;。!\n")
        if clause_start > start and _NEW_CLAUSE.search(clause):
            return clause_start
        if separator.group() in {"。", "!", ";", "\n"}:
            return at
    return limit
