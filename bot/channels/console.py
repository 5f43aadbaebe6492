"""The console in the server: which parts of this process it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.routing import BaseRoute

from bot.assistant.assistant import Assistant
from bot.assistant.desk import Desk
from bot.channels.files import FileAway, FileGone, FileReader
from bot.console import Site, console_routes
from bot.domain.decisions import StatuteHit
from bot.domain.errors import NotFound
from bot.domain.messages import Attachment
from bot.reports.desk import FigureDesk
from bot.services.turn import Library
from bot.services.unit_of_work import UnitOfWorkFactory
from bot.settings import Settings


def join_console(
    settings: Settings,
    desk: Desk,
    assistant: Assistant,
    open_unit: UnitOfWorkFactory,
    library: Library,
    files: FileReader,
    now: Callable[[], datetime],
    stopping: Callable[[], bool],
    figures: FigureDesk,
) -> list[BaseRoute]:
    """The console's routes."""

    async def read_file(attachment: Attachment) -> bytes:
        try:
            return await files.read(attachment)
        except (FileGone, FileAway):
            raise NotFound("the file cannot be had") from None

    def find_statutes(text: str) -> Sequence[StatuteHit]:
        return assistant.understand(text).statutes

    site = Site(
        desk=desk,
        open_unit=open_unit,
        library=library,
        base_url=settings.web_url,
        telegram_name=settings.telegram_name,
        now=now,
        stopping=stopping,
        read_file=read_file,
        find_statutes=find_statutes if library.has_law_texts else None,
        figures=figures,
    )
    return console_routes(site)
