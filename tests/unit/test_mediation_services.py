"""From the application to the session: who is told what, what is counted, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.domain.disputes import REFUSALS
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.mediation import RULES, STEPS, Content, Mediation, Person, broken
from bot.domain.roster import Absence
from bot.domain.street import Member
from bot.services import mediation_results as results
from bot.services import mediation_steps as steps
from bot.services.mediation import (
    MOST_OPEN,
    Referral,
    apply_for_mediation,
    correct_content,
    refer_dispute,
)
from bot.services.mediation_invites import VALID, invite_as_applicant, invite_respondent, open_invite
from bot.services.mediation_news import explain, list_exit_buttons, list_mediation_lines
from bot.services.mediation_record import list_visible
from bot.services.registration import forget_client
from bot.services.turn import Turn, Work
from tests.builders import (
    NOW,
    make_content,
    make_library,
    make_mediation,
    make_registered_turn,
    make_street,
    make_turn,
    real_wording,
)
from tests.unit.test_mediation import ALLOWED, REACHED

text = real_wording().text
SESSION = datetime(2026, 11, 26, 2, 0, tzinfo=timezone.utc)  # Thursday at ten
IN_THREE_WORKDAYS = "11月26日"  # from Monday, 23 November


def apply(turn: Turn | None = None, kind: str = "neighbours", **changes: Any) -> tuple[Turn, Mediation]:
    turn = turn or make_registered_turn()
    return turn, apply_for_mediation(turn, kind, make_content(**changes))


def account(turn: Turn, member: str) -> int:
    client = turn.uow.clients.find_or_add("telegram", f"chat-of-{member}", NOW)
    turn.uow.members.add_account(member, client.id, NOW)
    return client.id


def told(turn: Turn, client_id: int) -> list[str]:
    """What is queued for a client, beside the replies of the turn."""
    return [row.reply.text for row in turn.uow.state.outbox if row.client_id == client_id]


def ledger(turn: Turn, kind: str = "mediation") -> list[Any]:
    return [entry for entry in turn.uow.state.ledger if entry.kind == kind]


def events(turn: Turn, mediation: Mediation) -> list[str]:
    return [event.kind for event in turn.uow.mediations.list_events(mediation.id)]


def later(turn: Turn, **passed: int) -> Work:
    """Work that no client does, some time afterwards."""
    return Work(turn.uow, turn.library, NOW + timedelta(**passed))


def put(turn: Turn, state: str, **changes: Any) -> Mediation:
    return turn.uow.mediations.add(make_mediation(turn.client.id, **{**REACHED[state], **changes}))


# the application


def test_an_application_that_nobody_would_see_promises_no_day() -> None:
    turn, _ = apply()
    (reply,) = turn.replies
    assert "前联系对方" not in reply.text
    assert "打 023-00000001，报编号" in reply.text


@pytest.mark.parametrize("member_id", ["laozhou", "wu"])
def test_an_application_names_mediator_and_day(member_id: str) -> None:
    turn = make_registered_turn()
    account(turn, member_id)
    turn, mediation = apply(turn)
    (reply,) = turn.replies
    assert mediation.reference in reply.text
    assert mediation.reference.startswith("M26-")
    for part in ("老周书记", f"{IN_THREE_WORKDAYS}前联系对方", "023-00000001"):
        assert part in reply.text
    assert [row[0].payload for row in reply.buttons] == [f"mediate:invite={mediation.id}"]
    assert (mediation.state, mediation.community, mediation.source) == ("applied", "baima", "self")
    assert events(turn, mediation) == ["applied"]


def test_an_application_is_counted_as_one_and_not_as_a_mediation() -> None:
    turn, _ = apply(kind="labour")
    (entry,) = ledger(turn, "mediation_application")
    assert (entry.outcome, entry.matter, entry.community, entry.served_by) == ("applied", "labour", "baima", "bot")
    assert (entry.client, entry.amount, entry.people) == (turn.client.pseudonym, None, 1)
    assert ledger(turn) == []


def test_the_mediator_gets_the_card_and_every_photo() -> None:
    turn = make_registered_turn()
    chat = account(turn, "laozhou")
    apply(turn)
    card, photo = [row.reply for row in turn.uow.state.outbox if row.client_id == chat]
    for part in ("张桂芳", "13800001111", "李强", "白马路2号3-1", "天花板", "3,000元", "材料1份", "白马社区"):
        assert part in card.text
    assert photo.attachment.ref == "file-7"


def test_without_the_mediators_account_the_office_is_told() -> None:
    turn = make_registered_turn()
    chat = account(turn, "wu")
    apply(turn)
    assert "张桂芳" in "".join(told(turn, chat))


def test_a_mediator_who_is_away_is_passed_over_only_if_there_is_another() -> None:
    turn = make_registered_turn()
    turn.uow.members.add_absence(Absence("laozhou", NOW.date()))
    assert apply(turn)[1].mediator_id == "laozhou"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"applicant": Person("")}, "name"), ({"applicant": Person("张" * 41, "1")}, "name"),
        ({"respondent": Person("李" * 41)}, "name"), ({"applicant": Person("张桂芳")}, "phone"), ({"facts": ""}, "facts"),
        ({"facts": "长" * 2001}, "facts"), ({"claim": ""}, "claim"), ({"amount": -1}, "amount"), ({"amount": 10**14}, "amount"),
    ],
)  # fmt: skip
def test_what_no_mediator_could_work_with_is_refused(changes: dict[str, Any], code: str) -> None:
    turn = make_registered_turn()
    with pytest.raises(RuleBroken, match=code):
        apply(turn, **changes)
    assert turn.uow.state.mediations == turn.uow.state.timers == ledger(turn, "mediation_application") == []


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(RuleBroken, match="unknown_kind"):
        apply(kind="weather")


def test_a_stranger_registers_first() -> None:
    with pytest.raises(RuleBroken, match="not_registered"):
        apply(make_turn())


def test_a_client_has_three_open_applications_at_most() -> None:
    turn = make_registered_turn()
    for _ in range(MOST_OPEN):
        _, last = apply(turn)
    with pytest.raises(RuleBroken, match="too_many"):
        apply(turn)
    steps.withdraw_mediation(turn, last.id)
    apply(turn)


# disputes that staff enter

FORM = Referral("police", "baima", "damages", make_content(claim="", amount=None))


def test_a_dispute_from_the_police_needs_no_account() -> None:
    turn = make_turn()
    mediation = refer_dispute(turn, "wu", replace(FORM, consented=True))
    assert (mediation.state, mediation.source, mediation.client_id) == ("consented", "police", 0)
    assert turn.replies == []
    (entry,) = ledger(turn, "mediation_application")
    assert (entry.channel, entry.client, entry.subject, entry.served_by) == ("police", "", "unknown", "member:wu")


def test_a_party_with_an_account_hears_of_the_referral() -> None:
    turn = make_registered_turn()
    mediation = refer_dispute(later(turn), "laozhou", replace(FORM, source="court", client_id=turn.client.id))
    (said,) = told(turn, turn.client.id)
    assert mediation.reference in said
    assert "法院" in said


def test_an_adviser_sends_on_what_came_to_them() -> None:
    turn = make_registered_turn()
    mediation = refer_dispute(later(turn), "chen", replace(FORM, source="adviser", client_id=turn.client.id))
    assert (mediation.source, mediation.state) == ("adviser", "applied")
    assert "法律顾问转来" in told(turn, turn.client.id)[0]


@pytest.mark.parametrize(
    ("member", "changes", "code"),
    [
        ("chen", {}, "not_yours"), ("nobody", {}, "not_yours"), ("wu", {"source": "self"}, "unknown_source"),
        ("chen", {"source": "court"}, "not_yours"), ("wu", {"source": "x"}, "unknown_source"), ("wu", {"community": "mars"}, "unknown_community"),
        ("wu", {"mediator_id": "chen"}, "unknown_mediator"), ("wu", {"content": Content()}, "name"),
    ],
)  # fmt: skip
def test_a_wrong_referral_is_refused(member: str, changes: dict[str, Any], code: str) -> None:
    turn = make_turn()
    with pytest.raises(RuleBroken, match=code):
        refer_dispute(turn, member, replace(FORM, **changes))
    assert turn.uow.state.mediations == []


# the other side


def test_the_applicant_hears_that_the_other_side_was_asked() -> None:
    turn, mediation = apply()
    asked = steps.ask_respondent(later(turn, hours=1), "laozhou", mediation.id)
    assert asked.state == "asking"
    assert asked.next_action_by == "respondent"
    (said,) = told(turn, turn.client.id)
    assert IN_THREE_WORKDAYS in said


def test_consent_leads_to_a_date_and_refusal_ends_it() -> None:
    turn, first = apply()
    _, second = apply(turn)
    assert steps.record_consent(later(turn), "laozhou", first.id, True).state == "consented"
    assert ledger(turn) == []
    assert steps.record_consent(later(turn), "laozhou", second.id, False).state == "declined"
    (entry,) = ledger(turn)
    assert (entry.outcome, entry.served_by, entry.people, entry.amount) == ("declined", "mediator:laozhou", 2, None)
    assert text("utter_mediation_declined", reference=second.reference) in told(turn, turn.client.id)


def test_the_other_side_consents_by_the_link_it_was_given() -> None:
    turn, mediation = apply()
    chat = account(turn, "laozhou")
    token = invite_as_applicant(turn, mediation.id)
    other = make_turn(turn.uow, key="browser-2")
    open_invite(other, token)
    assert [row[0].payload.partition("=")[0] for row in other.replies[0].buttons] == ["mediate:consent", "mediate:decline"]
    assert "天花板" not in other.replies[0].text
    steps.give_consent(other, mediation.id, True)
    assert turn.uow.mediations.get(mediation.id).state == "consented"
    assert any("核实身份" in said for said in told(turn, chat))
    assert any("对方同意调解" in said for said in told(turn, turn.client.id))
    assert "谢谢您" in other.replies[-1].text


def test_a_refusal_by_link_ends_it() -> None:
    turn, mediation = apply()
    other = make_turn(turn.uow, key="browser-2")
    open_invite(other, invite_respondent(turn, "laozhou", mediation.id))
    steps.give_consent(other, mediation.id, False)
    assert turn.uow.mediations.get(mediation.id).state == "declined"
    assert [entry.outcome for entry in ledger(turn)] == ["declined"]


@pytest.mark.parametrize("spoil", ["used", "expired", "replaced", "ended", "invented", "empty"])
def test_a_link_that_is_no_longer_good_opens_nothing(spoil: str) -> None:
    turn, mediation = apply()
    token = invite_as_applicant(turn, mediation.id)
    other = make_turn(turn.uow, key="browser-2", now=NOW + (VALID if spoil == "expired" else timedelta()))
    if spoil == "used":
        open_invite(make_turn(turn.uow, key="browser-3"), token)
    elif spoil == "replaced":
        invite_as_applicant(turn, mediation.id)
    elif spoil == "ended":
        steps.withdraw_mediation(turn, mediation.id)
    token = {"invented": "x", "empty": ""}.get(spoil, token)
    with pytest.raises(RuleBroken, match="link"):
        open_invite(other, token)
    assert turn.uow.mediations.list_for_respondent(other.client.id) == []


def test_the_applicant_cannot_be_the_other_side() -> None:
    turn, mediation = apply()
    token = invite_as_applicant(turn, mediation.id)
    with pytest.raises(RuleBroken, match="same_person"):
        open_invite(turn, token)
    open_invite(make_turn(turn.uow, key="browser-2"), token)


def test_only_the_other_side_consents_and_only_the_applicant_invites() -> None:
    turn, mediation = apply()
    stranger = make_registered_turn(turn.uow, key="browser-2")
    for act in (
        lambda: steps.give_consent(stranger, mediation.id, True),
        lambda: invite_as_applicant(stranger, mediation.id),
        lambda: steps.withdraw_mediation(stranger, mediation.id),
        lambda: steps.give_consent(turn, mediation.id, True),
        lambda: results.answer_followup(stranger, mediation.id, "yes"),
        lambda: results.choose_confirmation(stranger, mediation.id, True),
    ):
        with pytest.raises(RuleBroken, match="not_yours"):
            act()
    assert turn.uow.mediations.get(mediation.id) == mediation


# acceptance, refusal, mediator


def test_acceptance_is_told_to_both_sides() -> None:
    turn = make_registered_turn()
    other = make_turn(turn.uow, key="browser-2")
    mediation = put(turn, "consented", respondent_client_id=other.client.id)
    assert steps.accept_mediation(later(turn), "laozhou", mediation.id).state == "accepted"
    for client in (turn.client.id, other.client.id):
        (said,) = told(turn, client)
        assert "已受理" in said
        assert "11月30日" in said  # five workdays


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_keeps_its_reason_and_says_where_to_go(reason: str) -> None:
    turn, mediation = apply()
    refused = steps.refuse_mediation(later(turn), "laozhou", mediation.id, reason)
    assert (refused.state, refused.refusal, refused.due_at) == ("refused", reason, None)
    assert text(f"utter_mediation_refusal_{reason}") in told(turn, turn.client.id)[-1]
    assert [(entry.outcome, entry.amount) for entry in ledger(turn)] == [("refused", None)]


def test_a_refusal_without_a_reason_of_the_list_is_none() -> None:
    turn, mediation = apply()
    with pytest.raises(RuleBroken, match="unknown_reason"):
        steps.refuse_mediation(later(turn), "laozhou", mediation.id, "心情不好")
    assert turn.uow.mediations.get(mediation.id).open


def test_staff_assign_and_a_mediator_takes_only_for_oneself() -> None:
    turn, _ = apply()
    free = put(turn, "applied", mediator_id=None)
    assert steps.assign_mediator(later(turn), "laozhou", free.id, "laozhou").mediator_id == "laozhou"
    with pytest.raises(RuleBroken, match="unknown_mediator"):
        steps.assign_mediator(later(turn), "wu", free.id, "chen")
    assert steps.assign_mediator(later(turn), "wu", free.id, "laozhou").mediator_id == "laozhou"
    assert events(turn, free) == ["assigned", "assigned"]


# who may do what

MEMBER_STEPS: dict[str, Callable[[Work, str, int], object]] = {
    "ask": steps.ask_respondent,
    "consent": lambda work, member, number: steps.record_consent(work, member, number, True),
    "decline": lambda work, member, number: steps.record_consent(work, member, number, False),
    "accept": steps.accept_mediation,
    "refuse": lambda work, member, number: steps.refuse_mediation(work, member, number, "settled"),
    "assign": lambda work, member, number: steps.assign_mediator(work, member, number, "laozhou"),
    "schedule": lambda work, member, number: steps.schedule_session(work, member, number, SESSION),
    "conclude": lambda work, member, number: results.record_result(work, member, number, results.Result(False)),
    "withdraw": steps.withdraw_for_applicant,
    "invite": invite_respondent,
    "correct": lambda work, member, number: correct_content(work, member, number, make_content()),
    "confirm": lambda work, member, number: results.record_confirmation(work, member, number, True),
    "follow_up": lambda work, member, number: results.record_followup(work, member, number, "yes"),
}


@pytest.mark.parametrize("state", REACHED)
@pytest.mark.parametrize("step", MEMBER_STEPS)
def test_a_step_out_of_order_changes_nothing(state: str, step: str) -> None:
    turn = make_registered_turn()
    mediation = put(turn, state, effective_on=NOW.date() if state == "agreed" else None)
    if step in ALLOWED.get(state, "").split():
        MEMBER_STEPS[step](later(turn), "laozhou", mediation.id)
        assert turn.uow.mediations.list_events(mediation.id)
        return
    with pytest.raises(RuleBroken, match=r"^state$"):
        MEMBER_STEPS[step](later(turn), "laozhou", mediation.id)
    assert turn.uow.mediations.get(mediation.id) == mediation
    assert turn.uow.state.outbox == ledger(turn) == turn.uow.mediations.list_events(mediation.id) == []


def test_every_step_is_in_the_table() -> None:
    assert set(MEMBER_STEPS) == set(STEPS)


@pytest.mark.parametrize(
    ("member", "assigned", "allowed"),
    [
        ("laozhou", "laozhou", True), ("laozhou", "xiang", False), ("laozhou", None, True), ("xiang", None, False),
        ("xiang", "laozhou", False), ("wu", "laozhou", True), ("wu", None, True), ("chen", "laozhou", False),
        ("chen", None, False), ("nobody", None, False),
    ],
)  # fmt: skip
def test_a_mediator_sees_only_what_is_theirs_or_waits_in_their_communities(
    member: str, assigned: str | None, allowed: bool
) -> None:
    street = make_street()
    xiang = Member("xiang", "向大姐", role="mediator", communities=("qinggang",))
    library = make_library(street=replace(street, members=(*street.members, xiang)))
    turn = make_registered_turn(library=library)
    mediation = put(turn, "applied", mediator_id=assigned)
    assert [m.id for m in list_visible(turn, member)] == ([mediation.id] if allowed else [])
    if allowed:
        steps.ask_respondent(later(turn), member, mediation.id)
    else:
        with pytest.raises(RuleBroken, match="not_yours"):
            steps.ask_respondent(later(turn), member, mediation.id)


def test_an_unknown_mediation_is_not_found() -> None:
    with pytest.raises(NotFound):
        steps.ask_respondent(make_turn(), "wu", 99)


# the session


def test_a_session_is_told_to_both_sides_and_reminded_of_twice() -> None:
    turn = make_registered_turn()
    other = make_turn(turn.uow, key="browser-2")
    mediation = put(turn, "consented", respondent_client_id=other.client.id)
    scheduled = steps.schedule_session(later(turn), "laozhou", mediation.id, SESSION)
    assert (scheduled.state, scheduled.accepted_at) == ("scheduled", NOW)
    for client in (turn.client.id, other.client.id):
        (said,) = told(turn, client)
        for part in ("11月26日（周四）上午10:00", "老周书记调解室", "身份证"):
            assert part in said
    due = {timer.kind: timer.due_at for timer, _ in turn.uow.state.timers}
    assert due["mediation_day_before"] == SESSION - timedelta(days=1)
    assert due["mediation_hours_before"] == SESSION - timedelta(hours=2)


def test_a_session_tomorrow_morning_has_no_reminder_of_yesterday() -> None:
    turn = make_registered_turn()
    mediation = put(turn, "consented")
    steps.schedule_session(later(turn), "laozhou", mediation.id, NOW + timedelta(hours=23))
    kinds = [timer.kind for timer, _ in turn.uow.state.timers]
    assert "mediation_day_before" not in kinds
    assert "mediation_hours_before" in kinds


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        (NOW, "past"), (NOW - timedelta(days=1), "past"), (NOW + timedelta(days=181), "too_far"),
        (SESSION + timedelta(days=2), "closed_then"),  # Saturday
        (SESSION + timedelta(hours=11), "closed_then"),  # nine in the evening
    ],
)  # fmt: skip
def test_a_session_needs_a_moment_that_suits(moment: datetime, code: str) -> None:
    turn = make_registered_turn()
    mediation = put(turn, "consented")
    with pytest.raises(RuleBroken, match=code):
        steps.schedule_session(later(turn), "laozhou", mediation.id, moment)
    assert turn.uow.mediations.get(mediation.id) == mediation


def test_both_sides_may_want_a_saturday() -> None:
    turn = make_registered_turn()
    mediation = put(turn, "scheduled")
    saturday = SESSION + timedelta(days=2)
    moved = steps.schedule_session(later(turn), "laozhou", mediation.id, saturday, "白马路2号", even_if_closed=True)
    assert (moved.session_at, moved.session_place) == (saturday, "白马路2号")


# taking back


def test_a_withdrawal_is_told_and_counted_once() -> None:
    turn, mediation = apply()
    chat = account(turn, "laozhou")
    steps.withdraw_mediation(turn, mediation.id)
    assert any("撤回" in said for said in told(turn, chat))
    assert "已撤回" in turn.replies[-1].text
    with pytest.raises(RuleBroken, match="state"):
        steps.withdraw_mediation(turn, mediation.id)
    assert [entry.outcome for entry in ledger(turn)] == ["withdrawn"]


def test_being_forgotten_withdraws_what_goes_on() -> None:
    turn, mediation = apply()
    done = put(turn, "agreed")
    chat = account(turn, "laozhou")
    forget_client(turn)
    assert any(mediation.reference in said for said in told(turn, chat))
    assert [entry.outcome for entry in ledger(turn)] == ["withdrawn"]
    assert turn.uow.mediations.get(mediation.id).content == Content()
    assert turn.uow.mediations.get(done.id).state == "agreed"


# where it stands


def test_a_line_says_who_acts_and_by_when() -> None:
    turn, mediation = apply()
    steps.ask_respondent(later(turn), "laozhou", mediation.id)
    (line,) = list_mediation_lines(turn, turn.client.id)
    assert line == f"{mediation.reference} 邻里纠纷：等对方同意，老周书记联系，{IN_THREE_WORKDAYS}前"


def test_lines_show_the_newest_five_and_buttons_for_what_goes_on() -> None:
    turn = make_registered_turn()
    for state in REACHED:
        put(turn, state, due_at=NOW)
    lines = list_mediation_lines(turn, turn.client.id)
    assert len(lines) == 5
    assert list_exit_buttons(turn, turn.client.id) == ()
    open_one = put(turn, "applied", due_at=NOW)
    ((button,),) = list_exit_buttons(turn, turn.client.id)
    assert (button.title, button.payload) == (f"撤回 {open_one.reference[4:]}", f"mediate:withdraw={open_one.id}")


def test_the_other_side_sees_its_line_and_may_leave() -> None:
    turn = make_registered_turn()
    mediation = turn.uow.mediations.add(make_mediation(respondent_client_id=turn.client.id, **REACHED["scheduled"]))
    assert mediation.reference in list_mediation_lines(turn, turn.client.id)[0]
    ((button,),) = list_exit_buttons(turn, turn.client.id)
    assert (button.title, button.payload) == (f"退出 {mediation.reference[4:]}", f"mediate:quit={mediation.id}")


def test_every_rule_can_be_explained() -> None:
    assert len({explain(make_turn(), broken(rule)).text for rule in RULES}) == len(RULES)


def test_a_mediator_corrects_a_number_and_keeps_the_evidence() -> None:
    turn, mediation = apply()
    found = make_content(respondent=Person("李强", "13900002222"), evidence=())
    corrected = correct_content(later(turn), "laozhou", mediation.id, found)
    assert corrected.content.respondent.phone == "13900002222"
    assert len(turn.uow.mediations.get(mediation.id).content.evidence) == 1
