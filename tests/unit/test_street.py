from __future__ import annotations

import pytest

from tests.builders import make_street


@pytest.mark.parametrize("wanted", ["baima", "BAIMA", " baima ", "白马", "白马社区", " 白马社区\n"])
def test_a_community_is_found_by_id_or_name(wanted: str) -> None:
    found = make_street().find_community(wanted)
    assert found
    assert found.id == "baima"


@pytest.mark.parametrize("wanted", ["", "社区", "白", "红马社区", "adviser_x", "baima2"])
def test_half_a_name_finds_no_community(wanted: str) -> None:
    assert make_street().find_community(wanted) is None


def test_an_adviser_is_found_by_id_only() -> None:
    street = make_street()
    assert street.find_member("chen") == street.list_members("adviser")[0]
    assert street.find_member("陈律师") is None
