"""The unit of work on SQLAlchemy: one connection, one transaction."""

from __future__ import annotations

from types import TracebackType

from sqlalchemy.engine import Connection, Engine

from bot.domain.errors import Collision
from bot.storage.aid_tables import SqlAidApplications
from bot.storage.answer_tables import SqlAnswers
from bot.storage.case_tables import SqlCaseFiles, SqlCases
from bot.storage.client_tables import SqlClients, SqlConversations
from bot.storage.console_tables import SqlConsoleAccounts, SqlConsoleViews
from bot.storage.engine import read_only as reading_engine
from bot.storage.enterprise_table import SqlEnterprises
from bot.storage.file_store import FileStore, SqlFiles
from bot.storage.law_tables import SqlLaws
from bot.storage.ledger_table import SqlLedger
from bot.storage.mediation_tables import SqlMediations
from bot.storage.member_tables import SqlMembers
from bot.storage.message_tables import SqlInbox, SqlOutbox
from bot.storage.sealing import Keys
from bot.storage.timer_table import SqlDrafts, SqlTimers

DEADLOCK = "40P01"  # PostgreSQL's code


class SqlUnitOfWork:
    """See bot.services.unit_of_work.UnitOfWork. Args: files: where sealed files lie; None: none can be kept."""

    def __init__(
        self, engine: Engine, keys: Keys, *, read_only: bool = False, files: FileStore | None = None
    ) -> None:
        self._engine, self._keys = reading_engine(engine) if read_only else engine, keys
        self._files = files

    def __enter__(self) -> SqlUnitOfWork:
        self._connection: Connection = self._engine.connect()
        try:
            self._transaction = self._connection.begin()
        except BaseException:
            self._connection.close()
            raise
        connection, keys = self._connection, self._keys
        self.clients = SqlClients(connection, keys)
        self.inbox = SqlInbox(connection, keys)
        self.outbox = SqlOutbox(connection, keys)
        self.conversations = SqlConversations(connection, keys)
        self.ledger = SqlLedger(connection)
        self.enterprises = SqlEnterprises(connection, keys)
        self.cases = SqlCases(connection, keys)
        self.case_files = SqlCaseFiles(connection, keys)
        self.mediations = SqlMediations(connection, keys)
        self.members = SqlMembers(connection)
        self.timers = SqlTimers(connection)
        self.drafts = SqlDrafts(connection, keys)
        self.laws = SqlLaws(connection)
        self.answers = SqlAnswers(connection)
        self.console_accounts = SqlConsoleAccounts(connection, keys)
        self.console = SqlConsoleViews(connection)
        self.aid_applications = SqlAidApplications(connection, keys)
        self.files = SqlFiles(connection, self._files)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transaction.is_active:
            self._transaction.rollback()
        self._connection.close()
        if getattr(getattr(error, "orig", None), "pgcode", None) == DEADLOCK:
            raise Collision("undone by the database to end a deadlock") from error

    def commit(self) -> None:
        """Make everything done so far permanent."""
        self._transaction.commit()
