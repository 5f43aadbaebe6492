"""The real thing for tests: a FALIN_HOME with the demo street, a trained model, and the Rasa agent in the process.

The model is trained with falin's own commands, once per state of the sources, and kept in .cache/test-home.
"""
from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from bot.assistant.assistant import Assistant, Brain
from bot.assistant.training import find_current_model, fingerprint_sources
from bot.bootstrap import load_library, load_street_of, make_brain, unit_of_work_factory
from bot.domain.buttons import Buttons
from bot.domain.calendar import utc_now
from bot.domain.messages import Button, Inbound, Outgoing
from bot.services.turn import Library
from bot.settings import PROJECT, Settings, read_settings
from bot.storage.engine import make_engine
from bot.storage.file_store import FileStore
from bot.storage.migrate import upgrade
from bot.storage.sealing import Keys, load_keys
from bot.storage.tables import clients, ledger

CACHE = PROJECT / ".cache" / "test-home"
FALIN = Path(sys.executable).with_name("falin")
UNUSED = timedelta(hours=6)
_numbers = count(1)


def falin_environment(home: Path, **changes: str) -> dict[str, str]:
    """The environment of a person who has set nothing but FALIN_HOME."""
    ours = ("FALIN_", "RASA_", "LOG_LEVEL", "TF_")  # the agent in this process has set some of these
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    quiet = {"FALIN_HOME": str(home), "PYTHONPATH": str(PROJECT), "RASA_TELEMETRY_ENABLED": "false", "NO_COLOR": "1"}
    return {**kept, **quiet, **changes}


