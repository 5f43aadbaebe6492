"""Every route needs a log-in; roles × screens; forms of our own; headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from bot.console import console_routes
from bot.console.cookies import csrf_of
from bot.domain.enterprises import Enterprise
from bot.reports.desk import FigureDesk
from bot.services.handoff import accept_case
from tests.aid_builders import make_application
from tests.builders import NOW, make_ledger_entry, make_mediation
from tests.conftest import Database
from tests.console.conftest import Console, make_console_library
from tests.console.mediations import AGREED
from tests.handoff.scene import PHOTO

PUBLIC = {"/console/login", "/console/join/{token:str}", "/console/static"}


@pytest.fixture
def console(make_console: Callable[..., Console], sqlite_database: Database) -> Iterator[Console]:
    """With the pages of figures, which read a database of their own here."""
    library = make_console_library()
    yield make_console(figures=FigureDesk(sqlite_database.engine, library.street, library.matters))
    sqlite_database.engine.dispose()


def list_routes(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    for route in routes:
        if isinstance(route, Mount) and route.routes:
            yield from list_routes(list(route.routes), prefix + route.path)
        elif isinstance(route, Mount):
            yield prefix + route.path, {"GET"}
        else:
            assert isinstance(route, Route), f"{route}: what is it?"
            yield prefix + route.path, {method for method in route.methods or set() if method != "HEAD"}


def fill(path: str) -> str:
    values = {"reference": "F26-AAAA-AA", "act": "accept", "member": "chen", "message": "1", "token": "x", "number": "0", "paper": "x", "entry": "1"}
    for name, value in values.items():
        path = path.replace(f"{{{name}:str}}", value)
    assert "{" not in path, path
    return path


def test_every_route_but_three_needs_a_log_in(console: Console) -> None:
    routes = list(list_routes(console_routes(console.site)))
    assert len(routes) > 15
    assert {path for path, _ in routes} >= PUBLIC | {f"/console/figures{end}" for end in ("", "/rows", "/rows.csv", "/report")}
    browser = console.open_browser()
    for path, methods in routes:
        for method in methods if path not in PUBLIC else ():
            answer = browser.client.request(method, fill(path))
            wanted = (303, 401) if method == "GET" else (401,)
            assert answer.status_code in wanted, (method, path)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/console/login?next=/console/"), path
            assert "陈律师" not in answer.text


SCREENS = {
    "GET /console/": ("chen", "laozhou", "zheng", "wu"),
    "GET /console/account": ("chen", "laozhou", "zheng", "wu"),
    "GET /console/members": ("wu",),
    "GET /console/audit": ("wu",),
    "GET /console/referred": ("laozhou", "zheng", "wu"),
    "GET /console/record": ("chen", "zhou", "laozhou", "qin", "zheng", "wu"),
    "POST /console/record": ("chen", "laozhou", "zheng", "wu"),
    "GET /console/import": ("chen", "zhou", "laozhou", "qin", "zheng", "wu"),
    "GET /console/entries/1": ("zheng", "wu"),
    "POST /console/entries/1": ("zheng", "wu"),
    "GET /console/entries/{chens}": ("chen", "zheng", "wu"),
    "POST /console/entries/{chens}": ("chen", "zheng", "wu"),
    "GET /console/enterprises": ("chen", "zhou", "zheng", "wu"),
    "POST /console/enterprises": ("chen", "zheng", "wu"),
    "GET /console/enterprises/{enterprise}": ("chen", "zheng", "wu"),
    "POST /console/enterprises/{enterprise}": ("chen", "zheng", "wu"),
    "GET /console/figures": ("chen", "zhou", "laozhou", "qin", "zheng", "wu"),
    "GET /console/figures/rows?figure=services.total": ("chen", "zhou", "laozhou", "qin", "zheng", "wu"),
    "GET /console/figures/rows.csv?figure=services.total": ("zheng", "wu"),
    "GET /console/figures/report?format=md": ("zheng", "wu"),
    "POST /console/members/zhou/invite": ("wu",),
    "POST /console/members/zhou/away": ("wu",),
    "POST /console/members/zhou/back": ("wu",),
    "POST /console/members/zhou/remove": ("wu",),
    "GET /console/cases/{waiting}": ("chen", "zheng", "wu"),
    "GET /console/cases/{taken}": ("chen", "zheng", "wu"),
    "POST /console/cases/{taken}/assign": ("wu",),
    "POST /console/cases/{taken}/say": ("chen",),
    "POST /console/cases/{waiting}/accept": ("chen", "wu"),
    "GET /console/files/{file}": ("chen", "wu"),
    "GET /console/mediations/{mediation}": ("laozhou", "zheng", "wu"),
    "GET /console/mediations/{mediation}/files/0": ("laozhou", "zheng", "wu"),
    "GET /console/mediations/{agreed}/papers/agreement.docx": ("laozhou", "zheng", "wu"),
    "GET /console/mediations/{mediation}/ask": ("laozhou", "zheng", "wu", "qin"),
    "POST /console/mediations/{mediation}/ask": ("laozhou", "zheng", "wu"),
    "POST /console/mediations/{mediation}/invite": ("laozhou", "zheng", "wu"),
    "POST /console/mediations/{mediation}/draft": (),
    "POST /console/mediations/{nobodys}/assign": ("qin", "zheng", "wu"),
    "GET /console/mediations/{nobodys}": ("laozhou", "qin", "zheng", "wu"),
    "GET /console/mediations/{nobodys}/files/0": ("zheng", "wu"),
    "GET /console/aid/{aid}": ("zheng", "wu"),
    "GET /console/aid/{aid}/files/0": ("zheng", "wu"),
    "GET /console/aid/{aid}/file.zip": ("zheng", "wu"),
    "POST /console/aid/{aid}/handed": ("zheng", "wu"),
    "POST /console/aid/{aid}/decide": (),
    "POST /console/aid/{aid}/papers": (),
    "POST /console/logout": ("chen", "laozhou", "zheng", "wu"),
}


def store_for_the_office(work: Any) -> dict[str, str]:
    """Number by name: an enterprise of chen's community, and what chen recorded there."""
    enterprise = work.uow.enterprises.add(Enterprise(0, "", "梨树面馆", "baima", "chen", NOW))
    work.uow.ledger.add(make_ledger_entry(key="chens", kind="phone_consultation", recorded_by="chen", recorded_at=NOW))
    return {"{enterprise}": str(enterprise.id), "{chens}": str(work.uow.ledger.find_by_key("chens").id)}


