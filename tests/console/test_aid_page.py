"""An application for legal aid at the office's desk: page, papers, complete file, what is recorded."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from bot.console.cookies import csrf_of
from bot.domain.aid_applications import AidApplication
from bot.domain.errors import NotFound
from bot.domain.messages import MAX_FILE, Attachment
from tests.aid_builders import VIOLENCE, make_application, make_photo
from tests.console.conftest import Console

SECRETS = ("王小明", "13800000000", "欠我两万元", "某某建筑公司")
JPEG = b"\xff\xd8\xff\xe0 a photo"


def store(console: Console, **changes: Any) -> AidApplication:
    values = {"client_id": console.scene.resident().client_id, **changes}
    return console.scene.work(lambda work: work.uow.aid_applications.add(make_application(**values)))


def state_of(console: Console, application: AidApplication) -> AidApplication:
    with console.scene.open_unit(read_only=True) as uow:
        return uow.aid_applications.lock(application.id)


def events_of(console: Console, application: AidApplication) -> list[tuple[str, str]]:
    with console.scene.open_unit(read_only=True) as uow:
        return [(event.kind, event.actor) for event in uow.aid_applications.list_events(application.id)]


def path_of(application: AidApplication, act: str = "") -> str:
    return f"/console/aid/{application.reference}{f'/{act}' if act else ''}"


@pytest.fixture
def reading_console(make_console: Any) -> Console:
    async def read(attachment: Attachment) -> bytes:
        if attachment.ref == "gone":
            raise NotFound("gone")
        return JPEG

    return make_console(read_file=read)


@pytest.mark.parametrize("member", ["zheng", "wu"])
def test_the_page_shows_the_form_the_checklist_and_whose_turn_it_is(console: Console, member: str) -> None:
    application = store(console)
    text = console.log_in(member).get(path_of(application)).text
    for said in (*SECRETS, "tel:13800000000", "☑ 身份证", "☐", "还没交", "该司法所转交", "大概符合", "前转交"):
        assert said in text, said
    assert f'src="{path_of(application, "files/0")}"' in text


@pytest.mark.parametrize("member", ["chen", "laozhou"])
def test_nobody_outside_the_office_sees_it(console: Console, member: str) -> None:
    application = store(console)
    for act in ("", "files/0", "file.zip"):
        answer = console.log_in(member).get(path_of(application, act))
        assert answer.status_code == 403
        assert not any(said in answer.text for said in SECRETS)


@pytest.mark.parametrize("act", ["", "files/0", "file.zip"])
def test_an_unknown_reference_is_not_found(console: Console, act: str) -> None:
    assert console.log_in("wu").get(f"/console/aid/L26-NONE-00/{act}".rstrip("/")).status_code == 404


def test_a_reading_is_noted_once_an_hour_and_stands_in_the_audit(console: Console) -> None:
    application = store(console)
    for _ in range(2):
        console.log_in("zheng").get(path_of(application))
    assert events_of(console, application) == [("read", "zheng")]
    console.scene.now += timedelta(hours=1)
    console.log_in("zheng").get(path_of(application))
    assert events_of(console, application) == [("read", "zheng")] * 2
    assert console.log_in("wu").get("/console/audit").text.count(f'href="{path_of(application)}"') == 2


def test_a_forgotten_applicants_page_holds_nothing_personal(console: Console) -> None:
    application = store(console, client_id=0, name="", phone="", facts="", other_party="", photos=[])
    text = console.log_in("wu").get(path_of(application)).text
    assert "申请人已要求忘记" in text
    assert "加一份材料" not in text
    assert "file.zip" not in text


# handing over and deciding


def test_handing_over_tells_the_applicant_and_who_did_it(console: Console) -> None:
    resident = console.scene.resident()
    application, browser = store(console, client_id=resident.client_id), console.log_in("zheng")
    answer = browser.post(path_of(application, "handed"))
    assert "已记下：转交法律援助机构" in browser.get(answer.headers["location"]).text
    assert state_of(console, application).state == "handed_over"
    assert ("handed_over", "zheng") in events_of(console, application)
    assert "11月30日" in resident.fetch()[0]
    again = browser.post(path_of(application, "handed"))
    assert again.status_code == 409
    assert "这一步现在不能办" in again.text


@pytest.mark.parametrize(("decision", "shown"), [("granted", "已给予援助"), ("refused", "不予援助"), ("lapsed", "视为撤回")])
def test_the_centres_decision_is_recorded_with_its_note(console: Console, decision: str, shown: str) -> None:
    resident = console.scene.resident()
    application = store(console, client_id=resident.client_id, handed_over_at=console.now)
    browser = console.log_in("wu")
    note = "渝法援〔2026〕9号，证件 500101199001011234"
    answer = browser.post(path_of(application, "decide"), decision=decision, note=note)
    assert shown in browser.get(answer.headers["location"]).text
    stored = state_of(console, application)
    assert stored.state == decision
    assert stored.note == "渝法援〔2026〕9号，证件 （证件号已隐去）"
    assert resident.fetch()


@pytest.mark.parametrize(("changes", "decision", "status", "said"), [
    ({}, "granted", 409, "这一步现在不能办"), ({"handed": True}, "", 422, "请选：给予援助"),
    ({"handed": True}, "maybe", 422, "请选：给予援助"), ({"handed": True, "decided": True}, "granted", 409, "这一步现在不能办"),
])  # fmt: skip
def test_a_wrong_decision_gets_one_sentence_and_changes_nothing(
    console: Console, changes: dict[str, bool], decision: str, status: int, said: str
) -> None:
    moments: dict[str, Any] = {"handed_over_at": console.now} if "handed" in changes else {}
    moments |= {"decided_at": console.now, "decision": "refused"} if "decided" in changes else {}
    application = store(console, **moments)
    answer = console.log_in("wu").post(path_of(application, "decide"), decision=decision, note="写了一半")
    assert answer.status_code == status
    assert said in answer.text
    if status == 422:
        assert "写了一半" in answer.text
    assert state_of(console, application) == application
    assert [entry for entry in console.look().ledger if entry.kind == "legal_aid"] == []


@pytest.mark.parametrize("act", ["handed", "decide", "papers"])
def test_a_form_from_elsewhere_changes_nothing(console: Console, act: str) -> None:
    application = store(console)
    answer = console.log_in("wu").post(path_of(application, act), csrf="x", decision="granted", paper="identity")
    assert answer.status_code == 403
    assert state_of(console, application) == application


# papers


def send(console: Console, application: AidApplication, content: bytes, name: str, paper: str = "case") -> Any:
    browser = console.log_in("zheng")
    data = {"csrf": csrf_of(browser.token), "paper": paper}
    return browser.client.post(path_of(application, "papers"), data=data, files={"file": (name, content, "x/y")})


def test_a_paper_brought_to_the_office_completes_the_file(console: Console) -> None:
    application = store(console)
    wanted = [p for p in ("case", "exemption") if p not in {photo.paper for photo in application.photos}]
    for paper in wanted:
        assert send(console, application, JPEG, f"{paper}.jpg", paper).status_code == 303
    stored = state_of(console, application)
    assert [photo.paper for photo in stored.photos] == ["identity", *wanted]
    assert stored.file_complete_at == console.now
    assert events_of(console, application) == [("paper", "zheng")] * len(wanted)
    with console.scene.open_unit(read_only=True) as uow:
        assert uow.files.read(stored.photos[-1].attachment.ref) == JPEG


@pytest.mark.parametrize(("content", "name", "paper", "status", "said"), [
    (b"", "leer.jpg", "case", 422, "这个文件发不了"), (b"<svg onload=x>", "bild.svg", "case", 422, "这个文件发不了"),
    (b"MZ program", "x.jpg", "case", 422, "这个文件发不了"), (b"OggS voice", "x.ogg", "case", 422, "录音和视频不行"),
    (JPEG, "x.jpg", "", 422, "请选是哪一种材料"), (JPEG, "x.jpg", "statement", 422, "不要这种材料"),
    (JPEG, "x.jpg", "passport", 422, "不要这种材料"),
    (JPEG + b"x" * MAX_FILE, "x.jpg", "case", 422, "20MB"), (JPEG + b"x" * (MAX_FILE + 300_000), "x.jpg", "case", 413, "20MB"),
])  # fmt: skip
def test_a_file_that_is_no_paper_gets_one_sentence_and_changes_nothing(
    console: Console, content: bytes, name: str, paper: str, status: int, said: str
) -> None:
    application = store(console)
    answer = send(console, application, content, name, paper)
    assert answer.status_code == status
    assert said in answer.text
    assert state_of(console, application) == application
    assert console.look().files == {}


def test_a_decided_or_forgotten_application_takes_no_more_papers(console: Console) -> None:
    for changes in ({"decided_at": console.now, "decision": "granted"}, {"client_id": 0}):
        application = store(console, **changes)
        answer = send(console, application, JPEG, "x.jpg")
        assert answer.status_code == 409
        assert "不能再加材料" in answer.text
        assert state_of(console, application) == application


def test_a_full_application_says_so(console: Console) -> None:
    application = store(console, photos=[make_photo() for _ in range(40)])
    answer = send(console, application, JPEG, "x.jpg")
    assert answer.status_code == 422
    assert "满40张" in answer.text


# the complete file


def test_the_complete_file_holds_form_and_photos(reading_console: Console) -> None:
    application = store(reading_console, photos=[make_photo("identity"), make_photo("case")])
    answer = reading_console.log_in("zheng").get(path_of(application, "file.zip"))
    assert unquote(answer.headers["content-disposition"]).endswith(f"''法律援助申请-{application.reference}.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        names = folder.namelist()
        assert names[0] == "00-申请表.docx"
        assert [name[:3] for name in names[1:]] == ["01-", "02-"]
        assert folder.read(names[1]) == JPEG
    assert ("read", "zheng") in events_of(reading_console, application)


def test_a_photo_that_cannot_be_had_does_not_spoil_the_file(reading_console: Console) -> None:
    gone = make_photo("case")
    gone = type(gone)("case", Attachment("telegram", "gone", "photo"))
    application = store(reading_console, photos=[make_photo("identity"), gone])
    answer = reading_console.log_in("zheng").get(path_of(application, "file.zip"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as folder:
        assert len(folder.namelist()) == 2


def test_photos_are_shown_and_numbers_that_are_none_are_not_found(reading_console: Console) -> None:
    application, browser = store(reading_console), reading_console.log_in("wu")
    assert browser.get(path_of(application, "files/0")).content == JPEG
    for number in ("1", "-1", "x", "99999"):
        assert browser.get(path_of(application, f"files/{number}")).status_code == 404


# the queue


def test_open_applications_stand_in_the_offices_queue_without_words_and_the_urgent_first(console: Console) -> None:
    plain, urgent = store(console), store(console, answers=VIOLENCE, urgent=True, matter="violence")
    handed = store(console, handed_over_at=console.now)
    decided = store(console, handed_over_at=console.now, decided_at=console.now, decision="granted")
    for member, seen in (("zheng", True), ("wu", True), ("chen", False), ("laozhou", False)):
        text = console.log_in(member).get("/console/").text
        for application in (plain, urgent, handed, decided):
            assert (f'href="{path_of(application)}"' in text) is seen
        assert not any(said in text for said in SECRETS)
    text = console.log_in("zheng").get("/console/").text
    assert text.index(urgent.reference) < text.index(plain.reference)
    assert "等法律援助机构决定，最晚11月30日" in text
    assert f"{decided.reference} " in text.partition("已办结的申请（1）")[2]


def test_an_application_that_is_late_is_red(console: Console) -> None:
    store(console)
    handed = store(console, handed_over_at=console.now)
    assert "card late" not in console.log_in("zheng").get("/console/").text
    console.scene.now += timedelta(days=2)
    assert console.log_in("zheng").get("/console/").text.count("card late") == 1
    console.scene.now += timedelta(days=6)
    assert console.log_in("zheng").get("/console/").text.count("card late") == 2
    assert '<dd class="late">' in console.log_in("zheng").get(path_of(handed)).text


def test_what_happens_to_an_application_makes_open_pages_load_anew(console: Console) -> None:
    application, browser = store(console), console.log_in("zheng")
    seen = []
    for act in ("", "handed"):
        browser.get(path_of(application)) if not act else browser.post(path_of(application, act))
        with console.scene.open_unit(read_only=True) as uow:
            seen.append(uow.console.revision())
    assert seen[0] != seen[1]
