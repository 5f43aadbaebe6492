"""The result of a mediation, judicial confirmation, the follow-up, and what falin does by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.domain.errors import RuleBroken
from bot.domain.mediation import Mediation, Terms
from bot.services.mediation_record import promise
from bot.services.mediation_results import (
    Result,
    answer_followup,
    choose_confirmation,
    confirmation_deadline,
    record_followup,
    record_result,
)
from bot.services.mediation_steps import schedule_session
from bot.services.mediation_timers import JOBS
from bot.services.turn import Turn, Work
from tests.builders import NOW, make_mediation, make_registered_turn, make_turn, real_wording
from tests.unit.test_mediation import REACHED
from tests.unit.test_mediation_services import account, ledger, told

text = real_wording().text
AGREED = Result(True, parties=3, amount=300_000, terms=Terms("李强修好漏水，赔3000元", "11月30日前付清"))
DAY = timedelta(days=1)


def conclude(turn: Turn, result: Result = AGREED, now: datetime = NOW, **changes: Any) -> Mediation:
    mediation = turn.uow.mediations.add(make_mediation(**{"client_id": turn.client.id, **REACHED["scheduled"], **changes}))
    return record_result(Work(turn.uow, turn.library, now), "laozhou", mediation.id, result)


def run_due(turn: Turn, now: datetime) -> list[str]:
    """Run the timers that are due, as the worker does; their kinds."""
    due = turn.uow.timers.list_due(now)
    for timer in due:
        turn.uow.timers.finish(timer.id, now)
        JOBS[timer.kind](Work(turn.uow, turn.library, now), timer.subject)
    return [timer.kind for timer in due]


def last_payloads(turn: Turn, client_id: int) -> list[str]:
    reply = [row.reply for row in turn.uow.state.outbox if row.client_id == client_id][-1]
    return [row[0].payload.partition("=")[0] for row in reply.buttons]


# the result


def test_an_agreement_is_counted_once_with_people_and_sum() -> None:
    turn = make_registered_turn()
    mediation = conclude(turn)
    (entry,) = ledger(turn)
    assert (entry.outcome, entry.people, entry.amount, entry.served_by) == ("agreed", 3, 300_000, "mediator:laozhou")
    assert (mediation.state, mediation.effective_on, mediation.form) == ("agreed", date(2026, 11, 23), "written")
    with pytest.raises(RuleBroken, match="state"):
        record_result(turn, "laozhou", mediation.id, AGREED)


def test_the_years_figures_come_out_of_the_ledger() -> None:
    turn = make_registered_turn()
    sums = [(2, 300_000), (3, 0), (2, 1_250_050)]
    for parties, amount in sums:
        conclude(turn, replace(AGREED, parties=parties, amount=amount))
    conclude(turn, Result(False, parties=9))
    agreed = [entry for entry in ledger(turn) if entry.outcome == "agreed"]
    assert (len(agreed), sum(e.people for e in agreed), sum(e.amount for e in agreed)) == (3, 7, 1_550_050)
    assert [(e.people, e.amount) for e in ledger(turn) if e.outcome == "not_agreed"] == [(9, None)]


@pytest.mark.parametrize("form", ["written", "oral"])
def test_an_agreement_is_told_with_confirmation_and_its_last_day(form: str) -> None:
    turn = make_registered_turn()
    other = make_turn(turn.uow, key="browser-2")
    conclude(turn, replace(AGREED, form=form), respondent_client_id=other.client.id)
    for client in (turn.client.id, other.client.id):
        agreement, confirmation = told(turn, client)
        assert "3,000元" in agreement
        assert ("口头协议" in agreement) is (form == "oral")
        for part in ("12月23日", "还有30天", "双方都要去", "不收费"):
            assert part in confirmation


def test_an_agreement_about_no_money_names_no_sum() -> None:
    turn = make_registered_turn()
    conclude(turn, replace(AGREED, amount=0))
    assert "金额 不涉及" in told(turn, turn.client.id)[0]
    assert [entry.amount for entry in ledger(turn)] == [0]


def test_without_agreement_the_other_ways_are_named() -> None:
    turn = make_registered_turn()
    mediation = conclude(turn, Result(False))
    assert mediation.state == "failed"
    assert told(turn, turn.client.id) == [text("utter_mediation_failed", reference=mediation.reference)]
    assert turn.uow.state.timers == []


def test_a_dispute_that_a_court_sent_is_confirmed_by_that_court() -> None:
    turn = make_registered_turn()
    conclude(turn, source="court")
    assert "来调解的那个法院" in told(turn, turn.client.id)[-1]


def test_whoever_wants_no_confirmation_is_not_told_of_it() -> None:
    turn = make_registered_turn()
    conclude(turn, replace(AGREED, confirmation_wanted=False))
    assert len(told(turn, turn.client.id)) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parties": 1}, "parties"), ({"parties": 1001}, "parties"), ({"form": "sms"}, "form"), ({"amount": -1}, "amount"),
        ({"amount": 10**14}, "amount"), ({"terms": Terms("")}, "terms"), ({"terms": Terms("长" * 5001)}, "terms"),
        ({"effective_on": date(2026, 11, 24)}, "effective_on"), ({"effective_on": date(2026, 11, 22)}, "effective_on"),
    ],
)  # fmt: skip
def test_a_wrong_result_changes_nothing(changes: dict[str, Any], code: str) -> None:
    turn = make_registered_turn()
    with pytest.raises(RuleBroken, match=code):
        conclude(turn, replace(AGREED, **changes))
    assert turn.uow.state.mediations[-1].state == "scheduled"
    assert ledger(turn) == turn.uow.state.outbox == turn.uow.state.timers == []


# thirty days


@pytest.mark.parametrize(
    ("effective", "last"),
    [
        (date(2026, 11, 23), date(2026, 12, 23)),
        (date(2026, 9, 1), date(2026, 10, 8)),  # would end on the National Day
        (date(2026, 8, 31), date(2026, 9, 30)),
        (date(2026, 12, 2), date(2027, 1, 1)),  # 2027's holidays are not arranged yet: rather a day too early
    ],
)
def test_the_last_day_is_the_thirtieth_after_the_agreement(effective: date, last: date) -> None:
    assert confirmation_deadline(effective) == last


def test_the_day_of_an_agreement_is_that_of_beijing() -> None:
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc)  # midnight in Beijing
    turn = make_registered_turn()
    before = conclude(turn, now=new_year - timedelta(seconds=1))
    after = conclude(turn, now=new_year)
    assert (before.effective_on, after.effective_on) == (date(2026, 12, 31), date(2027, 1, 1))


def test_confirmation_is_reminded_of_twice_and_then_performance_is_asked() -> None:
    turn = make_registered_turn()
    conclude(turn)
    ten = datetime(2026, 11, 23, 2, 0, tzinfo=timezone.utc)
    assert run_due(turn, ten + 20 * DAY - timedelta(seconds=1)) == []
    assert run_due(turn, ten + 20 * DAY) == ["mediation_confirm"]
    assert "还有10天" in told(turn, turn.client.id)[-1]
    assert run_due(turn, ten + 28 * DAY) == ["mediation_confirm"]
    assert "还有2天" in told(turn, turn.client.id)[-1]
    assert run_due(turn, ten + 30 * DAY) == ["mediation_followup"]
    assert last_payloads(turn, turn.client.id) == ["mediate:yes", "mediate:partly", "mediate:no"]
    assert run_due(turn, ten + 60 * DAY) == []


def test_the_follow_up_does_not_fall_on_a_weekend() -> None:
    turn = make_registered_turn()
    friday = NOW + 4 * DAY  # thirty days later is Sunday, 27 December
    mediation = conclude(turn, now=friday)
    assert mediation.followup_at == datetime(2026, 12, 28, 1, 0, tzinfo=timezone.utc)


def test_whoever_said_no_is_not_reminded_of_confirmation() -> None:
    turn = make_registered_turn()
    mediation = conclude(turn)
    choose_confirmation(turn, mediation.id, False)
    before = len(told(turn, turn.client.id))
    run_due(turn, NOW + 28 * DAY)
    assert len(told(turn, turn.client.id)) == before


def test_a_wish_for_confirmation_reaches_the_mediator() -> None:
    turn = make_registered_turn()
    chat = account(turn, "laozhou")
    mediation = conclude(turn)
    choose_confirmation(turn, mediation.id, True)
    assert turn.uow.mediations.get(mediation.id).confirmation_wanted is True
    assert "12月23日" in turn.replies[-1].text
    assert any("司法确认" in said for said in told(turn, chat))


def test_a_late_reminder_of_confirmation_says_nothing_once_the_time_is_over() -> None:
    turn = make_registered_turn()
    conclude(turn)
    before = len(told(turn, turn.client.id))
    run_due(turn, datetime(2026, 12, 23, 16, 0, tzinfo=timezone.utc))  # the day after the last in Beijing
    assert len(told(turn, turn.client.id)) == before + 1  # the question about performance only


def test_parties_without_an_account_are_called() -> None:
    turn = make_turn()
    chat = account(turn, "laozhou")
    conclude(turn, client_id=0)
    run_due(turn, NOW + 20 * DAY)
    assert "打电话" in told(turn, chat)[-1]
    run_due(turn, NOW + 30 * DAY)
    assert "打电话问履行情况" in told(turn, chat)[-1]


# performance


@pytest.mark.parametrize(
    ("performed", "outcome"), [("yes", "performed"), ("partly", "partly_performed"), ("no", "not_performed")]
)
def test_the_applicants_answer_is_kept_and_counted(performed: str, outcome: str) -> None:
    turn = make_registered_turn()
    chat = account(turn, "laozhou")
    mediation = conclude(turn)
    answer_followup(turn, mediation.id, performed)
    kept = turn.uow.mediations.get(mediation.id)
    assert (kept.performed, kept.followed_up_at) == (performed, NOW)
    assert [(e.outcome, e.served_by) for e in ledger(turn, "mediation_followup")] == [(outcome, "bot")]
    assert any("没有履行完" in said for said in told(turn, chat)) is (performed != "yes")


def test_the_mediators_call_is_counted_as_theirs_and_only_once() -> None:
    turn = make_registered_turn()
    mediation = conclude(turn)
    record_followup(turn, "laozhou", mediation.id, "unknown")
    answer_followup(turn, mediation.id, "yes")
    assert [(e.outcome, e.served_by) for e in ledger(turn, "mediation_followup")] == [
        ("performance_unknown", "mediator:laozhou")
    ]
    assert turn.uow.mediations.get(mediation.id).performed == "yes"
    before = len(told(turn, turn.client.id))
    assert run_due(turn, NOW + 30 * DAY)[-1] == "mediation_followup"
    assert len(told(turn, turn.client.id)) == before + 2  # two reminders of confirmation, no question


def test_an_answer_of_no_list_is_refused() -> None:
    turn = make_registered_turn()
    mediation = conclude(turn)
    with pytest.raises(RuleBroken, match="performed"):
        record_followup(turn, "laozhou", mediation.id, "maybe")


# promises and reminders


def test_a_broken_promise_is_told_to_all_and_made_anew() -> None:
    turn = make_registered_turn()
    chats = [account(turn, member) for member in ("laozhou", "wu")]
    mediation = turn.uow.mediations.add(make_mediation(turn.client.id))
    promise(turn, mediation, 3)
    turn.uow.mediations.save(mediation)
    assert run_due(turn, mediation.due_at - timedelta(seconds=1)) == []
    assert run_due(turn, mediation.due_at) == ["mediation_due"]
    for client in (*chats, turn.client.id):
        (said,) = told(turn, client)
        assert "11月30日" in said  # two workdays after Thursday
    assert turn.uow.mediations.get(mediation.id).due_at == datetime(2026, 11, 30, 2, 0, tzinfo=timezone.utc)


def test_a_kept_promise_rings_no_bell() -> None:
    turn = make_registered_turn()
    mediation = turn.uow.mediations.add(make_mediation(turn.client.id, **REACHED["consented"]))
    promise(turn, mediation, 3)
    turn.uow.mediations.save(mediation)
    record_result(turn, "laozhou", mediation.id, Result(False))
    turn.replies.clear()
    assert run_due(turn, NOW + 10 * DAY) == ["mediation_due"]
    assert told(turn, turn.client.id) == []


def test_a_moved_session_is_reminded_of_at_its_new_time_only() -> None:
    turn = make_registered_turn()
    mediation = turn.uow.mediations.add(make_mediation(turn.client.id, **REACHED["consented"]))
    work = Work(turn.uow, turn.library, NOW)
    schedule_session(work, "laozhou", mediation.id, NOW + 2 * DAY)
    schedule_session(work, "laozhou", mediation.id, NOW + 4 * DAY)
    before = len(told(turn, turn.client.id))
    run_due(turn, NOW + 2 * DAY)
    assert len(told(turn, turn.client.id)) == before
    assert sorted(run_due(turn, NOW + 3 * DAY)) == ["mediation_day_before", "mediation_due"]
    assert told(turn, turn.client.id)[-1].startswith("提醒您")


def test_a_withdrawn_session_is_not_reminded_of() -> None:
    turn = make_registered_turn()
    mediation = turn.uow.mediations.add(make_mediation(turn.client.id, **REACHED["consented"]))
    schedule_session(turn, "laozhou", mediation.id, NOW + 2 * DAY)
    withdrawn = replace(turn.uow.mediations.get(mediation.id), withdrawn_at=NOW)
    turn.uow.mediations.save(withdrawn)
    run_due(turn, NOW + 3 * DAY)
    assert told(turn, turn.client.id) == []
