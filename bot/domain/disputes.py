"""Closed lists of people's mediation: kinds of dispute, where they come from, why one is not taken on."""

from __future__ import annotations

# Kind of dispute → its name in the forms of street offices, and the legal matter it is counted under.
DISPUTES = {
    "neighbours": ("邻里纠纷", "neighbours"),
    "family": ("婚姻家庭", "marriage"),
    "damages": ("损害赔偿", "tort"),
    "labour": ("劳动争议", "labour"),
    "housing": ("房屋宅基地", "property_rights"),
    "property_management": ("物业纠纷", "property_management"),
    "contract": ("合同纠纷", "contracts"),
    "consumer": ("消费纠纷", "consumer"),
    "medical": ("医疗纠纷", "medical"),
    "traffic": ("道路交通事故", "traffic"),
    "land": ("征地拆迁", "land"),
    "other": ("其他纠纷", "other"),
}
# Words by which a typed answer names a kind, beside the name itself.
DISPUTE_WORDS = {
    "neighbours": ("邻里", "邻居", "楼上", "楼下", "隔壁", "相邻"),
    "family": ("婚姻", "家庭", "夫妻", "离婚", "赡养", "抚养", "继承"),
    "damages": ("赔偿", "打伤", "受伤"),
    "labour": ("劳动", "工资", "工钱", "老板", "工伤"),
    "housing": ("房屋", "宅基地", "房子", "租房", "房东", "押金"),
    "property_management": ("物业",),
    "contract": ("合同", "借款", "借钱", "欠钱", "欠款"),
    "consumer": ("消费", "退货", "退款", "商家"),
    "medical": ("医疗", "医院"),
    "traffic": ("交通", "车祸", "撞车", "撞了"),
    "land": ("征地", "拆迁", "征收"),
    "other": ("其他", "其它", "别的"),
}
SOURCES = {
    "self": "当事人申请",
    "adviser": "法律顾问转来",
    "police": "公安机关告知或委托",
    "court": "法院告知或委派",
    "walk_in": "来访登记",
}
# Why the committee does not take a dispute on, or ends it; the words are utter_mediation_refusal_<code>.
# 人民调解法 第十七条: nobody is mediated against their will. The other reasons are those of the committees' practice:
# only an authority may decide it, another body has it already, or there is no dispute between private people.
REFUSALS = (
    "crime", "authority_only", "accepted_elsewhere", "not_private", "other_street", "unreachable", "settled", "duplicate",
)  # fmt: skip
FORMS = {"written": "调解协议书", "oral": "口头协议"}
PERFORMANCES = {"yes": "已履行", "partly": "部分履行", "no": "未履行", "unknown": "情况不明"}
EVENTS = (
    "applied", "referred", "assigned", "asked", "consented", "declined", "accepted", "refused", "scheduled", "agreed",
    "failed", "withdrawn", "invited", "confirmation", "followed_up", "overdue", "reminded", "read", "corrected",
)  # fmt: skip


def dispute_name(kind: str) -> str:
    """The Chinese name of a kind of dispute."""
    return DISPUTES.get(kind, DISPUTES["other"])[0]


def find_dispute(said: str) -> str | None:
    """The kind that a few words name; None when they name none, or several."""
    if said in DISPUTES:
        return said
    if named := [kind for kind, (name, _) in DISPUTES.items() if said.strip() in (name, name.removesuffix("纠纷"))]:
        return named[0]
    found = [kind for kind, words in DISPUTE_WORDS.items() if any(word in said for word in words)]
    return found[0] if len(found) == 1 else None
