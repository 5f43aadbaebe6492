"""The knowledge that ships: as good as its form can show."""

from __future__ import annotations

from functools import lru_cache

import pytest

from bot.bootstrap import LAWS, LEGAL_AID, load_library
from bot.documents.poster import poster_link
from bot.domain.buttons import Buttons
from bot.installation import DEMO_STREET
from bot.knowledge.aid_file import check_aid_file, load_aid_file
from bot.knowledge.answers import option_button, render_answer
from bot.knowledge.check import check_entries
from bot.knowledge.entries import Entry
from bot.knowledge.laws import cited_laws, load_laws
from bot.knowledge.street_file import load_street
from bot.knowledge.triage_file import triage_citations
from bot.services.turn import Library
from tests.builders import real_wording

# A phone 360 pixels wide shows about 20 characters a line and 28 lines of a message.
CHARACTERS, LINES = 20, 28


@lru_cache(maxsize=1)
def library() -> Library:
    return load_library(load_street(DEMO_STREET))


def entries() -> dict[str, Entry]:
    return library().entries


def test_every_citation_stands_in_a_law_in_force() -> None:
    newest = max(entry.reviewed for entry in entries().values())
    assert [str(finding) for finding in check_entries(entries(), load_laws(LAWS), newest)] == []
    aid = load_aid_file(LEGAL_AID)
    assert [str(finding) for finding in check_aid_file(aid, load_laws(LAWS), aid.reviewed)] == []


def test_no_law_fact_is_idle() -> None:
    cited = set(cited_laws(c for entry in entries().values() for c in entry.citations))
    cited |= set(cited_laws(c for found in triage_citations(library().triage).values() for c in found))
    cited |= set(cited_laws(citation for citation, _ in load_aid_file(LEGAL_AID).citations))
    assert set(load_laws(LAWS)) - cited == set()


def test_every_entry_belongs_to_a_matter() -> None:
    assert {entry.matter for entry in entries().values()} <= set(library().matters)


def test_every_entry_fits_a_signed_button() -> None:
    buttons = Buttons(b"k" * 32)
    for entry in entries().values():
        assert buttons.sign("telegram", "1" * 20, option_button(entry)[0].payload)


def test_every_answer_fits_the_first_screen() -> None:
    def lines(text: str) -> int:
        return sum(max(1, -(-len(line) // CHARACTERS)) for line in text.split("\n"))

    rendered = {entry.id: lines(render_answer(entry, real_wording()).text) for entry in entries().values()}
    assert {name: count for name, count in rendered.items() if count > LINES} == {}


def test_every_answer_contains_all_its_entry_says() -> None:
    for entry in entries().values():
        text = render_answer(entry, real_wording()).text
        assert text.startswith(entry.answer)
        said = [*entry.steps, *entry.evidence, *([entry.deadline.text] if entry.deadline else [])]
        assert [part for part in said if part not in text] == [], entry.id
        assert all(f"《{citation.law}》" in text for citation in entry.citations)


def test_every_emergency_begins_with_its_number() -> None:
    for emergency in library().emergencies.values():
        assert emergency.numbers[0][0] in emergency.say


@pytest.mark.parametrize(
    ("telegram_name", "link"), [("falin_bot", "https://t.me/falin_bot?start=baima"), ("", "https://a.cn/?c=baima")]
)
def test_a_posters_link_leads_into_its_community(telegram_name: str, link: str) -> None:
    community = library().street.communities[0]
    assert poster_link(community, telegram_name=telegram_name, web_url="https://a.cn/") == link
