"""Yes, no, never mind, and is it a question: the small words that steer a conversation."""

from __future__ import annotations

import re

from deskhand.language.text import normalise

_YES = re.compile(
    r"(?:好|好的|好吧|好啊|好嘞|好呀|可以|可以的|行|行的|行吧|行啊|没问题|对|"
    r"对的|对头|是|是的|是啊|嗯|嗯嗯|恩|没错|确认|确定|确认下单|下单"
    r"|下单吧|提交|就这样|就这么办|同意|批准|ok|okay|okey|k|yes|y|yep|yeah|yup|"
    r"sure|sure thing|correct|right|that'?s right|that is right"
    r"|exactly|confirm|confirmed|i confirm|go ahead|please do|do it|of course|"
    r"absolutely|fine|sounds good|looks good|lgtm|perfect"
    r"|agreed|approved?|submit|place it|place the order|good|great|all good|that'?s correct|yes please|👍|✅)",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:不|不是|不是的|不对|不行|不可以|不好|否|没有|不用|不用了|不需要|不同意|"
    r"别|先别|等等|等一下|错了|不确认|拒绝|驳回"
    r"|no|n|nope|nah|not yet|no thanks|no thank you|wrong|incorrect|that'?s wrong|"
    r"not correct|not right|don'?t|do not|wait|hold on|reject"
    r"|没了|没有了|就这些|就这样了|不加了|都不是|都不对|that'?s all|that is all|"
    r"nothing else|nothing|none|none of (?:them|these|those)|neither|no more"
    r"|negative|not really|👎|❌)",
    re.IGNORECASE,
)
_LEAVE = re.compile(
    r"(?:算了|算啦|算了吧|不要了|都不要了|全都?不要了|不买了|不订了|不下了|不弄了|"
    r"不办了|不做了|不用了|取消|取消吧|取消掉|取消了|取消下单|取消订单|取消这个|"
    r"取消这单"
    r"|取消操作|放弃|退出|停|停止|结束|别弄了|先不下单?了?|先不要了|当我没说|重新开始|清空重来|清空|从头来|撤销|作废"
    r"|cancel|cancel (?:that|it|this|please|everything|all|the order|this order|"
    r"my order|the draft|order)|never ?mind|forget (?:it|that|about it|this)"
    r"|stop|stop it|quit|exit|abort|drop it|scrap (?:it|that)|leave it|discard(?: it|"
    r" that)?|i(?:'ve| have)? changed my mind"
    r"|i don'?t want (?:it|this|that)(?: any ?more)?|start over)",
    re.IGNORECASE,
)
_PADDING = re.compile(
    r"^(?:请|麻烦你?|好吧?|那就?|那么|哦|啊|呃|额|嗯|唉|哎|诶|我想|我要|还是|帮我|please|"
    r"pls|oh|well|ok(?:ay)?|um+|uh+|hmm+|then|actually|just|let'?s|so|and"
    r"|no|不|you know what)[ ,!.~]*|[ ,!.~]*(?:吧|了|啦|哦|啊|呀|哈|呢|谢谢你?|"
    r"多谢|请|please|pls|thanks|thank you|thx|then|now|for now|sorry|抱歉|不好意思)$",
    re.IGNORECASE,
)
_EDGES = " \n,.!~;:。，！…、'\"()[]"
_QUESTION_ZH = re.compile(
    r"吗|呢$|什么|怎么|怎样|为何|为什么|多少|几(?:天|时|点|号|折|个工作日|块钱?)|"
    r"哪(?!怕)|谁|何时|啥|多久|多长时间|是不是|有没有|能不能|可不可以|会不会|"
    r"行不行"
    r"|到哪|查(?:一下|下|询)?.{0,6}(?:订?单|物流|快递|货)|么$"
)
_QUESTION_EN = re.compile(
    r"^(?:(?:and|so|but|hi|hey|hello|ok|sorry|please|excuse me|by the way|btw|wait)[ ,]+)*"
    r"(?:what|where|when|who|whom|whose|which|why|how|is|are|am|was|were|does|"
    r"did|has|have you|have they|had|can (?:i|we|they|it)"
    r"|could (?:i|we|they|it)|will|would (?:it|there|that)|should|shall|do (?:you|"
    r"we|i|they)|may (?:i|we)|any (?:update|news)|what's|where's|when's|how's|"
    r"who's"
    r"|tell me (?:what|where|when|why|how|who|about|the status))\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"^(?:can|could|would|will) you\b|^(?:please )?(?:can|could|may) (?:i|we) (?:have|"
    r"get|order)\b|(?:可以|能|能不能|可不可以)(?:帮我|给我|改成|换成|改到|改为|推迟|提前)|好吗|行吗|"
    r"可以吗|好么|行么|"
    r"\bok(?:ay)?\?$",
    re.IGNORECASE,
)


_PERSON = re.compile(
    r"(?:我想|我要|我需要|给我|帮我)?(?:转|找|接|叫|要|换|转接|联系)?(?:一?[个下位])?"
    r"(?:人工|真人|活人|人工客服|真人客服|客服人员|人工服务)(?:客服|服务)?|"
    r"(?:给我|帮我)?(?:转|接)(?:一?[个下位])?客服|"
    r"(?:can i |could i |may i |let me |i want to |i need to |i'?d like to |i wanna )?(?:talk|speak|chat) (?:to|with) "
    r"(?:a |an |some |your |the )?(?:real |live |actual )?(?:human|human being|person|people|agent|colleague|somebody|"
    r"someone|operator)|(?:a )?(?:real |live )?(?:human|person|agent|operator)|"
    r"(?:get|give) me a (?:human|person|real person)",
    re.IGNORECASE,
)
_BOT = re.compile(
    r"(?:回到|切回|换回|转回|返回|回|找|叫|让|换)?(?:给)?(?:机器人|bot|小助手|助手)(?:来|回来|继续|接着来|就行|就好)?|"
    r"(?:交还?|还|交回|转回|切换)(?:给|到|回)(?:机器人|bot|助手)|(?:不用|不需要|不要|结束|退出|取消|关闭)(?:转)?(?:人工|真人)"
    r"(?:客服|服务)?了?|"
    r"(?:i want |i'?d like |give me |go |switch |take me |hand me |hand it |give it |get )?(?:me )?(?:back |over )?"
    r"(?:to )?(?:the )?(?:bot|robot|chatbot)(?: back| again)?|(?:let me )?(?:talk|speak) to the (?:bot|robot)|"
    r"(?:i )?(?:no|don'?t need a|no need for a|cancel the|end the) (?:longer need a )?(?:human|person|agent)"
    r"(?: any ?more)?(?: needed)?",
    re.IGNORECASE,
)
_NO_FIRST = re.compile(r"(?:不对|不是|错了|弄错|搞错|说错|no(?! problem)\b|nope\b|not\b|wrong\b)", re.IGNORECASE)
_NEGATION = re.compile(r"(?:不|别|没|no\b|not\b|don'?t\b|never\b)", re.IGNORECASE)


def _cores(text: str) -> list[str]:
    """The text, and the text with politeness and particles peeled off layer by layer."""
    core = normalise(text).strip(_EDGES)
    layers = [core]
    for _ in range(6):
        peeled = _PADDING.sub("", core, count=1).strip(_EDGES)
        if peeled == core or not peeled:
            break
        layers.append(core := peeled)
    return layers


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[,，。.!！;；、\n ]+", normalise(text)) if part]


def is_yes(text: str) -> bool:
    """Whether the text is a plain yes and nothing else."""
    if len(text) > 80 or "?" in normalise(text):
        return False
    cores = _cores(text)
    if any(_YES.fullmatch(core) for core in cores) and not is_no(text) and not any(map(_NEGATION.match, cores[:-1])):
        return True
    parts = _parts(text)
    return len(parts) > 1 and all(_YES.fullmatch(part) or _is_padding(part) for part in parts) and not is_no(text)


def _is_padding(part: str) -> bool:
    return bool(_PADDING.fullmatch(part)) and not _NO.fullmatch(part)


def is_no(text: str) -> bool:
    """Whether the text is a plain no and nothing else."""
    if len(text) > 80:
        return False
    cores = _cores(text)
    if _NO.fullmatch(cores[0]) or any(_NO.fullmatch(core) for core in cores):
        return True
    parts = _parts(text)
    return len(parts) > 1 and all(_NO.fullmatch(part) or _PADDING.fullmatch(part) for part in parts)


def starts_with_no(text: str) -> bool:
    """Whether the text begins with a no, whatever follows: 不对，是SO-1006."""
    return bool(_NO_FIRST.match(normalise(text).lstrip(_EDGES)))


def asks_for_person(text: str) -> bool:
    """Whether the text is a plain wish for a person and nothing else: 转人工, let me talk to a human."""
    return _says_only(_PERSON, text)


def asks_for_bot(text: str) -> bool:
    """Whether the text is a plain wish to have the bot back and nothing else: 回到机器人, back to the bot."""
    return _says_only(_BOT, text)


def _says_only(wish: re.Pattern[str], text: str) -> bool:
    """With politeness around it; a no that was peeled off says the opposite."""
    cores = _cores(text) if len(text) <= 80 else []
    found = next((place for place, core in enumerate(cores) if wish.fullmatch(core)), None)
    return found is not None and not any(map(_NEGATION.match, cores[:found]))


def is_leave(text: str) -> bool:
    """Whether the text gives up what is being done: 算了, cancel that, never mind."""
    if len(text) > 80 or "?" in normalise(text):
        return False
    if any(_LEAVE.fullmatch(core) for core in _cores(text)):
        return True
    parts = re.split(r"[,，。.!！;；、\n]+ ?", normalise(text).strip(_EDGES))
    return len(parts) > 1 and any(map(_left, parts)) and all(_left(p) or is_no(p) or is_yes(p) or not p for p in parts)


def _left(part: str) -> bool:
    return any(_LEAVE.fullmatch(core) for core in _cores(part))


def is_question(text: str) -> bool:
    """Whether the text asks something. A polite request (could you make it 30?) is not a question."""
    plain = normalise(text).strip()
    if _REQUEST.search(plain):
        return False
    return plain.endswith("?") or bool(_QUESTION_ZH.search(plain) or _QUESTION_EN.search(plain))
