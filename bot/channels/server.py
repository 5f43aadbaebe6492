"""The one process: web chat, Telegram and housekeeping around one assistant."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from bot.assistant.assistant import Assistant
from bot.assistant.desk import Desk
from bot.channels.console import join_console
from bot.channels.files import FileDesk
from bot.channels.telegram import TelegramChannel
from bot.channels.webchat import webchat_routes
from bot.domain.calendar import utc_now
from bot.domain.messages import Outgoing
from bot.reports.desk import FigureDesk
from bot.services.handoff import note_undeliverable
from bot.services.timers import run_due
from bot.services.turn import Library, Work
from bot.services.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.settings import Settings
from bot.storage.file_store import FileStore, purge_files
from bot.storage.message_tables import purge
from bot.storage.rollup import roll_up
from bot.storage.sealing import Keys

logger = logging.getLogger(__name__)
PURGE_SECONDS = 15 * 60
TIMER_SECONDS = 5


def make_server(
    settings: Settings,
    assistant: Assistant,
    open_unit: UnitOfWorkFactory,
    engine: Engine,
    keys: Keys,
    library: Library,
    announce: Callable[[], None] = lambda: None,
    now: Callable[[], datetime] = utc_now,
    stopping: Callable[[], bool] = lambda: False,
) -> Starlette:
    """The ASGI application.

    Args:
        announce: called once everything answers.  now: the clock, the assistant's too.
        stopping: whether the server is about to stop, so that the console's open streams end.
    """
    desk = Desk(assistant)

    def lost(uow: UnitOfWork, outgoing: Outgoing) -> None:
        client_id = uow.clients.find(outgoing.channel, outgoing.client_key)
        if client_id is not None:
            note_undeliverable(Work(uow, library, now()), outgoing.id, client_id)

    telegram = TelegramChannel(settings, desk, open_unit, now, lost) if settings.telegram_token else None

    def keep_house() -> None:
        with engine.begin() as connection:
            purge(connection, now())
        purge_files(engine, FileStore(settings.files, keys), now())
        roll_up(engine)

    def ring_timers() -> None:
        run_due(open_unit, library, now())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await desk.resume()
        if telegram:
            await telegram.start()
        tasks = [
            asyncio.create_task(_regularly(desk, keep_house, PURGE_SECONDS)),
            asyncio.create_task(_regularly(desk, ring_timers, TIMER_SECONDS)),
            asyncio.create_task(desk.listen()),
        ]
        announce()
        yield
        for task in tasks:
            task.cancel()
        if telegram:
            await telegram.stop()
        await desk.close()

    secure = settings.web_url.startswith("https://")
    files = FileDesk(open_unit, {"telegram": telegram.read_file} if telegram else {})
    routes = webchat_routes(desk, keys.derive("webchat"), library.street, files, secure=secure)
    if telegram and (route := telegram.route()):
        routes.append(route)
    routes += join_console(
        settings, desk, assistant, open_unit, library, files, now, stopping,
        FigureDesk(engine, library.street, library.matters),
    )  # fmt: skip
    return Starlette(routes=routes, lifespan=lifespan)


async def _regularly(desk: Desk, work: Callable[[], None], seconds: float) -> None:
    while True:
        try:
            await desk.call(work)
        except Exception as error:  # the database is away: next time
            logger.error("%s failed: %s", work.__name__, type(error).__name__)
        await asyncio.sleep(seconds)
