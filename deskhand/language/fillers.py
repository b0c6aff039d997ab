"""Words that carry no product: what people say around the things they want."""

from __future__ import annotations

import re

_ZH_LEAD = (
    "我们公司|我们|咱们|我|你们|您们?|你|请问|请|麻烦|帮我们|帮我|帮忙|帮|给我们|"
    "给我|想要|想|需要|要求|要|订购|订货|预订|订|下一?个?订?单|下单|购买|采购|"
    ""
    "买入|买|来|再来|再加上?|加上|加|再|还要|还有|还|另外|以及|和|与|及|跟|一共|"
    "总共|共|合计|各|拿|发|送|的|是|把|将|就|先|做个?订单|新建订单|创建订单|"
    "新订单|"
    "订单|开单|进|补货|补|数量|一下|老板|你好|您好|大概|大约|大致|差不多|急需|"
    "急要|急|需|约|为|也|都|改成|改为|换成|左右|客户|今天|然后|最后|其中|包括|"
    "有|:|吧|了|啊|嗯|哦|好的|好|对"
)
_ZH_TAIL = (
    "一样的?|同样的|的(?:订)?单|(?:上午|下午|中午|早上|晚上)(?:送|到)?|的|吧|了|哦|啊|呢|呀|嘛|各|给|每种|每样|数量|左右|给我们|给我|谢谢您?|一共|"
    "总共|共|合计|请|尽快|要|来|就行|就好|就可以|即可|可以|这些|这个|那个|改成|"
    "改为|还有|还|和|与|及|再|加|订|买|先|需要|"
    "吗|大概|大约|约|为|是|有|:|都|也|我|我们"
)
_EN = (
    "hi|hello|hey|dear|i|we|us|me|they|he|she|it|you|would|should|could|can|"
    "may|will|'d|'ll|i'd|we'd|i'll|we'll|i'm|we're|'m|'re|like|love|to|want|"
    "wants|wanted|need|needs|needed|"
    "order|orders|ordered|ordering|buy|buying|get|getting|please|pls|plz|some|"
    "any|of|the|a|an|our|your|my|their|its|his|her|this|that|these|those|send|"
    "give|gimme|add|also|with|for|from|more|"
    "have|has|having|take|takes|purchase|place|placing|new|require|requires|"
    "required|request|requests|qty|quantity|quantities|amount|x|×|each|about|"
    "approx|approximately|roughly|around|total|"
    "thanks|thank|asap|just|only|at|is|are|be|was|in|on|by|and|or|plus|then|"
    "too|as|well|so|ok|okay|yes|no|not|hmm|um|uh|well|another|extra|other|lets|"
    "let's|make|made|put|go|going|now|"
    "looking|look|up|out|start|create|draft|do|does|customer|client|company|"
    "item|items|line|lines|following|product|products|ship|shipped|deliver|delivered|"
    "today|instead|both|same|change|set|update|which|who|im|id|there|here|it's"
)
_LONGEST = 24
_LEAD = re.compile(
    rf"(?:[\s:.\-*•·()\"'xX×=]*(?:(?:{_ZH_LEAD})|(?:{_EN})(?![A-Za-z0-9]))|[\s:\-*•·()\"'×=]+)", re.IGNORECASE
)
_TAIL = re.compile(
    rf"(?:(?:(?:{_ZH_TAIL})|(?<![A-Za-z0-9'])(?:{_EN}))[\s:.\-*•·()\"'?!=]*|[\s:\-*•·()\"'?!.=×]+)$", re.IGNORECASE
)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the filler words at either end; empty when there was nothing else."""
    start = starts(text, start, end)[-1]
    while start < end and (tail := _TAIL.search(text, max(start, end - _LONGEST), end)) and tail.start() < end:
        end = tail.start()
    return start, end


def starts(text: str, start: int, end: int) -> list[int]:
    """Where the span begins, with all filler words before it, with fewer, with none: 要|订|书机."""
    found = [start]
    while start < end and (lead := _LEAD.match(text, start, end)) and lead.end() > start:
        start = lead.end()
        found.append(start)
    return found
