"""The ask contract: one question in, one JSON object out; no state, nothing counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from bot.assistant.reading import read_text
from bot.domain.decisions import Candidate, Understanding
from bot.domain.messages import Reply, clean_text
from bot.knowledge.answers import render_answer
from bot.knowledge.citations import Citation
from bot.nlu.understand import SERVICES
from bot.services.consultations import choice_reply, emergency_reply, referral_reply
from bot.services.turn import Library

# What a service request is answered with before it has a client; the others have utter_<intent>.
SERVICE_REPLIES = {
    "start": "utter_welcome",
    "request_adviser": "utter_register_first",
    "ask_status": "utter_no_cases",
    "register": "utter_ask_community",
    "forget_me": "utter_confirm_forget",
    "stop": "utter_stopped",
}
UNREADABLE = Understanding("out_of_scope", "out_of_scope")
OPTIONS = 3


def answer_lines(
    lines: Iterable[str], understand: Callable[[str], Understanding], library: Library
) -> Iterator[dict[str, Any]]:
    """Answer one question a line. A line is plain text, or a JSON object with a "text"."""
    for line in lines:
        text = clean_text(_question(line.rstrip("\r\n")))
        start = time.perf_counter()
        answer = answer_question(text, understand, library)
        answer["ms"] = round((time.perf_counter() - start) * 1000, 2)
        yield answer


def _question(line: str) -> str:
    if line.lstrip().startswith("{"):
        try:
            data = json.loads(line)
            if isinstance(data.get("text"), str):
                return str(data["text"])
        except (ValueError, RecursionError):
            pass  # plain text that begins with a brace
    return line


def answer_question(text: str, understand: Callable[[str], Understanding], library: Library) -> dict[str, Any]:
    """One object of the contract (shared by `falin ask` and the evaluation)."""
    reading = read_text(text.strip())
    found = understand_command(reading.intent) or (understand(reading.words) if reading.words else UNREADABLE)
    if found.decision == "answer" and found.candidates[0].entry not in library.entries:  # withdrawn
        found = replace(found, decision="refer")
    reply = library.wording.say(reading.reply) if reading.reply else reply_for(found, library)
    answered = found.decision == "answer"
    entries = [c for c in found.candidates if c.entry in library.entries]
    legal = found.decision in ("answer", "clarify", "refer", "crisis")
    return {
        "text": text,
        "decision": found.decision,
        "matter": found.matter if legal else None,
        "topic": library.matters[found.matter].topic if legal and found.matter in library.matters else None,
        "faq": entries[0].entry if answered else None,
        "confidence": round(found.confidence, 4),
        "citations": _citations(entries[0], library) if answered else [],
        "options": [
            {"faq": c.entry, "title": library.entries[c.entry].title, "citations": _citations(c, library)}
            for c in (entries[1:] if answered else entries)[:OPTIONS]
        ],
        "statutes": [
            {**Citation(hit.law, hit.article).as_dict(), "score": hit.score} for hit in found.statutes if legal
        ],
        "service": found.service,
        "reply": reply.text,
    }


def understand_command(intent: str) -> Understanding | None:
    """What a typed command such as /human asks for; None when none was typed."""
    if not intent:
        return None
    if intent not in SERVICES:
        return Understanding("smalltalk", intent)
    return Understanding("service", intent, service=SERVICES[intent])


def reply_for(found: Understanding, library: Library) -> Reply:
    """What would be said."""
    if found.decision == "answer":
        entry = library.entries[found.candidates[0].entry]
        return render_answer(entry, library.wording, has_law_texts=library.has_law_texts)
    if found.decision == "clarify":
        return choice_reply(found, library)
    if found.decision == "refer":
        return referral_reply(found, library)
    if found.decision == "crisis":
        return emergency_reply(found, library)
    name = SERVICE_REPLIES.get(found.intent, f"utter_{found.intent}")
    return library.wording.say(name if name in library.wording.names() else "utter_out_of_scope")


def _citations(candidate: Candidate, library: Library) -> list[dict[str, str]]:
    entry = library.entries[candidate.entry]
    return [citation.as_dict() for citation in dict.fromkeys(entry.citations)]
