from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errors import NotFound, RuleBroken
from bot.domain.ledger import SESSION_GAP
from bot.domain.street import Member
from bot.services import handoff
from bot.services.consultations import answer_entry, guide_emergency, offer_choice, refer_question
from bot.services.members import INVITE_VALID, accept_invite, invite_member
from bot.services.registration import forget_client, register_client
from bot.services.turn import Turn
from tests.builders import (
    NOW,
    make_registered_turn,
    make_street,
    make_turn,
    make_understanding,
)

WAGES, INTEREST, IOU = "labour.unpaid_wages", "lending.interest", "lending.no_iou"


def ledger(turn: Turn, kind: str = "bot_consultation") -> list:
    return [entry for entry in turn.uow.state.ledger if entry.kind == kind]


# consultations


def test_a_consultation_is_counted_once_per_client_matter_and_session() -> None:
    turn = make_turn()
    assert answer_entry(turn, INTEREST)
    assert answer_entry(turn, IOU)
    assert len(turn.replies) == 2
    (entry,) = ledger(turn)
    assert (entry.matter, entry.outcome, entry.served_by, entry.subject) == (
        "lending",
        "answered",
        "bot",
        "unknown",
    )
    assert (entry.client, entry.community, entry.channel) == (turn.client.pseudonym, "", "webchat")


def test_a_second_matter_is_a_second_consultation() -> None:
    turn = make_turn()
    answer_entry(turn, INTEREST)
    answer_entry(turn, WAGES)
    assert [entry.matter for entry in ledger(turn)] == ["lending", "labour"]


def test_a_second_client_is_a_second_consultation() -> None:
    turn = make_turn()
    answer_entry(turn, WAGES)
    other = make_turn(turn.uow, key="browser-2")
    answer_entry(other, WAGES)
    assert len({entry.client for entry in ledger(turn)}) == 2


@pytest.mark.parametrize(("pause", "counted"), [(SESSION_GAP - timedelta(seconds=1), 1), (SESSION_GAP, 2)])
def test_after_a_pause_the_same_matter_counts_again(pause: timedelta, counted: int) -> None:
    turn = make_turn()
    answer_entry(turn, WAGES)
    later = make_turn(turn.uow, now=NOW + pause)
    answer_entry(later, WAGES)
    assert len(ledger(turn)) == counted


def test_every_counted_message_prolongs_the_session() -> None:
    first = make_turn()
    for minutes in (0, 50, 100, 150):
        answer_entry(make_turn(first.uow, now=NOW + timedelta(minutes=minutes)), WAGES)
    assert len(ledger(first)) == 1


def test_a_registered_clients_consultation_names_community_and_kind() -> None:
    turn = make_registered_turn()
    answer_entry(turn, WAGES)
    (entry,) = ledger(turn)
    assert (entry.community, entry.subject) == ("baima", "resident")


def test_a_lost_entry_is_neither_answered_nor_counted() -> None:
    turn = make_turn()
    assert not answer_entry(turn, "labour.gone")
    assert turn.replies == []
    assert ledger(turn) == []


def test_a_choice_counts_nothing_and_offers_at_most_three() -> None:
    turn = make_turn()
    offer_choice(turn, make_understanding("clarify", "labour.gone", INTEREST, IOU, WAGES))
    (reply,) = turn.replies
    assert [row[0].payload for row in reply.buttons] == [
        f"entry:{INTEREST}",
        f"entry:{IOU}",
        "intent:none_of_these",
    ]
    assert turn.uow.state.ledger == []
    assert turn.client.session == 0


@pytest.mark.parametrize(
    ("matter", "named", "counted"), [("labour", True, "labour"), (None, False, "other"), ("other", False, "other")]
)
def test_a_referral_names_a_known_matter_and_is_counted(matter, named: bool, counted: str) -> None:
    turn = make_turn()
    refer_question(turn, make_understanding("refer", matter=matter))
    assert ("劳动用工" in turn.replies[0].text) is named
    (entry,) = ledger(turn)
    assert (entry.matter, entry.outcome) == (counted, "referred")


@pytest.mark.parametrize(
    ("matter", "likely", "counted"),
    [("labour", False, "other"), ("criminal", False, "other"), ("criminal", True, "criminal")],
)
def test_a_referral_that_names_no_field_counts_only_a_likely_one(matter: str, likely: bool, counted: str) -> None:
    turn = make_turn()
    refer_question(turn, make_understanding("refer", matter=matter, matter_likely=likely))
    assert "属于" not in turn.replies[0].text
    assert [entry.matter for entry in ledger(turn)] == [counted]


