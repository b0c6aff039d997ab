"""Sentences that name a step of an order without asking for it: how is it done, was it done, don't do it, what if.

A guard says which intent such a sentence has instead; a changing intent is then never acted on. Knows nothing of Rasa.
"""

import re
from typing import Optional, Text

from rasa_components.intents.text import plain

_HOLD_ZH = r"(?:挂起|挂单|暂停|冻结|hold)"
_STEP_ZH = (
    r"(?:取消|撤|退|作废|删|改|换|动|发|确认|批|审|提交|下单|完成|入库|挂起|暂停|冻结|解挂|解冻|恢复|放行|结算|入账|"
    r"cancel|confirm|change|ship|hold|release|settle)"
)
_STEP_EN = (
    r"(?:cancel\w*|chang\w*|confirm\w*|ship\w*|send\w*|touch\w*|plac\w+|approv\w*|amend\w*|delet\w*|undo\w*|void\w*|"
    r"releas\w*|hold|holding|paus\w+|freez\w+|settl\w+|record\w*|submit\w*|"
    r"remov\w*|edit\w*|updat\w*|proceed|process|do it|do that)"
)
_POLITE = (
    r"^(?:(?:and|so|but|hi|hey|hello|ok|sorry|please|excuse me|by the way|btw|wait|just asking|just curious|"
    r"quick question|oh|well|um+)[ ,!:-]+)*"
)

