"""Each shipped process in both languages over real Rasa: begun by its words, filled with corrections and a question in
between, submitted, listed, decided with a reason, asked about, corrected, withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.dialogue.conftest import Reply, Talk

pytestmark = pytest.mark.rasa
Talks = Callable[..., Talk]
Step = tuple[str, str, str]
"""Who, what they say, and what stands in the answer: a part of it, or `fact=value` of its card."""

CREDIT_ZH: Sequence[Step] = (
    ("clerk", "信用申请", "为哪个客户申请"),
    ("clerk", "华星", "申请多少额度"),
    ("clerk", "账期是怎么算的", "申请多少额度"),
    ("clerk", "15万，用于旺季备货", "合作几年"),
    ("clerk", "4年", "销售额"),
    ("clerk", "60万", "应收余额"),
    ("clerk", "1万", "逾期多少"),
    ("clerk", "0", "逾期多少天"),
    ("clerk", "0天", "next_step=财务判断信用额度"),
    ("clerk", "额度改成16万", "requested_limit=160,000.00 元"),
    ("clerk", "确认", "CA-1001"),
    ("finance", "有什么要我批的", "CA-1001"),
    ("finance", "驳回CA-1001，资料不全", "reason=资料不全"),
    ("finance", "确认", "已驳回"),
    ("clerk", "CA-1001怎么样了", "已拒绝"),
)
CREDIT_EN: Sequence[Step] = (
    ("clerk", "credit application for Huaxing", "What limit"),
    ("clerk", "150k", "What is the credit for"),
    ("clerk", "how long do customers have to pay", "What is the credit for"),
    ("clerk", "season", "full years"),
    ("clerk", "4 years", "last twelve months"),
    ("clerk", "600k", "owe"),
    ("clerk", "10k", "overdue"),
    ("clerk", "0", "days"),
    ("clerk", "0", "requested_limit=CNY 150,000.00"),
    ("clerk", "make the limit 160k", "requested_limit=CNY 160,000.00"),
    ("clerk", "yes", "CA-1001"),
    ("finance", "what waits for me", "CA-1001"),
    ("finance", "approve CA-1001", "decision=Approve"),
    ("finance", "yes", "approved"),
    ("clerk", "status of CA-1001", "approved"),
)
PURCHASE_ZH: Sequence[Step] = (
    ("clerk", "采购审批", "要采购什么"),
    ("clerk", "两台打印机", "哪一类"),
    ("clerk", "设备", "总金额"),
    ("clerk", "八千", "预算内"),
    ("clerk", "是", "为什么需要"),
    ("clerk", "旧机报废", "还要补充供应商"),
    ("clerk", "供应商", "哪家"),
    ("clerk", "晨光", "supplier=晨光"),
    ("clerk", "就这些", "等您确认"),
    ("clerk", "提交", "PA-1001"),
    ("clerk", "PA-1001 金额改成9000", "amount=8,000.00 元 → 9,000.00 元"),
    ("clerk", "确认", "已更正 PA-1001"),
    ("manager", "有什么等我处理", "PA-1001"),
    ("manager", "退回PA-1001，缺报价单", "reason=缺报价单"),
    ("manager", "确认", "已退回"),
    ("clerk", "有什么等我处理", "更正申请"),
    ("clerk", "PA-1001 金额改成3000", "amount=9,000.00 元 → 3,000.00 元"),
    ("clerk", "确认", "已重新提交"),
    ("manager", "同意PA-1001", "decision=批准"),
    ("manager", "确认", "已批准"),
    ("clerk", "我的采购申请到哪了", "已批准"),
)
PURCHASE_EN: Sequence[Step] = (
    ("clerk", "purchase request", "What is to be bought"),
    ("clerk", "two printers", "What kind"),
    ("clerk", "hardware", "total"),
    ("clerk", "8k", "budget"),
    ("clerk", "yes", "Why"),
    ("clerk", "the old ones are broken", "Anything else"),
    ("clerk", "that's all", "waits for your yes"),
    ("clerk", "yes", "PA-1001"),
    ("manager", "send PA-1001 back, the quote is missing", "decision=Send back"),
    ("manager", "yes", "sent back"),
    ("clerk", "change the amount of PA-1001 to 3000", "CNY 3,000.00"),
    ("clerk", "yes", "handed in again"),
    ("clerk", "withdraw PA-1001", "effect=It ends here"),
    ("clerk", "yes", "withdrawn"),
)
QUALITY_ZH: Sequence[Step] = (
    ("warehouse", "质检 工单 WO-8", "work_order=WO-8"),
    ("warehouse", "早班", "shift=早班"),
    ("warehouse", "确认", "QR-1001"),
    ("warehouse", "完成QR-1001", "哪种纸"),
    ("warehouse", "A4 80克", "克重是多少"),
    ("warehouse", "79.6", "水分"),
    ("warehouse", "4.4%", "长度"),
    ("warehouse", "29.7厘米", "宽度"),
    ("warehouse", "210", "几张有缺陷"),
    ("warehouse", "2张", "length=297"),
    ("warehouse", "水分改成4.5", "moisture=4.5"),
    ("warehouse", "确认", "已完成"),
    ("manager", "驳回QR-1001，要复测", "reason=要复测"),
    ("manager", "确认", "已驳回"),
    ("warehouse", "QR-1001到哪一步了", "测量样品"),
    ("warehouse", "撤回QR-1001", "effect=办理到此为止"),
    ("warehouse", "确认", "已撤回"),
)
QUALITY_EN: Sequence[Step] = (
    ("warehouse", "quality inspection WO-8", "work_order=WO-8"),
    ("warehouse", "yes", "QR-1001"),
    ("warehouse", "complete QR-1001", "Which paper"),
    ("warehouse", "A4 80, grammage 79.6, moisture 4.4, length 29.7 cm", "width"),
    ("warehouse", "210 mm", "faulty"),
    ("warehouse", "2", "length=297"),
    ("warehouse", "yes", "done"),
    ("manager", "any tasks for me?", "QR-1001"),
    ("manager", "approve QR-1001", "decision=Approve"),
    ("manager", "yes", "passed"),
)
CONTRACT_ZH: Sequence[Step] = (
    ("clerk", "签合同，客户华星，金额8万", "哪类合同"),
    ("clerk", "一次性买卖", "供应什么"),
    ("clerk", "打印机20台", "怎样交付"),
    ("clerk", "我方送货", "哪天交付"),
    ("clerk", "明年3月1日", "账期多少天"),
    ("clerk", "60天", "质保几个月"),
    ("clerk", "30天", "按月填"),
    ("clerk", "一年", "warranty_months=12"),
    ("clerk", "质保改成24个月", "warranty_months=24"),
    ("clerk", "确认", "CT-1001"),
    ("manager", "同意CT-1001", "decision=批准"),
    ("manager", "确认", "待第二签字"),
    ("finance", "驳回CT-1001，金额不对", "reason=金额不对"),
    ("finance", "确认", "已驳回"),
)
CONTRACT_EN: Sequence[Step] = (
    ("clerk", "contract signing with Huaxing, 80k", "kind"),
    ("clerk", "one sale", "supplied"),
    ("clerk", "20 laser printers", "delivered"),
    ("clerk", "we deliver", "which day"),
    ("clerk", "March 1 2027", "days"),
    ("clerk", "30", "warranty"),
    ("clerk", "30 days", "given in months"),
    ("clerk", "2 years", "warranty_months=24"),
    ("clerk", "yes", "CT-1001"),
    ("clerk", "withdraw CT-1001", "effect=It ends here"),
    ("clerk", "yes", "withdrawn"),
)
WALKS = {
    "credit-zh": CREDIT_ZH, "credit-en": CREDIT_EN, "purchase-zh": PURCHASE_ZH, "purchase-en": PURCHASE_EN,
    "quality-zh": QUALITY_ZH, "quality-en": QUALITY_EN, "contract-zh": CONTRACT_ZH, "contract-en": CONTRACT_EN,
}  # fmt: skip


@pytest.mark.parametrize("walk", WALKS)
def test_a_process_is_worked_by_talking(talk: Talks, walk: str) -> None:
    talks: dict[str, Talk] = {}
    for number, (who, said, expected) in enumerate(WALKS[walk], start=1):
        speaker = talks.setdefault(who, talk(who, walk[-2:]))
        reply = speaker.say(said)
        assert holds(reply, expected), f"{number}. {who}: {said} -> {everything(reply)}, not {expected}"


def holds(reply: Reply, expected: str) -> bool:
    key, equals, value = expected.partition("=")
    if equals and reply.cards:
        return value in reply.fact(key)
    return expected in everything(reply)


def everything(reply: Reply) -> str:
    titles = [str(item["title"]) for card in reply.cards for item in (card, *card.get("items", ()))]
    labels = [str(each.get("label", "")) for card in reply.cards for each in card["actions"]]
    return "\n".join([reply.text, *titles, *labels, *(str(card.get("facts")) for card in reply.cards)])
