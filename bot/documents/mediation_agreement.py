"""人民调解协议书, and the joint application for its confirmation by the court.

The parts of the agreement are those of 人民调解法 第二十九条; of the application, what 民诉法解释 第三百五十四条 asks for.
What falin does not know (identity numbers, sex, date of birth) is left blank: it is filled in by hand.
"""

from __future__ import annotations

from datetime import date

from bot.documents.word import BLANK, Paper
from bot.domain.amounts import write_amount, write_capitals
from bot.domain.disputes import dispute_name
from bot.domain.mediation import Mediation, Person

BLANK_DAY = "＿＿＿＿年＿＿月＿＿日"


def render_agreement(mediation: Mediation, committee: str, mediator: str, copies: int = 3) -> bytes:
    """The agreement as .docx, ready to be signed.

    Args:
        committee: name of the people's mediation committee.  mediator: who mediated.
        copies: one for each side and one for the committee.
    """
    content, agreement = mediation.content, mediation.agreement
    paper = Paper("人民调解协议书")
    paper.line(f"编号：{mediation.reference}", "right")
    paper.heading("一、当事人")
    for side, person in (("申请人", content.applicant), ("被申请人", content.respondent)):
        _write_party(paper, side, person)
    paper.heading("二、纠纷主要事实、争议事项和各方责任")
    paper.text(f"纠纷类别：{dispute_name(mediation.kind)}。")
    paper.text(content.facts or BLANK * 4)
    paper.text(f"申请人的要求：{content.claim or BLANK * 2}")
    paper.text(f"各方的责任：{BLANK * 3}")
    paper.heading("三、经调解，双方自愿达成如下协议")
    paper.text(agreement.terms or BLANK * 4)
    if mediation.amount:
        paper.text(f"协议金额：{write_amount(mediation.amount)}（人民币{write_capitals(mediation.amount)}）。")
    paper.heading("四、履行的方式和期限")
    paper.text(agreement.performance or BLANK * 4)
    paper.heading("五、其他")
    paper.text(
        f"本协议自各方当事人签名、盖章或者按指印，人民调解员签名并加盖人民调解委员会印章之日起生效，一式{copies}份，"
        "当事人各执一份，人民调解委员会留存一份。"
    )
    paper.text("双方认为有必要的，可以自本协议生效之日起三十日内共同向有管辖权的人民法院申请司法确认。")
    paper.signatures("申请人（签名、盖章或者按指印）", "被申请人（签名、盖章或者按指印）", "人民调解员（签名）", "记录人（签名）")
    paper.line(f"调解员：{mediator}　{committee}（印章）", "right")
    paper.line(write_day(mediation.effective_on), "right")
    return paper.to_bytes()


def render_confirmation(mediation: Mediation, committee: str, court: str = "") -> bytes:
    """The joint application for judicial confirmation as .docx. Args: court: blank when not chosen yet."""
    content, day = mediation.content, write_day(mediation.effective_on)
    paper = Paper("司法确认申请书")
    for person in (content.applicant, content.respondent):
        _write_party(paper, "申请人", person, court=True)
    paper.heading("请求事项")
    paper.text(f"请求依法确认双方于{day}经{committee}主持调解达成的调解协议（编号 {mediation.reference}）有效。")
    paper.heading("事实和理由")
    paper.text(f"双方因{dispute_name(mediation.kind)}，经{committee}调解，于{day}自愿达成调解协议，协议自该日起生效。")
    paper.text(f"协议内容：{mediation.agreement.terms or BLANK * 4}")
    if mediation.agreement.performance:
        paper.text(f"履行的方式和期限：{mediation.agreement.performance}")
    paper.text(
        "双方确认：协议出于自愿，内容真实，不损害国家利益、社会公共利益和他人合法权益。"
        "现依据《中华人民共和国人民调解法》第三十三条、《中华人民共和国民事诉讼法》第二百零五条，共同提出申请。"
    )
    paper.line("此致")
    paper.line(court or f"{BLANK}人民法院")
    paper.signatures("申请人（签名、盖章或者按指印）", "申请人（签名、盖章或者按指印）")
    paper.line(BLANK_DAY, "right")
    paper.heading("附件")
    for item in (
        "1. 调解协议书", "2. 人民调解委员会主持调解的证明", "3. 与协议有关的财产权利证明", "4. 双方身份证明复印件"
    ):  # fmt: skip
        paper.line(item)
    return paper.to_bytes()


def write_day(day: date | None) -> str:
    """2026年11月23日; a blank to fill in when there is no day yet."""
    return f"{day.year}年{day.month}月{day.day}日" if day else BLANK_DAY


def _write_party(paper: Paper, side: str, person: Person, *, court: bool = False) -> None:
    paper.fields((side, person.name), ("性别", ""), ("民族", ""))
    paper.fields(("出生年月", ""), ("身份证号", ""))
    paper.fields(("联系电话", person.phone))
    paper.fields(("送达地址" if court else "住址或单位", person.address))
