"""Log-in and log-out."""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console import labels
from bot.console.cookies import (
    FIELD,
    FORM_COOKIE,
    SESSION_COOKIE,
    csrf_of,
    drop_session,
    is_ours,
    new_form_cookie,
    session_token,
    set_cookie,
)
from bot.console.guard import Endpoint, Visit, at_edge, read_form
from bot.console.pages import notice_page, render
from bot.console.site import Site
from bot.services.console_accounts import (
    LONGEST_ID,
    Try,
    find_session,
    finish_log_in,
    log_out,
    log_out_everywhere,
    start_log_in,
)
from bot.services.credentials import LONGEST, verify_password
from bot.services.turn import Work

# Where a log-in may lead: pages of the console only.
NEXT = re.compile(r"/console/[A-Za-z0-9/_.?=&%-]*")


def login_endpoint(site: Site) -> Endpoint:
    """GET: the form. POST: the log-in."""

    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            return await _log_in(site, request)
        if await site.read(lambda work: find_session(work.uow, site.street, session_token(request), work.now)):
            return RedirectResponse(_next(request.query_params.get("next", "")), status_code=303)
        return _form(site, request, next_page=_next(request.query_params.get("next", "")))

    return at_edge(site, endpoint)


def _next(wanted: object) -> str:
    text = str(wanted)
    return text if NEXT.fullmatch(text) and "//" not in text and "/console/log" not in text else "/console/"


def _form(site: Site, request: Request, status: int = 200, error: str = "", next_page: str = "/console/", who: str = "") -> Response:
    cookie = new_form_cookie(request)
    values = {"csrf": csrf_of(cookie), "error": labels.LOG_IN.get(error, ""), "next_page": next_page, "who": who}
    response = render(site, "login.html", status, **values)
    set_cookie(response, FORM_COOKIE, cookie, secure=site.secure)
    return response


async def _log_in(site: Site, request: Request) -> Response:
    form = await read_form(request)
    if form is None or not is_ours(request, request.cookies.get(FORM_COOKIE, ""), form.get(FIELD, "")):
        return notice_page(site, "stale_form", 403)
    who, password, code = (str(form.get(name, "")) for name in ("member", "password", "code"))
    who, next_page = who.strip().lower()[:LONGEST_ID], _next(form.get("next", ""))
    address = request.client.host if request.client else ""
    begun = await site.change(_start, who, address)
    if begun.blocked:
        return _form(site, request, 429, "blocked", next_page, who)
    # Slow on purpose, so neither on the event loop nor in the turn thread.
    right = await run_in_threadpool(verify_password, begun.password_hash, password[: LONGEST + 1])
    token = await site.change(_finish, who, address, code[:64]) if right else None
    if token is None:
        return _form(site, request, 401, "wrong", next_page, who)
    response = RedirectResponse(next_page, status_code=303)
    set_cookie(response, SESSION_COOKIE, token, secure=site.secure)
    return response


def _start(work: Work, who: str, address: str) -> Try:
    return start_log_in(work.uow, who, address, work.now)


def _finish(work: Work, who: str, address: str, code: str) -> str | None:
    return finish_log_in(work.uow, work.library.street, who, address, code, work.now)


async def leave(visit: Visit) -> Response:
    """POST: end this session, or all of the member's."""
    if visit.value("everywhere"):
        await visit.site.change(lambda work: log_out_everywhere(work.uow, visit.member.id))
    else:
        await visit.site.change(lambda work: log_out(work.uow, visit.token))
    response = RedirectResponse("/console/login", status_code=303)
    drop_session(response)
    return response
