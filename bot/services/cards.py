"""Cards: what an adviser or supervisor sees of a case in the chat."""

from __future__ import annotations

from bot.domain.cases import Case
from bot.domain.messages import Button, Reply
from bot.domain.periods import say_day
from bot.domain.street import Member
from bot.domain.work_calendar import say_moment
from bot.services.triage import recommend_routes
from bot.services.turn import Work

SHOWN_ANSWERS, SHOWN_ROUTES = 3, 3
LIVE_ACTS = ("documents", "refer", "transfer", "to_bot", "close")
QUESTION_SHOWN = 600  # characters of the client's words on a card


def card_acts(case: Case) -> tuple[str, ...]:
    """What whoever has a case can do with it now."""
    return LIVE_ACTS if case.accepted_at else ("accept", "decline")


def send_card(work: Work, case: Case, member: Member) -> bool:
    """Put the card of a case into a member's chat; False when the member has no account."""
    account = work.uow.members.find_account(member.id)
    if account is None:
        return False
    buttons = case_buttons(work, case, card_acts(case))
    post_in_case(work, account, case, render_card(work, case).with_buttons(*buttons))
    _send_history(work, account, case, member)
    return True


def _send_history(work: Work, account: int, case: Case, member: Member) -> None:
    """What was said before this adviser came; nothing that this adviser has said or seen already."""
    files = work.uow.case_files
    for message in files.list_messages(case.id):
        known = message.author == member.id or files.list_copies(message.id, account)
        if message.withdrawn_at or known:
            continue
        speaker = "" if message.author == "client" else f"{work.library.street.name_of(message.author)}："
        text = f"【{case.reference}】{speaker}{message.text}"
        post_in_case(work, account, case, Reply(text, attachment=message.attachment), message.id)


def post_in_case(work: Work, client_id: int, case: Case, reply: Reply, message_id: int | None = None) -> int:
    """Queue a message of a case for either side, so that an answer or an edit finds the case; its outbox id."""
    outbox_id = work.uow.outbox.add(client_id, reply, work.now)
    work.uow.case_files.add_copy(outbox_id, case.id, message_id)
    return outbox_id


def tell_member(work: Work, member_id: str | None, case: Case, name: str, /, **values: object) -> bool:
    """Say something about a case to a member; False when the member has no account."""
    account = work.uow.members.find_account(member_id)
    if account is None:
        return False
    post_in_case(work, account, case, work.library.wording.say(name, reference=case.reference, **values))
    return True


def render_card(work: Work, case: Case) -> Reply:
    """The card: who, what, how urgent, until when, what the bot said already, warnings."""
    library, wording = work.library, work.library.wording
    given = work.uow.answers.list_given(case.client_id)[:SHOWN_ANSWERS] if case.client_id else []
    titles = [library.entries[entry].title for entry in given if entry in library.entries]
    subject = next((entry for entry in given if entry in library.entries), case.matter)
    routes = "、".join(route.title for route in recommend_routes(library, subject)[:SHOWN_ROUTES])
    events = work.uow.case_files.list_events(case.id)
    conflicts = [library.street.name_of(event.detail) for event in events if event.kind == "conflict"]
    lines = [
        wording.text("utter_card_deadline", day=say_day(case.deadline, work.now)) if case.deadline else "",
        wording.text("utter_card_answers", titles="、".join(titles)) if titles else "",
        wording.text("utter_card_routes", routes=routes) if routes else "",
        wording.text("utter_card_conflict", advisers="、".join(dict.fromkeys(conflicts))) if conflicts else "",
    ]
    return wording.say(
        "utter_case_card",
        reference=case.reference,
        community=library.community_name(case.community),
        matter=library.matter_title(case.matter),
        urgency=wording.text(f"utter_urgency_{case.urgency}"),
        question=case.question[:QUESTION_SHOWN] or wording.text("utter_case_without_question"),
        promised=say_moment(case.promised_at, work.now) if case.promised_at else "—",
        more="".join(f"\n{line}" for line in lines if line),
    )


def case_buttons(work: Work, case: Case, verbs: tuple[str, ...]) -> tuple[tuple[Button, ...], ...]:
    """Rows of two buttons, "case:<verb>:<id>"; their titles stand in domain.yml."""
    buttons = [Button(work.library.wording.text(f"utter_act_{verb}"), f"case:{verb}:{case.id}") for verb in verbs]
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


def tell_supervisors(work: Work, case: Case, name: str, **values: object) -> int:
    """A card for every supervisor and staff member with an account; how many got it."""
    told = 0
    for member in work.library.street.list_members("supervisor", "staff"):
        account = work.uow.members.find_account(member.id)
        if account is None:
            continue
        reply = work.library.wording.say(
            name,
            reference=case.reference,
            community=work.library.community_name(case.community),
            matter=work.library.matter_title(case.matter),
            adviser=work.library.street.name_of(case.adviser_id),
            **values,
        )
        buttons = case_buttons(work, case, ("assign", "accept")) if member.role == "supervisor" else ()
        post_in_case(work, account, case, reply.with_buttons(*buttons))
        told += 1
    return told
