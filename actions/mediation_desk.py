"""What a mediator presses: a button "mediate:m_<act>=<id>" or "mediate:m_<act>=<id>.<detail>"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from bot.domain.mediation import Mediation
from bot.services import mediation_desk as desk
from bot.services import mediation_results as results
from bot.services import mediation_steps as steps
from bot.services.turn import Turn

Step = Callable[[Turn, str, int, str], Mediation | None]


def act_as_member(turn: Turn, act: str, value: str) -> bool:
    """Take the step that a member pressed; False when nobody of the members did, or the button means nothing.

    Raises:
        NotFound, RuleBroken: see bot.services.mediation_steps.
    """
    member_id = turn.uow.members.find_by_client(turn.client.id)
    number, _, detail = value.partition(".")
    if member_id is None or act not in STEPS or not number.isdecimal() or len(number) > 18:
        return False
    mediation = STEPS[act](turn, member_id, int(number), detail)
    if mediation:
        desk.show_state(turn, mediation)
    return True


def _schedule(turn: Turn, member_id: str, mediation_id: int, detail: str) -> Mediation:
    moment = datetime.fromtimestamp(int(detail) if detail.isdecimal() and len(detail) < 12 else 0, timezone.utc)
    return steps.schedule_session(turn, member_id, mediation_id, moment)


def _fail(turn: Turn, member_id: str, mediation_id: int, detail: str) -> Mediation:
    return results.record_result(turn, member_id, mediation_id, results.Result(agreed=False))


def _follow_up(performed: str) -> Step:
    return lambda turn, member_id, mediation_id, _: results.record_followup(turn, member_id, mediation_id, performed)


STEPS: dict[str, Step] = {
    "m_card": lambda turn, member_id, number, _: desk.show_card(turn, member_id, number),
    "m_ask": lambda turn, member_id, number, _: steps.ask_respondent(turn, member_id, number),
    "m_yes": lambda turn, member_id, number, _: steps.record_consent(turn, member_id, number, True),
    "m_no": lambda turn, member_id, number, _: steps.record_consent(turn, member_id, number, False),
    "m_date": lambda turn, member_id, number, _: desk.offer_dates(turn, member_id, number),
    "m_at": _schedule,
    "m_refuse": lambda turn, member_id, number, _: desk.offer_reasons(turn, member_id, number),
    "m_because": lambda turn, member_id, number, reason: steps.refuse_mediation(turn, member_id, number, reason),
    "m_fail": _fail,
    "m_performed": _follow_up("yes"),
    "m_partly": _follow_up("partly"),
    "m_not": _follow_up("no"),
    "m_unknown": _follow_up("unknown"),
}
