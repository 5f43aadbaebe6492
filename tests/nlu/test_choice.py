"""Which entries are shown: what decides shall stand in one of them."""
from __future__ import annotations

import numpy as np
import pytest

from bot.knowledge.citations import Citation
from bot.nlu.choice import DECAY, PLACES, choose_order, cover_matrix


def basis(*numbers: int) -> tuple[Citation, ...]:
    return tuple(Citation("民法典", (number, 0)) for number in numbers)


def test_an_entry_covers_itself_and_what_it_shares() -> None:
    cover = cover_matrix([basis(1, 2), basis(2), basis(3)])
    assert cover.diagonal() == pytest.approx([1, 1, 1])
    assert cover[0, 1] == pytest.approx(1), "the second rests on one article only, and the first shows it"
    assert cover[1, 0] == pytest.approx(DECAY / (1 + DECAY)), "the first's decisive article is missing"
    assert cover[2].tolist() == [0, 0, 1]


def test_the_decisive_article_counts_more_than_all_others() -> None:
    cover = cover_matrix([basis(*range(1, 9)), basis(1), basis(2, 3, 4, 5, 6, 7, 8)])
    assert cover[1, 0] > 0.5 > cover[2, 0]


def test_an_article_beyond_the_fifth_is_not_shown() -> None:
    assert cover_matrix([basis(1, 2, 3, 4, 5, 6), basis(6)])[0, 1] == 0


def test_the_first_place_goes_to_the_entry_that_names_what_most_of_them_rest_on() -> None:
    cover = cover_matrix([basis(9), basis(1), basis(1, 2)])
    order, worth = choose_order(np.array([0.4, 0.3, 0.3]), cover)
    assert order.tolist() == [2, 0, 1]
    assert worth[0] > worth[1] > worth[2]


def test_options_do_not_say_the_same_twice() -> None:
    cover = cover_matrix([basis(1), basis(1), basis(1), basis(7)])
    order, _ = choose_order(np.array([0.4, 0.3, 0.2, 0.1]), cover)
    assert order.tolist()[:2] == [0, 3]


def test_unlike_entries_stay_in_order_of_belief() -> None:
    shares = np.linspace(0.3, 0.01, 12)
    order, worth = choose_order(shares / shares.sum(), np.eye(12, dtype=np.float32))
    assert order.tolist() == list(range(12))
    assert (worth > 0).sum() == PLACES


def test_nothing_to_choose_from() -> None:
    order, worth = choose_order(np.zeros(0), np.zeros((0, 0), np.float32))
    assert (len(order), len(worth)) == (0, 0)
