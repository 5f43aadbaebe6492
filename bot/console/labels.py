"""Names on the pages: of states, events and roles; and the sentences of the console itself."""

from __future__ import annotations

from bot.domain.street import ROLES as ROLES

STATES = {"waiting": "等待接手", "supervisor": "等负责人安排", "accepted": "办理中", "closed": "已结案"}
URGENCIES = {"urgent": "紧急", "normal": "普通"}
TURNS = {
    "adviser": "该顾问答复", "client": "等居民回复", "supervisor": "该负责人安排", "nobody": "已办结",
}  # fmt: skip
EVENTS = {
    "opened": "居民转人工", "assigned": "派给", "accepted": "接手", "declined": "婉拒", "timed_out": "超时未接",
    "transferred": "转交", "supervisor": "请负责人安排", "promise_broken": "超过承诺时间", "documents_asked": "请居民补材料",
    "referred": "转介", "to_bot": "先交回法邻", "from_bot": "回到顾问", "urgent": "标为紧急", "closed": "结案",
    "reopened": "重新打开", "rated": "居民评分", "withdrawn": "居民撤回", "moved": "居民换了联系方式", "read": "查看",
    "conflict": "利益冲突提示", "booked": "约定时间", "unreachable": "联系不上居民", "message_withdrawn": "撤回一条消息",
}  # fmt: skip
REASONS = {
    "own": "本社区顾问", "serves": "服务该社区", "expert": "擅长该事项", "on_duty": "当天值班", "least_loaded": "手上案件最少",
    "manual": "人工安排",
}  # fmt: skip
FILES = {"photo": "图片", "voice": "语音", "video": "视频", "document": "文件"}

NOTICES = {
    "forbidden": "您的角色不能打开这个页面。",
    "not_found": "没有找到，或者您没有查看的权限。",
    "refused": "这一步现在办不了：情况可能刚刚变了，请看最新的案件页面。",
    "too_large": "内容太长，或者文件超过20MB，没有保存。请缩短后再试。",
    "stale_form": "这个页面放得太久了，没有保存。请返回、刷新后再试一次。",
    "logged_out": "登录已经过期，没有保存。请重新登录。",
    "failed": "系统出了问题，没有办成。请稍后再试；还不行，请告诉管理员。",
    "invite_invalid": "这个邀请链接无效、已用过或已过期。请司法所重新发一个。",
    "no_file": "这个文件打不开：可能已经删除，或者服务器暂时取不到。",
}
LOG_IN = {
    "wrong": "编号、密码或验证码不对。验证码每个只能用一次，请等下一个再试。",
    "blocked": "试的次数太多了，请过几分钟再试。",
}
JOIN = {
    "short": "密码至少要十个字。",
    "long": "密码太长了，请不要超过二百个字。",
    "common": "这个密码太常见，别人容易猜到，请换一个。",
    "different": "两次输入的密码不一样。",
    "wrong_code": "验证码不对。请看验证器里现在显示的六位数字，再试一次。",
}
DONE = {
    "accepted": "已接手。", "declined": "已婉拒，法邻会请下一位。", "transferred": "已转交。", "assigned": "已安排。",
    "sent": "已发出。", "recorded": "记好了。", "recorded_before": "这一笔刚才已经记过，没有再记。",
    "corrected": "已更正。", "graded": "谢谢，已记下。", "enterprise": "已登记。", "changed": "已保存。", "documents": "已请居民补材料。", "referred": "已转介。", "to_bot": "已先交回法邻，案件还开着；您再写话就接着办。",
    "closed": "已结案。", "away": "已登记请假。", "back": "已销假。", "removed": "已移除，登录立即失效。",
    "out_everywhere": "所有设备都已退出。", "referred_dispute": "已登记。",
}  # fmt: skip
# What is wrong with a form; named by the field.
FAULTS = {
    "grade": "请选一项。",
    "text": "请先写内容。",
    "file": "这个文件发不了。请发照片、录音、视频、PDF、Word、Excel 或 txt 文件，不能是空的。",
    "size": "文件超过20MB，发不了。请拍成照片，或分成几个小文件。",
    "room": "服务器存不下这个文件了，请先只发文字，并告诉管理员。",
    "reason": "请写明原因。",
    "to_member": "请选择交给谁。",
    "outcome": "请选择办理结果。",
    "first": "请填开始的日期，例如 2026-11-23。",
    "last": "结束的日期不对：不能早于开始的日期。",
    "self": "不能移除自己。",
}


