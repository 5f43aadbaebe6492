"""看法条, referred articles, and answers that are withdrawn when their law changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from actions.answering import answer_question, choose_entry, show_articles
from bot.assistant.reading import Reading, read_payload
from bot.domain.buttons import LIMIT, SIGNATURE
from bot.domain.decisions import StatuteHit
from bot.knowledge.citations import Citation
from bot.knowledge.laws import LawFacts
from bot.knowledge.statutes import LawText
from bot.services.articles import article_buttons
from bot.services.consultations import find_withdrawn, referral_reply
from bot.services.turn import Turn
from tests.builders import NOW, make_entry, make_library, make_turn, make_understanding
from tests.unit.test_actions import make_tracker, said, text

TODAY = date(2026, 11, 23)
LAW = "测试劳动法"


def law_texts(turn: Turn) -> None:
    articles = {(8, 0): "第八条 按时发工资。\n", (9, 1): "第九条之一 不得克扣。\n"}
    turn.uow.laws.save("测试劳动法.md", "d", LawText(LAW, date(2020, 1, 1), articles, None, Path("x")))


def reading_turn(**changes: object) -> Turn:
    turn = make_turn(**changes)  # type: ignore[arg-type]
    turn.library = replace(turn.library, has_law_texts=True)
    return turn


def test_an_answer_offers_its_articles_only_when_law_texts_are_there() -> None:
    for turn, offered in ((make_turn(), False), (reading_turn(), True)):
        choose_entry(turn, make_tracker({"chosen_entry": "labour.unpaid_wages"}))
        titles = [button.title for row in turn.replies[0].buttons for button in row]
        assert ("看法条" in titles) is offered


def test_the_articles_of_an_answer_are_shown_in_their_own_words() -> None:
    turn = reading_turn()
    law_texts(turn)
    assert show_articles(turn, make_tracker({"chosen_law": "labour.unpaid_wages"})) == []
    shown = [reply.text for reply in turn.replies]
    assert shown == ["《测试劳动法》\n第八条 按时发工资。", "《测试劳动法》\n第九条之一 不得克扣。"]
    assert turn.uow.state.ledger == [], "reading on is no further consultation"


def test_a_referral_names_articles_as_candidates_and_each_can_be_read() -> None:
    turn = reading_turn(
        text="怎么办",
        understanding=make_understanding("refer", matter="labour", statutes=(StatuteHit(LAW, (9, 1), 0.5),)),
    )
    law_texts(turn)
    answer_question(turn, make_tracker())
    assert "可能有关" in turn.replies[0].text
    button = turn.replies[0].buttons[0][0]
    assert button.title == "看《测试劳动法》第九条之一"
    reading = read_payload(button.payload)
    assert reading.intent == "show_articles"
    show_articles(turn, make_tracker(reading.slots))
    assert turn.replies[-1].text == "《测试劳动法》\n第九条之一 不得克扣。"


def test_a_referral_without_law_texts_names_no_article() -> None:
    found = make_understanding("refer", matter="labour", statutes=(StatuteHit(LAW, (8, 0), 0.5),))
    assert "可能有关" not in referral_reply(found, make_library()).text


@pytest.mark.parametrize("matter", ["criminal", "criminal_procedure", "public_security"])
def test_nobody_is_told_by_mistake_that_their_trouble_is_a_crime(matter: str) -> None:
    found = replace(make_understanding("refer", matter=matter), statutes=(StatuteHit(LAW, (8, 0), 0.5),))
    reply = referral_reply(found, replace(make_library(), has_law_texts=True))
    assert "属于" not in reply.text
    assert "可能有关" not in reply.text
    assert [row[0].title for row in reply.buttons] == ["转人工", "该找谁"]


@pytest.mark.parametrize(("likely", "matter"), [(False, "labour"), (True, "other"), (True, None)])
def test_a_referral_of_no_likely_field_names_neither_field_nor_articles(likely: bool, matter: str | None) -> None:
    hits = (StatuteHit(LAW, (8, 0), 0.5),)
    found = make_understanding("refer", matter=matter, statutes=hits, matter_likely=likely)
    reply = referral_reply(found, replace(make_library(), has_law_texts=True))
    assert reply == make_library().wording.say("utter_refer_unknown")


def test_an_article_button_fits_whatever_the_law_is_called() -> None:
    hits = [StatuteHit("最高人民法院关于" + "很长" * 60 + "的解释", (1259, 12), 0.1)]
    [[button]] = article_buttons(hits, make_library().wording)
    assert len(button.payload.encode()) + SIGNATURE <= LIMIT


@pytest.mark.parametrize(
    "slots",
    [{}, {"chosen_law": "labour.gone"}, {"chosen_article": "x"}, {"chosen_article": "abc.1"}, {"chosen_article": "a.1.b"}],
)
def test_a_button_that_names_nothing_says_so(slots: dict[str, str]) -> None:
    turn = reading_turn()
    assert show_articles(turn, make_tracker(slots)) == []
    assert said(turn) == text("utter_stale_button")


@pytest.mark.parametrize("code", ["0000000000.1.0", "0000000000.99999999999.0"])
def test_an_article_that_is_not_there_is_said_to_be_missing(code: str) -> None:
    turn = reading_turn()
    law_texts(turn)
    show_articles(turn, make_tracker({"chosen_article": code}))
    assert said(turn) == text("utter_no_article")


def test_a_withdrawn_answer_is_not_given_and_the_resident_is_told_why() -> None:
    turn = make_turn(understanding=make_understanding("answer", "labour.unpaid_wages"), text="工资")
    turn.uow.answers.withdraw("labour.unpaid_wages", LAW, TODAY)
    answer_question(turn, make_tracker())
    assert said(turn) == text("utter_withdrawn")
    assert [entry.outcome for entry in turn.uow.state.ledger] == ["referred"]
    assert turn.uow.state.given == {}


def test_a_withdrawn_answer_is_not_offered_as_a_choice() -> None:
    turn = make_turn(understanding=make_understanding("clarify", "labour.unpaid_wages", "lending.no_iou"), text="钱")
    turn.uow.answers.withdraw("labour.unpaid_wages", LAW, TODAY)
    answer_question(turn, make_tracker())
    assert [row[0].payload for row in turn.replies[0].buttons] == ["entry:lending.no_iou", "intent:none_of_these"]


def test_an_entry_reviewed_on_a_later_day_answers_again() -> None:
    turn = make_turn()
    turn.uow.answers.withdraw("labour.unpaid_wages", LAW, date(2026, 10, 31))
    assert find_withdrawn(turn.uow, turn.library, NOW) == set(), "reviewed on 1 November"


def test_an_entry_stops_answering_on_the_day_a_new_version_of_its_law_begins() -> None:
    turn = make_turn()
    for begins, withdrawn in ((date(2026, 11, 24), False), (TODAY, True), (date(2026, 11, 1), False)):
        facts = LawFacts(LAW, date(2020, 1, 1), date(2020, 1, 1), 99, frozenset(), begins)
        library = replace(turn.library, laws={LAW: facts})
        assert ("labour.unpaid_wages" in find_withdrawn(turn.uow, library, NOW)) is withdrawn, begins


def test_who_was_given_which_answer_is_remembered() -> None:
    turn = make_turn(understanding=make_understanding("answer", "labour.unpaid_wages"), text="工资")
    answer_question(turn, make_tracker())
    [recipient] = turn.uow.answers.list_recipients({"labour.unpaid_wages"})
    assert (recipient.client, recipient.entry) == (turn.client.pseudonym, "labour.unpaid_wages")


def test_payloads_of_articles_are_read() -> None:
    assert read_payload("law:labour.x") == Reading(intent="show_articles", slots={"chosen_law": "labour.x"})
    assert read_payload("article:ab.1.0") == Reading(intent="show_articles", slots={"chosen_article": "ab.1.0"})


def test_every_article_an_entry_rests_on_is_shown_once() -> None:
    turn = reading_turn()
    entry = make_entry(basis=(Citation(LAW, (8, 0)), Citation(LAW, (8, 0))), deadline=None, local=())
    turn.library = replace(turn.library, entries={entry.id: entry})
    law_texts(turn)
    show_articles(turn, make_tracker({"chosen_law": entry.id}))
    assert len(turn.replies) == 1
