"""看法条: the law's own words, when law texts are imported."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from bot.domain.calendar import beijing_day
from bot.domain.decisions import StatuteHit
from bot.domain.messages import Button
from bot.knowledge.citations import Citation
from bot.knowledge.law_library import ArticleText, versions_in_force
from bot.knowledge.wording import Wording
from bot.services.laws import find_articles
from bot.services.turn import Turn

SHOWN = 5
LAW_CODE = 10  # characters of a title's hash: a button has no room for the title


def law_code(law: str) -> str:
    """What stands for a law's title on a button."""
    return sha256(law.encode()).hexdigest()[:LAW_CODE]


def article_buttons(hits: Iterable[StatuteHit], wording: Wording) -> tuple[tuple[Button, ...], ...]:
    """One button an article."""
    rows = []
    for hit in hits:
        citation = Citation(hit.law, hit.article)
        number = ".".join(map(str, hit.article))
        rows.append(
            (
                Button(
                    wording.text("utter_show_article", citation=citation), f"article:{law_code(hit.law)}.{number}"
                ),
            )
        )
    return tuple(rows)


def show_entry_articles(turn: Turn, entry_id: str) -> bool:
    """Show the articles an entry rests on; False if the entry no longer exists."""
    entry = turn.library.entries.get(entry_id)
    if entry is None:
        return False
    citations = tuple(dict.fromkeys(entry.citations))[:SHOWN]
    _say_articles(turn, find_articles(turn.uow, citations, beijing_day(turn.now)))
    return True


def show_article(turn: Turn, code: str) -> bool:
    """Show the article a button of article_buttons names; False if it names none."""
    name, _, number = code.partition(".")
    parts = number.split(".")
    if len(parts) != 2 or not all(part.isdecimal() for part in parts):
        return False
    today = beijing_day(turn.now)
    laws = versions_in_force(turn.uow.laws.list_versions(), today)
    law = next((law for law in laws if law_code(law) == name), None)
    article = (int(parts[0]), int(parts[1]))
    found = law and turn.uow.laws.find_article(laws[law], article)
    _say_articles(turn, [found] if found else [])
    return True


def _say_articles(turn: Turn, texts: list[ArticleText]) -> None:
    for text in texts:
        turn.say("utter_article", law=text.law, text=text.text)
    if not texts:
        turn.say("utter_no_article")
