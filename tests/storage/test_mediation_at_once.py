"""A mediation on real databases: at the same moment, through the timers, and into the year's figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

import sqlalchemy as sa

from bot.domain.errors import RuleBroken
from bot.domain.figures import Selection
from bot.domain.mediation import Terms
from bot.domain.reporting_periods import Period
from bot.reports.entries import value_of
from bot.reports.stats import count_services
from bot.services.mediation import Referral, refer_dispute
from bot.services.mediation_results import Result, record_result
from bot.services.mediation_steps import record_consent, schedule_session
from bot.services.timers import run_due
from bot.services.turn import Work
from bot.storage.tables import ledger, outbox
from tests.builders import NOW, make_content, make_library, make_mediation
from tests.conftest import Database
from tests.handoff.test_at_once import at_once
from tests.unit.test_mediation import REACHED

LIBRARY = make_library()
AGREED = Result(True, parties=2, amount=300_000, terms=Terms("赔3000元"))


def do(database: Database, service: Callable, *arguments: object, now: datetime = NOW) -> object:
    with database.open_unit() as uow:
        done = service(Work(uow, LIBRARY, now), *arguments)
        uow.commit()
    return done


def put(database: Database, state: str) -> int:
    with database.open_unit() as uow:
        client = uow.clients.find_or_add("webchat", "browser-1", NOW)
        stored = uow.mediations.add(make_mediation(client.id, **REACHED[state]))
        uow.commit()
    return stored.id


def test_of_two_results_at_the_same_moment_one_counts(database: Database) -> None:
    number = put(database, "scheduled")
    results = at_once(
        lambda: do(database, record_result, "laozhou", number, AGREED),
        lambda: do(database, record_result, "wu", number, Result(False)),
    )
    assert [r.code for r in results if isinstance(r, RuleBroken)] == ["mediation_state"]
    with database.engine.connect() as connection:
        assert len(connection.execute(sa.select(ledger)).all()) == 1


def test_yes_and_no_at_the_same_moment_leave_one_answer_or_a_clear_end(database: Database) -> None:
    number = put(database, "asking")
    at_once(
        lambda: do(database, record_consent, "laozhou", number, True),
        lambda: do(database, record_consent, "laozhou", number, False),
    )
    with database.open_unit() as uow:
        assert uow.mediations.get(number).state == "declined"  # one may say no after a yes, but not yes after a no
        kinds = [event.kind for event in uow.mediations.list_events(number)]
    assert kinds in (["consented", "declined"], ["declined"])


def test_the_timers_of_a_mediation_are_rung_by_the_worker(database: Database) -> None:
    number = put(database, "consented")
    session = datetime(2026, 11, 26, 2, 0, tzinfo=timezone.utc)
    do(database, schedule_session, "laozhou", number, session)
    assert run_due(database.open_unit, LIBRARY, session - timedelta(days=1)) == 1
    assert run_due(database.open_unit, LIBRARY, session - timedelta(hours=2)) == 1
    with database.engine.connect() as connection:
        assert len(connection.execute(sa.select(outbox)).all()) == 3


def test_the_years_figures_are_those_of_the_agreements(database: Database) -> None:
    form = Referral("police", "baima", "damages", make_content(), consented=True)
    for parties, amount in ((2, 300_000), (3, 378_120_000), (2, 0)):
        mediation = do(database, refer_dispute, "wu", form)
        do(database, record_result, "wu", mediation.id, Result(True, parties, amount=amount, terms=Terms("和好")))
    failed = do(database, refer_dispute, "wu", form)
    do(database, record_result, "wu", failed.id, Result(False))
    query = sa.select(sa.func.count(), sa.func.sum(ledger.c.people), sa.func.sum(ledger.c.amount))
    agreed = query.where(ledger.c.kind == "mediation", ledger.c.outcome == "agreed")
    with database.engine.connect() as connection:
        assert tuple(connection.execute(agreed).one()) == (3, 7, 378_420_000)
        assert value_of(connection, Period(2026), "count", Selection(kinds=("mediation_application",))) == 4
    assert {row.key: row.services for row in count_services(database.engine, 2026, "kind")} == {"mediation": 4}


def test_an_agreement_of_new_years_night_counts_in_the_year_of_beijing(database: Database) -> None:
    form = Referral("walk_in", "baima", "contract", make_content(), consented=True)
    midnight = datetime(2026, 12, 31, 16, 0, tzinfo=timezone.utc)
    for moment in (midnight - timedelta(seconds=1), midnight):
        mediation = do(database, refer_dispute, "wu", form, now=moment)
        do(database, record_result, "wu", mediation.id, AGREED, now=moment)
    with database.engine.connect() as connection:
        rows = connection.execute(sa.select(ledger.c.day).where(ledger.c.kind == "mediation").order_by(ledger.c.id))
        assert [row.day for row in rows] == [date(2026, 12, 31), date(2027, 1, 1)]
