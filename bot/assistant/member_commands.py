"""What a member can type: /cases, /mediations, /aid, /duty, /law, /faq, /help."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.calendar import beijing_day
from bot.domain.decisions import Understanding
from bot.domain.messages import Button
from bot.domain.roster import Absence
from bot.domain.work_calendar import say_moment
from bot.knowledge.citations import Citation, law_title
from bot.knowledge.numerals import parse_article
from bot.services.aid_office import OFFICE_ROLES, list_for_office
from bot.services.laws import find_articles
from bot.services.logging_by_hand import log_by_hand
from bot.services.mediation_desk import show_own
from bot.services.members import go_off_duty, go_on_duty
from bot.services.turn import Turn

SHOWN = 20
FOUND = 3


@dataclass
class Desk:
    """Who types, and what can be asked.

    Args:
        state: kept until the next turn.  understand: finds entries and articles.
        source: names the message; the same when it comes again.
    """

    turn: Turn
    member_id: str
    state: dict[str, Any]
    understand: Callable[[str], Understanding]
    source: str = ""


def list_cases(desk: Desk, _: str) -> None:
    """/cases: the member's open cases, each a button that shows its card."""
    turn = desk.turn
    found = turn.uow.cases.list_for_adviser(desk.member_id)
    # First what waits for this adviser, and of that what is urgent; then by age.
    cases = sorted(found, key=lambda case: (case.next_action_by == "client", case.urgency != "urgent", case.id))
    lines = []
    for case in cases[:SHOWN]:
        key = f"accepted_{case.waits_for}" if case.accepted_at else "waiting"
        promised = say_moment(case.promised_at, turn.now) if case.promised_at else "—"
        lines.append(
            turn.library.wording.text(
                f"utter_own_case_{key}",
                reference=case.reference,
                matter=turn.library.matter_title(case.matter),
                urgency=turn.library.wording.text(f"utter_urgency_{case.urgency}"),
                promised=promised,
            )
        )
    if not cases:
        turn.say("utter_no_own_cases")
        return
    reply = turn.library.wording.say("utter_own_cases", count=len(cases), cases="\n".join(lines))
    rows = [(Button(case.reference, f"case:card:{case.id}"),) for case in cases[:SHOWN]]
    turn.replies.append(reply.with_buttons(*rows))


def set_duty(desk: Desk, argument: str) -> None:
    """/duty on, /duty off, /duty off 12-01 12-03."""
    turn, today = desk.turn, beijing_day(desk.turn.now)
    parts = argument.lower().split()
    word, days = parts[0] if parts else "", parts[1:]
    if word == "on" and not days:
        go_on_duty(turn, desk.member_id)
        turn.say("utter_on_duty")
        return
    dates = [_read_day(text, today) for text in days]
    if word != "off" or len(dates) > 2 or None in dates:
        turn.say("utter_duty_how")
        return
    first, last = (*dates, None, None)[:2]
    if first and not last:
        last = first
    if last and first and last < first:
        turn.say("utter_duty_how")
        return
    waiting = go_off_duty(turn, Absence(desk.member_id, first or today, last))
    turn.say("utter_off_duty", first=f"{first or today:%m-%d}", last=f"{last:%m-%d}" if last else "…", count=waiting)


def _read_day(text: str, today: date) -> date | None:
    """12-01 or 2026-12-01; a day that has passed this year means next year."""
    parts = [int(part) for part in re.findall(r"\d+", text)]
    try:
        if len(parts) == 3:
            return date(*parts)
        day = date(today.year, *parts)
        return day if day >= today else date(today.year + 1, *parts)
    except (TypeError, ValueError):
        return None


def look_up_law(desk: Desk, argument: str) -> None:
    """/law 民法典 675, or /law and a question in everyday words."""
    turn = desk.turn
    law, *rest = argument.rsplit(maxsplit=1) or [""]
    article = parse_article(rest[0]) if rest else None
    if article:
        citations: tuple[Citation, ...] = (Citation(law_title(law), article),)
    else:
        citations = tuple(Citation(h.law, h.article) for h in desk.understand(argument).statutes[:FOUND]) if argument else ()
    texts = find_articles(turn.uow, citations, beijing_day(turn.now))
    for text in texts:
        turn.say("utter_article", law=text.law, text=text.text)
    if not texts:
        turn.say("utter_law_how")


def find_canned(desk: Desk, argument: str) -> None:
    """/faq 关键词: entries of the knowledge, to be read or sent to the client of a live case."""
    turn = desk.turn
    live = [c for c in turn.uow.cases.list_for_adviser(desk.member_id) if c.accepted_at]
    found = [c.entry for c in desk.understand(argument).candidates if c.entry in turn.library.entries] if argument else []
    if not found or not live:
        turn.say("utter_faq_how")
        return
    rows = []
    for number, entry_id in enumerate(found[:FOUND]):
        for case in live[:FOUND]:
            title = f"发给{case.reference}：{turn.library.entries[entry_id].title}"[:40]
            rows.append((Button(title, f"case:faq:{case.id}:{number}"),))
    desk.state["faq"] = found[:FOUND]
    turn.replies.append(turn.library.wording.say("utter_faq_found").with_buttons(*rows))


def show_help(desk: Desk, _: str) -> None:
    """/help."""
    desk.turn.say("utter_member_help")


def list_aid(desk: Desk, _: str) -> None:
    """/aid: the open applications for legal aid, for the office."""
    member = desk.turn.library.street.find_member(desk.member_id)
    if member is None or member.role not in OFFICE_ROLES:
        desk.turn.say("utter_aid_not_now")
    else:
        desk.turn.replies.append(list_for_office(desk.turn))


def log_service(desk: Desk, argument: str) -> None:
    """/log 电话咨询 白马 劳动 1人: record what happened outside falin."""
    log_by_hand(desk.turn, desk.member_id, argument, f"log:{desk.source}")


COMMANDS: dict[str, Callable[[Desk, str], None]] = {
    "cases": list_cases,
    "duty": set_duty,
    "law": look_up_law,
    "faq": find_canned,
    "help": show_help,
    "aid": list_aid,
    "log": log_service,
    "mediations": lambda desk, _: show_own(desk.turn, desk.member_id),
}
