"""Running timers: what falin does by itself when a moment has come."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from bot.services import aid_office, assigning, casework, handoff, mediation_timers
from bot.services.turn import Library, Work
from bot.services.unit_of_work import UnitOfWorkFactory

logger = logging.getLogger(__name__)

JOBS: dict[str, Callable[[Work, str], None]] = {
    assigning.TAKE_OVER: assigning.pass_on,
    assigning.PROMISE: handoff.break_promise,
    casework.APPOINTMENT: casework.remind_of_appointment,
    **mediation_timers.JOBS,
    **aid_office.JOBS,
}


def run_due(open_unit: UnitOfWorkFactory, library: Library, now: datetime) -> int:
    """Run every timer that is due, each in a transaction of its own; how many there were.

    A timer is taken in the transaction of its work: after a crash it rings again, and two processes
    cannot both run it.
    """
    with open_unit(read_only=True) as uow:
        due = uow.timers.list_due(now)
    for timer in due:
        try:
            with open_unit() as uow:
                if uow.timers.finish(timer.id, now):
                    JOBS[timer.kind](Work(uow, library, now), timer.subject)
                    uow.commit()
        except Exception as error:  # one broken timer must not stop the others; it rings again
            logger.error("timer %s (%s) failed: %s", timer.id, timer.kind, type(error).__name__)
    return len(due)
