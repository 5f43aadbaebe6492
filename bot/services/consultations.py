"""Bot consultations: answer, offer a choice, or say that nothing fits; and count."""

from __future__ import annotations

from bot.domain.decisions import Understanding
from bot.domain.ledger import Entry as LedgerEntry
from bot.domain.ledger import consultation_key, continues_session
from bot.domain.matters import UNKNOWN_MATTER
from bot.domain.messages import Button, Reply
from bot.knowledge.answers import option_button, render_answer
from bot.services.turn import Library, Turn


def answer_entry(turn: Turn, entry_id: str) -> bool:
    """Give the answer of one entry and count it; False if the entry no longer exists."""
    entry = turn.library.entries.get(entry_id)
    if entry is None:
        return False
    turn.replies.append(render_answer(entry, turn.library.wording))
    count_consultation(turn, entry.matter, "answered")
    return True


def offer_choice(turn: Turn, understanding: Understanding) -> None:
    """Show two or three titled options; nothing is counted until one is chosen."""
    turn.replies.append(choice_reply(understanding, turn.library))


def choice_reply(understanding: Understanding, library: Library) -> Reply:
    """The question that a clarify asks."""
    reply = library.wording.say("utter_clarify")
    options = [library.entries[c.entry] for c in understanding.candidates[:3] if c.entry in library.entries]
    return Reply(reply.text, (*(option_button(e) for e in options), *reply.buttons))


def refer_question(turn: Turn, understanding: Understanding) -> None:
    """Say that no entry fits, name the matter, offer the adviser; counted as referred."""
    turn.replies.append(referral_reply(understanding, turn.library))
    count_consultation(turn, understanding.matter or UNKNOWN_MATTER, "referred")


def referral_reply(understanding: Understanding, library: Library) -> Reply:
    """What a refer says."""
    known = understanding.matter and understanding.matter != UNKNOWN_MATTER
    name = "utter_refer" if known else "utter_refer_unknown"
    return library.wording.say(name, matter=library.matter_title(understanding.matter))


def guide_emergency(turn: Turn, understanding: Understanding) -> None:
    """First the number to call, then the next safe step; counted as urgent."""
    turn.replies.append(emergency_reply(understanding, turn.library))
    count_consultation(turn, understanding.matter or UNKNOWN_MATTER, "urgent")


def emergency_reply(understanding: Understanding, library: Library) -> Reply:
    """What falin says in an emergency; the numbers are buttons that dial where the channel can."""
    emergency = library.emergencies.get(understanding.crisis or "") or next(iter(library.emergencies.values()))
    steps = "\n".join(f"· {step}" for step in emergency.steps)
    reply = library.wording.say("utter_crisis", say=emergency.say, steps=steps)
    dial = tuple((Button(f"{what} {number}", url=f"tel:{number}"),) for number, what in emergency.numbers)
    return Reply(reply.text, (*dial, *reply.buttons))


def count_consultation(turn: Turn, matter: str, outcome: str) -> None:
    """Write the ledger entry of a bot consultation: one per client, matter and session."""
    client = turn.client
    if not continues_session(client.session_at, turn.now):
        client.session += 1
    client.session_at = turn.now
    turn.uow.clients.save(client)
    turn.uow.ledger.add(
        LedgerEntry(
            key=consultation_key(client.pseudonym, client.session, matter),
            kind="bot_consultation",
            matter=matter,
            community=client.community or "",
            subject=client.kind or "unknown",
            channel=client.channel,
            served_by="bot",
            outcome=outcome,
            client=client.pseudonym,
            occurred_at=turn.now,
        )
    )