def run_falin(
    home: Path, *arguments: str, text: str = "", seconds: float = 240, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the falin command as anybody would. Args: text: its standard input."""
    command = [str(FALIN), *arguments]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, encoding="utf-8", timeout=seconds, check=False,
        cwd=cwd or home.parent, env=falin_environment(home, **environment),
    )  # fmt: skip


def settings_of(home: Path, **environment: str) -> Settings:
    return read_settings({"FALIN_HOME": str(home), **environment})


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time: another test process waits here until what both need is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@cache
def trained_home() -> Path:
    """The FALIN_HOME of the present sources: set up and trained; nobody may write to it."""
    home = CACHE / fingerprint_sources()
    with locked(CACHE / "lock"):
        if find_current_model(settings_of(home)) is None:
            home.mkdir(exist_ok=True)
            for command in (["init", "--demo", "--yes"], ["train"]):
                done = run_falin(home, *command, seconds=600)
                assert done.returncode == 0, done.stderr
            shutil.rmtree(home / "cache", ignore_errors=True)
        os.utime(home)
        _drop_unused()
    return home


@contextmanager
def training_ahead() -> Iterator[None]:
    """Trains beside the first tests, which need no model: else every process would wait for it at its first agent."""
    if find_current_model(settings_of(CACHE / fingerprint_sources())):
        yield
        return
    command = [sys.executable, "-c", "from tests.agent_home import trained_home; trained_home()"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # where it fails, the first test says why
    process = subprocess.Popen(command, cwd=PROJECT, start_new_session=True, **quiet)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _drop_unused() -> None:
    limit = (utc_now() - UNUSED).timestamp()
    for folder in CACHE.iterdir():
        if folder.is_dir() and folder.stat().st_mtime < limit:
            shutil.rmtree(folder, ignore_errors=True)


def make_home(folder: Path) -> Path:
    """A FALIN_HOME of its own, with an empty database and a link to the trained model."""
    source = trained_home()
    folder.mkdir(parents=True)
    for name in ("street.yml", "secret.key", "falin.db"):
        shutil.copy2(source / name, folder / name)
    (folder / "models").symlink_to(source / "models")
    upgrade(make_engine(settings_of(folder).database_url))  # the model may be older than a migration
    return folder


@cache
def load_brain() -> Any:
    """The Rasa agent: ten seconds, so once per test process."""
    model = find_current_model(settings_of(trained_home()))
    assert model, "the sources have changed since the tests began: run them again"
    return make_brain(model)


@dataclass
class Falin:
    """One installation: real database, real assistant. Args: minutes: how far the clock is ahead."""

    home: Path
    brain: Brain
    database_url: str = ""
    minutes: float = 0
    settings: Settings = field(init=False)
    engine: Engine = field(init=False)
    keys: Keys = field(init=False)
    library: Library = field(init=False)
    assistant: Assistant = field(init=False)

    def __post_init__(self) -> None:
        url = {"FALIN_DATABASE_URL": self.database_url} if self.database_url else {}
        self.settings = settings_of(self.home, **url)
        self.engine = make_engine(self.settings.database_url)
        self.keys = load_keys(self.settings.secret_file)
        self.open_unit = unit_of_work_factory(self.engine, self.keys, FileStore(self.settings.files, self.keys))
        self.library = _library(str(self.settings.street_file.read_text(encoding="utf-8")), self.settings)
        self.buttons = Buttons(self.keys.derive("buttons"))
        self.assistant = Assistant(self.open_unit, self.brain, self.library, self.buttons, self.now)

    def now(self) -> datetime:
        return utc_now() + timedelta(minutes=self.minutes)

    def visitor(self, channel: str = "webchat") -> Visitor:
        """Somebody who has never been here."""
        return Visitor(self, f"visitor-{next(_numbers)}", channel)

    def rows(self, table: sa.Table) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(table)))

    def ledger(self) -> Counter[str]:
        """How many entries of each kind there are."""
        return Counter(row.kind for row in self.rows(ledger))

    def close(self) -> None:
        self.engine.dispose()


_LIBRARIES: dict[str, Library] = {}


def _library(street: str, settings: Settings) -> Library:
    if street not in _LIBRARIES:
        _LIBRARIES[street] = load_library(load_street_of(settings))
    return _LIBRARIES[street]


@dataclass
class Visitor:
    """A person at a channel. `replies`: what came back last; `seen`: every button ever shown, by title."""

    falin: Falin
    key: str
    channel: str = "webchat"
    replies: list[Outgoing] = field(default_factory=list)
    seen: dict[str, Button] = field(default_factory=dict)
    last_id: int = 0
    client_id: int = 0

    @property
    def text(self) -> str:
        """What falin said last."""
        return "\n".join(outgoing.reply.text for outgoing in self.replies)

    def buttons(self) -> dict[str, Button]:
        """What can be pressed under the last replies."""
        return {b.title: b for o in self.replies for row in o.reply.buttons for b in row}

    def inbound(self, text: str | None = None, **content: Any) -> Inbound:
        update = content.pop("update_id", f"update-{next(_numbers)}")
        return Inbound(self.channel, update, self.key, self.falin.now(), text, **content)

    def send(self, text: str | None = None, **content: Any) -> list[Outgoing]:
        """Send one thing; what came back."""
        assistant = self.falin.assistant
        self.client_id = assistant.receive(self.inbound(text, **content)).client_id
        assistant.answer(self.client_id)
        return self.fetch()

    def fetch(self) -> list[Outgoing]:
        """What has arrived since."""
        self.replies = self.falin.assistant.list_replies(self.client_id, self.last_id)
        self.last_id = max((outgoing.id for outgoing in self.replies), default=self.last_id)
        self.seen.update(self.buttons())
        return self.replies

    def press(self, title: str, *, earlier: bool = False) -> list[Outgoing]:
        """Press the button with this title. Args: earlier: one that scrolled away is meant."""
        shown = self.seen if earlier else self.buttons()
        assert title in shown, f"no button “{title}” among {list(shown)}"
        return self.send(choice=shown[title].payload)

    def register(self, community: str = "白马社区", kind: str = "居民") -> None:
        self.send("我要登记")
        for title in (community, kind, "同意"):
            self.press(title)

    def ask_for_adviser(self) -> None:
        """转人工, without an answer to the three questions."""
        self.send("转人工")
        for title in ("跳过", "跳过", "没有或不清楚"):
            self.press(title)

    def state(self) -> dict[str, Any] | None:
        """What is kept of the conversation."""
        with self.falin.open_unit() as uow:
            return uow.conversations.find(self.client_id)

    def row(self) -> Any:
        """The client's row."""
        return next(row for row in self.falin.rows(clients) if row.id == self.client_id)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A FALIN_HOME of this test."""
    return make_home(tmp_path / "home")


@pytest.fixture
def falin(home: Path) -> Iterator[Falin]:
    """An installation of this test with the real agent."""
    opened = Falin(home, load_brain())
    yield opened
    opened.close()


@pytest.fixture
def assistant(falin: Falin) -> Assistant:
    return falin.assistant


@pytest.fixture(scope="session")
def agent_home() -> Path:
    """The trained FALIN_HOME itself: look, do not touch."""
    return trained_home()