_NOT = (
    re.compile(
        r"(?:别(?![的人家处])|不要|不用|先别|先不要|不许|千万别|没让|没叫|没说|没有?要(?!.{0,3}的)|不是要|不是让|不是叫|不想|没同意|谁说|谁让|谁叫)"
        r"(?:你|我|您|给我|帮我|再|把|说|要|去|急着|乱|随便|客户)*.{0,6}?" + _STEP_ZH
    ),
    re.compile(
        r"(?<!if )\b(?:do not|don'?t|never|nobody|no one|who (?:said|told|asked)) (?:\S+ ){0,5}?" + _STEP_EN + r"\b|"
        r"\b(?:i'm|am|was|were|we're) ?(?:not|n't) (?:\w+ ){0,3}?" + _STEP_EN + r"\b|\bnot (?:to )?(?:cancel|chang)\w*"
    ),
    re.compile(r"\b(?:leave|keep) (?:\S+ ){0,4}(?:as (?:it|they) (?:is|are|was|were)|as is|alone|unchanged)\b"),
)
_NOT_HELD = (  # of an order that is to be held, other steps are denied: "nothing ships before they have paid"
    re.compile(r"(?:别|不要|不用|先别|不许|千万别|没让|不想)(?:再|把|给我|急着|乱|去)?.{0,8}?" + _HOLD_ZH),
    re.compile(
        r"\b(?:do not|don'?t|never|no need to|not to) (?:(?:put|place|keep|set) )?(?:\S+ ){0,4}?(?:on )?"
        r"(?:hold|pause|freeze|suspend|park)\b"
    ),
)
_HELD_DOWN = re.compile(r"(\S)\1{19,}")
_AFTER_ALL = re.compile(  # the step is meant all the same
    r"(?:不要了|不买了|不用发|不用送|别发了|别送了|不想要|不想买|不用了)|"
    r"(?:取消|撤单|退单|作废|退订|撤销)(?:吧|了|掉|订单|$)|(?:改成|改为|换成|改到|改送|改发|应该是|而是)|"
    r"\b(?:any ?more|any longer|not needed|instead|rather than|should be|wrong|until|before|after)\b|"
    r"(?:[,.;!:-] ?|\band |\bwant to |\bso |\bjust |\bplease |\bthen )(?:please |just )*"
    r"(?:cancel|void|undo|scrap|change|send|deliver)\b"
)
_HOW = (
    re.compile(r"(?:怎么|怎样|如何|咋)(?:才能|可以|去|来|样)?.{0,8}?" + _STEP_ZH),
    re.compile(r"(?:谁|哪些人|什么人)(?:可以|能|有权|负责|来|有资格)|(?:哪里|哪儿|在哪).{0,4}?" + _STEP_ZH),
    re.compile(r"(?:多久|最晚|什么时候|几天).{0,8}(?:可以|还能|能|内).{0,4}?" + _STEP_ZH),
    re.compile(_STEP_ZH + r".{0,8}(?:手续费|收费|扣钱|要钱|会怎|会不会|什么后果|什么流程|流程是|麻烦吗|要不要)"),
    re.compile(_POLITE + r"how (?:do|does|can|could|would|might|to|long|late|many|much|come)\b"),
    re.compile(
        _POLITE + r"what (?:happens|if|would)\b|" + _POLITE + r"what's the (?:process|procedure|deadline|cut-?off)"
    ),
    re.compile(
        _POLITE
        + r"who (?:can|may|is allowed|is able|approves|confirms)\b|"
        + _POLITE
        + r"(?:until )?when (?:can|may)\b"
    ),
    re.compile(
        _POLITE + r"is there (?:a|any) (?:fee|charge|limit|deadline|penalty)|" + _POLITE + r"where (?:do|can) i\b"
    ),
    re.compile(
        _POLITE + r"can (?:an? |the )?(?:orders?|customers?|quantities|addresses) (?:be|still|also|cancel|change)\b|"
        r"\bcan \w+ still be\b"
    ),
    re.compile(r"\bhow (?:do|would|does|can) (?:i|we|one|you)\b.{0,20}" + _STEP_EN),
)
_HYPOTHETICAL = (
    re.compile(r"(?:如果|要是|假如|假设|万一|倘若|打个比方).{0,24}(?:怎么|会|吗|能不能|多少|咋|可以|\?)"),
    re.compile(
        r"(?:\bif (?:i|we|someone|a customer)\b|\bsuppose|hypothetically|in theory|theoretically).{0,60}"
        r"(?:\?|\bwould|\bwill|\bdo i|\bwhat|\bhow|\bcould)"
    ),
)
_ASKED = (
    re.compile(
        r"谁(?:把|给|改|动|取消|确认|删|下)|(?:是不是|有没有|到底).{0,16}(?:了|过)|被.{0,8}(?:了|过)(?:吗|么|没|\?)"
    ),
    re.compile(r"(?:为什么|为啥|怎么会|怎么就|怎么变|怎么被|怎么还|怎么不)"),
    re.compile(
        r"(?:改|取消|确认|更新|发出|撤|批|审|入库|发|登记)[^,，。]{0,4}(?:了吗|了没|好了没|过了吗|没有啊|没有$|了么)|"
        r"(?:发我|告诉我|发给我|给我看|查一?下|多少)(?:一下|下|看看|吧|呗)?$"
    ),
    re.compile(
        _POLITE + r"(?:did|was|were|has|have (?:you|they|we)|had|who|whose|why|when|which|what|where|is it true|"
        r"is (?:my|the|our|it|that)|are (?:my|the|our)|does)\b(?! (?:it )?be possible)(?! about changing)"
    ),
    re.compile(
        r"\b(?:tracking|status|eta|details|info|invoice|waybill)\b[^.]{0,30}\b(?:please|pls|for me|thanks)$|\?\?$"
    ),
)
_REQUEST = re.compile(
    r"^(?:.{0,12}[,， ])?(?:can|could|would|will|may) (?:you|u|i|we)\b|is it possible|any chance|"
    r"好吗|可以吗|行吗|能不能|可不可以|麻烦|帮我|帮忙|请"
)


def meant_instead(text: Text, intent: Text = "") -> Optional[Text]:
    """The intent of a sentence that only speaks of a step: deny, ask_help, query_order; None for all others.

    What is no sentence, one character held down, is out of scope.

    Args:
        intent: what it looks like otherwise.
    """
    said = plain(text)
    if _HELD_DOWN.fullmatch(said):
        return "out_of_scope"
    denied = _NOT_HELD if intent == "hold_order" else _NOT
    if any(pattern.search(said) for pattern in denied) and not _AFTER_ALL.search(said):
        return "deny"
    if any(pattern.search(said) for pattern in _HOW + _HYPOTHETICAL):
        return "ask_help"
    if not _REQUEST.search(said) and any(pattern.search(said) for pattern in _ASKED):
        return "query_order"
    return None
