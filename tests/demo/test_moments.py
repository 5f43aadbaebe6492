"""What happens in the demo year happens at moments at which it could: read back from the rows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.domain.calendar import beijing_day
from bot.services.turn import Library
from bot.storage.tables import aid_applications, case_events, cases, ledger, mediation_events, mediations
from tests.demo.conftest import YEAR

WORKDAY = timedelta(hours=7)


def read(engine: Engine, query: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(query).all())


@pytest.fixture(scope="module")
def disputes(demo: Engine) -> list[Any]:
    scheduled = sa.select(mediation_events.c.at).where(
        mediation_events.c.mediation_id == mediations.c.id, mediation_events.c.kind == "scheduled"
    )
    return read(demo, sa.select(mediations, scheduled.scalar_subquery().label("scheduled_at")))


def test_people_work_in_the_offices_hours(demo: Engine, library: Library) -> None:
    """What is recorded by hand may have happened at any hour; whoever records it sits in the office."""
    acts = read(demo, sa.select(ledger.c.occurred_at, ledger.c.recorded_at).where(ledger.c.served_by != "bot"))
    moments = [row.recorded_at or row.occurred_at for row in acts]
    taken = read(demo, sa.select(cases.c.accepted_at, cases.c.answered_at, cases.c.closed_at))
    moments += [moment for row in taken for moment in row]
    assert len(moments) > 1_000
    assert [moment for moment in moments if not library.calendar.is_open(moment)] == []


def test_every_case_is_taken_over_in_time_and_one_in_fifteen_is_answered_too_late(demo: Engine) -> None:
    rows = read(demo, sa.select(cases))
    assert len(rows) == 60
    assert all(row.opened_at < row.accepted_at < row.answered_at < row.closed_at for row in rows)
    late = {row.id for row in rows if row.answered_at > row.promised_at}
    assert len(late) == 4
    told = read(demo, sa.select(case_events.c.case_id, case_events.c.kind))
    assert {row.case_id for row in told if row.kind == "promise_broken"} == late
    assert "timed_out" not in {row.kind for row in told}


def test_a_mediation_takes_days_from_step_to_step(disputes: list[Any], library: Library) -> None:
    assert len(disputes) == 222 + 19
    for row in disputes:
        asked = [row.consent_asked_at] if row.source not in ("police", "court") else []
        assert (row.consent_asked_at is not None) == bool(asked)
        consented = [row.respondent_consented_at] if asked else []
        steps = [row.applied_at, *asked, *consented, row.accepted_at, row.scheduled_at, row.session_at, row.concluded_at]
        assert steps == sorted(set(steps)), row.id
        assert all(library.calendar.is_open(step) for step in steps), row.id
        assert not asked or row.consent_asked_at + timedelta(days=1) <= row.respondent_consented_at
        assert row.scheduled_at + timedelta(days=2) <= row.session_at
        assert {beijing_day(row.applied_at).year, beijing_day(row.concluded_at).year} == {YEAR}
        assert not row.agreed or row.effective_on == beijing_day(row.concluded_at)


def test_no_step_of_a_mediation_is_later_than_promised(demo: Engine, disputes: list[Any], library: Library) -> None:
    def within(workdays: int, begin: datetime, end: datetime) -> bool:
        return end <= library.calendar.add(begin, workdays * WORKDAY)

    for row in disputes:
        first = row.consent_asked_at or row.accepted_at
        assert within(3, row.applied_at, first)
        assert within(3, first, row.respondent_consented_at)
        assert within(5, row.respondent_consented_at, row.accepted_at)
        assert within(5, row.accepted_at, row.scheduled_at)
        assert within(1, row.session_at, row.concluded_at)
    told = {row.kind for row in read(demo, sa.select(mediation_events.c.kind))}
    assert "overdue" not in told
    assert {"referred", "asked", "consented", "accepted", "scheduled", "reminded", "agreed", "failed"} <= told


def test_legal_aid_is_applied_for_passed_on_and_decided_in_time(demo: Engine, library: Library) -> None:
    rows = read(demo, sa.select(aid_applications).order_by(aid_applications.c.id))
    assert Counter(row.decision for row in rows) == {"granted": 7, "refused": 2, None: 1}
    for row in rows:
        if row.decision is None:
            assert row.withdrawn_at > row.applied_at
            continue
        assert row.applied_at < row.handed_over_at <= library.calendar.add(row.applied_at, WORKDAY)
        assert row.handed_over_at < row.decided_at
        assert beijing_day(row.decided_at) - beijing_day(row.handed_over_at) <= timedelta(days=7)
        assert all(library.calendar.is_open(moment) for moment in (row.handed_over_at, row.decided_at))
    counted = read(demo, sa.select(ledger.c.outcome, ledger.c.recorded_by).where(ledger.c.kind == "legal_aid"))
    outcomes = Counter(row.outcome for row in counted)
    assert outcomes == {
        "prechecked": 16, "applied": 10, "withdrawn": 1, "handed_over": 12, "granted": 7, "refused": 2
    }  # fmt: skip
    assert sum(row.recorded_by != "" for row in counted) == 3


def test_nothing_happens_outside_the_year(demo: Engine) -> None:
    begin = datetime(YEAR - 1, 12, 31, 16, tzinfo=timezone.utc)
    end = datetime(YEAR, 12, 31, 16, tzinfo=timezone.utc)
    counted = read(demo, sa.select(ledger.c.occurred_at))
    assert all(begin <= row.occurred_at < end for row in counted)