# What the forms of the rows above carry; a field that a form does not know does no harm.
FIELDS = {
    "to_member": "zhou", "reason": "当天请假", "text": "您好", "first": "2026-11-24", "kind": "walk_in_consultation",
    "day": "2026-11-20", "community": "baima", "count": "1", "key": "k", "name": "白马面馆",
}  # fmt: skip


def store_mediations_and_an_application(work: Any, client_id: int) -> dict[str, str]:
    """Reference by name: one that laozhou has, one that nobody has, one with an agreement; and an application."""
    mine = work.uow.mediations.add(make_mediation(client_id))
    nobodys = work.uow.mediations.add(make_mediation(client_id, community="qinggang", mediator_id=None))
    agreed = work.uow.mediations.add(make_mediation(client_id, **AGREED))
    application = work.uow.aid_applications.add(make_application(client_id))
    found = {"mediation": mine, "nobodys": nobodys, "agreed": agreed, "aid": application}
    return {f"{{{name}}}": one.reference for name, one in found.items()}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("member", ["chen", "zhou", "laozhou", "qin", "zheng", "wu"])
def test_roles_and_screens(console: Console, screen: str, member: str) -> None:
    scene = console.scene
    scene.member("chen")
    resident = scene.resident()
    taken, waiting = console.case(resident), console.case(scene.resident())
    scene.work(accept_case, taken.id, "chen")
    scene.member("zhou")
    resident.send(file="photo", attachment=PHOTO)
    (photo,) = console.look().messages
    stored = scene.work(store_mediations_and_an_application, resident.client_id) | scene.work(store_for_the_office)
    before = console.look()
    method, path = screen.split()
    names = {"{waiting}": waiting.reference, "{taken}": taken.reference, "{file}": str(photo.id), **stored}
    for name, value in names.items():
        path = path.replace(name, value)
    fields = FIELDS | ({"to_member": "qin"} if "mediations" in path else {})
    browser = console.log_in(member)
    answer = browser.get(path) if method == "GET" else browser.post(path, **fields)
    own = path in ("/console/", "/console/account", "/console/logout")
    allowed = member in SCREENS[screen] or (member in ("zhou", "qin") and own)
    allowed |= member == "qin" and path == "/console/referred"
    if not allowed:
        assert answer.status_code in (403, 404, 409, 422), answer.text
        assert console.look().messages == [photo]
        assert console.state(taken).adviser_id == "chen"
        assert (console.look().ledger, console.look().enterprises) == (before.ledger, before.enterprises)
    elif "files" in path:
        assert answer.status_code == 404, "no reader of files is joined here"
        assert "这个文件打不开" in answer.text
    elif method == "GET" and path.endswith("/ask"):
        assert answer.headers["location"] == path.removesuffix("/ask")
    else:
        assert answer.status_code in (200, 303), answer.text


