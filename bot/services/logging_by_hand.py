"""/log in the chat: record in one line what happened outside falin, and take it back."""

from __future__ import annotations

from bot.domain.amounts import write_amount
from bot.domain.calendar import beijing_day
from bot.domain.errors import RuleBroken
from bot.domain.ledger import AUDIENCES, CHANNELS, KINDS, OUTCOMES, Entry
from bot.domain.log_line import parse_log_line
from bot.domain.messages import Button
from bot.domain.permissions import figure_communities
from bot.services.recording import correct_entry, record_service
from bot.services.turn import Turn, Work

SHOWN = 5


def log_by_hand(turn: Turn, member_id: str, text: str, key: str) -> None:
    """Record a line, or say what is wrong with it; then nothing is recorded.

    Args:
        key: names the message, so that it counts once however often it arrives.
    """
    street, today = turn.library.street, beijing_day(turn.now)
    member = street.find_member(member_id)
    if member is None:
        return
    if not text:
        _explain(turn, member_id)
        return

    def find_enterprise(name: str) -> str | None:
        found = turn.uow.enterprises.find_by_name(name)
        return found.pseudonym if found else None

    line = parse_log_line(text, today, street, turn.library.matters, find_enterprise)
    if line.choices:
        part, titles = next(iter(line.choices.items()))
        turn.say("utter_log_choices", part=part, titles="、".join(titles))
        return
    if line.unknown or "kind" not in line.fields:
        name = "utter_log_unknown" if line.unknown else "utter_record_fault_kind"
        turn.say(name, parts="、".join(line.unknown))
        return
    # Who serves one community only need not name it, and who types is who served.
    reach = figure_communities(member, street)
    if reach and len(reach) == 1:
        line.fields.setdefault("community", next(iter(reach)))
    if member.role in ("adviser", "mediator"):
        line.fields.setdefault("server", member.id)
    try:
        entry = record_service(turn, member, line.to_record(today), key)
    except RuleBroken as error:
        turn.say(f"utter_record_fault_{error.code}")
        return
    if entry is None:
        turn.say("utter_log_known")
        return
    reply = turn.library.wording.say("utter_logged", entry=describe(turn, entry))
    turn.replies.append(reply.with_buttons((Button(turn.library.wording.text("utter_undo"), f"case:undo:{entry.id}"),)))


def undo_log(turn: Turn, member_id: str, entry_id: int) -> None:
    """撤销: the entry was none."""
    member = turn.library.street.find_member(member_id)
    if member is None:
        return
    try:
        undone = correct_entry(turn, member, entry_id, None, turn.library.wording.text("utter_undo"), f"undo:{entry_id}")
    except RuleBroken as error:
        turn.say(f"utter_record_fault_{error.code}")
        return
    old = turn.uow.ledger.get(entry_id)
    turn.say("utter_log_undone" if undone else "utter_record_fault_corrected", entry=describe(turn, old))


def describe(work: Work, entry: Entry) -> str:
    """An entry in one line: 11月3日 电话咨询 白马社区 劳动用工 1次 2人."""
    day = beijing_day(entry.occurred_at)
    return f"{day.month}月{day.day}日 {describe_content(work, entry)}"


def describe_content(work: Work, entry: Entry) -> str:
    """The same without its day."""
    library, kind = work.library, KINDS[entry.kind]
    enterprise = work.uow.enterprises.find_by_pseudonym(entry.client) if entry.client else None
    parts = [
        kind.title,
        library.community_name(entry.community),
        "" if entry.matter == "other" else library.matter_title(entry.matter),
        f"{entry.count}{kind.unit}",
        f"{entry.people}人" if "people" in kind.takes and not kind.counts_people else "",
        AUDIENCES.get(entry.audience, ""),
        write_amount(entry.amount) if entry.amount is not None else "",
        OUTCOMES[entry.outcome] if entry.outcome not in (kind.outcome, "void") else "",
        CHANNELS[entry.channel] if entry.channel in ("police", "court") else "",
        f"资料{entry.leaflets}份" if entry.leaflets else "",
        enterprise.name if enterprise else "",
        f"《{entry.title}》" if entry.title else "",
    ]
    return " ".join(part for part in parts if part)


def _explain(turn: Turn, member_id: str) -> None:
    recent = [e for e in turn.uow.ledger.list_recorded(member_id, SHOWN) if e.count]
    lines = "\n".join(f"· {describe(turn, entry)}" for entry in recent)
    turn.say("utter_log_how", recent=lines or turn.library.wording.text("utter_log_none"))
