"""What every screen is given: how to read, how to change, and what the pages show of this street."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from bot.assistant.desk import Desk
from bot.domain.calendar import utc_now
from bot.domain.decisions import StatuteHit
from bot.domain.messages import Attachment
from bot.domain.street import Street
from bot.reports.desk import FigureDesk
from bot.services.turn import Library, Work
from bot.services.unit_of_work import UnitOfWorkFactory

Result = TypeVar("Result")
ReadFile = Callable[[Attachment], Awaitable[bytes]]


@dataclass(frozen=True)
class Site:
    """The console of one installation.

    Args:
        desk: what changes something runs in its thread, like every turn.
        base_url: where people reach falin, ending in "/".  https makes the cookie travel over nothing else.
        telegram_name: the bot's user name, for invitations; may be empty.
        now: the clock.
        stopping: whether the server is about to stop, so that open streams end.
        read_file: fetches the bytes of an attachment; None: files cannot be opened here.
            Raises NotFound when the file is gone.
        figures: the year's figures; None: there are no pages for them.
        find_statutes: articles a lay question is about, best first; None without law texts. Runs in the turn thread.
    """

    desk: Desk
    open_unit: UnitOfWorkFactory
    library: Library
    base_url: str
    telegram_name: str = ""
    now: Callable[[], datetime] = utc_now
    stopping: Callable[[], bool] = lambda: False
    read_file: ReadFile | None = None
    find_statutes: Callable[[str], Sequence[StatuteHit]] | None = None
    figures: FigureDesk | None = None

    @property
    def street(self) -> Street:
        """The street it serves."""
        return self.library.street

    @property
    def secure(self) -> bool:
        """Whether it is reached over https."""
        return self.base_url.startswith("https://")

    async def read(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function of an open Work that changes nothing, beside the turns."""

        def run() -> Result:
            with self.open_unit(read_only=True) as uow:
                return function(Work(uow, self.library, self.now()), *arguments)

        return await run_in_threadpool(run)

    async def change(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Run a function of an open Work in the turn thread and commit what it did; an error undoes it."""

        def run() -> Result:
            with self.open_unit() as uow:
                result = function(Work(uow, self.library, self.now()), *arguments)
                uow.commit()
                return result

        return await self.desk.call(run)
