"""The case page: what is shown to whom, what is noted, and every act."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.console.cookies import csrf_of
from bot.domain.cases import Case
from bot.domain.decisions import StatuteHit
from bot.knowledge.statutes import LawText
from bot.services.handoff import accept_case
from bot.services.relay import withdraw_message
from tests.console.conftest import Console
from tests.handoff.scene import PHOTO, Person

SECRET = "我家楼上天天半夜吵"


@pytest.fixture
def resident(console: Console) -> Person:
    console.scene.member("chen")
    console.scene.member("zhou")
    return console.scene.resident()


@pytest.fixture
def case(console: Console, resident: Person) -> Case:
    return console.case(resident, SECRET)


@pytest.fixture
def taken(console: Console, case: Case) -> Case:
    console.scene.work(accept_case, case.id, "chen")
    return case


def path(case: Case, act: str = "") -> str:
    return f"/console/cases/{case.reference}{f'/{act}' if act else ''}"


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def readings(console: Console) -> list[tuple[str, datetime]]:
    return [(e.actor, e.at) for e in console.look().events if e.kind == "read"]


# --- what is shown


def test_the_page_shows_words_answers_times_and_what_happened(console: Console, resident: Person, taken: Case) -> None:
    console.scene.work(lambda w: w.uow.answers.note_given(resident.client_id, "labour.unpaid_wages", w.now))
    resident.send("工资条找到了")
    page = text_of(console.log_in("chen").get(path(taken)))
    for part in (
        SECRET, "法邻答过：老板拖欠工资怎么办", "工资条找到了", "承诺 今天中午12:00前答复", "办理中，该顾问答复",
        "派给陈律师（本社区顾问、", "接手 陈律师", "请居民补材料", "结案",
    ):  # fmt: skip
        assert part in page, part


def test_markup_in_what_people_wrote_is_text(console: Console, resident: Person, taken: Case) -> None:
    resident.send("<script>alert(1)</script><b>急</b>")
    page = console.log_in("chen").get(path(taken)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;急&lt;/b&gt;" in page


def test_a_deadline_and_a_conflict_of_interest_are_shown(console: Console) -> None:
    console.scene.member("chen")
    console.scene.member("zhou")
    first = console.case(console.scene.resident("baima"), name="王五", other_party="李四")
    console.scene.work(accept_case, first.id, "chen")
    day = datetime(2026, 11, 26).date()
    second = console.case(console.scene.resident("baima"), name="李四", other_party="王五", deadline=day)
    page = text_of(console.log_in("wu").get(path(second)))
    assert "利益冲突： 陈律师 和本案另一方有关系" in re.sub(r"\s+", " ", page) or "利益冲突：陈律师" in page
    assert "2026-11-26 到期" in page
    assert console.log_in("chen").get(path(second)).status_code == 404


def test_staff_see_the_facts_and_never_the_words(console: Console, resident: Person, taken: Case) -> None:
    resident.send("工资条找到了")
    answer = console.log_in("zheng").get(path(taken))
    assert answer.status_code == 200
    assert "劳动用工" in answer.text
    assert SECRET not in answer.text
    assert "工资条找到了" not in answer.text
    assert "<textarea" not in answer.text
    assert readings(console) == []


def test_a_reason_somebody_wrote_is_words_too(console: Console, taken: Case) -> None:
    console.log_in("wu").post(path(taken, "assign"), to_member="zhou", reason="陈律师说当事人态度差")
    assert "态度差" in console.log_in("wu").get(path(taken)).text
    assert "态度差" not in console.log_in("zheng").get(path(taken)).text


def test_whoever_was_asked_in_vain_sees_the_card_without_words_until_taking_over(console: Console, case: Case) -> None:
    console.scene.pass_time(minutes=31)
    assert console.state(case).adviser_id == "zhou"
    chen = console.log_in("chen")
    page = chen.get(path(case)).text
    assert SECRET not in page
    assert "接手以后才能看到" in page
    assert chen.post(path(case, "accept")).headers["location"] == f"{path(case)}?done=accepted"
    assert SECRET in chen.get(path(case)).text


@pytest.mark.parametrize("reference", ["F26-AAAA-AA", "x", "%00", "F26-AAAA-AA'--", "陈", "x" * 2000])
def test_an_unknown_reference_and_somebody_elses_case_get_the_same_answer(
    console: Console, case: Case, reference: str
) -> None:
    zhou = console.log_in("zhou")
    made_up, others = zhou.get(f"/console/cases/{reference}"), zhou.get(path(case))
    assert made_up.status_code == others.status_code == 404
    assert "没有找到，或者您没有查看的权限" in others.text
    assert readings(console) == []


def test_the_reference_may_be_typed_in_small_letters(console: Console, case: Case) -> None:
    assert console.log_in("chen").get(path(case).lower()).status_code == 200


def test_a_withdrawn_message_is_gone_and_an_edited_one_says_so(
    console: Console, resident: Person, taken: Case
) -> None:
    resident.send("说错话了")
    (message,) = console.look().messages
    console.scene.work(withdraw_message, message)
    page = console.log_in("chen").get(path(taken)).text
    assert "说错话了" not in page
    assert "这条消息撤回了" in page


def test_a_forgotten_clients_case_shows_nothing_and_cannot_be_written_to(
    console: Console, resident: Person, taken: Case
) -> None:
    resident.send("工资条找到了")
    console.scene.work(lambda w: w.uow.clients.erase(resident.client_id, w.now))
    page = console.log_in("wu").get(path(taken)).text
    assert SECRET not in page
    assert "工资条找到了" not in page


# --- what is noted


def test_a_reading_is_noted_once_an_hour_a_member(console: Console, case: Case) -> None:
    chen, wu = console.log_in("chen"), console.log_in("wu")
    begin = console.now
    for _ in range(3):
        chen.get(path(case))
    wu.get(path(case))
    assert readings(console) == [("chen", begin), ("wu", begin)]
    console.scene.now += timedelta(minutes=59)
    wu = console.log_in("wu")
    wu.get(path(case))
    assert len(readings(console)) == 2
    console.scene.now += timedelta(minutes=1)
    wu.get(path(case), headers={"X-Live": "1"})
    assert readings(console)[2:] == [("wu", begin + timedelta(hours=1))]


def test_readings_across_beijing_midnight_and_new_year_are_told_apart(console: Console) -> None:
    console.scene.now = datetime(2026, 12, 31, 15, 50, tzinfo=timezone.utc)  # ten to midnight
    case = console.case()
    wu = console.log_in("wu")
    wu.get(path(case))
    console.scene.now += timedelta(minutes=20)
    wu.get(path(case))
    assert len(readings(console)) == 1, "the same hour although another year"
    audit = console.log_in("wu").get("/console/audit").text
    assert "12-31 23:50" in audit
    assert "吴所长" in audit
    assert case.reference in audit


def test_the_audit_is_filtered_by_person_case_and_days(console: Console, case: Case) -> None:
    other = console.case(console.scene.resident())
    console.log_in("chen").get(path(case))
    console.log_in("wu").get(path(case))
    console.log_in("wu").get(path(other))
    wu = console.log_in("wu")

    def count(query: str) -> int:
        return wu.get(f"/console/audit?{query}").text.count("<tr><td>")

    assert count("") == 3
    assert count("member=wu") == 2
    assert count(f"member=wu&case={other.reference.lower()}") == 1
    assert count("days=" + "9" * 40) == 3
    console.scene.now += timedelta(days=8)
    wu = console.log_in("wu")
    assert count("") == 0
    assert count("days=30") == 3


def test_a_reading_is_not_shown_in_the_course_of_the_case(console: Console, case: Case) -> None:
    wu = console.log_in("wu")
    wu.get(path(case))
    assert "查看" not in wu.get(path(case)).text


# --- acts


def test_taking_over_tells_the_resident(console: Console, resident: Person, case: Case) -> None:
    chen = console.log_in("chen")
    answer = chen.post(path(case, "accept"))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path(case)}?done=accepted")
    assert "已接手。" in chen.get(answer.headers["location"]).text
    assert console.state(case).state == "accepted"
    assert any("陈律师已接手" in said for said in resident.fetch())


def test_of_two_who_take_over_the_second_is_told(console: Console, case: Case) -> None:
    console.scene.pass_time(minutes=31)  # both were asked
    chen, zhou = console.log_in("chen"), console.log_in("zhou")
    chen.post(path(case, "accept"))
    answer = zhou.post(path(case, "accept"))
    assert answer.status_code in (404, 409)
    assert console.state(case).adviser_id == "chen"


def test_a_message_goes_to_the_resident_under_the_advisers_name(
    console: Console, resident: Person, taken: Case
) -> None:
    resident.fetch()
    answer = console.log_in("chen").post(path(taken, "say"), text="  您好，\r\n请带合同来。 ")
    assert answer.headers["location"] == f"{path(taken)}?done=sent#write"
    (said,) = resident.fetch()
    assert said.startswith("陈律师：")
    assert "请带合同来。" in said
    state = console.state(taken)
    assert state.answered_at == console.now
    assert state.next_action_by == "client"


def test_what_the_resident_answers_stands_on_the_page(console: Console, resident: Person, taken: Case) -> None:
    console.log_in("chen").post(path(taken, "say"), text="请带合同来。")
    resident.send("好的，明天带来")
    page = text_of(console.log_in("chen").get(path(taken)))
    assert page.index("请带合同来。") < page.index("好的，明天带来")


@pytest.mark.parametrize(("act", "fields", "event", "done"), [
    ("documents", {"text": "劳动合同"}, "documents_asked", "documents"),
    ("to_bot", {}, "to_bot", "to_bot"), ("mediation", {}, "referred", "referred"),
    ("legal_aid", {}, "referred", "referred"), ("close", {"outcome": "advised"}, "closed", "closed"),
    ("transfer", {"to_member": "zhou", "reason": "更懂这个"}, "transferred", "transferred"),
])  # fmt: skip
def test_every_act_does_what_it_says(
    console: Console, taken: Case, act: str, fields: dict[str, str], event: str, done: str
) -> None:
    chen = console.log_in("chen")
    answer = chen.post(path(taken, act), **fields)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"?done={done}")
    assert event in console.scene.events(taken)
    assert chen.get(answer.headers["location"]).status_code == 200


def test_declining_asks_the_next_and_leads_to_the_queue(console: Console, case: Case) -> None:
    answer = console.log_in("chen").post(path(case, "decline"), reason="busy")
    assert answer.headers["location"] == "/console/?done=declined"
    assert console.state(case).adviser_id == "zhou"


def test_the_supervisor_assigns_with_a_reason(console: Console, case: Case) -> None:
    wu = console.log_in("wu")
    assert wu.post(path(case, "assign"), to_member="zhou").headers["location"] == f"{path(case)}?fault=reason"
    assert console.state(case).adviser_id == "chen"
    assert wu.post(path(case, "assign"), to_member="zhou", reason="陈律师请假").status_code == 303
    assert console.state(case).adviser_id == "zhou"
    assert "陈律师请假" in wu.get(path(case)).text


@pytest.mark.parametrize(("act", "fields", "said"), [
    ("say", {"text": " \n "}, "请先写内容"), ("say", {}, "请先写内容"), ("documents", {"text": ""}, "请先写内容"),
    ("transfer", {"reason": "x"}, "请选择交给谁"), ("transfer", {"to_member": "zhou"}, "请写明原因"),
    ("close", {}, "请选择办理结果"),
])  # fmt: skip
def test_an_empty_field_gets_one_sentence_and_changes_nothing(
    console: Console, taken: Case, act: str, fields: dict[str, str], said: str
) -> None:
    chen, before = console.log_in("chen"), console.scene.events(taken)
    answer = chen.post(path(taken, act), **fields)
    assert said in chen.get(answer.headers["location"]).text
    assert [e for e in console.scene.events(taken) if e != "read"] == [e for e in before if e != "read"]
    assert console.look().messages == []


@pytest.mark.parametrize(("act", "fields"), [
    ("close", {"outcome": "erased"}), ("close", {"outcome": "nonsense"}), ("transfer", {"to_member": "wu", "reason": "x"}),
    ("transfer", {"to_member": "chen", "reason": "x"}), ("decline", {"reason": "nonsense"}), ("fly", {}),
    ("transfer", {"to_member": "nobody", "reason": "x"}), ("accept", {}), ("%2e%2e", {}),
])  # fmt: skip
def test_what_the_rules_forbid_is_refused_in_words_and_changes_nothing(
    console: Console, taken: Case, act: str, fields: dict[str, str]
) -> None:
    before = console.state(taken)
    answer = console.log_in("chen").post(path(taken, act), **fields)
    assert answer.status_code in (404, 409)
    assert '<p class="notice" role="alert">' in answer.text
    assert console.state(taken) == before


@pytest.mark.parametrize("act", ["say", "documents", "close", "transfer", "mediation", "to_bot"])
def test_nobody_acts_on_somebody_elses_case(console: Console, taken: Case, act: str) -> None:
    before = console.state(taken)
    for member in ("zhou", "wu", "laozhou", "zheng"):
        fields = {"text": "您好", "outcome": "advised", "to_member": "zhou", "reason": "x"}
        assert console.log_in(member).post(path(taken, act), **fields).status_code in (403, 404, 409)
    assert console.state(taken) == before
    assert console.look().messages == []


def test_a_closed_case_offers_no_acts_and_takes_none(console: Console, resident: Person, taken: Case) -> None:
    chen = console.log_in("chen")
    chen.post(path(taken, "close"), outcome="settled")
    page = chen.get(path(taken)).text
    assert "已结案" in page
    assert "已解决" in page
    assert "<textarea" not in page
    assert chen.post(path(taken, "say"), text="还有一句").status_code == 409
    assert console.look().messages == []


def test_a_very_long_message_is_cut_to_what_can_be_sent(console: Console, taken: Case) -> None:
    console.log_in("chen").post(path(taken, "say"), text="长" * 9000)
    (message,) = console.look().messages
    assert len(message.text) == 4000


def test_a_member_removed_in_the_middle_of_writing_is_out(console: Console, taken: Case) -> None:
    chen = console.log_in("chen")
    console.log_in("wu").post("/console/members/chen/remove")
    assert chen.post(path(taken, "say"), text="您好").status_code == 401
    assert console.look().messages == []
    assert console.state(taken).adviser_id != "chen"


# --- looking up


def test_ready_replies_are_found_in_the_knowledge_and_fill_the_box(console: Console, taken: Case) -> None:
    chen = console.log_in("chen")
    page = chen.get(f"{path(taken)}?reply=拖欠工资").text
    assert "老板拖欠工资怎么办" in page
    assert "房东不退押金" not in page
    filled = chen.get(f"{path(taken)}?fill=labour.unpaid_wages").text
    box = re.search(r"<textarea id=\"text\"[^>]*>([^<]*)</textarea>", filled)
    assert box
    assert "单位要按时发工资。" in box[1]
    assert "没有找到" in chen.get(f"{path(taken)}?reply=XYZ").text
    assert chen.get(f"{path(taken)}?fill=no.such&reply={'长' * 3000}").status_code == 200


def test_nobody_without_the_words_gets_the_search(console: Console, taken: Case) -> None:
    assert "老板拖欠工资怎么办" not in console.log_in("zheng").get(f"{path(taken)}?reply=拖欠工资").text


def import_law(work: Any) -> None:
    day = datetime(2020, 1, 1).date()
    articles = {(8, 0): "第八条　应当按时支付。", (9, 1): "第九条之一　另有规定的除外。"}
    work.uow.laws.save("a.md", "1", LawText("测试劳动法", day, articles, day, Path("a.md")))


@pytest.mark.parametrize(("query", "found"), [
    ("测试劳动法 8", "应当按时支付"), ("《测试劳动法》第八条", "应当按时支付"), ("测试劳动法9之一", "另有规定"),
    ("测试劳动法 77", "没有找到"), ("没有这部法 1", "没有找到"), ("随便一句话", "没有找到"),
])  # fmt: skip
def test_articles_are_looked_up_by_name(console: Console, taken: Case, query: str, found: str) -> None:
    console.scene.work(import_law)
    assert found in console.log_in("chen").get(path(taken), params={"law": query}).text


def test_articles_are_found_for_a_sentence_when_law_texts_can_be_searched(make_console: Any) -> None:
    console = make_console(find_statutes=lambda text: [StatuteHit("测试劳动法", (8, 0), 1.0)] if "工资" in text else [])
    console.scene.work(import_law)
    console.scene.member("chen")
    case = console.case()
    page = console.log_in("chen").get(path(case), params={"law": "老板不发工资怎么办"}).text
    assert "应当按时支付" in page


# --- files


@pytest.fixture
def reading_console(make_console: Any) -> Console:
    async def read(attachment: Any) -> bytes:
        return b"bytes of " + attachment.ref.encode()

    return make_console(read_file=read)


def test_a_photo_is_shown_and_a_document_is_saved(reading_console: Console) -> None:
    from dataclasses import replace

    console = reading_console
    console.scene.member("chen")
    resident = console.scene.resident()
    case = console.case(resident)
    console.scene.work(accept_case, case.id, "chen")
    paper = replace(PHOTO, kind="document", name='../../"合同\r\n.html', mime="text/html", ref="file-2")
    resident.send(file="photo", attachment=PHOTO)
    resident.send(file="document", attachment=paper)
    photo, document = console.look().messages
    chen = console.log_in("chen")
    page = chen.get(path(case)).text
    assert f'<img class="photo" src="/console/files/{photo.id}"' in page
    shown = chen.get(f"/console/files/{photo.id}")
    assert (shown.content, shown.headers["content-type"]) == (b"bytes of file-1", "image/jpeg")
    assert shown.headers["content-disposition"].startswith("inline")
    saved = chen.get(f"/console/files/{document.id}")
    assert saved.headers["content-type"] == "application/octet-stream", "html is never shown"
    assert saved.headers["content-disposition"].startswith("attachment; filename*=UTF-8''.._.._")
    assert "sandbox" in saved.headers["content-security-policy"]
    assert console.log_in("zhou").get(f"/console/files/{photo.id}").status_code == 404
    assert console.log_in("zheng").get(f"/console/files/{photo.id}").status_code == 403


@pytest.mark.parametrize(("wanted", "status", "got"), [
    ("bytes=0-1", 206, b"by"), ("bytes=9-", 206, b"file-1"), ("bytes=0-999999", 206, b"bytes of file-1"),
    ("bytes=99-", 416, b""), ("bytes=5-2", 416, b""), ("bytes=-5", 200, b"bytes of file-1"), ("lines=1-2", 200, b"bytes of file-1"),
])  # fmt: skip
def test_a_player_may_ask_for_a_part(reading_console: Console, wanted: str, status: int, got: bytes) -> None:
    console = reading_console
    console.scene.member("chen")
    resident = console.scene.resident()
    console.scene.work(accept_case, console.case(resident).id, "chen")
    resident.send(file="photo", attachment=PHOTO)
    number = console.look().messages[0].id
    answer = console.log_in("chen").get(f"/console/files/{number}", headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (status, got)


@pytest.mark.parametrize("number", ["0", "999999", "x", "9" * 40, "-1", "²"])
def test_a_file_that_is_none_is_not_found(reading_console: Console, number: str) -> None:
    assert reading_console.log_in("wu").get(f"/console/files/{number}").status_code == 404


def test_a_file_that_cannot_be_fetched_says_so(make_console: Any) -> None:
    from bot.domain.errors import NotFound

    async def read(attachment: Any) -> bytes:
        raise NotFound("gone")

    console = make_console(read_file=read)
    console.scene.member("chen")
    resident = console.scene.resident()
    case = console.case(resident)
    console.scene.work(accept_case, case.id, "chen")
    resident.send(file="photo", attachment=PHOTO)
    answer = console.log_in("chen").get(f"/console/files/{console.look().messages[0].id}")
    assert answer.status_code == 404
    assert "这个文件打不开" in answer.text



PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


def send_file(console: Console, case: Case, content: bytes, name: str, member: str = "chen", **fields: str) -> Any:
    browser = console.log_in(member)
    data = {"csrf": csrf_of(browser.token), **fields}
    return browser.client.post(path(case, "say"), data=data, files={"file": (name, content, "text/html")})


def test_a_file_from_the_desk_reaches_the_resident_with_its_words(
    console: Console, resident: Person, taken: Case
) -> None:
    resident.fetch()
    answer = send_file(console, taken, PNG, "../../协议\r\n.png", text="请看这张")
    assert answer.headers["location"] == f"{path(taken)}?done=sent#write"
    (said,) = resident.fetch()
    assert "请看这张" in said
    sent = resident.messages[-1].reply.attachment
    assert sent
    assert (sent.source, sent.kind, sent.mime, sent.size) == ("local", "photo", "image/png", len(PNG))
    assert "/" not in sent.name
    assert "\n" not in sent.name
    with console.scene.open_unit(read_only=True) as uow:
        assert uow.files.read(sent.ref) == PNG


def test_a_file_may_go_without_words(console: Console, taken: Case) -> None:
    assert send_file(console, taken, PNG, "a.png").headers["location"].endswith("?done=sent#write")
    assert console.look().messages[0].text == ""


@pytest.mark.parametrize(("content", "name", "said"), [
    (b"<html><script>", "a.png", "这个文件发不了"), (b"", "a.png", "这个文件发不了"), (b"MZ", "a.exe", "这个文件发不了"),
    (PNG + b"x" * 20_000_000, "a.png", "超过20MB"),
])  # fmt: skip
def test_a_file_that_cannot_go_gets_one_sentence_and_is_not_kept(
    console: Console, taken: Case, content: bytes, name: str, said: str
) -> None:
    answer = send_file(console, taken, content, name, text="请看")
    assert said in console.log_in("chen").get(answer.headers["location"]).text
    assert console.look().messages == []


def test_a_file_of_fifty_megabytes_is_not_even_read(console: Console, taken: Case) -> None:
    answer = send_file(console, taken, b"x" * 50_000_000, "a.png")
    assert answer.status_code == 413
    assert "超过20MB" in answer.text


def test_nobody_else_sends_a_file(console: Console, taken: Case) -> None:
    for member in ("zhou", "wu", "zheng"):
        assert send_file(console, taken, PNG, "a.png", member).status_code in (403, 404, 409)
    assert console.look().messages == []
