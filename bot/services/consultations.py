"""Bot consultations: answer, offer a choice, or say that nothing fits; and count."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.calendar import beijing_day
from bot.domain.decisions import Understanding
from bot.domain.ledger import Entry as LedgerEntry
from bot.domain.ledger import consultation_key, continues_session
from bot.domain.matters import UNKNOWN_MATTER
from bot.domain.messages import Button, Reply
from bot.knowledge.answers import option_button, render_answer
from bot.knowledge.check import superseded_on
from bot.services.articles import article_buttons
from bot.services.turn import Library, Turn
from bot.services.unit_of_work import UnitOfWork

NOT_NAMED_UNSURE = ("criminal", "criminal_procedure", "public_security")
REFERRED_ARTICLES = 3


def answer_entry(turn: Turn, entry_id: str) -> bool:
    """Give the answer of one entry and count it; False if the entry no longer exists."""
    entry = turn.library.entries.get(entry_id)
    if entry is None:
        return False
    if entry_id in find_withdrawn(turn.uow, turn.library, turn.now):
        turn.say("utter_withdrawn")
        count_consultation(turn, entry.matter, "referred")
        return True
    turn.replies.append(render_answer(entry, turn.library.wording, has_law_texts=turn.library.has_law_texts))
    turn.uow.answers.note_given(turn.client.id, entry_id, turn.now)
    count_consultation(turn, entry.matter, "answered")
    return True


def find_withdrawn(uow: UnitOfWork, library: Library, now: datetime) -> set[str]:
    """Entries that must not answer: withdrawn by staff, or a cited law has a newer version than was reviewed."""
    today, entries = beijing_day(now), library.entries
    by_staff = {
        w.entry for w in uow.answers.list_withdrawn() if w.entry in entries and w.holds(entries[w.entry].reviewed)
    }
    changed = {law for law, facts in library.laws.items() if facts.next_from and facts.next_from <= today}
    if not changed:
        return by_staff
    return by_staff | {entry.id for entry in entries.values() if superseded_on(entry, library.laws, today)}


def offer_choice(turn: Turn, understanding: Understanding) -> None:
    """Show two or three titled options; nothing is counted until one is chosen."""
    withdrawn = find_withdrawn(turn.uow, turn.library, turn.now)
    usable = tuple(c for c in understanding.candidates if c.entry not in withdrawn)
    turn.replies.append(choice_reply(replace(understanding, candidates=usable), turn.library))


def choice_reply(understanding: Understanding, library: Library) -> Reply:
    """The question that a clarify asks."""
    reply = library.wording.say("utter_clarify")
    options = [library.entries[c.entry] for c in understanding.candidates[:3] if c.entry in library.entries]
    return Reply(reply.text, (*(option_button(e) for e in options), *reply.buttons))


def refer_question(turn: Turn, understanding: Understanding) -> None:
    """Say that no entry fits, name the matter if it is likely, offer the adviser; counted as referred."""
    turn.replies.append(referral_reply(understanding, turn.library))
    # An unlikely field is wrong more often than right: the year's figures would show troubles that nobody had. One
    # that is likely but kept quiet is a good guess, and counts.
    matter = understanding.matter if understanding.matter_likely else None
    count_consultation(turn, matter or UNKNOWN_MATTER, "referred")


def told_matter(understanding: Understanding) -> str | None:
    """The field that a referral names; None when it is unknown, unlikely, or would frighten.

    To be told by mistake that one's trouble is a crime frightens people. Too few such referrals are labelled to say
    from which share on it would not be a mistake, so those fields are never named.
    """
    matter = understanding.matter
    if not understanding.matter_likely or matter == UNKNOWN_MATTER or matter in NOT_NAMED_UNSURE:
        return None
    return matter


def referral_reply(understanding: Understanding, library: Library) -> Reply:
    """What a refer says."""
    matter = told_matter(understanding)
    name = "utter_refer" if matter else "utter_refer_unknown"
    reply = library.wording.say(name, matter=library.matter_title(matter))
    hits = understanding.statutes[:REFERRED_ARTICLES] if library.has_law_texts else ()
    # Articles name a field as well: without one that may be told there are none.
    if not matter or not hits:
        return reply
    # Candidates only: the resident is told that nobody has checked whether they fit.
    buttons = article_buttons(hits, library.wording)
    return Reply(f"{reply.text}\n{library.wording.text('utter_refer_articles')}", (*buttons, *reply.buttons))


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
    client, session = turn.client, continue_session(turn)
    turn.uow.ledger.add(
        LedgerEntry(
            key=consultation_key(client.pseudonym, session, matter),
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


def continue_session(turn: Turn) -> int:
    """The number of the client's session, a new one after a pause."""
    client = turn.client
    if not continues_session(client.session_at, turn.now):
        client.session += 1
    client.session_at = turn.now
    turn.uow.clients.save(client)
    return client.session
