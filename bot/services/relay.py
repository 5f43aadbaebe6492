"""The relay: what client and adviser say to each other, kept in the case and passed on, identities protected."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.cases import Case, CaseEvent, CaseMessage
from bot.domain.errors import RuleBroken
from bot.domain.messages import Attachment, Inbound, Reply
from bot.services.assigning import PROMISE
from bot.services.cards import post_in_case
from bot.services.handoff import require_own
from bot.services.turn import Work


def source_of(client_id: int, inbound: Inbound) -> str:
    """What an edit of this message is recognised by; "" when the channel has no message ids."""
    return f"{client_id}:{inbound.message_id}" if inbound.message_id else ""


def caption_of(inbound: Inbound) -> str:
    """The words of a message: its text, or what was written beside its file."""
    return inbound.text or (inbound.attachment.caption if inbound.attachment else "")


def say_to_adviser(work: Work, case: Case, inbound: Inbound, *, danger: bool = False) -> CaseMessage:
    """Keep what the client said in the case and pass it on to whoever has it.

    Args:
        danger: it sounds like an emergency, which the adviser is told at once.
    """
    message = CaseMessage(
        0, case.id, "client", work.now, caption_of(inbound), inbound.attachment, inbound.channel,
        source_of(case.client_id, inbound),
    )  # fmt: skip
    message = work.uow.case_files.add_message(message)
    case.waits_for = "adviser"
    if danger and case.urgency != "urgent":
        case.urgency = "urgent"
        work.uow.case_files.add_event(CaseEvent(case.id, work.now, "urgent", "falin"))
    work.uow.cases.save(case)
    account = work.uow.members.find_account(case.adviser_id)
    if account:
        name = "utter_relay_danger" if danger else "utter_relay_client"
        text = work.library.wording.text(name, reference=case.reference, text=message.text)
        post_in_case(work, account, case, Reply(text, attachment=message.attachment), message.id)
    return message


def say_to_client(
    work: Work,
    case_id: int,
    member_id: str,
    text: str,
    attachment: Attachment | None = None,
    *,
    channel: str = "console",
    source: str = "",
) -> CaseMessage:
    """Keep what the adviser said in the case and pass it on to the client, under the adviser's name.

    Raises:
        RuleBroken: not this member's case, nothing said, or the client is gone.
    """
    case, member = require_own(work, case_id, member_id)
    if not text.strip() and attachment is None:
        raise RuleBroken("nothing said", code="nothing_said")
    if not case.client_id:
        raise RuleBroken("the client is gone", code="client_gone")
    message = CaseMessage(0, case.id, member_id, work.now, text.strip(), attachment, channel, source)
    message = work.uow.case_files.add_message(message)
    if case.answered_at is None:
        case.answered_at = work.now
        work.uow.timers.cancel(PROMISE, str(case.id), work.now)
    if case.bot_since:
        case.bot_since = None
        work.uow.case_files.add_event(CaseEvent(case.id, work.now, "from_bot", member_id))
    case.waits_for = "client"
    work.uow.cases.save(case)
    said = work.library.wording.text("utter_relay_adviser", adviser=member.name, text=message.text)
    post_in_case(work, case.client_id, case, Reply(said, attachment=attachment), message.id)
    return message


def edit_message(work: Work, message: CaseMessage, inbound: Inbound) -> bool:
    """The author has changed a message: the other side's copy changes, too. False when it cannot any more."""
    case = work.uow.cases.get(message.case_id)
    if case.closed_at or message.withdrawn_at:
        return False
    attachment = inbound.attachment or message.attachment
    changed = replace(message, text=caption_of(inbound), attachment=attachment, edited_at=work.now)
    work.uow.case_files.save_message(changed)
    _replace_copies(work, case, changed, "utter_relay_edited")
    return True


def withdraw_message(work: Work, message: CaseMessage) -> bool:
    """The author takes a message back: its words are erased here and at the other side."""
    case = work.uow.cases.get(message.case_id)
    if case.closed_at or message.withdrawn_at:
        return False
    work.uow.case_files.save_message(replace(message, withdrawn_at=work.now))
    work.uow.case_files.add_event(CaseEvent(case.id, work.now, "message_withdrawn", message.author))
    _replace_copies(work, case, replace(message, text="", attachment=None), "utter_relay_withdrawn")
    return True


def _replace_copies(work: Work, case: Case, message: CaseMessage, name: str) -> None:
    """Send the other side a message that takes the place of its latest copy."""
    street = work.library.street
    if message.author == "client":
        account = work.uow.members.find_account(case.adviser_id)
        speaker = f"【{case.reference}】"
    else:
        account, speaker = case.client_id or None, f"{street.name_of(message.author)}："
    if account is None:
        return
    copies = work.uow.case_files.list_copies(message.id, account)
    text = work.library.wording.text(name, speaker=speaker, text=message.text)
    # A withdrawn message has no file any more, and so has what takes the place of its copy.
    reply = Reply(text, attachment=message.attachment, replaces=copies[0] if copies else None)
    post_in_case(work, account, case, reply, message.id)


def show_history(work: Work, case: Case, client_id: int, last: int = 20) -> int:
    """Send a client the last messages of the case again, e.g. in another browser; how many."""
    messages = [m for m in work.uow.case_files.list_messages(case.id, last) if m.withdrawn_at is None]
    for message in messages:
        name = "utter_history_own" if message.author == "client" else "utter_relay_adviser"
        adviser = work.library.street.name_of(message.author)
        text = work.library.wording.text(name, adviser=adviser, text=message.text)
        post_in_case(work, client_id, case, Reply(text, attachment=message.attachment), message.id)
    return len(messages)