@pytest.mark.parametrize("member", ["li", "nobody", ""])
def test_a_session_of_nobody_in_street_yml_opens_nothing(console: Console, member: str) -> None:
    assert console.log_in(member).get("/console/").status_code == 303


@pytest.mark.parametrize("csrf", ["", "0" * 32, "é"])
def test_a_form_from_elsewhere_changes_nothing(console: Console, csrf: str) -> None:
    answer = console.log_in("wu").post("/console/members/chen/away", csrf=csrf, first="2026-11-24")
    assert answer.status_code == 403
    assert "没有保存" in answer.text
    assert console.look().absences == []


def test_a_form_with_the_right_token_from_another_origin_changes_nothing(console: Console) -> None:
    browser = console.log_in("wu")
    for origin in ("https://evil.example", "null", "http://falin.example.evil.example"):
        browser.client.headers["Origin"] = origin
        assert browser.post("/console/members/chen/away", first="2026-11-24").status_code == 403
    browser.client.headers["Origin"] = "http://falin.example"
    assert browser.post("/console/members/chen/away", first="2026-11-24").status_code == 303


def test_somebody_elses_form_token_changes_nothing(console: Console) -> None:
    other = console.log_in("wu")
    answer = console.log_in("wu").post("/console/members/chen/away", csrf=csrf_of(other.token), first="2026-11-24")
    assert answer.status_code == 403


def test_a_form_that_is_too_large_or_no_form_is_refused(console: Console) -> None:
    browser = console.log_in("wu")
    assert browser.post("/console/members/chen/away", first="x" * 300_000).status_code == 413
    for body, kind in ((b"\xff\xfe", "application/json"), (b"--x\r\nbad", "multipart/form-data; boundary=x")):
        answer = browser.client.post("/console/members/chen/away", content=body, headers={"Content-Type": kind})
        assert answer.status_code in (403, 413)
    streamed = browser.client.post("/console/members/chen/away", content=iter([b"first=2026-11-24"]))
    assert streamed.status_code == 413
    assert console.look().absences == []


@pytest.mark.parametrize("path", ["/console/", "/console/login", "/console/cases/F26-AAAA-AA", "/console/join/x"])
def test_nothing_is_kept_framed_or_loaded_from_elsewhere(console: Console, path: str) -> None:
    headers = console.log_in("wu").get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_pages_hold_no_script_or_style_of_their_own_and_nothing_from_elsewhere(console: Console) -> None:
    browser, case = console.log_in("wu"), console.case()
    stored = console.scene.work(store_mediations_and_an_application, case.client_id)
    for path in (
        "/console/", f"/console/cases/{case.reference}", "/console/members", "/console/audit", "/console/referred",
        *(f"/console/mediations/{stored[f'{{{name}}}']}" for name in ("mediation", "nobodys", "agreed")),
        f"/console/aid/{stored['{aid}']}",
    ):
        text = browser.get(path).text
        assert not re.search(r"<script(?![^>]*src=\"/console/static/)|<style|\son\w+=|\sstyle=", text), path
        assert not re.search(r"(src|href)=\"(https?:)?//", text), path


@pytest.mark.parametrize("path", ["/console/static/../app.py", "/console/static/%2e%2e/app.py", "/console/static/x"])
def test_static_files_are_those_and_no_others(console: Console, path: str) -> None:
    browser = console.open_browser()
    assert browser.get("/console/static/console.css").status_code == 200
    assert browser.get(path).status_code in (303, 404)


@pytest.mark.parametrize("path", ["/console/", "/console/login", "/console/join/x"])
def test_what_goes_wrong_is_said_in_a_sentence_and_logged_without_its_values(
    make_console: Any, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    console = make_console()
    browser = console.log_in("wu")

    def break_down(**_: Any) -> None:
        raise RuntimeError("老板欠我工资")

    broken = replace(console.site, open_unit=break_down)
    app = Starlette(routes=console_routes(broken))
    answer = TestClient(app, "http://falin.example", cookies=browser.client.cookies).get(path)
    assert answer.status_code == 500
    assert "系统出了问题" in answer.text
    assert "RuntimeError at" in caplog.text
    assert "老板欠我工资" not in caplog.text


def test_the_address_without_its_slash_leads_to_the_queue(console: Console) -> None:
    answer = console.log_in("wu").get("/console")
    assert (answer.status_code, answer.headers["location"]) == (307, "http://falin.example/console/")