def reason(codes: str) -> str:
    """Why an adviser was chosen, in words; words that somebody wrote stay as they are."""
    kind, _, rest = codes.partition(":")
    known = [REASONS.get(code, "") for code in kind.split(",")]
    return "、".join(filter(None, [*known, rest.strip()])) or codes

# -- mediation and legal aid

MEDIATION_STATES = {
    "applied": "已申请", "asking": "等对方同意", "consented": "双方同意", "accepted": "已受理", "scheduled": "已定时间",
    "agreed": "达成协议", "failed": "没有达成协议", "declined": "对方不同意", "refused": "没有受理", "withdrawn": "已撤回",
}  # fmt: skip
MEDIATION_TURNS = {
    "applied": "该调解员联系对方", "asking": "等对方答复", "consented": "该调解员受理或定时间", "accepted": "该调解员定时间",
    "scheduled": "双方到场，调解员记录结果", "agreed": "双方履行协议",
}  # fmt: skip
NOBODY_HAS_IT = "该司法所安排调解员"
MEDIATION_EVENTS = {
    "applied": "申请调解", "referred": "登记", "assigned": "安排调解员", "asked": "联系对方", "consented": "对方同意",
    "declined": "对方不同意", "accepted": "受理", "refused": "不受理", "scheduled": "定了调解时间", "agreed": "达成协议",
    "failed": "没有达成协议", "withdrawn": "撤回", "invited": "发出邀请链接", "confirmation": "司法确认", "followed_up": "回访",
    "overdue": "超过期限", "reminded": "提醒双方到场", "corrected": "更正登记内容",
}  # fmt: skip
AID_TURNS = {"office": "该司法所转交", "centre": "等法律援助机构决定", "nobody": "已办结"}
AID_EVENTS = {
    "applied": "申请法律援助", "paper": "加材料", "handed_over": "转交法律援助机构", "granted": "决定给予援助",
    "refused": "决定不予援助", "lapsed": "视为撤回", "withdrawn": "撤回",
}  # fmt: skip
NOTICES["moved_on"] = "这件事已经往下走了，这一步现在不能办。下面是最新的情况。"
DONE.update({
    "mediation_ask": "已记下：联系过对方，等答复。", "mediation_consent": "已记下：对方同意。",
    "mediation_decline": "已记下：对方不同意，调解结束。", "mediation_accept": "已受理。", "mediation_refuse": "已记下：不受理。",
    "mediation_assign": "已安排调解员。", "mediation_schedule": "时间已定，在用法邻的一方会收到通知；没有用的请打电话。",
    "mediation_conclude": "结果已记录。", "mediation_confirm": "已记下。", "mediation_follow_up": "回访已记录。",
    "mediation_correct": "已更正。", "mediation_withdraw": "已记下：申请人撤回。",
    "aid_handed": "已记下：转交法律援助机构，申请人会收到通知。", "aid_decided": "决定已记录，申请人会收到通知。",
    "aid_paper": "材料已加进去。",
})  # fmt: skip
FAULTS.update({
    "day": "请填调解的日期，例如 2026-11-25。", "time": "请填调解的时间，例如 14:30。",
    "agreed": "请选有没有达成协议。", "wanted": "请选要不要申请司法确认。",
    "sum": "金额看不懂，请写成“3万5”或“35000元”。", "effective_on": "请填协议生效的日期，例如 2026-11-25。",
    "phone": "电话号码不对，请写11位手机号，或带区号的座机号。", "paper": "请选是哪一种材料，并附上照片或文件。",
    "paper_kind": "材料请交照片或文件，录音和视频不行。",
})  # fmt: skip
