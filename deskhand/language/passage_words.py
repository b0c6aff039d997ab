"""The words by which a policy question and the passages that answer it are compared. Knows nothing of scores.

Chinese is read in pairs of characters without a dictionary, English in crude stems. Words that people put around any
question are dropped, words of the trade that mean the same are one, and every way to ask "when" is one word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from deskhand.language.text import fold, is_han, normalise

TIME = "qtime"  # 多久, 几天, how long, when: one word for all of them
_TIME_WORDS = re.compile(
    r"多久|多长时间|多长|几天|几个工作日|多少天|(?:什么|啥)时候|什么时间|何时|几时|几号|几点|多快|几年|"
    r"\bhow (?:long|soon|fast|quickly)\b|\bhow many (?:working |business )?(?:days|weeks|months|years|hours)\b|"
    r"\bwhen\b|\bwhat time\b|\bduration\b|\buntil when\b"
)
_DATES = (
    r"今天|明天|后天|(?:这|本|下|上)?个?(?:周|星期|礼拜)[一二三四五]|(?:这|本|下|上)周|上午|下午|中午|[0-9]+月[0-9]*[日号]?|"
    r"[0-9零一二两三四五六七八九十百千万]+(?=[个件单元块公天箱台把张盒支本层楼斤吨米克小])|\b[0-9]+\b"
)
_NOISE = re.compile(
    _DATES + r"|请问|想问下?|我?想知道|你好|您好|麻烦|谢谢|一下|咱们|你们|我们|您们|人家|公司的?规定|规定|政策|制度|"
    r"能不能|可不可以|是不是|有没有|会不会|行不行|要不要|可以|能否|是否|怎么样|怎么办|怎么|怎样|如何|什么|哪些|哪种|哪里|哪儿|多少|"
    r"具体|一般|大概|到底|的话|以后|之后|以前|之前|时候|这个|那个|一个|办理|需要|告诉|说明|情况|东西|商品|"
    r"[的了是吗呢吧啊呀么嘛不也都就还再被把我你您他她它们和跟与给咋啥请谁这那几]"
)
_ARRIVAL = re.compile(
    r"(多久|几天|什么时候|多长时间|何时)(?:就|才)?(?:能|可以|会)?(?:送|发|寄)?到(?![账期])|"
    r"\b(?:get|be|turn|show)s? (?:here|up)\b"
)
LIGHT = frozenset("有会能要在个想下上里对于从向到用做让着过为可得很太又没所之其些说看去来该")
STOP = frozenset(
    """a about actually afternoon again also am an and any anyone are as at be been before but by can cant company could
    d did do does doesnt doing don done dont else evening exactly for friday from get go goods gonna guy had has have
    having he hello help here hey hi how hows i id if ill im in into is isnt it item items its ive just kind kindly
    know let like ll m many may me mine monday month more morning much my need next no not of off offer on once one
    only or our ours out over own please pls plz policy possible product products question re really regarding rule s
    same should so some someone something still stuff such t tell than thank that the their them then there these they
    thing this those thursday to today tomorrow too tuesday u under up ur us ve wanna want was we wednesday week were
    what whats where wheres which while who whom why will with would you your yours concerning""".split()
)
_IRREGULAR = dict(
    pair.split(":")
    for pair in """paid:pay sent:send bought:buy lost:lose broken:break broke:break came:come took:take wrote:write
    held:hold carried:carry guarantee:warranty mail:email emailed:email postage:freight shipping:freight
    saturday:weekend saturdays:weekend sunday:weekend sundays:weekend weekends:weekend installment:instalment
    installments:instalment check:cheque moq:minimum collect:pickup fix:repair mend:repair swap:exchange
    replace:exchange abroad:overseas quotation:quote bulk:quantity cheaper:discount rebate:discount damaged:damage
    interest:penalty""".split()
)
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ied", "ies", "ed", "es", "er", "s", "e", "y")
# Words of the trade that are one: the first stands for the others of its line.
_SAME = """
运费 快递费 邮寄费 邮费 邮资 物流费 配送费 送货费 寄费
免运费 包邮 免邮 免费送货 免费配送 运费全免
送货 配送 派送 送达 投递
收到 收着 拿到 到手 到货 收货
节假日 国庆 春节 五一 放假 假期 元旦 中秋 过年 节日
周末 周六 周日 星期六 星期天 星期日 礼拜六 礼拜天 礼拜日 双休日
港澳台 香港 澳门 台湾
国外 海外 境外 出国
自提 自取 上门提货 自己提 自己取 自己拿
保修 质保 三包
定制 定做 订做 订制
退货 退换货 退换 退回 退掉
优惠 折扣 打折 便宜 让利 减价
逾期 拖欠 晚付 延期付款
少件 漏发 少发 缺件 少货 漏货
样品 样板 样本 打样
标志 logo 商标 标识
付款 支付 打款 付钱
账期 月结 赊账 赊销
维修 修理 检修
流程 步骤 手续 程序
外币 美元 美金 欧元 港币
账单 对账单
最低 最少 最小
定金 订金 押金 首付 预付款
遗失 弄丢 丢失 丢了 搞丢
送货人 师傅 司机 送货员
标准 收费标准 资费
材料 资料 证件
开票 开发票 开具发票
上楼 抬楼 搬楼 楼上
"""
_ONE_WORD = {other: words[0] for line in _SAME.split("\n") if (words := line.split()) for other in words[1:]}
_OTHERS = re.compile("|".join(sorted(_ONE_WORD, key=len, reverse=True)))
_TOKEN = re.compile(r"[a-z0-9]+|[\u3400-\u9fff\uf900-\ufaff]+")


def words_of(text: str) -> tuple[str, ...]:
    """The words by which a text is found: pairs of Chinese characters and single ones, English stems, TIME."""
    tokens, timely = tokens_of(text)
    return (*(word for token in tokens for word in _split(token)), *([TIME] if timely else []))


def tokens_of(text: str) -> tuple[list[str], bool]:
    """English words and runs of Chinese characters, without what people say around a question; whether it asks when."""
    plain = _plain(text)
    plain = _ARRIVAL.sub(lambda found: f"{found[1]} 收到" if found[1] else "arrive", plain)
    plain = _OTHERS.sub(lambda found: _ONE_WORD[found[0]], plain)
    spoken, times = _TIME_WORDS.subn(" ", plain)
    return [token for token in _TOKEN.findall(_NOISE.sub(" ", spoken)) if token not in STOP], times > 0


def manner_of(text: str) -> frozenset[str]:
    """All words of a text, the small ones too: not what is asked, but how."""
    tokens = _TOKEN.findall(_plain(text))
    pairs = (token[i : i + 2] for token in tokens if is_han(token[0]) for i in range(len(token) - 1))
    return frozenset([*(token for token in tokens if not is_han(token[0])), *pairs])


def size_of(text: str) -> float:
    """How many words of weight a text has, two Chinese characters for one."""
    tokens, _ = tokens_of(text)
    return sum(sum(one not in LIGHT for one in token) / 2 if is_han(token[0]) else 1.0 for token in tokens)


def stem(word: str) -> str:
    """A crude English stem: deliver, delivery, deliveries and delivered are one."""
    word = _IRREGULAR.get(word, word)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word[0].isdigit():
            word = word[: -len(ending)]
            break
    word = word[:-1] if len(word) > 3 and word[-1] in "eyi" else word
    return word[:-1] if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "aeiou" else word


def _split(token: str) -> Iterable[str]:
    if is_han(token[0]):
        yield from token
        yield from (token[place : place + 2] for place in range(len(token) - 1))
    else:
        yield stem(token)


def _plain(text: str) -> str:
    return fold(normalise(text)).replace("'", "")
