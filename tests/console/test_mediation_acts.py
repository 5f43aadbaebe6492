"""What is done with a mediation at the desk: every act, and what is wrong with it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.domain.calendar import BEIJING
from bot.domain.mediation import Content, Person
from tests.console.conftest import Console
from tests.console.mediations import AGREED, CONSENTED, SCHEDULED, events_of, path_of, state_of, store
from tests.console.test_mediation_page import words_of

TERMS = {"terms": "李强三天内修好漏水，赔 3000 元。", "performance": "11月30日前微信转账"}
RESULT = {
    "agreed": "yes", "parties": "3", "form": "written", "amount": "3千", "effective_on": "2026-11-23",
    "confirmation": "yes", **TERMS,
}  # fmt: skip
SESSION = {"day": "2026-11-25", "time": "14:30", "place": "老周书记调解室"}
CORRECTED = {
    "applicant": "张桂芳", "applicant_phone": "138 0000 2222", "applicant_address": "白马路1号", "respondent": "李强强",
    "respondent_phone": "", "respondent_address": "", "facts": "楼上漏水", "claim": "修好", "claimed": "一千二",
}  # fmt: skip
# act → state before, fields, state afterwards, the event
ACTS: dict[str, tuple[dict[str, Any], dict[str, str], str, tuple[str, str]]] = {
    "ask": ({}, {}, "asking", ("asked", "")),
    "consent": ({}, {}, "consented", ("consented", "")),
    "decline": ({}, {}, "declined", ("declined", "")),
    "accept": (CONSENTED, {}, "accepted", ("accepted", "")),
    "refuse": ({}, {"reason": "crime"}, "refused", ("refused", "crime")),
    "schedule": (CONSENTED, SESSION, "scheduled", ("scheduled", "")),
    "conclude": (SCHEDULED, RESULT, "agreed", ("agreed", "")),
    "confirm": (AGREED, {"wanted": "yes"}, "agreed", ("confirmation", "yes")),
    "follow_up": (AGREED, {"performed": "yes"}, "agreed", ("followed_up", "yes")),
    "withdraw": ({}, {}, "withdrawn", ("withdrawn", "")),
    "correct": ({}, CORRECTED, "applied", ("corrected", "")),
}


@pytest.mark.parametrize("member", ["laozhou", "zheng", "wu"])
@pytest.mark.parametrize("act", ACTS)
def test_every_act_does_what_it_says_and_is_said_to_be_done(console: Console, act: str, member: str) -> None:
    before, fields, state, (kind, detail) = ACTS[act]
    mediation, browser = store(console, **before), console.log_in(member)
    assert f'action="{path_of(mediation, act)}#fault"' in browser.get(path_of(mediation)).text
    answer = browser.post(path_of(mediation, act), **fields)
    assert answer.status_code == 303, answer.text
    assert state_of(console, mediation).state == state
    assert events_of(console, mediation) == [(kind, member, detail)]
    page = browser.get(answer.headers["location"])
    assert page.status_code == 200
    assert '<p class="done" role="status">' in page.text


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("member", "changes"), [("qin", {}), ("chen", {}), ("qin", {"mediator_id": None, "community": "qinggang"})])
def test_nobody_acts_on_what_is_not_theirs(console: Console, act: str, member: str, changes: dict[str, Any]) -> None:
    before, fields, _, _ = ACTS[act]
    mediation = store(console, **{**before, **changes})
    known = state_of(console, mediation)
    answer = console.log_in(member).post(path_of(mediation, act), **fields)
    assert answer.status_code in (403, 404, 409, 422)
    assert state_of(console, mediation) == known
    assert events_of(console, mediation) == []


@pytest.mark.parametrize("act", [*ACTS, "draft", "invite"])
def test_a_form_from_elsewhere_changes_nothing(console: Console, act: str) -> None:
    before, fields, _, _ = ACTS.get(act, (SCHEDULED, RESULT, "", ("", "")))
    mediation = store(console, **before)
    answer = console.log_in("laozhou").post(path_of(mediation, act), csrf="0" * 32, **fields)
    assert answer.status_code == 403
    assert events_of(console, mediation) == []


@pytest.mark.parametrize("act", [name for name in ACTS if name not in ("confirm", "follow_up")])
def test_what_is_over_is_refused_in_a_sentence_and_the_page_shows_how_it_stands(console: Console, act: str) -> None:
    mediation = store(console, **AGREED)
    answer = console.log_in("laozhou").post(path_of(mediation, act), **ACTS[act][1])
    assert answer.status_code == 409
    assert "这一步现在不能办" in answer.text
    assert "下载调解协议书" in answer.text
    assert "我的案件" not in answer.text
    assert events_of(console, mediation) == []


def test_of_two_who_accept_and_refuse_the_second_is_told(console: Console) -> None:
    mediation, first, second = store(console, **CONSENTED), console.log_in("laozhou"), console.log_in("wu")
    assert first.post(path_of(mediation, "refuse"), reason="settled").status_code == 303
    assert second.post(path_of(mediation, "accept")).status_code == 409
    assert state_of(console, mediation).state == "refused"


def test_an_unknown_act_is_not_found_and_loading_an_acts_page_again_leads_to_the_mediation(console: Console) -> None:
    mediation, browser = store(console), console.log_in("laozhou")
    assert browser.post(path_of(mediation, "fly")).status_code == 404
    assert browser.get(path_of(mediation, "fly")).status_code == 404
    assert browser.get(path_of(mediation, "schedule")).headers["location"] == path_of(mediation)


# assigning


def test_staff_give_it_to_another_mediator_who_is_told(console: Console) -> None:
    qin, mediation = console.scene.member("qin"), store(console)
    console.log_in("zheng").post(path_of(mediation, "assign"), to_member="qin")
    assert state_of(console, mediation).mediator_id == "qin"
    assert events_of(console, mediation) == [("assigned", "zheng", "qin")]
    assert mediation.reference in qin.fetch()[0]
    assert console.log_in("laozhou").get(path_of(mediation)).status_code == 404


@pytest.mark.parametrize(("member", "to"), [("zheng", ""), ("zheng", "chen"), ("wu", "nobody"), ("laozhou", "qin")])
def test_only_a_mediator_is_assigned_and_a_mediator_assigns_nobody_else(console: Console, member: str, to: str) -> None:
    mediation = store(console)
    answer = console.log_in(member).post(path_of(mediation, "assign"), to_member=to)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert state_of(console, mediation).mediator_id == "laozhou"


# the session


def test_the_session_is_set_in_chinas_time_and_the_parties_are_told(console: Console) -> None:
    mediation = store(console, **CONSENTED)
    console.log_in("laozhou").post(path_of(mediation, "schedule"), **SESSION)
    stored = state_of(console, mediation)
    assert stored.session_at == datetime(2026, 11, 25, 14, 30, tzinfo=BEIJING)
    assert stored.session_place == "老周书记调解室"
    with console.scene.open_unit() as uow:
        told = [o.reply.text for o in uow.outbox.list_after(mediation.client_id, 0)]
    assert any("11月25日" in text and "2:30" in text for text in told)


@pytest.mark.parametrize(("changes", "said"), [
    ({"day": ""}, "请填调解的日期"), ({"day": "2026-02-30"}, "请填调解的日期"), ({"day": "后天"}, "请填调解的日期"),
    ({"time": ""}, "请填调解的时间"), ({"time": "25:00"}, "请填调解的时间"), ({"time": "两点"}, "请填调解的时间"),
    ({"day": "2026-11-20"}, "已经过去"), ({"day": "2028-11-20"}, "半年以内"), ({"day": "2026-11-28"}, "不是办公时间"),
    ({"time": "12:30"}, "不是办公时间"),
])  # fmt: skip
def test_a_wrong_date_gets_one_sentence_and_keeps_what_was_typed(
    console: Console, changes: dict[str, str], said: str
) -> None:
    mediation = store(console, **CONSENTED)
    answer = console.log_in("laozhou").post(path_of(mediation, "schedule"), **{**SESSION, "place": "社区活动室", **changes})
    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1
    assert said in answer.text
    assert 'value="社区活动室"' in answer.text
    assert state_of(console, mediation).session_at is None


def test_outside_the_offices_hours_both_must_want_it(console: Console) -> None:
    mediation = store(console, **CONSENTED)
    weekend = {**SESSION, "day": "2026-11-28", "even_if_closed": "1"}
    assert console.log_in("laozhou").post(path_of(mediation, "schedule"), **weekend).status_code == 303
    assert state_of(console, mediation).session_at == datetime(2026, 11, 28, 14, 30, tzinfo=BEIJING)


# the result


def test_an_agreement_is_recorded_with_all_that_was_filled_in_and_counted(console: Console) -> None:
    mediation = store(console, **SCHEDULED)
    console.log_in("laozhou").post(path_of(mediation, "conclude"), **RESULT)
    stored = state_of(console, mediation)
    assert (stored.agreed, stored.form, stored.amount, stored.parties) == (True, "written", 300_000, 3)
    assert (stored.agreement.terms, stored.agreement.performance) == (TERMS["terms"], TERMS["performance"])
    assert (stored.effective_on, stored.confirmation_wanted) == (date(2026, 11, 23), True)
    (entry,) = [e for e in console.look().ledger if e.kind == "mediation"]
    assert (entry.outcome, entry.people, entry.amount) == ("agreed", 3, 300_000)


@pytest.mark.parametrize(("given", "wanted"), [("", None), ("no", False), ("yes", True), ("x", None)])
def test_confirmation_may_be_open_still(console: Console, given: str, wanted: bool | None) -> None:
    mediation = store(console, **SCHEDULED)
    console.log_in("laozhou").post(path_of(mediation, "conclude"), **{**RESULT, "confirmation": given, "amount": ""})
    assert state_of(console, mediation).confirmation_wanted is wanted
    assert state_of(console, mediation).amount == 0


def test_without_an_agreement_nothing_but_the_number_of_people_counts(console: Console) -> None:
    mediation = store(console, **SCHEDULED)
    fields = {"agreed": "no", "parties": "4", "amount": "？？", "terms": "半句"}
    assert console.log_in("laozhou").post(path_of(mediation, "conclude"), **fields).status_code == 303
    stored = state_of(console, mediation)
    assert (stored.state, stored.parties, stored.amount, stored.agreement.terms) == ("failed", 4, None, "")


@pytest.mark.parametrize(("changes", "said"), [
    ({"agreed": ""}, "请选有没有达成协议"), ({"agreed": "maybe"}, "请选有没有达成协议"),
    ({"parties": ""}, "当事人人数不对"), ({"parties": "1"}, "当事人人数不对"), ({"parties": "三"}, "当事人人数不对"),
    ({"parties": "-2"}, "当事人人数不对"), ({"parties": "999999"}, "当事人人数不对"), ({"parties": "²"}, "当事人人数不对"),
    ({"amount": "很多"}, "金额看不懂"), ({"amount": "3到5万"}, "金额看不懂"), ({"form": ""}, "请选书面协议或口头协议"),
    ({"terms": ""}, "请写协议的内容"), ({"terms": "长" * 5001}, "请写协议的内容"), ({"performance": "长" * 5001}, "请写协议的内容"),
    ({"effective_on": ""}, "请填协议生效的日期"), ({"effective_on": "2026-13-01"}, "请填协议生效的日期"),
    ({"effective_on": "2026-11-24"}, "生效日期不对"), ({"effective_on": "2026-11-22"}, "生效日期不对"),
])  # fmt: skip
def test_a_wrong_result_gets_one_sentence_and_keeps_what_was_typed(
    console: Console, changes: dict[str, str], said: str
) -> None:
    mediation = store(console, **SCHEDULED)
    given = {**RESULT, "performance": "分三次给清", "parties": "7", **changes}
    answer = console.log_in("laozhou").post(path_of(mediation, "conclude"), **given)
    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1
    assert said in answer.text
    for name in ("terms", "performance", "amount"):
        assert given[name] in answer.text, name
    assert state_of(console, mediation).state == "scheduled"
    assert [e for e in console.look().ledger if e.kind == "mediation"] == []


def test_the_day_of_the_agreement_is_counted_in_china(console: Console) -> None:
    console.scene.now = datetime(2026, 12, 31, 16, 30, tzinfo=BEIJING) + timedelta(hours=8)  # half past midnight
    mediation = store(console, **SCHEDULED)
    browser = console.log_in("laozhou")
    assert 'value="2027-01-01"' in browser.get(path_of(mediation)).text
    assert browser.post(path_of(mediation, "conclude"), **{**RESULT, "effective_on": "2027-01-01"}).status_code == 303


def test_line_ends_of_browsers_do_not_count_as_words(console: Console) -> None:
    mediation = store(console, **SCHEDULED)
    terms = "长" * 4990 + "\r\n" * 5 + "完"
    console.log_in("laozhou").post(path_of(mediation, "conclude"), **{**RESULT, "terms": terms})
    assert state_of(console, mediation).agreement.terms == terms.replace("\r\n", "\n")


# the agreement before it is signed


def test_the_agreement_is_printed_for_signing_before_anything_is_recorded(console: Console) -> None:
    mediation = store(console, **SCHEDULED)
    answer = console.log_in("laozhou").post(path_of(mediation, "draft"), **{**RESULT, "agreed": "", "effective_on": ""})
    assert answer.status_code == 200
    text = words_of(answer.content)
    assert TERMS["terms"] in text
    assert "叁仟元整" in text
    assert "＿＿＿＿年＿＿月＿＿日" in text
    assert state_of(console, mediation).state == "scheduled"
    assert state_of(console, mediation).agreement.terms == ""


@pytest.mark.parametrize(("changes", "said"), [({"terms": ""}, "请写协议的内容"), ({"amount": "好多钱"}, "金额看不懂")])
def test_a_draft_that_cannot_be_written_says_why_and_keeps_what_was_typed(
    console: Console, changes: dict[str, str], said: str
) -> None:
    mediation = store(console, **SCHEDULED)
    answer = console.log_in("laozhou").post(path_of(mediation, "draft"), **{**RESULT, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert TERMS["performance"] in answer.text


# after it


@pytest.mark.parametrize(("act", "fields", "said"), [
    ("confirm", {}, "请选要不要申请司法确认"), ("confirm", {"wanted": "maybe"}, "请选要不要申请司法确认"),
    ("follow_up", {}, "请选：已履行"), ("follow_up", {"performed": "x"}, "请选：已履行"),
])  # fmt: skip
def test_an_empty_choice_gets_one_sentence(console: Console, act: str, fields: dict[str, str], said: str) -> None:
    mediation = store(console, **AGREED)
    answer = console.log_in("laozhou").post(path_of(mediation, act), **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert events_of(console, mediation) == []


def test_a_refusal_without_a_reason_of_the_list_is_none(console: Console) -> None:
    mediation = store(console)
    for reason in ("", "boring"):
        answer = console.log_in("laozhou").post(path_of(mediation, "refuse"), reason=reason)
        assert answer.status_code == 422
        assert "请从名单里选一个不受理的原因" in answer.text
    assert state_of(console, mediation).state == "applied"


def test_both_sides_are_told_what_was_noted_about_confirmation(console: Console) -> None:
    other = console.scene.resident()
    mediation = store(console, **AGREED, respondent_client_id=other.client_id)
    browser = console.log_in("laozhou")
    browser.post(path_of(mediation, "confirm"), wanted="yes")
    assert "12月23日" in other.fetch()[0]
    browser.post(path_of(mediation, "confirm"), wanted="no")
    assert "不申请司法确认" in other.fetch()[0]


# link and correction


def test_the_link_for_the_other_side_is_shown_once_and_works(console: Console) -> None:
    mediation, browser = store(console), console.log_in("laozhou")
    answer = browser.post(path_of(mediation, "invite"))
    assert answer.status_code == 200
    token = answer.text.partition("/start mediation_")[2].partition("<")[0]
    assert len(token) == 32
    assert token not in browser.get(path_of(mediation)).text
    assert state_of(console, mediation).token_hash
    assert events_of(console, mediation) == [("invited", "laozhou", "")]
    refused = browser.post(path_of(store(console, **SCHEDULED), "invite"))
    assert refused.status_code == 409


def test_what_was_told_is_put_right_and_the_evidence_stays(console: Console) -> None:
    mediation = store(console)
    console.log_in("laozhou").post(path_of(mediation, "correct"), **CORRECTED)
    assert state_of(console, mediation).content == Content(
        Person("张桂芳", "13800002222", "白马路1号"), Person("李强强"), "楼上漏水", "修好", 120_000,
        mediation.content.evidence,
    )  # fmt: skip


@pytest.mark.parametrize(("changes", "said"), [
    ({"applicant": ""}, "姓名没有写"), ({"applicant_phone": "12345"}, "电话号码不对"), ({"facts": ""}, "请写事情的经过"),
    ({"facts": "长" * 2001}, "请写事情的经过"), ({"claimed": "一大笔"}, "金额看不懂"), ({"applicant_phone": ""}, "请写申请人的电话"),
])  # fmt: skip
def test_a_wrong_correction_gets_one_sentence_and_changes_nothing(
    console: Console, changes: dict[str, str], said: str
) -> None:
    mediation = store(console)
    answer = console.log_in("laozhou").post(path_of(mediation, "correct"), **{**CORRECTED, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="李强强"' in answer.text
    assert state_of(console, mediation).content == mediation.content
