"""我的案件: where each case stands, whose turn it is, by when."""

from __future__ import annotations

from bot.domain.calendar import BEIJING
from bot.domain.cases import Case
from bot.domain.messages import Button, Reply
from bot.domain.work_calendar import say_moment
from bot.services.aid_draft import KIND as AID_DRAFT
from bot.services.mediation_form import DRAFT as MEDIATION_DRAFT
from bot.services.turn import Turn, Work

SHOWN = 5


def place_in_queue(work: Work, case: Case) -> int:
    """How many cases the same adviser takes first, and this one: urgent ones before others, then by age."""
    return work.uow.cases.count_waiting_before(case) + 1


def say_case(work: Work, case: Case) -> str:
    """One case in a line or two."""
    outcome = work.library.outcomes.get(case.outcome or "")
    key = case.state
    if key == "accepted":
        said = "promised" if case.promised_at and case.answered_at is None else case.waits_for
        key = "with_bot" if case.bot_since else f"{key}_{said}"
    elif key == "closed" and case.outcome == "withdrawn":
        key = "withdrawn"
    elif key == "waiting" and case.promised_at is None:
        key = "unseen"
    line = work.library.wording.text(
        f"utter_case_line_{key}",
        reference=case.reference,
        matter=work.library.matter_title(case.matter),
        day=case.opened_at.astimezone(BEIJING).strftime("%-m月%-d日"),
        adviser=work.library.street.name_of(case.adviser_id),
        place=place_in_queue(work, case) if key == "waiting" else "",
        promised=say_moment(case.promised_at, work.now) if case.promised_at else "",
        outcome=outcome.title if outcome else "",
        next=outcome.next if outcome else "",
    )
    booked = [] if case.closed_at else work.uow.cases.list_appointments(work.now, case_id=case.id)
    if not booked:
        return line
    return work.library.wording.text("utter_case_with_appointment", line=line, when=say_moment(booked[0].at, work.now))


def case_acts(work: Work, case: Case) -> list[str]:
    """What the client can do about a case now."""
    if case.closed_at:
        return ["reopen"] if case.may_reopen(work.now) else []
    listener = "adviser" if case.bot_since else "bot"
    return [listener, "history", "slots", "elsewhere", "withdraw"]


def client_buttons(work: Work, case: Case, acts: list[str]) -> tuple[tuple[Button, ...], ...]:
    """Rows of two buttons for the client's side of a case."""
    text = work.library.wording.text
    buttons = [Button(text(f"utter_mine_{act}"), f"case:{act}:{case.id}") for act in acts]
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


def show_status(turn: Turn) -> None:
    """The client's cases, newest first, with what can be done about the newest."""
    cases = turn.uow.cases.list_for_client(turn.client.id)[:SHOWN]
    if not cases:
        turn.say("utter_no_cases")
        return
    reply = turn.library.wording.say("utter_cases", cases="\n".join(say_case(turn, case) for case in cases))
    turn.replies.append(reply.with_buttons(*client_buttons(turn, cases[0], case_acts(turn, cases[0]))))


def show_unfinished(turn: Turn) -> bool:
    """Applications that were begun and not sent, each with a button to go on; False without any."""
    text, drafts, client_id = turn.library.wording.text, turn.uow.drafts, turn.client.id
    rows = []
    if (drafts.find(client_id, MEDIATION_DRAFT) or {}).get("answers"):
        rows.append((Button(text("utter_unfinished_mediation"), "mediate:resume"),))
    if (drafts.find(client_id, AID_DRAFT) or {}).get("slots"):
        rows.append((Button(text("utter_unfinished_legal_aid"), "intent:aid_resume"),))
    if rows:
        turn.replies.append(Reply(text("utter_unfinished"), tuple(rows)))
    return bool(rows)


def say_opened(turn: Turn, case: Case, *, new: bool) -> None:
    """What a client is told after asking for a person: reference, who, place, until when, and what meanwhile."""
    library, street = turn.library, turn.library.street
    if case.state == "accepted":
        name = "utter_case_already_live"
    elif case.promised_at is None:
        name = "utter_case_opened_unseen"
    elif not new:
        name = "utter_case_already_open"
    else:
        name = "utter_case_opened" if library.calendar.is_open(turn.now) else "utter_case_opened_closed"
    reply = library.wording.say(
        name,
        reference=case.reference,
        adviser=street.name_of(case.adviser_id),
        place=place_in_queue(turn, case),
        promised=say_moment(case.promised_at, turn.now) if case.promised_at else "",
        opening=say_moment(library.calendar.next_opening(turn.now), turn.now),
        phone=street.phone_of(case.adviser_id),
    )
    acts = ["slots", "bot", "withdraw"] if case.promised_at else ["bot", "withdraw"]
    if case.bot_since:
        acts[-2:-1] = ["adviser"]
    turn.replies.append(reply.with_buttons(*client_buttons(turn, case, acts)))
    if case.promised_at and not case.question and not turn.uow.case_files.list_messages(case.id, 1):
        turn.say("utter_case_what", adviser=street.name_of(case.adviser_id))
