"""Legal aid as a workflow: counted once, told to the office, promised by the calendar, decided, withdrawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from bot.domain.aid_applications import DECISIONS, MAX_PHOTOS, AidApplication
from bot.domain.calendar import beijing_day
from bot.domain.errors import RuleBroken
from bot.domain.ledger import SESSION_GAP
from bot.domain.legal_aid import UNKNOWN, AidAnswers
from bot.domain.street import Member
from bot.services import timers
from bot.services.aid_office import JOBS, forward_by, hand_over, make_card, record_decision
from bot.services.handoff import open_case
from bot.services.legal_aid import (
    Applicant,
    add_paper,
    apply_for_aid,
    list_aid_lines,
    list_photo_papers,
    precheck_aid,
    withdraw_aid,
)
from bot.services.moving import move_here
from bot.services.registration import forget_client
from bot.services.turn import Turn
from tests.aid_builders import APPLICANT, VIOLENCE, WAGES, aid_library, aid_turn, make_photo
from tests.builders import NOW, make_street, real_wording

text = real_wording().text
EVENING = datetime(2026, 11, 27, 12, 0, tzinfo=timezone.utc)  # Friday, eight in the evening in Beijing


def outcomes(turn: Turn) -> list[str]:
    return [entry.outcome for entry in turn.uow.state.ledger if entry.kind == "legal_aid"]


def join(turn: Turn, member: str = "wu") -> int:
    account = turn.uow.clients.find_or_add("telegram", f"chat-of-{member}", NOW)
    turn.uow.members.add_account(member, account.id, NOW)
    return account.id


def sent_to(turn: Turn, client_id: int) -> list[str]:
    return [outgoing.reply.text for outgoing in turn.uow.outbox.list_after(client_id, 0)]


def applied(turn: Turn, answers: AidAnswers = WAGES, photos: tuple = ()) -> AidApplication:
    return apply_for_aid(turn, answers, APPLICANT, photos)[0]


# pre-check


def test_a_precheck_is_counted_once_per_client_matter_and_session() -> None:
    turn = aid_turn()
    precheck_aid(turn, WAGES)
    precheck_aid(turn, replace(WAGES, urgent="deadline"))
    assert outcomes(turn) == ["prechecked"]
    precheck_aid(turn, VIOLENCE)
    assert outcomes(turn) == ["prechecked", "prechecked"]
    assert [e.matter for e in turn.uow.state.ledger if e.kind == "legal_aid"] == ["labour", "domestic_violence"]


def test_after_a_pause_a_precheck_counts_again() -> None:
    turn = aid_turn()
    precheck_aid(turn, WAGES)
    later = aid_turn(turn.uow, registered=False, now=NOW + SESSION_GAP)
    precheck_aid(later, WAGES)
    assert outcomes(turn) == ["prechecked", "prechecked"]


def test_a_stranger_can_be_prechecked() -> None:
    turn = aid_turn(registered=False)
    assert precheck_aid(turn, AidAnswers()).result == "unknown"
    (entry,) = turn.uow.state.ledger
    assert (entry.subject, entry.community, entry.matter) == ("unknown", "", "other")


# applying


def test_an_application_is_stored_counted_and_promised() -> None:
    turn = aid_turn()
    application, new = apply_for_aid(turn, WAGES, APPLICANT, [make_photo()])
    assert new
    assert application.reference.startswith("L26-")
    assert (application.state, application.next_action_by, application.result) == ("incomplete", "office", "likely")
    assert turn.uow.aid_applications.list_for_client(turn.client.id) == [application]
    assert outcomes(turn) == ["applied"]
    ((timer, _),) = turn.uow.state.timers
    assert (timer.kind, timer.subject) == ("aid_forward", application.reference)
    assert timer.due_at == NOW + timedelta(days=1)  # one working day after ten in the morning is ten in the morning


def test_pressing_twice_makes_one_application() -> None:
    turn = aid_turn()
    first, _ = apply_for_aid(turn, WAGES, APPLICANT)
    again, new = apply_for_aid(turn, WAGES, APPLICANT)
    assert (again.reference, new) == (first.reference, False)
    assert outcomes(turn) == ["applied"]


def test_another_matter_or_a_decided_one_can_be_applied_for_again() -> None:
    turn = aid_turn()
    withdraw_aid(turn, applied(turn).reference)
    assert apply_for_aid(turn, WAGES, APPLICANT)[1]
    assert apply_for_aid(turn, VIOLENCE, APPLICANT)[1]


@pytest.mark.parametrize(
    "applicant",
    [replace(APPLICANT, name=""), replace(APPLICANT, phone=""), replace(APPLICANT, facts="")],
)
def test_an_application_needs_name_phone_and_facts(applicant: Applicant) -> None:
    turn = aid_turn()
    with pytest.raises(RuleBroken):
        apply_for_aid(turn, WAGES, applicant)
    assert turn.uow.state.aid == []


def test_a_stranger_cannot_apply() -> None:
    with pytest.raises(RuleBroken):
        apply_for_aid(aid_turn(registered=False), WAGES, APPLICANT)


def test_an_unlikely_application_is_taken_all_the_same() -> None:
    application = applied(aid_turn(), replace(WAGES, lawyer="yes"))
    assert (application.result, application.open) == ("unlikely", True)


def test_identity_numbers_are_not_stored() -> None:
    turn = aid_turn()
    facts = replace(APPLICANT, facts="身份证500101198001010011", other_party="张三50010119800101001X")
    apply_for_aid(turn, WAGES, facts)
    assert "50010119" not in repr(turn.uow.state.aid)


# papers


def test_the_file_is_complete_when_every_paper_has_a_photo() -> None:
    turn = aid_turn()
    application = applied(turn, photos=(make_photo("identity"), make_photo("exemption")))
    assert application.file_complete_at is None
    assert add_paper(turn, application, "case", make_photo().attachment)
    assert application.file_complete_at == NOW
    assert application.state == "complete"


def test_a_paper_that_does_not_belong_is_refused() -> None:
    turn = aid_turn()
    with pytest.raises(RuleBroken):
        add_paper(turn, applied(turn), "statement", make_photo().attachment)


def test_no_more_photos_than_anybody_needs() -> None:
    turn = aid_turn()
    application = applied(turn, photos=tuple(make_photo("case") for _ in range(MAX_PHOTOS)))
    assert not add_paper(turn, application, "identity", make_photo().attachment)
    assert len(application.photos) == MAX_PHOTOS


def test_a_withdrawn_application_takes_no_photo() -> None:
    turn = aid_turn()
    application = withdraw_aid(turn, applied(turn).reference)
    assert not add_paper(turn, application, "identity", make_photo().attachment)


def test_the_statement_of_means_needs_no_photo() -> None:
    papers = list_photo_papers(aid_turn(), replace(WAGES, exempt="none"))
    assert [paper.id for paper in papers] == ["identity", "case"]


# the office


def test_staff_and_supervisor_get_the_card_and_advisers_do_not() -> None:
    street = make_street()
    street = replace(street, members=(*street.members, Member("zheng", "小郑", role="staff")))
    turn = aid_turn(library=aid_library(street=street))
    accounts = {member: join(turn, member) for member in ("wu", "zheng", "chen", "laozhou")}
    application = applied(turn)
    for member in ("wu", "zheng"):
        (card,) = sent_to(turn, accounts[member])
        for part in (application.reference, "白马社区", "老板欠我工钱", "王小明", "13800000000", "案件材料"):
            assert part in card
    assert sent_to(turn, accounts["chen"]) == sent_to(turn, accounts["laozhou"]) == []


def test_a_card_offers_what_can_be_done_next() -> None:
    turn = aid_turn()
    application = applied(turn)

    def offered() -> list[str]:
        return [row[0].payload for row in make_card(turn, application).buttons]

    assert offered() == [f"aid:handed={application.reference}"]
    application = hand_over(turn, application.reference, "wu")
    assert offered() == [f"aid:{decision}={application.reference}" for decision in DECISIONS]
    application = record_decision(turn, application.reference, "granted", "wu")
    assert offered() == []


@pytest.mark.parametrize(
    ("applied_at", "urgent", "by"),
    [
        (NOW, False, datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)),
        (NOW, True, datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)),
        (EVENING, True, datetime(2026, 11, 30, 2, 0, tzinfo=timezone.utc)),  # Monday, an hour after opening
        (EVENING, False, datetime(2026, 11, 30, 10, 0, tzinfo=timezone.utc)),
    ],
)
def test_the_office_promises_by_the_work_calendar(applied_at: datetime, urgent: bool, by: datetime) -> None:
    turn = aid_turn(now=applied_at)
    application = applied(turn, replace(WAGES, urgent="deadline" if urgent else "none"))
    assert forward_by(turn, application) == by


@pytest.mark.parametrize(
    ("received", "decide_by"),
    [
        (datetime(2026, 11, 23, 2, 0, tzinfo=timezone.utc), date(2026, 11, 30)),
        (datetime(2026, 12, 28, 15, 59, 59, tzinfo=timezone.utc), date(2027, 1, 4)),  # a second before midnight
        (datetime(2026, 12, 28, 16, 0, 0, tzinfo=timezone.utc), date(2027, 1, 5)),
    ],
)
def test_the_centre_has_seven_days_from_the_day_it_received(received: datetime, decide_by: date) -> None:
    turn = aid_turn(now=received)
    application = hand_over(turn, applied(turn).reference, "wu")
    assert application.decide_by == decide_by
    assert application.next_action_by == "centre"
    assert f"{decide_by.month}月{decide_by.day}日" in sent_to(turn, turn.client.id)[-1]
    ((timer, _),) = [row for row in turn.uow.state.timers if row[0].kind == "aid_decision"]
    assert beijing_day(timer.due_at) > decide_by


def test_handing_over_ends_the_offices_promise() -> None:
    turn = aid_turn()
    hand_over(turn, applied(turn).reference, "wu")
    assert [t.kind for t in turn.uow.timers.list_due(NOW + timedelta(days=60))] == ["aid_decision"]
    assert outcomes(turn) == ["applied", "handed_over"]


def test_an_application_is_handed_over_once() -> None:
    turn = aid_turn()
    reference = applied(turn).reference
    hand_over(turn, reference, "wu")
    with pytest.raises(RuleBroken):
        hand_over(turn, reference, "wu")
    assert outcomes(turn).count("handed_over") == 1


@pytest.mark.parametrize("decision", DECISIONS)
def test_a_decision_is_told_and_counted(decision: str) -> None:
    turn = aid_turn()
    reference = hand_over(turn, applied(turn).reference, "wu").reference
    application = record_decision(turn, reference, decision, "wu", "不在范围内")
    assert (application.state, application.next_action_by, application.note) == (decision, "nobody", "不在范围内")
    assert sent_to(turn, turn.client.id)[-1] == text(f"utter_aid_decided_{decision}", reference=reference)
    entry = turn.uow.state.ledger[-1]
    assert (entry.outcome, entry.served_by, entry.community) == (decision, "staff:wu", "baima")
    assert turn.uow.timers.list_due(NOW + timedelta(days=60)) == []


def test_a_refusal_names_the_way_to_object() -> None:
    turn = aid_turn()
    record_decision(turn, hand_over(turn, applied(turn).reference, "wu").reference, "refused", "wu")
    told = sent_to(turn, turn.client.id)[-1]
    assert "书面" in told
    assert "五日内" in told
    assert "第四十九条" in told


@pytest.mark.parametrize("decision", ["granted", "", "perhaps"])
def test_nothing_is_decided_before_the_centre_has_it(decision: str) -> None:
    turn = aid_turn()
    with pytest.raises(RuleBroken):
        record_decision(turn, applied(turn).reference, decision, "wu")


@pytest.mark.parametrize("act", [lambda turn: hand_over(turn, "L26-AAAA-AA", "wu"), lambda turn: withdraw_aid(turn, "")])
def test_an_unknown_reference_is_refused(act) -> None:
    with pytest.raises(RuleBroken):
        act(aid_turn())


# timers


def test_a_late_office_is_reminded_and_the_applicant_told() -> None:
    turn = aid_turn()
    wu, reference = join(turn), applied(turn).reference
    JOBS["aid_forward"](turn, reference)
    assert len(sent_to(turn, wu)) == 2
    assert sent_to(turn, turn.client.id) == [text("utter_aid_forward_late", reference=reference)]


def test_when_the_seven_days_are_over_everybody_is_asked() -> None:
    turn = aid_turn()
    wu, reference = join(turn), applied(turn).reference
    hand_over(turn, reference, "wu")
    JOBS["aid_decision"](turn, reference)
    assert "等决定" in sent_to(turn, wu)[-1]
    assert sent_to(turn, turn.client.id)[-1] == text("utter_aid_decision_due", reference=reference)


def test_the_timers_have_jobs_that_run() -> None:
    turn = aid_turn()
    hand_over(turn, applied(turn).reference, "wu")
    assert {timer.kind for timer, _ in turn.uow.state.timers} == set(JOBS)
    assert set(JOBS) <= set(timers.JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_a_timer_of_something_settled_says_nothing(job: str) -> None:
    turn = aid_turn()
    reference = applied(turn).reference
    withdraw_aid(turn, reference)
    JOBS[job](turn, reference)
    JOBS[job](turn, "L26-AAAA-AA")
    assert sent_to(turn, turn.client.id) == []


# withdrawing and being forgotten


def test_an_applicant_withdraws_and_the_office_is_told() -> None:
    turn = aid_turn()
    wu = join(turn)
    application = withdraw_aid(turn, applied(turn).reference)
    assert application.state == "withdrawn"
    assert outcomes(turn) == ["applied", "withdrawn"]
    assert text("utter_aid_state_withdrawn") in sent_to(turn, wu)[-1]
    with pytest.raises(RuleBroken):
        withdraw_aid(turn, application.reference)


def test_nobody_withdraws_what_is_somebody_elses() -> None:
    turn = aid_turn()
    reference = applied(turn).reference
    with pytest.raises(RuleBroken):
        withdraw_aid(aid_turn(turn.uow, key="browser-2"), reference)
    assert turn.uow.aid_applications.list_for_client(turn.client.id)[0].open


def test_after_being_forgotten_the_office_can_do_nothing_more() -> None:
    turn = aid_turn()
    reference = applied(turn).reference
    forget_client(turn)
    with pytest.raises(RuleBroken):
        hand_over(turn, reference, "wu")


def test_applications_go_with_their_person_to_another_address() -> None:
    turn = aid_turn()
    reference = applied(turn).reference
    case, _ = open_case(turn, "老板不发工资", "labour", "normal")
    elsewhere = aid_turn(turn.uow, registered=False, key="browser-2")
    move_here(elsewhere, case)
    assert [a.reference for a in turn.uow.aid_applications.list_for_client(elsewhere.client.id)] == [reference]
    assert turn.uow.aid_applications.list_for_client(turn.client.id) == []


# status


@pytest.mark.parametrize("state", ["incomplete", "complete", "handed_over", *DECISIONS, "withdrawn"])
def test_status_says_whose_turn_it_is(state: str) -> None:
    turn = aid_turn()
    photos = tuple(make_photo(p.id) for p in list_photo_papers(turn, WAGES)) if state == "complete" else ()
    application = applied(turn, photos=photos)
    if state == "withdrawn":
        withdraw_aid(turn, application.reference)
    elif state not in ("incomplete", "complete"):
        hand_over(turn, application.reference, "wu")
        if state != "handed_over":
            record_decision(turn, application.reference, state, "wu")
    values = {"reference": application.reference, "matter": "老板欠我工钱", "day": "11月23日"}
    expected = text(f"utter_aid_line_{state}", **values, decide_by="11月30日", forward_by="明天上午10:00")
    assert list_aid_lines(turn, turn.client.id) == [expected]


def test_what_says_none_of_these_is_called_by_its_field() -> None:
    turn = aid_turn()
    applied(turn, AidAnswers("civil", "other", "self", "no", "none", "i1", "none"))
    applied(turn, AidAnswers(UNKNOWN, UNKNOWN))
    lines = list_aid_lines(turn, turn.client.id)
    assert "未说明" in lines[0]
    assert "其他" in lines[1]
