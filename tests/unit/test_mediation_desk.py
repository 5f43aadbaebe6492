"""What a mediator presses in the chat."""

from __future__ import annotations

import pytest

from actions.mediation_choices import choose_mediation
from actions.mediation_desk import STEPS
from bot.domain.disputes import REFUSALS
from bot.domain.mediation import Mediation
from bot.domain.messages import MAX_PAYLOAD
from bot.services.mediation_desk import show_own
from bot.services.mediation_news import FOLLOW_UP_ACTS, MEMBER_ACTS
from bot.services.turn import Turn
from tests.builders import NOW, make_mediation, make_registered_turn, make_turn, real_wording
from tests.unit.test_actions import make_tracker, said
from tests.unit.test_mediation import REACHED
from tests.unit.test_mediation_services import account, ledger, told

text = real_wording().text


@pytest.fixture
def resident() -> Turn:
    return make_registered_turn()


def sit_down(resident: Turn, member: str = "laozhou") -> Turn:
    """A turn of the member's own chat."""
    client_id = account(resident, member)
    return make_turn(resident.uow, client=resident.uow.clients.get(client_id))


def put(resident: Turn, state: str, **changes) -> Mediation:
    return resident.uow.mediations.add(make_mediation(resident.client.id, **{**REACHED[state], **changes}))


def press(turn: Turn, payload: str) -> str:
    turn.replies.clear()
    assert choose_mediation(turn, make_tracker({"chosen_mediation": payload})) == []
    return said(turn)


def payloads(turn: Turn) -> list[str]:
    return [button.payload for row in turn.replies[-1].buttons for button in row]


def test_every_button_of_a_mediator_has_its_step() -> None:
    shown = {act for acts in (*MEMBER_ACTS.values(), FOLLOW_UP_ACTS) for act in acts}
    assert shown | {"m_card", "m_at", "m_because"} == set(STEPS)


def test_from_the_card_to_the_end_by_buttons_only(resident: Turn) -> None:
    mediator = sit_down(resident)
    mediation = put(resident, "applied", due_at=NOW)
    show_own(mediator, "laozhou")
    assert payloads(mediator) == [f"mediate:m_card={mediation.id}"]
    assert "张桂芳" in press(mediator, f"m_card={mediation.id}")
    for act, state in (("m_ask", "asking"), ("m_yes", "consented")):
        assert f"mediate:{act}={mediation.id}" in payloads(mediator)
        press(mediator, f"{act}={mediation.id}")
        assert resident.uow.mediations.get(mediation.id).state == state
    press(mediator, f"m_date={mediation.id}")
    dates = payloads(mediator)
    assert len(dates) == len(set(dates)) == 6
    assert all(len(payload.encode()) <= MAX_PAYLOAD for payload in dates)
    press(mediator, dates[1].removeprefix("mediate:"))
    scheduled = resident.uow.mediations.get(mediation.id)
    assert scheduled.state == "scheduled"
    assert resident.library.calendar.is_open(scheduled.session_at)
    press(mediator, f"m_fail={mediation.id}")
    assert [entry.outcome for entry in ledger(resident)] == ["not_agreed"]
    assert len(told(resident, resident.client.id)) == 4


def test_a_refusal_asks_for_its_reason(resident: Turn) -> None:
    mediator, mediation = sit_down(resident), put(resident, "applied", due_at=NOW)
    press(mediator, f"m_refuse={mediation.id}")
    assert payloads(mediator) == [f"mediate:m_because={mediation.id}.{reason}" for reason in REFUSALS]
    assert resident.uow.mediations.get(mediation.id).open
    assert "没有受理" in press(mediator, f"m_because={mediation.id}.crime")
    assert "110" in told(resident, resident.client.id)[-1]


@pytest.mark.parametrize(("act", "performed"), [("m_performed", "yes"), ("m_not", "no"), ("m_unknown", "unknown")])
def test_the_follow_up_call_is_recorded_by_button(resident: Turn, act: str, performed: str) -> None:
    mediator, mediation = sit_down(resident), put(resident, "agreed", followup_at=NOW)
    press(mediator, f"m_card={mediation.id}")
    assert f"mediate:{act}={mediation.id}" in payloads(mediator)
    press(mediator, f"{act}={mediation.id}")
    assert resident.uow.mediations.get(mediation.id).performed == performed


def test_performance_is_not_asked_before_its_day(resident: Turn) -> None:
    mediator, mediation = sit_down(resident), put(resident, "agreed", followup_at=NOW.replace(hour=3))
    press(mediator, f"m_card={mediation.id}")
    assert payloads(mediator) == []


@pytest.mark.parametrize("act", STEPS)
def test_whoever_is_no_member_presses_in_vain(resident: Turn, act: str) -> None:
    mediation = put(resident, "applied")
    assert press(resident, f"{act}={mediation.id}") == text("utter_stale_button")
    assert resident.uow.mediations.get(mediation.id) == mediation


@pytest.mark.parametrize("act", STEPS)
@pytest.mark.parametrize("state", ["scheduled", "agreed"])
def test_another_mediators_dispute_cannot_be_touched_or_seen(resident: Turn, act: str, state: str) -> None:
    mediator = sit_down(resident)
    mediation = put(resident, state, mediator_id="xiang", effective_on=NOW.date())
    reply = press(mediator, f"{act}={mediation.id}.crime")
    assert reply == text("utter_refused_mediation_not_yours")
    assert "张桂芳" not in reply
    assert resident.uow.mediations.get(mediation.id) == mediation


@pytest.mark.parametrize("detail", ["", ".", ".x", ".-5", ".0", ".99999999999", ".9" * 30, ".1e9"])
def test_a_date_that_is_none_changes_nothing(resident: Turn, detail: str) -> None:
    mediator, mediation = sit_down(resident), put(resident, "consented")
    press(mediator, f"m_at={mediation.id}{detail}")
    assert mediator.replies
    assert resident.uow.mediations.get(mediation.id) == mediation


def test_a_button_of_an_earlier_state_is_explained(resident: Turn) -> None:
    mediator, mediation = sit_down(resident), put(resident, "withdrawn")
    assert press(mediator, f"m_yes={mediation.id}") == text("utter_refused_mediation_state")


def test_nothing_to_do_is_said(resident: Turn) -> None:
    mediator = sit_down(resident)
    show_own(mediator, "laozhou")
    assert said(mediator) == text("utter_mediation_none_open")
