"""The door: every screen is opened by log-in, permission and, for a change, a form of our own."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from bot.console.cookies import FIELD, csrf_of, is_ours, session_token
from bot.console.pages import notice_page
from bot.console.site import Site
from bot.domain.errors import NotFound, RuleBroken
from bot.domain.permissions import figure_communities, may
from bot.domain.street import Community, Member
from bot.services.console_accounts import find_session, touch_session
from bot.services.turn import Work

logger = logging.getLogger(__name__)

LARGEST_FORM = 200_000  # bytes; a long message is a few thousand
LIVE = "x-live"  # set by the page's script when it fetches by itself: that is not somebody at the desk
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass
class Visit:
    """One request of somebody who is logged in. Args: form: what was sent, for a POST."""

    site: Site
    request: Request
    member: Member
    token: str
    form: FormData = field(default_factory=FormData)

    @property
    def csrf(self) -> str:
        """What this member's forms carry."""
        return csrf_of(self.token)

    @property
    def live(self) -> bool:
        """The page fetched itself anew; nobody pressed anything."""
        return LIVE in self.request.headers

    def value(self, name: str, longest: int = 4000) -> str:
        """A field of the form, or of the address for a GET, trimmed and cut; "" when missing or a file."""
        given = (self.form if self.request.method == "POST" else self.request.query_params).get(name, "")
        return given.strip()[:longest] if isinstance(given, str) else ""


    def number(self, name: str, least: int, most: int) -> int:
        """A whole number of the form or the address; 0 when it is none, or out of bounds."""
        text = self.value(name, 18)
        return int(text) if text.isascii() and text.isdecimal() and least <= int(text) <= most else 0

    def path_number(self, name: str) -> int:
        """A number in the path. Raises NotFound for anything else."""
        text = str(self.request.path_params[name])
        if not (text.isascii() and text.isdecimal() and len(text) < 18):
            raise NotFound(f"no such {name}")
        return int(text)

    @property
    def communities(self) -> list[Community]:
        """Those whose figures this member sees and records."""
        reach = figure_communities(self.member, self.site.street)
        return [c for c in self.site.street.communities if reach is None or c.id in reach]

    def say_fault(self, code: str) -> str:
        """What is wrong with a record or an enterprise, in one sentence; "" for nothing."""
        name, wording = f"utter_record_fault_{code}", self.site.library.wording
        return (wording.text(name) if name in wording.names() else code) if code else ""


Handler = Callable[[Visit], Awaitable[Response]]


def screen(site: Site, action: str, handler: Handler, *, largest: int = LARGEST_FORM, files: int = 0) -> Endpoint:
    """The endpoint of a screen.

    Args:
        action: what the member must be allowed to do, see bot.domain.permissions.
        largest: bytes a form may have.  files: how many may be in it.
    """

    async def endpoint(request: Request) -> Response:
        token = session_token(request)
        found = await site.read(_find_session, token)
        if found is None:
            return _ask_to_log_in(site, request)
        member, old = found
        visit = Visit(site, request, member, token)
        if not may(member, action):
            return notice_page(site, "forbidden", 403, visit)
        if request.method == "POST" and (refusal := await _read_form(visit, largest, files)):
            return refusal
        if old and not visit.live:
            await site.change(_touch, token)
        try:
            return await _handle(visit, handler)
        finally:
            await visit.form.close()

    return at_edge(site, endpoint)


def at_edge(site: Site, endpoint: Endpoint) -> Endpoint:
    """The same endpoint; what goes wrong unforeseen is logged by its kind only: a value in it could be somebody's trouble."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Exception as error:  # process edge
            logger.error("console: %s at %s", type(error).__name__, place_of(error))
            return notice_page(site, "failed", 500)

    return guarded


def place_of(error: BaseException) -> str:
    """File and line where an error arose."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"


async def _handle(visit: Visit, handler: Handler) -> Response:
    try:
        return await handler(visit)
    except NotFound:
        return notice_page(visit.site, "not_found", 404, visit)
    except RuleBroken as error:
        return notice_page(visit.site, "refused", 409, visit, code=error.code)


async def _read_form(visit: Visit, largest: int, files: int) -> Response | None:
    """Fill visit.form; the refusal when it is too large or not from our page."""
    form = await read_form(visit.request, largest, files)
    if form is None:
        return notice_page(visit.site, "too_large", 413, visit)
    if not is_ours(visit.request, visit.token, form.get(FIELD, "")):
        return notice_page(visit.site, "stale_form", 403, visit)
    visit.form = form
    return None


async def read_form(request: Request, largest: int = LARGEST_FORM, files: int = 0) -> FormData | None:
    """What was sent; None when it is too large or cannot be read."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > largest:
        return None
    try:
        return await request.form(max_files=files, max_fields=50)
    except (ClientDisconnect, Exception):  # malformed in whatever way: the parser has errors of its own
        return None


def _ask_to_log_in(site: Site, request: Request) -> Response:
    if LIVE in request.headers or request.url.path.endswith("/events"):
        return PlainTextResponse("log in", status_code=401)
    if request.method != "GET":
        return notice_page(site, "logged_out", 401)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/console/login?next={quote(request.url.path + query)}", status_code=303)


def _find_session(work: Work, token: str) -> tuple[Member, bool] | None:
    return find_session(work.uow, work.library.street, token, work.now)


def _touch(work: Work, token: str) -> None:
    touch_session(work.uow, token, work.now)
