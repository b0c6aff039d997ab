"""The words of corrections, in both languages: what sets, adds, takes away, doubles. Knows no catalogue."""

from __future__ import annotations

import re

VERB_EN = r"(?:remove|delete|drop|take|cancel|add|change|set|make|update|replace|swap|switch|reduce|increase|double)"
CLAUSE = re.compile(
    rf"[;。!\n\x1f]+|,(?!\d{{3}}\b)|\.(?=\s|$)|\b(?:and then|then|and(?= (?:also )?{VERB_EN}\b))\b|"
    rf"然后|并且|同时|(?:再|并)(?=把|将)|\b(?:but|also)\b",
    re.IGNORECASE,
)
POLITE = re.compile(
    r"^(?:\s|请|麻烦|帮我|那就|那|就|好|嗯|哦|不对|不是|错了|no\b|oh\b|ok\b|okay\b|"
    r"please\b|pls\b|can you\b|could you\b|would you\b|will you\b|actually\b|"
    r"sorry\b|oops\b|whoops\b|哎呀?|其实|wait\b|well\b|let's\b|i(?:'d like| want| would like) to\b"
    r"|we(?:'d like| want| would like) to\b|just\b|hmm\b|yes\b|对|还有|还是|:)+",
    re.IGNORECASE,
)
THAT_ORDER = re.compile(  # which order, not what of it: 我要改刚才那单的联系人
    r"(?:^我?们?[要想]?(?:改|修改)(?:一下|下)?)?(?:刚才|刚刚|刚下|上次|上一)(?:下)?的?[那这]?一?[个张笔次]?(?:订单|单子|单)里?面?的?"
)
NOT_THIS = re.compile(r"(?:\bnot|而不是|不是|instead of|rather than|\bnot for) ?$", re.IGNORECASE)
NEGATED = re.compile(r"^\s*(?:not|不是|而不是|instead of|rather than)", re.IGNORECASE)
NOT_SO_MANY = re.compile(
    r"(?:不要|不是)[\d一二两三四五六七八九十百千万半]+[^\d,。;]{0,3}[, ]?(?:而是|是|要)(?=[\d一二两三四五六七八九十半])"
)
INSTEAD = re.compile(r" (?:instead of|rather than|not) [^,;]*$| instead$| after all$", re.IGNORECASE)
FIELD_WORDS = re.compile(
    r"快递|物流|自提|自送|直发|预约|地址|日期|交期|交货|时间|客户|联系|电话|送货|发货|收货|配送|方式|账期|付款|全部|所有|备注|"
    r"\b(?:address|date|deliver\w*|customer|client|contact|phone|mode|ship\w*|"
    r"payment|terms|note|courier|pick ?up|everything|all)\b",
    re.IGNORECASE,
)
SET = (
    re.compile(
        r"^(?:把|将)?(?P<x>.*?)(?:的)?(?:数量)?(?:改成|改为|改到|改做|变成|变为|换成|"
        r"换为|调成|调到|调整[为到成]|设[为成]|减少?到|减少?为|增?加到|增加为|提高到|"
        r"应该是|应为|应是|只要|改|只需要?)(?:要)?(?P<y>.+)$"
    ),
    re.compile(
        r"^(?:change|set|update|adjust|increase|decrease|reduce|raise|switch|correct|"
        r"modify|lower|bump|make|replace|swap|edit) (?P<x>.*?) ?"
        r"(?:\b(?:to|into|with|up to|down to|for|by being|be)\b|=|->) ?(?P<y>.+)$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:make|set|change|do) (?P<x>(?:it|that|them|those|this|the .+?|[a-z0-9 -]+?)) (?P<y>(?:\d|"
        r"a |an |one |two |three |four |five |six |seven |eight |nine |ten |half |"
        r"twenty |thirty |fifty |[一二两三四五六七八九十]).*)$",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:make|set|change|only) (?P<y>(?:\d).*)()$", re.IGNORECASE),
    re.compile(r"^(?P<x>.+?) (?:should be|must be|is now|becomes|ought to be) (?P<y>.+)$", re.IGNORECASE),
    re.compile(
        r"^(?P<x>)(?:i meant|i mean|make that|it's|it is|应该要|是|而是|我是说|我要的是)(?P<y>.+)$", re.IGNORECASE
    ),
)
REMOVE = (
    re.compile(
        r"^(?:把|将)?(?P<x>.+?)(?:给|都|也|就|全部?)*(?:去掉|删掉|删除|删了|删|去除|"
        r"拿掉|划掉|取消掉?|移除|撤掉|撤了|不要|不买|不需要|不订|减掉|拿走|去了|不用)(?:吧|"
        r"了|啦)*$"
    ),
    re.compile(
        r"^(?:去掉|删掉|删除|删|移除|拿掉|取消|不要|别要|不需要|不买|不订|不用|撤掉|"
        r"减掉|去除|划掉)(?P<x>.+?)(?:吧|了|啦)*$"
    ),
    re.compile(r"^take (?P<x>.+?) (?:off|out|away)(?: .*)?$", re.IGNORECASE),
    re.compile(
        r"^(?:remove|delete|drop|take (?:off|out|away)|get rid of|cancel|scrap|forget(?: about)?|"
        r"leave out|lose|without|skip|exclude|no more|no need for|no|minus"
        r"|(?:i |we )?(?:don'?t|do not|no longer) (?:want|need)(?: any)?) (?P<x>.+?)(?: from .*)?(?: any ?more|"
        r" off| out| please)?$",
        re.IGNORECASE,
    ),
)
LESS = (
    re.compile(r"^(?:把|将)?(?P<x>.*?)(?:减少|减去|减掉|减|少要|少来|少)(?P<y>.+)$"),
    re.compile(r"^(?P<y>\d[\d,.]*|\w+) (?:fewer|less) (?P<x>.+)$", re.IGNORECASE),
    re.compile(r"^(?:reduce|decrease|lower|cut) (?P<x>.+) by (?P<y>.+)$", re.IGNORECASE),
)
ADD = re.compile(
    r"^(?:(?:再加上?|再来|再要|再订|再买|再追加|再|加上|加|添加|增加|追加|另外再?要?|"
    r"还要|还需要|还|多加|多要|补|外加|另加|新增)|"
    r"(?:also )?(?:add|plus|include|throw in|additionally|extra|another|one more|"
    r"put in|put)\b|\+ ?(?=\d)|(?:i|we) (?:also|still) (?:need|want)\b|and\b)(?P<x>.+)$",
    re.IGNORECASE,
)
MORE = re.compile(r"^(?P<n>.+?) (?:more|extra|additional)\b (?P<rest>.+)$", re.IGNORECASE)
ADD_X = re.compile(r"^(?P<x>.+?) ?(?:再加|再来|再要|加|增加|追加|多加|多要|\+ ?(?=\d))(?P<y>.+)$")
TIMES: tuple[tuple[re.Pattern[str], str | None], ...] = (  # how many times as much; None: the group n says it
    (re.compile(r"^(?:double|twice(?: as many| as much)?)(?P<x>(?: (?!sided).*)?)$", re.IGNORECASE), "2"),
    (re.compile(r"^(?P<x>.*?) ?\b(?:doubled?|times two|x2)$", re.IGNORECASE), "2"),
    (re.compile(r"^(?:triple|treble|three times(?: as many| as much)?)(?P<x>(?: .*)?)$", re.IGNORECASE), "3"),
    (re.compile(r"^(?:halve|half as (?:many|much))(?P<x>(?: .*)?)$", re.IGNORECASE), "0.5"),
    (re.compile(r"^cut (?P<x>.*?) (?:in|by) half$", re.IGNORECASE), "0.5"),
    (re.compile(r"^(?:把|将)?(?P<x>.*?)(?:再)?(?:加一?倍|翻一?倍|翻一番|[要来]?双[倍份])$"), "2"),
    (re.compile(r"^(?:把|将)?(?P<x>.*?)(?:翻|改成|变成|改为|[要来])(?P<n>\d{1,3}|[两三四五六七八九十])倍$"), None),
    (re.compile(r"^(?:把|将)?(?P<x>.*?)(?:减半|砍半|(?:减少?|砍掉?|改成|变成|只要|要)一半)$"), "0.5"),
)
KEEP = (
    re.compile(
        r"^除了(?P<x>.+?)(?:之外|以外|外)?,?(?:其他|其它|其余|别的|剩下)的?(?:都|全|全都|全部)?"
        r"(?:不要|去掉|删掉|删除|取消|不买|拿掉)(?:吧|了)*$"
    ),
    re.compile(
        r"^(?:please )?(?:(?:remove|delete|drop|cancel|take off) )?(?:everything|all(?: of them)?|all lines)"
        r"(?: else)?,? "
        r"(?:except|but|apart from|other than)(?: for)? (?P<x>.+?)(?: please)?$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?:[^,]*不要了?)?(?:请|那|那就|麻烦)*(?:只|就|仅)(?:要|留|保留|剩)下?(?P<x>.+?)(?:就行|就好|就够了?|即可|吧|了)*$"
    ),
    re.compile(
        r"^(?:(?:please|no|actually|ok)[, ]+)*(?:(?:only|just) (?:keep|leave|want|need)|"
        r"(?:keep|leave) (?:only|just)|only) "
        r"(?P<x>.+?)(?: please)?$",
        re.IGNORECASE,
    ),
)
REPLACES = re.compile(r"^(?:换|改|替换|变|change\b|switch\b|swap\b|replace\b|make\b)", re.IGNORECASE)
WANTS = re.compile(
    r"^(?:我们?|也|想|还|就|先|急)*(?:要|需要|来|买|订|给我们?)|"
    r"^(?:i|we)(?: want| need|'d like| would like)\b|^give (?:me|us)\b",
    re.IGNORECASE,
)
REFUSES = re.compile(
    r"^(?:不要|不需要|不用|无需|without\b|no\b(?! more)|(?:i |we )?don'?t (?:want|need)\b)", re.IGNORECASE
)
ALL_BUT = re.compile(r"\b(all|everything)(?: of (?:them|it))? but\b", re.IGNORECASE)
