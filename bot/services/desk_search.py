"""What an adviser looks up beside a case: ready replies from the knowledge, and articles by name."""

from __future__ import annotations

import re

from bot.domain.calendar import beijing_day
from bot.knowledge.citations import Citation, law_title
from bot.knowledge.entries import Entry
from bot.knowledge.law_library import ArticleText
from bot.knowledge.numerals import HAN, parse_article
from bot.services.laws import find_articles
from bot.services.turn import Library, Work

SHOWN_REPLIES, LONGEST = 8, 40  # entries; characters of a search
NAMED = re.compile(rf"《?([^\s《》\d]+?)》?\s*(?:第?(\d{{1,4}}|[{HAN}]+)条?(?:之([{HAN}]+))?)")


def search_replies(library: Library, text: str) -> list[Entry]:
    """Knowledge entries for a reply: by pairs of characters shared with title and questions, best first.

    What shares less than half of what the best shares is left out.
    """
    wanted = _pairs(text[:LONGEST])
    scored = []
    for entry in library.entries.values() if wanted else ():
        asked = max((_shared(wanted, question) for question in entry.ask), default=0)
        if score := 2 * _shared(wanted, entry.title) + asked:
            scored.append((-score, len(entry.title), entry.id))
    best = min(scored, default=(0, 0, ""))[0]
    fitting = [entry_id for score, _, entry_id in sorted(scored) if score <= best / 2]
    return [library.entries[entry_id] for entry_id in fitting[:SHOWN_REPLIES]]


def find_named_article(work: Work, text: str) -> ArticleText | None:
    """The article that "民法典 675" or "《民法典》第六百七十五条" names, as it is in force; None when it names none."""
    citation = read_citation(text)
    found = find_articles(work.uow, (citation,), beijing_day(work.now)) if citation else []
    return found[0] if found else None


def read_citation(text: str) -> Citation | None:
    """The article a line of text names: a law's title, then a number."""
    found = NAMED.fullmatch(text.strip())
    if not found:
        return None
    law, number, inserted = found.groups()
    number = number if number.isdecimal() else f"第{number}条"
    article = parse_article(f"{number}之{inserted}" if inserted else number)
    return Citation(law_title(law), article) if article else None


def _shared(wanted: set[str], text: str) -> int:
    return sum(pair in text for pair in wanted)


def _pairs(text: str) -> set[str]:
    plain = "".join(c for c in text.lower() if c.isalnum())
    return {plain[i : i + 2] for i in range(len(plain) - 1)} or ({plain} if plain else set())
