"""A console on a database in memory, a clock that is moved by hand, and people who are logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.assistant.desk import Desk
from bot.console import Site, console_routes
from bot.console.cookies import SESSION_COOKIE, csrf_of
from bot.domain.cases import Case
from bot.domain.console import ConsoleSession
from bot.domain.street import Member
from bot.services.console_accounts import SESSION
from bot.services.credentials import new_token, token_hash
from bot.services.turn import Library
from tests.aid_builders import aid_rules
from tests.builders import NOW, make_library, make_street
from tests.handoff.scene import Person, Scene

BASE = "http://falin.example"
ZHENG = Member("zheng", "小郑", role="staff")
QIN = Member("qin", "秦调解员", role="mediator", communities=("qinggang",), room="青杠调解室")


def make_console_library() -> Library:
    street = make_street()
    return make_library(street=replace(street, members=(*street.members, ZHENG, QIN)), legal_aid=aid_rules())


@dataclass
class Browser:
    """A browser of somebody; `post` adds what our forms carry."""

    client: TestClient
    token: str = ""

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, **options)

    def post(self, path: str, *, csrf: str | None = None, **fields: str) -> Any:
        return self.client.post(path, data={"csrf": csrf_of(self.token) if csrf is None else csrf, **fields})


@dataclass
class Console:
    """The console and everything around it. Args: scene: residents and members at their phones, same clock."""

    scene: Scene
    site: Site
    app: Starlette
    browsers: list[TestClient] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.scene.now

    def open_browser(self, **headers: str) -> Browser:
        client = TestClient(self.app, BASE, follow_redirects=False, headers=headers)
        self.browsers.append(client)
        return Browser(client)

    def log_in(self, member_id: str) -> Browser:
        """Somebody with a session; how one gets it is tested in test_login.py."""
        browser, token = self.open_browser(), new_token()
        with self.scene.open_unit() as uow:
            uow.console_accounts.add_session(token_hash(SESSION, token), ConsoleSession(member_id, self.now, self.now))
            uow.commit()
        browser.client.cookies.set(SESSION_COOKIE, token, domain="falin.example", path="/console")
        browser.token = token
        return browser

    def case(self, resident: Person | None = None, question: str = "老板不发工资", **options: Any) -> Case:
        return self.scene.open_case(resident or self.scene.resident(), question, **options)

    def state(self, case: Case) -> Case:
        return self.scene.case(case)

    def look(self) -> Any:
        """The stored state, to look at."""
        with self.scene.open_unit(read_only=True) as uow:
            return uow.state


@pytest.fixture
def make_console() -> Iterator[Callable[..., Console]]:
    made: list[Console] = []

    def make(**site_options: Any) -> Console:
        scene = Scene(library=make_console_library(), now=NOW)
        options = {"base_url": f"{BASE}/", "now": lambda: scene.now, **site_options}
        site = Site(Desk(scene.assistant), scene.open_unit, scene.library, **options)
        made.append(Console(scene, site, Starlette(routes=console_routes(site))))
        return made[-1]

    yield make
    for console in made:
        console.site.desk._thread.shutdown()


@pytest.fixture
def console(make_console: Callable[..., Console]) -> Console:
    return make_console()
