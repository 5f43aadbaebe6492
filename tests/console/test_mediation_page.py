"""The page of a mediation: what each member sees of it, its evidence, its papers, who read it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import docx
import pytest

from bot.domain.errors import NotFound
from bot.domain.mediation import MediationEvent
from bot.domain.messages import Attachment
from tests.builders import make_content
from tests.console.conftest import Console
from tests.console.mediations import AGREED, SCHEDULED, events_of, path_of, store

SECRETS = ("张桂芳", "13800001111", "天花板", "白马路2号3-1")


def readings(console: Console) -> list[tuple[str, str]]:
    with console.scene.open_unit(read_only=True) as uow:
        return [(r.reference, r.member_id) for r in uow.console.list_readings(console.now - timedelta(days=9))]


@pytest.mark.parametrize("member", ["laozhou", "zheng", "wu"])
def test_the_page_shows_parties_numbers_facts_claim_and_sum(console: Console, member: str) -> None:
    mediation = store(console, due_at=console.now + timedelta(hours=3))
    text = console.log_in(member).get(path_of(mediation)).text
    for said in (*SECRETS, "tel:13800001111", "修好漏水，赔3000元", "3,000元", "邻里纠纷", "白马社区", "该调解员联系对方", "还有3小时"):
        assert said in text, said


def test_one_that_nobody_has_is_shown_to_its_communitys_mediators_without_words(console: Console) -> None:
    mediation = store(console, community="qinggang", mediator_id=None, session_place="张桂芳家")
    browser = console.log_in("qin")
    text = browser.get(path_of(mediation)).text
    assert "我来办" in text
    assert "该司法所安排调解员" in text
    assert not any(said in text for said in SECRETS)
    assert "张桂芳家" not in text
    assert readings(console) == []
    answer = browser.post(path_of(mediation, "assign"), to_member="qin")
    assert "张桂芳" in browser.get(answer.headers["location"]).text
    assert readings(console) == [(mediation.reference, "qin")]


@pytest.mark.parametrize(("member", "changes"), [
    ("qin", {}), ("qin", {"mediator_id": None}), ("qin", {"community": "qinggang"}), ("qin", AGREED),
    ("chen", {}), ("chen", {"mediator_id": None}),
])  # fmt: skip
def test_nobody_else_learns_that_it_exists(console: Console, member: str, changes: dict[str, Any]) -> None:
    mediation, browser = store(console, **changes), console.log_in(member)
    answer, unknown = browser.get(path_of(mediation)), browser.get("/console/mediations/M26-NONE-00")
    assert answer.status_code in (403, 404)
    assert answer.status_code == unknown.status_code
    assert not any(said in answer.text for said in SECRETS)


def test_the_reference_may_be_typed_in_small_letters(console: Console) -> None:
    assert console.log_in("wu").get(path_of(store(console)).lower()).status_code == 200


def test_markup_in_what_people_wrote_is_text(console: Console) -> None:
    mediation = store(console, content=make_content(facts="<script>alert(1)</script>", claim="{{ csrf }}"))
    text = console.log_in("wu").get(path_of(mediation)).text
    assert "<script>alert" not in text
    assert "{{ csrf }}" in text


def test_a_broken_promise_is_red(console: Console) -> None:
    mediation = store(console, due_at=console.now - timedelta(hours=1))
    assert '<dd class="late">' in console.log_in("laozhou").get(path_of(mediation)).text


def test_whoever_has_no_account_is_to_be_telephoned(console: Console) -> None:
    with_account, without = store(console, respondent_client_id=1), store(console, client_id=0)
    browser = console.log_in("laozhou")
    assert browser.get(path_of(with_account)).text.count("没有用法邻") == 0
    assert browser.get(path_of(without)).text.count("没有用法邻") == 2


def test_what_happened_is_told_in_words(console: Console) -> None:
    mediation = store(console)

    def happen(work: Any) -> None:
        for kind, actor, detail in (
            ("applied", "client", ""), ("assigned", "zheng", "laozhou"), ("refused", "laozhou", "crime"),
            ("confirmation", "respondent", "yes"), ("followed_up", "wu", "partly"), ("overdue", "falin", ""),
            ("refused", "laozhou", "no-longer-known"),
        ):  # fmt: skip
            work.uow.mediations.add_event(MediationEvent(mediation.id, work.now, kind, actor, detail))

    console.scene.work(happen)
    text = console.log_in("wu").get(path_of(mediation)).text
    for line in ("安排调解员：老周书记", "不受理：涉嫌犯罪", "司法确认：要申请", "回访：部分履行", "超过期限", "申请人", "法邻"):
        assert line in text, line
    assert "no-longer-known" not in text


def test_a_reading_is_noted_once_an_hour_and_stands_in_the_audit(console: Console) -> None:
    mediation, browser = store(console), console.log_in("laozhou")
    for _ in range(3):
        browser.get(path_of(mediation))
    assert readings(console) == [(mediation.reference, "laozhou")]
    assert events_of(console, mediation) == []
    console.scene.now += timedelta(hours=1)
    console.log_in("laozhou").get(path_of(mediation))
    assert len(readings(console)) == 2
    audit = console.log_in("wu").get("/console/audit").text
    assert audit.count(f'href="{path_of(mediation)}"') == 2


def test_somebodys_reading_does_not_make_pages_load_anew(console: Console) -> None:
    mediation = store(console)
    with console.scene.open_unit(read_only=True) as uow:
        before = uow.console.revision()
    console.log_in("laozhou").get(path_of(mediation))
    with console.scene.open_unit(read_only=True) as uow:
        assert uow.console.revision() == before


# evidence


@pytest.fixture
def reading_console(make_console: Any) -> Console:
    async def read(attachment: Attachment) -> bytes:
        if attachment.ref != "file-7":
            raise NotFound("gone")
        return b"\xff\xd8picture"

    return make_console(read_file=read)


def test_evidence_is_shown_in_the_page_and_the_reading_is_noted(reading_console: Console) -> None:
    mediation = store(reading_console)
    browser = reading_console.log_in("laozhou")
    answer = browser.get(path_of(mediation, "files/0"))
    assert (answer.status_code, answer.content) == (200, b"\xff\xd8picture")
    assert answer.headers["content-disposition"].startswith("inline")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert readings(reading_console) == [(mediation.reference, "laozhou")]
    assert f'src="{path_of(mediation, "files/0")}"' in browser.get(path_of(mediation)).text


@pytest.mark.parametrize("number", ["1", "-1", "x", "²", "99999999", "0x0"])
def test_evidence_that_is_none_is_not_found(reading_console: Console, number: str) -> None:
    assert reading_console.log_in("laozhou").get(path_of(store(reading_console), f"files/{number}")).status_code == 404


def test_evidence_that_is_gone_says_so(reading_console: Console) -> None:
    gone = Attachment("telegram", "erased", "photo")
    mediation = store(reading_console, content=make_content(evidence=(gone,)))
    answer = reading_console.log_in("laozhou").get(path_of(mediation, "files/0"))
    assert answer.status_code == 404
    assert "这个文件打不开" in answer.text


def test_evidence_of_one_that_nobody_has_is_not_shown_to_a_mediator(reading_console: Console) -> None:
    mediation = store(reading_console, mediator_id=None, community="qinggang")
    assert reading_console.log_in("qin").get(path_of(mediation, "files/0")).status_code == 404


# papers


def words_of(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize(("paper", "title"), [("agreement", "调解协议书"), ("confirmation", "司法确认申请书")])
def test_papers_of_an_agreement_are_downloaded_as_word_files(console: Console, paper: str, title: str) -> None:
    mediation, browser = store(console, **AGREED), console.log_in("laozhou")
    answer = browser.get(path_of(mediation, f"papers/{paper}.docx"))
    assert answer.status_code == 200
    assert unquote(answer.headers["content-disposition"]).endswith(f"''{title}-{mediation.reference}.docx")
    text = words_of(answer.content)
    assert "李强修好漏水，赔3000元" in text
    assert "梨树街道人民调解委员会" in text
    assert f"papers/{paper}.docx" in browser.get(path_of(mediation)).text


@pytest.mark.parametrize(("changes", "paper"), [
    (SCHEDULED, "agreement.docx"), (SCHEDULED, "confirmation.docx"), ({**AGREED, "agreed": False}, "agreement.docx"),
    ({**AGREED, "form": "oral"}, "agreement.docx"), (AGREED, "agreement.pdf"), (AGREED, "x"),
])  # fmt: skip
def test_a_paper_that_does_not_exist_is_not_found(console: Console, changes: dict[str, Any], paper: str) -> None:
    assert console.log_in("laozhou").get(path_of(store(console, **changes), f"papers/{paper}")).status_code == 404


def test_the_last_day_for_confirmation_is_shown_and_when_it_is_over(console: Console) -> None:
    mediation = store(console, **AGREED)
    assert "最晚 12月23日" in console.log_in("laozhou").get(path_of(mediation)).text
    console.scene.now += timedelta(days=31)
    text = console.log_in("laozhou").get(path_of(mediation)).text
    assert "申请的时间已过" in text
    assert f'action="{path_of(mediation, "confirm")}#fault"' not in text
    assert f'action="{path_of(mediation, "follow_up")}#fault"' in text


def test_a_forgotten_applicants_mediation_still_has_a_page(console: Console) -> None:
    mediation = store(console, **AGREED)
    client = replace(mediation).client_id

    def forget(work: Any) -> None:
        work.uow.clients.erase(client, work.now)

    console.scene.work(forget)
    browser = console.log_in("laozhou")
    text = browser.get(path_of(mediation)).text
    assert not any(said in text for said in (*SECRETS, "李强"))
    assert "（没有留下）" in text
    assert browser.get(path_of(mediation, "papers/agreement.docx")).status_code == 200
