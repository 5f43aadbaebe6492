"""Following an invitation: a password, an authenticator, recovery codes."""

from __future__ import annotations

import segno
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.console import labels
from bot.console.cookies import FIELD, FORM_COOKIE, csrf_of, is_ours, new_form_cookie, set_cookie
from bot.console.guard import Endpoint, at_edge, read_form
from bot.console.pages import notice_page, render
from bot.console.site import Site
from bot.domain.console import ConsoleInvite
from bot.domain.errors import NotFound, RuleBroken
from bot.services.console_accounts import find_invite, join_console
from bot.services.credentials import hash_password, judge_password, secret_uri
from bot.services.turn import Work


def join_endpoint(site: Site) -> Endpoint:
    """GET: the form. POST: the account is made, the recovery codes are shown once."""

    async def endpoint(request: Request) -> Response:
        token = str(request.path_params["token"])
        try:
            invite = await site.read(lambda work: find_invite(work.uow, site.street, token, work.now))
            if request.method == "POST":
                return await _join(site, request, token, invite)
        except NotFound:
            return notice_page(site, "invite_invalid", 404)
        return _form(site, request, invite)

    return at_edge(site, endpoint)


async def _join(site: Site, request: Request, token: str, invite: ConsoleInvite) -> Response:
    form = await read_form(request)
    if form is None or not is_ours(request, request.cookies.get(FORM_COOKIE, ""), form.get(FIELD, "")):
        return notice_page(site, "stale_form", 403)
    password, again, code = (str(form.get(name, "")) for name in ("password", "again", "code"))
    fault = judge_password(password, invite.member_id) or ("different" if password != again else "")
    if fault:
        return _form(site, request, invite, fault)
    hashed = await run_in_threadpool(hash_password, password)

    def make(work: Work) -> list[str]:
        return join_console(work.uow, site.street, token, hashed, code[:16], work.now)

    try:
        codes = await site.change(make)
    except RuleBroken as error:
        return _form(site, request, invite, error.code)
    return render(site, "joined.html", codes=codes, who=invite.member_id)


def _form(site: Site, request: Request, invite: ConsoleInvite, fault: str = "") -> Response:
    cookie = new_form_cookie(request)
    uri = secret_uri(invite.secret, invite.member_id, "法邻")
    grouped = " ".join(invite.secret[i : i + 4] for i in range(0, len(invite.secret), 4))
    values = {
        "csrf": csrf_of(cookie), "error": labels.JOIN.get(fault, ""), "who": site.street.find_member(invite.member_id),
        "secret": grouped, "uri": Markup(uri.replace("&", "&amp;")), "qr": _qr(uri),
    }  # fmt: skip
    response = render(site, "join.html", 422 if fault else 200, **values)
    set_cookie(response, FORM_COOKIE, cookie, secure=site.secure)
    return response


def _qr(uri: str) -> Markup:
    """The QR code as SVG; its text is made of our own words, so it may stand in the page as it is."""
    return Markup(segno.make(uri, error="m").svg_inline(scale=5, border=2, dark="#17211f", light="#ffffff"))
