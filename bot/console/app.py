"""The routes of the console. Every one but log-in, invitation and static files needs a log-in."""

from __future__ import annotations

from pathlib import Path

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console.account import show_account
from bot.console.acts import act_on_case, assign
from bot.console.aid import show_application, show_paper_photo
from bot.console.aid import show_file as show_aid_file
from bot.console.aid_acts import add_paper, decide, hand_over_application
from bot.console.audit import show_audit
from bot.console.case import show_case
from bot.console.enterprises import enterprise, enterprises
from bot.console.events import Pulse, events_handler
from bot.console.figures import download_report, export_rows, show_figures, show_rows
from bot.console.files import show_file
from bot.console.guard import LARGEST_FORM, Handler, screen
from bot.console.headers import ConsoleHeaders
from bot.console.importing import import_list
from bot.console.join import join_endpoint
from bot.console.login import leave, login_endpoint
from bot.console.mediation import show_evidence, show_mediation, show_paper
from bot.console.mediation_acts import act_on_mediation, draft
from bot.console.mediation_acts import invite as invite_respondent
from bot.console.members import come_back, go_away, invite, remove, show_members
from bot.console.queue import show_queue
from bot.console.recording import entry, record
from bot.console.referred import refer
from bot.console.saying import say
from bot.console.site import Site
from bot.domain.messages import MAX_FILE

STATIC = Path(__file__).parent / "static"
CASE = "/cases/{reference:str}"
MEDIATION = "/mediations/{reference:str}"
AID = "/aid/{reference:str}"
UPLOAD = {"largest": MAX_FILE + LARGEST_FORM, "files": 1}


def console_routes(site: Site) -> list[BaseRoute]:
    """All routes under /console."""

    def get(path: str, action: str, handler: Handler) -> Route:
        return Route(path, screen(site, action, handler), methods=["GET"])

    def post(path: str, action: str, handler: Handler) -> Route:
        return Route(path, screen(site, action, handler), methods=["POST"])

    routes = [
        Route("/login", login_endpoint(site), methods=["GET", "POST"]),
        Route("/join/{token:str}", join_endpoint(site), methods=["GET", "POST"]),
        Mount("/static", StaticFiles(directory=STATIC)),
        get("/", "see_queue", show_queue),
        get("/events", "see_queue", events_handler(Pulse(site))),
        get("/account", "see_queue", show_account),
        post("/logout", "see_queue", leave),
        get(CASE, "see_facts", show_case),
        post(f"{CASE}/assign", "assign", assign),
        Route(f"{CASE}/say", screen(site, "act_on_case", say, **UPLOAD), methods=["POST"]),
        post(f"{CASE}/{{act:str}}", "act_on_case", act_on_case),
        get("/files/{message:str}", "read_case", show_file),
        get(MEDIATION, "see_mediations", show_mediation),
        get(f"{MEDIATION}/files/{{number:str}}", "read_mediation", show_evidence),
        get(f"{MEDIATION}/papers/{{paper:str}}", "read_mediation", show_paper),
        post(f"{MEDIATION}/invite", "act_on_mediation", invite_respondent),
        post(f"{MEDIATION}/draft", "act_on_mediation", draft),
        Route(f"{MEDIATION}/{{act:str}}", screen(site, "see_mediations", act_on_mediation), methods=["GET", "POST"]),
        get(AID, "handle_aid", show_application),
        get(f"{AID}/files/{{number:str}}", "handle_aid", show_paper_photo),
        get(f"{AID}/file.zip", "handle_aid", show_aid_file),
        post(f"{AID}/handed", "handle_aid", hand_over_application),
        post(f"{AID}/decide", "handle_aid", decide),
        Route(f"{AID}/papers", screen(site, "handle_aid", add_paper, **UPLOAD), methods=["POST"]),
        get("/members", "manage_members", show_members),
        post("/members/{member:str}/invite", "manage_members", invite),
        post("/members/{member:str}/away", "manage_members", go_away),
        post("/members/{member:str}/back", "manage_members", come_back),
        post("/members/{member:str}/remove", "manage_members", remove),
        Route("/referred", screen(site, "enter_referred", refer), methods=["GET", "POST"]),
        get("/audit", "see_audit", show_audit),
        Route("/enterprises", screen(site, "manage_enterprises", enterprises), methods=["GET", "POST"]),
        Route("/enterprises/{number:str}", screen(site, "manage_enterprises", enterprise), methods=["GET", "POST"]),
        Route("/import", screen(site, "record_service", import_list, **UPLOAD), methods=["GET", "POST"]),
        Route("/record", screen(site, "record_service", record), methods=["GET", "POST"]),
        Route("/entries/{entry:str}", screen(site, "record_service", entry), methods=["GET", "POST"]),
    ]
    if site.figures:
        routes += [
            get("/figures", "see_figures", show_figures),
            get("/figures/rows", "see_figures", show_rows),
            get("/figures/rows.csv", "export", export_rows),
            get("/figures/rows.xlsx", "export", export_rows),
            get("/figures/report", "export", download_report),
        ]
    return [Mount("/console", routes=routes, middleware=[Middleware(ConsoleHeaders)])]
