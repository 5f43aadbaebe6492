"""Names on the pages: of states, events and roles; and the sentences of the console itself."""

from __future__ import annotations

from bot.domain.street import ROLES as ROLES

STATES = {"waiting": "等待接手", "supervisor": "等负责人安排", "accepted": "办理中", "closed": "已结案"}
URGENCIES = {"urgent": "紧急", "normal": "普通"}
TURNS = {
    "adviser": "该顾问答复", "client": "等居民回复", "supervisor": "该负责人安排", "nobody": "已办结",
}  # fmt: skip
EVENTS = {
    "opened": "居民转人工", "assigned": "派给", "accepted": "接手", "declined": "退回", "timed_out": "超时未接",
    "transferred": "转交", "supervisor": "请负责人安排", "promise_broken": "超过承诺时间", "documents_asked": "请居民补材料",
    "referred": "转介", "to_bot": "交回机器人", "from_bot": "从机器人转回", "urgent": "标为紧急", "closed": "结案",
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
    "accepted": "已接手。", "declined": "已退回，系统会安排下一位。", "transferred": "已转交。", "assigned": "已安排。",
    "sent": "已发出。", "documents": "已请居民补材料。", "referred": "已转介。", "to_bot": "已交回机器人，居民再要求时会转回来。",
    "closed": "已结案。", "away": "已登记请假。", "back": "已销假。", "removed": "已移除，登录立即失效。",
    "out_everywhere": "所有设备都已退出。", "referred_dispute": "已登记。",
}  # fmt: skip
# What is wrong with a form; named by the field.
FAULTS = {
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
