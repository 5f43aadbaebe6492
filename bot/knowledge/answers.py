"""An entry as it stands on a phone: conclusion, what to do now, deadline, evidence, basis."""

from __future__ import annotations

from bot.domain.messages import Button, Reply
from bot.knowledge.citations import Citation
from bot.knowledge.entries import Entry
from bot.knowledge.wording import Wording

CIRCLED = "①②③④⑤⑥⑦⑧⑨"


def cite(citations: tuple[Citation, ...]) -> str:
    """《劳动合同法》第八十五条、第三十条；《…》第…条: one law once, in the order of first mention."""
    by_law: dict[str, list[str]] = {}
    for citation in dict.fromkeys(citations):
        by_law.setdefault(citation.law, []).append(str(citation).split("》")[-1])
    return "；".join(f"《{law}》{'、'.join(articles)}" for law, articles in by_law.items())


def render_answer(
    entry: Entry, wording: Wording, *, place: str = "chongqing", has_law_texts: bool = False
) -> Reply:
    """The reply for one entry; empty sections are left out.

    Args:
        has_law_texts: adds the button that shows the articles.
        place: whose local rule is added when the entry has one.
    """
    parts = [entry.answer]
    if entry.steps:
        steps = "\n".join(f"{CIRCLED[i]} {step}" for i, step in enumerate(entry.steps))
        parts.append(wording.text("utter_answer_steps", steps=steps))
    if entry.deadline:
        parts.append(wording.text("utter_answer_deadline", deadline=entry.deadline.text))
    if entry.evidence:
        parts.append(wording.text("utter_answer_evidence", evidence="、".join(entry.evidence)))
    if note := dict(entry.local).get(place):
        parts.append(wording.text("utter_answer_local", local=note.text))
    parts.append(wording.text("utter_answer_basis", basis=cite(entry.citations)))
    parts.append(wording.text("utter_answer_note"))
    articles = ((Button(wording.text("utter_show_articles"), f"law:{entry.id}"),),) if has_law_texts else ()
    return Reply("\n".join(parts), (*articles, *wording.say("utter_answer_note").buttons))


def option_button(entry: Entry) -> tuple[Button, ...]:
    """The button row that asks for this entry."""
    return (Button(entry.title, f"entry:{entry.id}"),)