def test_an_emergency_begins_with_the_number_and_can_be_dialled() -> None:
    turn = make_turn()
    guide_emergency(turn, make_understanding("crisis", crisis="violence", matter="labour"))
    (reply,) = turn.replies
    assert reply.text.startswith("先打110。\n· 离开危险的人")
    assert [row[0].url or row[0].payload for row in reply.buttons] == [
        "tel:110", "tel:12338", "intent:request_adviser",
    ]  # fmt: skip
    (entry,) = ledger(turn)
    assert (entry.matter, entry.outcome) == ("labour", "urgent")


def test_an_unknown_emergency_is_still_guided() -> None:
    turn = make_turn()
    guide_emergency(turn, make_understanding("crisis", crisis="new_kind"))
    assert "110" in turn.replies[0].text


# registration


def test_registration_is_counted_once_even_after_moving() -> None:
    turn = make_turn()
    assert register_client(turn, "baima", "resident")
    assert not register_client(turn, "qinggang", "enterprise")
    assert (turn.client.community, turn.client.kind) == ("qinggang", "enterprise")
    assert turn.uow.clients.get(turn.client.id).community == "qinggang"
    (entry,) = ledger(turn, "registration")
    assert (entry.community, entry.subject, entry.outcome) == ("baima", "resident", "registered")


def test_consent_keeps_its_first_date() -> None:
    turn = make_registered_turn()
    later = make_registered_turn(turn.uow, "qinggang", now=NOW + timedelta(days=9))
    assert later.client.consented_at == NOW


@pytest.mark.parametrize(("community", "kind"), [("nowhere", "resident"), ("", "resident"), ("baima", "tourist")])
def test_a_registration_needs_community_and_kind(community: str, kind: str) -> None:
    turn = make_turn()
    with pytest.raises(RuleBroken):
        register_client(turn, community, kind)
    assert not turn.client.registered
    assert turn.uow.state.ledger == []


def test_being_forgotten_leaves_only_the_ledger() -> None:
    turn = make_registered_turn()
    handoff.open_case(turn, "老板不发工资", "labour")
    turn.uow.conversations.save(turn.client.id, {"slots": {"last_question": "老板不发工资"}}, NOW)
    counted, known = list(turn.uow.state.ledger), turn.client.pseudonym
    forget_client(turn)
    again = turn.uow.clients.get(turn.client.id)
    assert not again.registered
    assert again.community is None
    assert again.pseudonym != known
    assert turn.uow.cases.list_for_client(turn.client.id) == []
    assert turn.uow.conversations.find(turn.client.id) is None
    assert turn.uow.state.ledger == counted


def test_whoever_registers_anew_after_being_forgotten_counts_as_new() -> None:
    turn = make_registered_turn()
    forget_client(turn)
    make_registered_turn(turn.uow)
    assert len(ledger(turn, "registration")) == 2


# members


def test_an_invitation_works_once() -> None:
    turn = make_turn()
    token = invite_member(turn.uow, turn.library.street, "chen", NOW)
    assert accept_invite(turn.uow, token, turn.client.id, NOW) == "chen"
    assert turn.uow.members.find_account("chen") == turn.client.id
    thief = make_turn(turn.uow, key="browser-2")
    assert accept_invite(turn.uow, token, thief.client.id, NOW) is None
    assert turn.uow.members.find_account("chen") == turn.client.id


@pytest.mark.parametrize(
    ("later", "accepted"), [(INVITE_VALID - timedelta(seconds=1), "chen"), (INVITE_VALID, None)]
)
def test_an_invitation_expires(later: timedelta, accepted: str | None) -> None:
    turn = make_turn()
    token = invite_member(turn.uow, turn.library.street, "chen", NOW)
    assert accept_invite(turn.uow, token, turn.client.id, NOW + later) == accepted


def test_an_unknown_invitation_is_refused() -> None:
    turn = make_turn()
    assert accept_invite(turn.uow, "made-up", turn.client.id, NOW) is None
    assert turn.uow.members.find_by_client(turn.client.id) is None


def test_only_members_of_the_street_are_invited() -> None:
    turn = make_turn()
    with pytest.raises(NotFound, match="known are: chen, zhou"):
        invite_member(turn.uow, turn.library.street, "wang", NOW)


def test_the_token_itself_is_not_stored_and_fits_a_command() -> None:
    turn = make_turn()
    token = invite_member(turn.uow, make_street(members=(Member("chen", "陈律师"),)), "chen", NOW)
    assert token not in repr(turn.uow.state.invites)
    assert len(f"member_{token}") <= 64  # Telegram's limit for a start parameter
