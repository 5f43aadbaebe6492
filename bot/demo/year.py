"""A synthetic year of the demo street, done through the real services: what `falin demo year` makes.

The sizes are those that one street published for one year (DESIGN, section 1, names them); every name, number and
sentence is invented. The same seed does the same acts at the same moments; only pseudonyms and references are random.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby

from bot.demo.cases import plan_cases
from bot.demo.enterprises import plan_enterprises
from bot.demo.legal_aid import plan_aid
from bot.demo.mediations import plan_mediations
from bot.demo.office_records import plan_education, plan_mistakes, plan_records
from bot.demo.plan import Year
from bot.demo.residents import plan_questions, plan_registrations
from bot.demo.sizes import Sizes
from bot.domain.calendar import BEIJING
from bot.services.timers import run_due
from bot.services.turn import Library, Work
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory

PARTS = (
    plan_registrations, plan_enterprises, plan_questions, plan_cases, plan_mediations, plan_aid, plan_records,
    plan_education, plan_mistakes,
)  # fmt: skip


def make_year(
    open_unit: UnitOfWorkFactory, library: Library, year: int, sizes: Sizes, advance: Callable[[int, int], None]
) -> None:
    """Do the whole year. Args: advance: called with the acts done, and how many there are."""
    plan = Year(library, year, sizes, random.Random(f"falin {year}"))
    _join(open_unit, library, datetime(year, 1, 1, tzinfo=BEIJING))
    for part in PARTS:
        part(plan)
    plan.acts.sort(key=lambda act: act[:2])
    done = fetched = 0
    for _, hour in groupby(plan.acts, key=lambda act: act[0].replace(minute=0, second=0)):
        acts = list(hour)
        _ring(open_unit, library, acts[0][0])
        with open_unit() as uow:
            for moment, _, act in acts:
                act(Work(uow, library, moment))
            fetched = _fetch(uow, fetched, acts[-1][0])
            uow.commit()
        done += len(acts)
        advance(done, len(plan.acts))
    # What was still to come in the new year is done before anybody real looks at it.
    for days in (10, 20, 31, 45, 70):
        now = datetime(year + 1, 1, 1, tzinfo=BEIJING) + timedelta(days=days)
        _ring(open_unit, library, now)
    with open_unit() as uow:
        _fetch(uow, fetched, now)
        for member in library.street.members:
            uow.members.remove_account(member.id)  # so that real people can be invited
        uow.commit()


def _ring(open_unit: UnitOfWorkFactory, library: Library, now: datetime) -> None:
    """Everything falin does by itself until then."""
    while run_due(open_unit, library, now):
        pass


def _fetch(uow: UnitOfWork, last: int, now: datetime) -> int:
    """Every browser fetches what is new for it and says what it has, as the web chat's does; the newest id.

    Whoever writes or works in the demo year does it in the web chat.
    """
    news = uow.outbox.list_clients_after(last)
    for client_id in news:
        for newest in uow.outbox.list_after(client_id, last)[-1:]:
            uow.outbox.acknowledge(client_id, newest.id, now)
    return max(news.values(), default=last)


def _join(open_unit: UnitOfWorkFactory, library: Library, now: datetime) -> None:
    """Those who serve get an account in the web chat, so that cases have somebody to go to."""
    with open_unit() as uow:
        for member in library.street.members:
            if not uow.members.find_account(member.id):
                client = uow.clients.find_or_add("webchat", f"demo-member-{member.id}", now)
                uow.members.add_account(member.id, client.id, now)
        uow.commit()
